"""What an operation would come to, without running it: its fields, and the calls that registers would get."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
    is_composite_type,
)
from graphql.execution.values import VariableValues

from auth.errors import Refused
from auth.policy.conditions import Access
from auth.principal import PrincipalKind
from connectors.records import BIRTHS, GUARDIANSHIPS, HOLDERS, RECORDS
from engine.arguments import Arguments
from engine.declarations import Answer, Edge, Handwritten, Pages, Root, Wanted
from engine.shape import Selections, edge_asks
from resolvers.explain.access_map import FieldAccessValue, field_accesses, release_of_field
from resolvers.gate.places import known_holders
from resolvers.gate.prepared import record_named
from resolvers.request.request import Request

OWN_CALLS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "Query.learnerCounts": ("learner",),
        "Me.dataUsage": (),
        "DataUsageConnection.nodes": (),
        "DataUsageConnection.pageInfo": (),
        "DataUsageConnection.complete": (),
        "DataUsage.proof": (),
        "DataUsage.proofAfter": (),
        "Query.auditEntries": (),
        "Query.minimisationReport": (),
        "Query.alarms": (),
        "Query.myDossiers": (),
        "Query.emergencyReadings": (),
        "Query.explain": (),
        "Query.accessMap": (),
    }
)
"""The records that a handwritten field asks for, each once; of those that are not here nothing is foretold."""

SHARED_CALLS: Mapping[str, Sequence[str]] = MappingProxyType({"DataUsageConnection": ("learner",)})
"""The records that the handwritten fields of a type ask for together: once for all that are selected of it."""

_CHILDREN = (GUARDIANSHIPS.register, BIRTHS.register)
"""Registers of the calls that tell whose guardian a citizen is: guardianships, and the children's ages."""


