"""What a parsed document weighs in memory, as far as its text tells."""

from collections.abc import Iterator

from graphql import DocumentNode, NameNode, Node, Token, TokenKind
from graphql.language.ast import QUERY_DOCUMENT_KEYS

DOCUMENT_BYTES = 16_000
NODE_BYTES = 520
"""A node with its place: 285 to 302 bytes measured; resident memory grows by nearly twice as much, since what is judged
meanwhile lies between (docs/decisions/0032-weighted-caches.md)."""
PLANNED_NODE_BYTES = 900
"""What a node comes to in a plan: 165 to 810 bytes measured."""

_NO_TOKEN = Token(TokenKind.SOF, 0, 0, 0, 0)


def nodes_of(document: DocumentNode) -> int:
    """Return how many nodes a document has."""
    return sum(1 for _ in _nodes(document))


def drop_tokens(document: DocumentNode) -> None:
    """Leave of places what errors of a valid document need: line and column of what is no name.

    Tokens are linked both ways: a document with them goes when the collector of cycles comes to the old, if ever.
    """
    token = document.loc.start_token if document.loc else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following
    for node in _nodes(document):
        if isinstance(node, NameNode):
            object.__setattr__(node, "loc", None)
        elif node.loc is not None:
            node.loc.start_token = node.loc.end_token = _NO_TOKEN


def _nodes(document: DocumentNode) -> Iterator[Node]:
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        yield node
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            part = getattr(node, key)
            if isinstance(part, Node):
                waiting.append(part)
            elif part:
                waiting.extend(part)


def document_weight(nodes: int, characters: int) -> int:
    """Return the bytes of a parsed and judged document."""
    return DOCUMENT_BYTES + NODE_BYTES * nodes + 4 * characters


def plan_weight(nodes: int, characters: int) -> int:
    """Return the bytes of a plan with the document that it keeps."""
    return document_weight(nodes, characters) + PLANNED_NODE_BYTES * nodes
