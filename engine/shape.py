"""What a selection needs of the rows behind it: the slots of an Ask."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLNamedType, GraphQLObjectType, OperationDefinitionNode
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from engine.catalogue import Catalogue
from engine.declarations import Answer, Column, Declaration, Edge, Identifier, Pages, RecordType
from engine.gate import OutputColumn, Prepared, RowQuery

GroupedFields = dict[str, list[FieldNode]]


class Selections:
    """The fields selected in one operation, by the specification's CollectFields."""

    def __init__(
        self,
        catalogue: Catalogue,
        fragments: dict[str, Any],
        variables: VariableValues,
        operation: OperationDefinitionNode,
    ) -> None:
        self._catalogue = catalogue
        self._fragments = {name: FragmentDetails(definition) for name, definition in fragments.items()}
        self._variables = variables
        self._operation = operation

    def at_root(self, type_: GraphQLObjectType) -> GroupedFields:
        """Return the fields selected by the operation itself, by response key."""
        collected = collect_fields(self._catalogue.schema, self._fragments, self._variables, type_, self._operation)
        return _nodes_by_key(collected.grouped_field_set)

    def under(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> GroupedFields:
        """Return the fields selected under the nodes for an object of this type, by response key."""
        collected = collect_subfields(
            self._catalogue.schema,
            self._fragments,
            self._variables,
            self._operation,
            type_,
            [FieldDetails(node, None) for node in nodes],
        )
        return _nodes_by_key(collected.grouped_field_set)


def _nodes_by_key(grouped: Mapping[str, Sequence[FieldDetails]]) -> GroupedFields:
    return {key: [detail.node for detail in details] for key, details in grouped.items()}


def slots_of(catalogue: Catalogue, typename: str, field_name: str, declaration: Declaration) -> list[OutputColumn]:
    """Return what a field needs of its own row."""
    coordinate = catalogue.coordinate(typename, field_name)
    category = declaration.category
    if isinstance(declaration, Column | Identifier):
        return [OutputColumn(declaration.column, category, coordinate)]
    if isinstance(declaration, Edge):
        return [OutputColumn(declaration.key, category, coordinate)]
    if isinstance(declaration, Pages) and declaration.key is not None:
        # whose list it is may be known by whoever knows the row: what the list holds is the predicate's to say
        return [OutputColumn(declaration.key, catalogue.record_types[typename].category, coordinate)]
    if isinstance(declaration, Answer):
        return [OutputColumn(None, category, coordinate), *_needs(catalogue, typename, coordinate, declaration)]
    return []


def _needs(catalogue: Catalogue, typename: str, coordinate: str, answer: Answer) -> Iterable[OutputColumn]:
    for need in answer.needs:
        edge_name, _, column = need.partition(".")
        key = edge_needed(catalogue, typename, edge_name).key if column else need
        yield OutputColumn(key, answer.category, coordinate)


def edge_needed(catalogue: Catalogue, typename: str, edge_name: str) -> Edge:
    """Return the edge that an answer's need goes over."""
    edge = catalogue.declaration(typename, catalogue.field_of(typename, edge_name))
    if not isinstance(edge, Edge):
        raise TypeError(f"`{typename}` has no edge `{edge_name}`")
    return edge


def edge_asks(catalogue: Catalogue, typename: str, field_name: str, answer: Answer) -> dict[str, RowQuery]:
    """Return what an answer needs of the rows behind its type's edges, by the edge's name."""
    coordinate = catalogue.coordinate(typename, field_name)
    columns: dict[str, list[str]] = {}
    for need in answer.needs:
        edge_name, _, column = need.partition(".")
        if column:
            columns.setdefault(edge_name, []).append(column)
    asks: dict[str, RowQuery] = {}
    for edge_name, wanted in columns.items():
        edge = edge_needed(catalogue, typename, edge_name)
        slots = tuple(OutputColumn(column, answer.category, coordinate) for column in wanted)
        asks[edge_name] = RowQuery(edge.record, edge.by, answer.category, coordinate, slots)
    return asks


def slots_selected(
    catalogue: Catalogue, selections: Selections, type_: GraphQLNamedType, nodes: Sequence[FieldNode]
) -> tuple[OutputColumn, ...]:
    """Return the slots that a selection on rows of the type needs, those of a part of an interface's types tagged."""
    types = catalogue.concrete(type_)
    tags_by_slot: dict[OutputColumn, list[str | None]] = {}
    for concrete in types:
        record_type = catalogue.record_types[concrete.name]
        for grouped in selections.under(concrete, nodes).values():
            field_name = grouped[0].name.value
            declaration = catalogue.declaration(concrete.name, field_name)
            if declaration is not None:
                for slot in slots_of(catalogue, concrete.name, field_name, declaration):
                    tags = tags_by_slot.setdefault(slot, [])
                    tag = record_type.tag[1] if record_type.tag else None
                    if tag not in tags:
                        tags.append(tag)
    return tuple(
        OutputColumn(slot.column, slot.category, slot.coordinate, None if len(tags) == len(types) else tag)
        for slot, tags in tags_by_slot.items()
        for tag in (tags if len(tags) < len(types) else tags[:1])
    )


def ask_selected(
    catalogue: Catalogue,
    selections: Selections,
    type_: GraphQLNamedType,
    by: str,
    category: str,
    coordinate: str,
    direct: bool,
    nodes: Sequence[FieldNode],
) -> RowQuery:
    """Return what a selection on rows of the type asks for."""
    slots = slots_selected(catalogue, selections, type_, nodes)
    tag = tag_column(catalogue, type_)
    if tag is not None:
        slots = (OutputColumn(tag, category, coordinate), *slots)
    record = record_type_of(catalogue, type_).record
    return RowQuery(record, by, category, coordinate, slots, tag, direct, _tested(catalogue, coordinate))


def _tested(catalogue: Catalogue, coordinate: str) -> tuple[tuple[str, str], ...]:
    """Return the columns that an edge's arguments narrow its rows by, with their categories."""
    typename, _, field_name = coordinate.partition(".")
    owner = catalogue.concrete(catalogue.schema.type_map[typename])[0]
    edge = catalogue.declaration(owner.name, field_name)
    return tuple((condition.column, condition.category) for condition in edge.filters) if isinstance(edge, Edge) else ()


def places_of(prepared: Prepared) -> Mapping[tuple[str, str | None], int | None]:
    """Return where each (coordinate, column) of an ask lies in its rows; None: never permitted."""
    return {
        (slot.coordinate, slot.column): position
        for slot, position in zip(prepared.ask.slots, prepared.positions, strict=True)
    }


def record_type_of(catalogue: Catalogue, type_: GraphQLNamedType) -> RecordType:
    """Return the record behind an object type or an interface whose types share one."""
    if type_.name in catalogue.record_types:
        return catalogue.record_types[type_.name]
    return catalogue.record_types[catalogue.concrete(type_)[0].name]


def tag_column(catalogue: Catalogue, type_: GraphQLNamedType) -> str | None:
    """Return the column that tells the concrete type of a row, for interfaces."""
    types = catalogue.concrete(type_)
    record_type = catalogue.record_types[types[0].name]
    return record_type.tag[0] if record_type.tag and len(types) > 1 else None