class Outline:
    """The fields of one operation and the calls it makes at most, worked out from its text and variables alone.

    `reads` and `proofs` count by register: calls for rows, one for each place in the operation whatever the number of
    rows there, and calls for the facts about them. Nothing behind what is never released is asked for. `unforeseen`
    are fields with a resolver of their own, whose calls are not counted.
    """

    def __init__(
        self, request: Request, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> None:
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._request = request
        self._catalogue = request.catalogue
        self._variables = variables
        self._selections = Selections(request.catalogue, fragments, variables, operation)
        self._fields: dict[str, tuple[str, str]] = {}
        self.refusals: list[str] = []
        self.unforeseen: list[str] = []
        self.reads: Counter[str] = Counter()
        self.proofs: Counter[str] = Counter()
        self._asked_for_children = False
        root = request.catalogue.schema.get_root_type(operation.operation)
        assert root is not None
        self._walk(root, self._selections.at_root(root), None, asked=True)

    def accesses(self) -> list[FieldAccessValue]:
        """Return the access to each coordinate, in the order in which the operation names them."""
        return field_accesses(self._request, list(self._fields.values()))

    def _walk(
        self, type_: GraphQLObjectType, selected: Mapping[str, Sequence[FieldNode]], above: str | None, asked: bool
    ) -> None:
        """Go through the fields selected on a type, whose rows were reached from rows of the record `above`."""
        if asked and selected:
            self._ask(SHARED_CALLS.get(type_.name, ()))
        for nodes in selected.values():
            name = nodes[0].name.value
            if name == "_entities":
                self._entities(type_, nodes)
            elif self._catalogue.declaration(type_.name, name) is not None:
                self._field(type_, name, nodes, above, asked)

    def _field(
        self, type_: GraphQLObjectType, name: str, nodes: Sequence[FieldNode], above: str | None, asked: bool
    ) -> None:
        self._fields.setdefault(self._catalogue.coordinate(type_.name, name), (type_.name, name))
        record_type = self._catalogue.record_types.get(type_.name)
        here = above if record_type is None else record_type.record
        asked = asked and release_of_field(self._request, type_.name, name).access is not Access.DENIED
        if asked:
            self._count(type_, name, nodes, here)
        self._below(type_, name, nodes, here, asked)

    def _below(
        self, type_: GraphQLObjectType, name: str, nodes: Sequence[FieldNode], above: str | None, asked: bool
    ) -> None:
        """Go on with the types that the field's value may have."""
        returned: GraphQLNamedType = self._catalogue.returned(type_.name, name)
        for concrete in self._catalogue.concrete(returned) if is_composite_type(returned) else ():
            self._walk(concrete, self._selections.under(concrete, nodes), above, asked)

    def _count(self, type_: GraphQLObjectType, name: str, nodes: Sequence[FieldNode], here: str | None) -> None:
        """Count the calls that a field makes for itself."""
        match self._catalogue.declaration(type_.name, name):
            case Root() as root:
                for wanted in self._wanted(type_, name, nodes[0], root):
                    self._rows_of(wanted.typename, here)
            case Edge():
                returned = self._catalogue.returned(type_.name, name)
                self._rows_of(self._catalogue.concrete(returned)[0].name, here)
            case Pages() as pages:
                counted = any(_selects(node, "totalCount") for node in nodes)
                self._call(pages.record, pages.record, 2 if counted else 1)
            case Answer() as answer:
                for ask in edge_asks(self._catalogue, type_.name, name, answer).values():
                    self._call(ask.record, here, 1)
            case Handwritten():
                coordinate = self._catalogue.coordinate(type_.name, name)
                self._ask(OWN_CALLS.get(coordinate, ()))
                if coordinate not in OWN_CALLS and coordinate not in self.unforeseen:
                    self.unforeseen.append(coordinate)

    def _entities(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> None:
        """Count a gateway's representations as one call for each type selected."""
        for concrete in self._catalogue.concrete(self._catalogue.returned(type_.name, "_entities")):
            if self._selections.under(concrete, nodes):
                self._rows_of(concrete.name, None)
        self._below(type_, "_entities", nodes, None, asked=True)

    def _wanted(self, type_: GraphQLObjectType, name: str, node: FieldNode, root: Root) -> Sequence[Wanted]:
        """Return which rows a root asks for, from its arguments; a refusal of them, or of one of a list, is kept."""
        arguments = Arguments(type_.fields[name], node, self._catalogue.arguments(type_.name, name))
        try:
            wanted = root.select(self._request, **arguments.values(self._variables))
        except Refused as refused:
            wanted = [refused]
        self.refusals += [refused.message for refused in wanted if isinstance(refused, Refused)]
        return [rows for rows in wanted if isinstance(rows, Wanted)]

    def _rows_of(self, typename: str, above: str | None) -> None:
        """Count a call for rows of a type, unless none of them may ever be known of."""
        record_type = self._catalogue.record_types[typename]
        if not self._request.table.never(record_type.category):
            self._call(record_type.record, above, 1)

    def _ask(self, records: Sequence[str]) -> None:
        self.reads.update(RECORDS[name].register for name in records)

    def _call(self, record_name: str, above: str | None, calls: int) -> None:
        """Count calls for rows of a record, and those for the facts about them; the caller's own row needs neither."""
        record = record_named(record_name)
        if not record.register or self._request.table.not_held(record_name) is not None:
            return
        self.reads[record.register] += calls
        kind = self._request.principal.kind
        if record.subject is None or kind is PrincipalKind.ANONYMOUS:
            return
        if kind is PrincipalKind.CITIZEN:
            self._ask_for_children()
        holder = HOLDERS.get(record.subject.kind)
        if holder is not None:
            if holder.name not in (record_name, above) and self._request.table.not_held(holder.name) is None:
                self.proofs[holder.register] += calls
        elif kind is PrincipalKind.CLIENT:  # by way of whoever of a kind the caller may know of in its jurisdiction
            for knowable in known_holders(self._request.table):
                if self._request.table.not_held(knowable.name) is None:
                    self.proofs[knowable.register] += calls

    def _ask_for_children(self) -> None:
        if not self._asked_for_children:
            self._asked_for_children = True
            self.proofs.update(_CHILDREN)


def _selects(node: FieldNode, name: str) -> bool:
    """Tell whether a selection may hold a field; what lies in a fragment counts as if it did."""
    selections: Sequence[Any] = node.selection_set.selections if node.selection_set else ()
    return any(not isinstance(selection, FieldNode) or selection.name.value == name for selection in selections)
