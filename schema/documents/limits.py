"""What a document may ask for at most: its text, and what is read off each of its parts once."""

import re
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    parse,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from auth.errors import Refused

TOO_COMPLEX = "DOCUMENT_TOO_COMPLEX"
LONGEST_DOCUMENT = 65_536
MOST_VALUES = 5_000
"""Values in one request's variables: texts, numbers, lists, objects and what these hold."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest values allowed; docs/decisions/0008-limits.md has the measurements behind them.

    `selections` counts fields, spreads and inline fragments as the executor meets them: fragments spread, fields of one
    response path merged. `duplicates` are fields of one response path. `cost` is in expected rows.
    """

    characters: int = LONGEST_DOCUMENT
    tokens: int = 5_000
    nesting: int = 64
    operations: int = 50
    fragments: int = 100
    variables: int = 100
    directives: int = 200
    directives_per_location: int = 4
    arguments_per_location: int = 20
    values: int = 2_000
    value_depth: int = 10
    depth: int = 15
    introspection_depth: int = 20
    selections: int = 1_000
    duplicates: int = 30
    aliases: int = 200
    introspection_aliases: int = 10
    root_fields: int = 30
    cost: float = 25_000
    list_rows: int = 10
    """Rows expected in a list that has no page size, and is not asked for by keys."""
    leaf_cost: float = 0.05
    """Cost of a value, where a row costs 1. One that takes arguments costs 1 too: it is counted before it is given."""


def hold(what: str, value: float, limit: float) -> None:
    """Raise Refused, naming the limit and the value, if it is exceeded."""
    if value > limit:
        raise Refused(f"{what} {value:.0f} exceeds the limit of {limit:.0f}", TOO_COMPLEX)


_SKIPPED_OR_BRACKET = re.compile(
    r'"""(?:[^"\\]++|\\"""|\\|"(?!""))*+(?:""")?'  # block string
    r'|"(?:[^"\\\r\n]++|\\.)*+"?'  # string
    r"|\#[^\r\n]*+"  # comment
    r"|[{(\[]|[})\]]",
)


def nesting(text: str) -> int:
    """Return how deep brackets nest in GraphQL text, outside strings and comments."""
    deepest = depth = 0
    for match in _SKIPPED_OR_BRACKET.finditer(text):
        bracket = match.group()
        if bracket in "{([":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "})]":
            depth -= 1
    return deepest


def parsed(text: str, limits: Limits) -> DocumentNode:
    """Return the document. Raises Refused for text over a limit, GraphQLSyntaxError for text that is none."""
    hold("length", len(text), limits.characters)
    hold("nesting", nesting(text), limits.nesting)
    try:
        return parse(text, max_tokens=limits.tokens)
    except GraphQLSyntaxError as error:
        if error.description.startswith(f"Document contains more than {limits.tokens} tokens"):
            hold("tokens", limits.tokens + 1, limits.tokens)
        raise


def check_parts(document: DocumentNode, limits: Limits) -> None:
    """Raise Refused for a document with too many definitions or directives, or with values too deep or unstorable."""
    kinds = [type(definition) for definition in document.definitions]
    hold("operations", kinds.count(OperationDefinitionNode), limits.operations)
    hold("fragments", kinds.count(FragmentDefinitionNode), limits.fragments)
    directives = values = 0
    stack: list[tuple[Node, int]] = [(definition, 0) for definition in document.definitions]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, ListValueNode | ObjectValueNode):
            depth += 1
            hold("value depth", depth, limits.value_depth)
            values += len(node.values if isinstance(node, ListValueNode) else node.fields)
            hold("values", values, limits.values)
        elif isinstance(node, DirectiveNode):
            directives += 1
        elif isinstance(node, StringValueNode) and "\0" in node.value:
            raise Refused("a text of the document holds a NUL character")
        hold("directives in one place", len(getattr(node, "directives", None) or ()), limits.directives_per_location)
        hold("arguments in one place", len(getattr(node, "arguments", None) or ()), limits.arguments_per_location)
        hold("variables", len(getattr(node, "variable_definitions", None) or ()), limits.variables)
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            part = getattr(node, key)
            if isinstance(part, Node):
                stack.append((part, depth))
            elif part:
                stack.extend((item, depth) for item in part)
    hold("directives", directives, limits.directives)
