"""Which fields a consent opens to its recipient, found without anybody's data: the recipient's own table is walked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from auth.policy.decisions import DecisionTable
from engine.catalogue import Catalogue
from engine.declarations import Answer, Column, Edge, Identifier
from engine.gate import RowQuery
from resolvers.gate.prepared import prepare, record_named
from resolvers.gate.subjects import STRANGER, SubjectFacts

IDENTITY, LEARNER = "CitizenIdentity", "Learner"
_NAME = "name"
"""How a public record behind an edge, an institution, is shown."""


@dataclass(frozen=True, slots=True)
class ReleasedFieldValue:
    """A field that is released: `behind` holds what lies behind an edge, by type; `valued`: it has a value to show."""

    name: str
    coordinate: str
    category: str
    behind: Mapping[str, "Sequence[ReleasedFieldValue]"] = field(default_factory=dict)
    valued: bool = True


Tree = Mapping[str, Sequence[ReleasedFieldValue]]
"""The fields that are released, by the type that they are selected on."""


def released(catalogue: Catalogue, table: DecisionTable, categories: frozenset[str]) -> Tree:
    """Return the fields of persons that the table opens under consent to these categories, from where one enters."""
    walk = _ReleaseWalk(catalogue, table, SubjectFacts(STRANGER.facts, categories, STRANGER.verified))
    return {typename: walk.fields(typename, ()) for typename in (IDENTITY, LEARNER) if walk.may_be_known(typename)}


class _ReleaseWalk:
    def __init__(self, catalogue: Catalogue, table: DecisionTable, subject_facts: SubjectFacts) -> None:
        self._catalogue = catalogue
        # decided as the Gate decides of a row: by a prepared ask of the recipient's table
        ask = RowQuery("learner", "sector_code", "learner.record", "Me.consentNotice", ())
        self._decides = prepare(ask, table)
        self._subject_facts = subject_facts

    def may_be_known(self, typename: str) -> bool:
        return self._permits(self._catalogue.record_types[typename].category)

    def fields(self, typename: str, above: tuple[str, ...]) -> list[ReleasedFieldValue]:
        """Return the fields of the type that the consent opens, with those behind its edges."""
        found = (self._field(typename, name, above) for name in self._catalogue.declarations(typename))
        return [released_field for released_field in found if released_field is not None]

    def _field(self, typename: str, name: str, above: tuple[str, ...]) -> ReleasedFieldValue | None:
        declaration = self._catalogue.declaration(typename, name)
        if not isinstance(declaration, Column | Identifier | Answer | Edge) or not self._permits(declaration.category):
            return None
        coordinate = self._catalogue.coordinate(typename, name)
        if isinstance(declaration, Edge):
            return self._edge(typename, name, coordinate, declaration, (*above, typename))
        if not self._by_consent(declaration.category):
            return None
        valued = not isinstance(declaration, Identifier) and self._plain(typename, name)
        return ReleasedFieldValue(name, coordinate, declaration.category, valued=valued)

    def _edge(
        self, typename: str, name: str, coordinate: str, edge: Edge, above: tuple[str, ...]
    ) -> ReleasedFieldValue | None:
        targets = [type_.name for type_ in self._catalogue.concrete(self._catalogue.returned(typename, name))]
        category = edge.category
        if record_named(edge.record).subject is None:
            public = {target: [ReleasedFieldValue(_NAME, coordinate, category)] for target in targets}
            return ReleasedFieldValue(name, coordinate, category, public) if self._by_consent(category) else None
        if any(target in above or not self.may_be_known(target) for target in targets):
            return None
        return ReleasedFieldValue(
            name, coordinate, category, {target: self.fields(target, above) for target in targets}, valued=False
        )

    def _plain(self, typename: str, name: str) -> bool:
        """Tell whether the field is a value that is read without arguments."""
        owner = self._catalogue.schema.type_map[typename]
        assert isinstance(owner, GraphQLObjectType)
        definition = owner.fields[name]
        needs = any(is_required_argument(argument) for argument in definition.args.values())
        return is_leaf_type(get_named_type(definition.type)) and not needs

    def _permits(self, category: str) -> bool:
        return self._decides.permits(category, self._subject_facts)

    def _by_consent(self, category: str) -> bool:
        return not self._decides.permits(category, STRANGER)


def every(tree: Tree) -> Iterator[ReleasedFieldValue]:
    """Return the fields of a tree and all below."""
    for fields in tree.values():
        for released_field in fields:
            yield released_field
            if not any(
                inner.coordinate == released_field.coordinate
                for fields in released_field.behind.values()
                for inner in fields
            ):
                yield from every(released_field.behind)
