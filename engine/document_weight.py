"""What a parsed document weighs in memory, as far as its text tells."""

from graphql import DocumentNode, Node
from graphql.language.ast import QUERY_DOCUMENT_KEYS

DOCUMENT_BYTES = 16_000
NODE_BYTES = 520
"""A node with its tokens and places: 365 to 550 bytes measured (docs/decisions/0032-weighted-caches.md)."""
PLANNED_NODE_BYTES = 900
"""What a node comes to in a plan: 165 to 810 bytes measured."""


def nodes_of(document: DocumentNode) -> int:
    """Return how many nodes a document has."""
    met = 0
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        met += 1
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            part = getattr(node, key)
            if isinstance(part, Node):
                waiting.append(part)
            elif part:
                waiting.extend(part)
    return met


def document_weight(nodes: int, characters: int) -> int:
    """Return the bytes of a parsed and judged document."""
    return DOCUMENT_BYTES + NODE_BYTES * nodes + 4 * characters


def plan_weight(nodes: int, characters: int) -> int:
    """Return the bytes of a plan with the document that it keeps."""
    return document_weight(nodes, characters) + PLANNED_NODE_BYTES * nodes
