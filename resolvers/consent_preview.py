"""What a consent would release: decided by the recipient's own decision table, shown with what the citizen may see.

The coordinates come from the table that the recipient gets, under the fact that these categories are consented to. The
values come from the citizen's own reading of the same fields, by the citizen's own Gate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from inspect import isawaitable
from typing import Any

from graphql import GraphQLObjectType, execute, get_named_type, is_leaf_type, is_required_argument, parse

from auth.decisions import DecisionTable
from connectors.source import Key
from engine.catalogue import Catalogue
from engine.declarations import Answer, Column, Edge, Identifier
from engine.gate import Ask
from engine.leaves import ReferenceExecutor
from resolvers.consent_offers import Offer
from resolvers.known_standings import STRANGER, Standing
from resolvers.prepared import prepare, record_named
from resolvers.request import Request

IDENTITY, LEARNER = "CitizenIdentity", "Learner"
_NAME = "name"
"""How a public record behind an edge, an institution, is shown."""


@dataclass(frozen=True, slots=True)
class ReleasedValue:
    """A coordinate that the consent opens, and what stands there now; None where that depends on who asks and how."""

    coordinate: str
    category: str
    values: list[str] | None


@dataclass(frozen=True, slots=True)
class ReleasedField:
    """A field that is released: `behind` holds what lies behind an edge, by type; `valued`: it has a value to show."""

    name: str
    coordinate: str
    category: str
    behind: Mapping[str, "Sequence[ReleasedField]"] = field(default_factory=dict)
    valued: bool = True


Tree = Mapping[str, Sequence[ReleasedField]]
"""The fields that are released, by the type that they are selected on."""


async def preview(request: Request, offer: Offer, subject: Key) -> list[ReleasedValue]:
    """Return what the recipient would get of the subject by this consent, by coordinate."""
    trees = released(request.catalogue, offer.table(request), offer.terms.categories)
    answer = await _read(request, subject, trees)
    values: dict[str, list[str]] = {}
    for coordinate, value in _values(answer, trees):
        if value not in values.setdefault(coordinate, []):
            values[coordinate].append(value)
    fields = {one.coordinate: one for one in every(trees)}
    return [
        ReleasedValue(coordinate, one.category, values.get(coordinate, []) if one.valued else None)
        for coordinate, one in sorted(fields.items())
    ]


def released(catalogue: Catalogue, table: DecisionTable, categories: frozenset[str]) -> Tree:
    """Return the fields of persons that the table opens under consent to these categories, from where one enters."""
    walk = _Walk(catalogue, table, Standing(STRANGER.facts, categories, STRANGER.verified))
    return {typename: walk.fields(typename, ()) for typename in (IDENTITY, LEARNER) if walk.may_be_known(typename)}


class _Walk:
    def __init__(self, catalogue: Catalogue, table: DecisionTable, standing: Standing) -> None:
        self._catalogue = catalogue
        # decided as the Gate decides of a row: by a prepared ask of the recipient's table
        ask = Ask("learner", "sector_code", "learner.record", "Me.consentNotice", ())
        self._decides = prepare(ask, table)
        self._standing = standing

    def may_be_known(self, typename: str) -> bool:
        return self._permits(self._catalogue.record_types[typename].category)

    def fields(self, typename: str, above: tuple[str, ...]) -> list[ReleasedField]:
        """Return the fields of the type that the consent opens, with those behind its edges."""
        found = (self._field(typename, name, above) for name in self._catalogue.declarations(typename))
        return [one for one in found if one is not None]

    def _field(self, typename: str, name: str, above: tuple[str, ...]) -> ReleasedField | None:
        declaration = self._catalogue.declaration(typename, name)
        if not isinstance(declaration, Column | Identifier | Answer | Edge) or not self._permits(declaration.category):
            return None
        coordinate = self._catalogue.coordinate(typename, name)
        if isinstance(declaration, Edge):
            return self._edge(typename, name, coordinate, declaration, (*above, typename))
        if not self._by_consent(declaration.category):
            return None
        valued = not isinstance(declaration, Identifier) and self._plain(typename, name)
        return ReleasedField(name, coordinate, declaration.category, valued=valued)

    def _edge(
        self, typename: str, name: str, coordinate: str, edge: Edge, above: tuple[str, ...]
    ) -> ReleasedField | None:
        targets = [one.name for one in self._catalogue.concrete(self._catalogue.returned(typename, name))]
        category = edge.category
        if record_named(edge.record).subject is None:
            public = {one: [ReleasedField(_NAME, coordinate, category)] for one in targets}
            return ReleasedField(name, coordinate, category, public) if self._by_consent(category) else None
        if any(one in above or not self.may_be_known(one) for one in targets):
            return None
        return ReleasedField(
            name, coordinate, category, {one: self.fields(one, above) for one in targets}, valued=False
        )

    def _plain(self, typename: str, name: str) -> bool:
        """Tell whether the field is a value that is read without arguments."""
        owner = self._catalogue.schema.type_map[typename]
        assert isinstance(owner, GraphQLObjectType)
        definition = owner.fields[name]
        needs = any(is_required_argument(argument) for argument in definition.args.values())
        return is_leaf_type(get_named_type(definition.type)) and not needs

    def _permits(self, category: str) -> bool:
        return self._decides.permits(category, self._standing)

    def _by_consent(self, category: str) -> bool:
        return not self._decides.permits(category, STRANGER)


async def _read(request: Request, subject: Key, trees: Tree) -> Any:
    """Return the fields as the citizen sees them: an operation of the citizen's own, on the same Gate and record."""
    learners = f"learners {{ {_selection({LEARNER: trees.get(LEARNER, ())})} }}"
    identity = _selection({IDENTITY: trees.get(IDENTITY, ())})
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {IDENTITY} {{ {identity} {learners} }} }} }}"
    result = execute(
        request.catalogue.schema,
        parse(document),
        context_value=replace(request, memo={}),
        variable_values={"id": request.global_id(IDENTITY, subject)},
        executor_class=ReferenceExecutor,
    )
    answered = await result if isawaitable(result) else result
    for error in answered.errors or ():
        raise error.original_error or error
    return (answered.data or {}).get("node")


def _selection(tree: Tree) -> str:
    parts = ["__typename"]
    for typename, fields in tree.items():
        selected = [
            f"{one.name} {{ {_selection(one.behind)} }}" if one.behind else one.name
            for one in fields
            if one.valued or one.behind
        ]
        if selected:
            parts.append(f"... on {typename} {{ {' '.join(selected)} }}")
    return " ".join(parts)


def _values(answer: Any, trees: Tree) -> Iterator[tuple[str, str]]:
    """Yield what stands at each coordinate, in the order of the answer."""
    if answer is None:
        return
    yield from _of_row(answer, {IDENTITY: trees.get(IDENTITY, ())})
    for row in answer.get("learners") or ():
        yield from _of_row(row, {LEARNER: trees.get(LEARNER, ())})


def _of_row(row: Mapping[str, Any], tree: Tree) -> Iterator[tuple[str, str]]:
    for one in tree.get(row["__typename"], ()):
        value = row.get(one.name)
        if one.behind:
            for inner in value if isinstance(value, list) else [value]:
                if inner is not None:
                    yield from _of_row(inner, one.behind)
        elif one.valued and value is not None:
            yield one.coordinate, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)


def every(tree: Tree) -> Iterator[ReleasedField]:
    """Return the fields of a tree and all below."""
    for fields in tree.values():
        for one in fields:
            yield one
            if not any(inner.coordinate == one.coordinate for fields in one.behind.values() for inner in fields):
                yield from every(one.behind)
