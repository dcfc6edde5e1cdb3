"""Compiling an operation under one profile's decisions into a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues

from engine.arguments import Arguments
from engine.builders import builder
from engine.catalogue import Catalogue
from engine.connections import pages_by_key
from engine.declarations import Answer, Column, Edge, Identifier, Local, Pages, Root, Wanted
from engine.gate import Prepared
from engine.outputs import Output, Part
from engine.paging import Position, node_selection, with_sort
from engine.plan import (
    AnswerField,
    Behind,
    Branch,
    ColumnField,
    ConnectionField,
    Constant,
    EdgeField,
    EdgeStep,
    Entry,
    Field,
    Knowledge,
    Level,
    Levels,
    LocalField,
    PagesField,
    PagesStep,
    Plan,
    Prepare,
    RootField,
    SealedField,
)
from engine.shape import (
    Selections,
    ask_selected,
    edge_asks,
    edge_needed,
    places_of,
    record_type_of,
)

Places = Mapping[tuple[str, str | None], int | None]


class NotPlanned(Exception):
    """The shape of the operation is one that the reference executor runs; the message names the field."""


def compiled(
    catalogue: Catalogue,
    knowledge: Knowledge,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    choices: VariableValues,
    prepare: Prepare,
) -> Plan:
    """Return the plan. `choices` holds the variables of `@skip` and `@include` only. Raises NotPlanned."""
    if operation.operation is not OperationType.QUERY:
        raise NotPlanned(operation.operation.value)
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    selections = Selections(catalogue, fragments, choices, operation)
    try:
        return Plan(document, operation, _Compiler(catalogue, knowledge, selections).root(prepare))
    except GraphQLError as error:  # a directive without its value: the reference executor says so at its place
        raise NotPlanned("directive") from error


class _Compiler:
    """Turns selections into levels and steps. It outlives the compilation in the branches that a run asks for."""

    def __init__(self, catalogue: Catalogue, knowledge: Knowledge, selections: Selections) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._selections = selections

    def root(self, prepare: Prepare) -> tuple[RootField, ...]:
        query = self._catalogue.schema.query_type
        assert query is not None
        grouped = self._selections.at_root(query)
        return tuple(self._root_field(query, key, nodes, prepare) for key, nodes in grouped.items())

    def _root_field(self, query: GraphQLObjectType, key: str, nodes: list[FieldNode], prepare: Prepare) -> RootField:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, query.name)
        declaration = self._catalogue.declaration(query.name, name)
        match declaration:
            case Root():
                return self._entry(query, key, nodes, declaration)
            case Pages():
                return self._pages(query, key, nodes, declaration, None, prepare)
            case Local():
                return LocalField(key, self._part(query, key, nodes), declaration.category)
        if name == "_entities":
            return self._entry(query, key, nodes, None)
        raise NotPlanned(f"{query.name}.{name}")

    def _entry(self, query: GraphQLObjectType, key: str, nodes: list[FieldNode], root: Root | None) -> Entry:
        name = nodes[0].name.value
        coordinate = f"{query.name}.{name}"
        self._check_rows(get_named_type(query.fields[name].type), nodes)

        def branch(wanted: Wanted, prepare: Prepare) -> Branch:
            type_ = self._catalogue.schema.type_map[wanted.typename]
            category = record_type_of(self._catalogue, type_).category
            prepared = prepare(
                ask_selected(self._catalogue, self._selections, type_, wanted.by, category, coordinate, True, nodes)
            )
            return Branch(prepared, {(): self._levels(type_, prepared, nodes, prepare)})

        output = self._output(query, nodes, query.fields[name].type, None)
        return Entry(key, output, coordinate, root, self._arguments(query, nodes), branch)

    def _check_rows(self, type_: GraphQLNamedType, nodes: Sequence[FieldNode]) -> None:
        """Raise NotPlanned where a field below has a resolver of its own, before anything runs."""
        for concrete in self._catalogue.concrete(type_):
            for grouped in self._selections.under(concrete, nodes).values():
                name = grouped[0].name.value
                declaration = self._catalogue.declaration(concrete.name, name)
                if declaration is None and name != "__typename":
                    raise NotPlanned(f"{concrete.name}.{name}")
                if not isinstance(declaration, _PLANNED | None):
                    raise NotPlanned(f"{concrete.name}.{name}")
                if declaration is not None and grouped[0].selection_set is not None:
                    self._check_rows(get_named_type(concrete.fields[name].type), grouped)

    def _levels(
        self, type_: GraphQLNamedType, prepared: Prepared, nodes: Sequence[FieldNode], prepare: Prepare
    ) -> Levels:
        places = places_of(prepared)
        types = self._catalogue.concrete(type_)
        if prepared.ask.tag is None:
            (only,) = types
            return Levels({None: self._level(only, places, nodes, prepare)}, None)
        by_tag: dict[str | None, Level] = {}
        for concrete in types:
            tag = self._catalogue.record_types[concrete.name].tag
            assert tag is not None
            by_tag[tag[1]] = self._level(concrete, places, nodes, prepare)
        return Levels(by_tag, places[prepared.ask.coordinate, prepared.ask.tag])

    def _level(self, type_: GraphQLObjectType, places: Places, nodes: Sequence[FieldNode], prepare: Prepare) -> Level:
        grouped = self._selections.under(type_, nodes)
        fields = tuple(self._field(type_, key, found, places, prepare) for key, found in grouped.items())
        units = _units(fields)
        answers = tuple(one for one in fields if isinstance(one, AnswerField) and not one.behind)
        waits = (*(one for unit in units for one in unit), *answers)
        build = builder(fields, waits, self._knowledge.as_written)
        return Level(type_.name, fields, build, units, answers, waits)

    def _field(
        self, type_: GraphQLObjectType, key: str, nodes: list[FieldNode], places: Places, prepare: Prepare
    ) -> Field:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, type_.name)
        coordinate = self._catalogue.coordinate(type_.name, name)
        declaration = self._catalogue.declaration(type_.name, name)
        match declaration:
            case Column() | Identifier():
                return self._value(type_, key, nodes, declaration, places[coordinate, declaration.column])
            case Edge():
                return self._edge(type_, key, nodes, declaration, places[coordinate, declaration.key], prepare)
            case Answer():
                return self._answer(type_, key, nodes, declaration, places, prepare)
            case Pages() if declaration.key is not None:
                position = places[coordinate, declaration.key]
                if position is None:
                    return self._absent(type_, key, nodes)
                return self._pages(type_, key, nodes, declaration, position, prepare)
        raise NotPlanned(f"{type_.name}.{name}")

    def _value(
        self,
        type_: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        declaration: Column | Identifier,
        position: int | None,
    ) -> Field:
        output = self._output(type_, nodes, type_.fields[nodes[0].name.value].type, None)
        if position is None:
            return self._absent(type_, key, nodes)
        if isinstance(declaration, Identifier):
            return SealedField(key, output, position, declaration.kind)
        return ColumnField(key, output, position)

    def _absent(self, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Field:
        """Return the null of what no row may release, an error where null may not stand."""
        output = self._output(type_, nodes, type_.fields[nodes[0].name.value].type, None)
        return ColumnField(key, output, None) if output.nonnull else Constant(key, None)

    def _edge(
        self,
        type_: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        edge: Edge,
        position: int | None,
        prepare: Prepare,
    ) -> Field:
        if position is None:
            return self._absent(type_, key, nodes)
        name = nodes[0].name.value
        coordinate = self._catalogue.coordinate(type_.name, name)
        returned = get_named_type(type_.fields[name].type)
        category = record_type_of(self._catalogue, returned).category
        prepared = prepare(
            ask_selected(self._catalogue, self._selections, returned, edge.by, category, coordinate, False, nodes)
        )
        levels = self._levels(returned, prepared, nodes, prepare)
        step = EdgeStep(coordinate, edge, self._arguments(type_, nodes), prepared, levels)
        return EdgeField(key, self._output(type_, nodes, type_.fields[name].type, None), position, step)

    def _answer(
        self,
        type_: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        answer: Answer,
        places: Places,
        prepare: Prepare,
    ) -> Field:
        name = nodes[0].name.value
        coordinate = self._catalogue.coordinate(type_.name, name)
        position = places[coordinate, None]
        if position is None:
            return self._absent(type_, key, nodes)
        own = tuple((need, places[coordinate, need]) for need in answer.needs if "." not in need)
        behind = tuple(
            self._behind(type_.name, edge_name, prepare(ask), places[coordinate, edge.key], edge)
            for edge_name, ask in edge_asks(self._catalogue, type_.name, name, answer).items()
            for edge in (edge_needed(self._catalogue, type_.name, edge_name),)
        )
        output = self._output(type_, nodes, type_.fields[name].type, nodes)
        return AnswerField(key, output, coordinate, position, answer, self._arguments(type_, nodes), own, behind)

    def _behind(self, typename: str, name: str, prepared: Prepared, position: int | None, edge: Edge) -> Behind:
        places = places_of(prepared)
        columns = tuple(
            (slot.column, places[slot.coordinate, slot.column]) for slot in prepared.ask.slots if slot.column
        )
        return Behind(name, edge, position, prepared, columns)

    def _pages(
        self,
        type_: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        pages: Pages,
        position: int | None,
        prepare: Prepare,
    ) -> PagesField:
        name = nodes[0].name.value
        coordinate = self._catalogue.coordinate(type_.name, name)
        connection = get_named_type(type_.fields[name].type)
        assert isinstance(connection, GraphQLObjectType)
        parts = self._connection_fields(connection, nodes, ())
        node_type, node_nodes = node_selection(self._selections, connection, nodes)
        self._check_rows(node_type, node_nodes)
        made: dict[Any, Branch] = {}

        def branch(position: Position, prepare: Prepare) -> Branch:
            shape = position.sort, position.order_category
            if shape not in made:
                ask = ask_selected(
                    self._catalogue,
                    self._selections,
                    node_type,
                    pages.by or pages.record_key,
                    pages.category,
                    coordinate,
                    False,
                    node_nodes,
                )
                prepared = prepare(with_sort(ask, position.sort, pages.category, position.order_category))
                places = places_of(prepared)
                cursor = tuple(places[coordinate, column] for column, _ in position.sort)
                levels = {
                    at: self._levels(node_type, prepared, found, prepare)
                    for at, found in self._node_places(connection, nodes).items()
                }
                made[shape] = Branch(prepared, levels, cursor)
            return made[shape]

        output = self._output(type_, nodes, type_.fields[name].type, None)
        counted = any(part.attribute == "total_count" for part in parts)
        step = PagesStep(coordinate, pages, self._arguments(type_, nodes), parts, branch, counted, pages_by_key)
        return PagesField(key, output, position, step)

    def _node_places(
        self, connection: GraphQLObjectType, nodes: Sequence[FieldNode]
    ) -> dict[tuple[str, ...], list[FieldNode]]:
        """Return where nodes stand in a connection, by response keys, and what is selected of them there."""
        found: dict[tuple[str, ...], list[FieldNode]] = {}
        edge_type = get_named_type(connection.fields["edges"].type)
        assert isinstance(edge_type, GraphQLObjectType)
        for key, grouped in self._selections.under(connection, nodes).items():
            if grouped[0].name.value == "nodes":
                found[(key,)] = grouped
            if grouped[0].name.value == "edges":
                for inner, inner_nodes in self._selections.under(edge_type, grouped).items():
                    if inner_nodes[0].name.value == "node":
                        found[key, inner] = inner_nodes
        return found

    def _connection_fields(
        self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], at: tuple[str, ...]
    ) -> tuple[ConnectionField, ...]:
        parts = []
        for key, grouped in self._selections.under(type_, nodes).items():
            name = grouped[0].name.value
            if name == "__typename":
                output = Output(f"{type_.name}.{name}", grouped, True)
                parts.append(ConnectionField(key, output, "", type_.name))
                continue
            attribute = self._catalogue.attribute_of(type_.name, name)
            output = self._output(type_, grouped, type_.fields[name].type, None)
            inner: tuple[ConnectionField, ...] = ()
            if attribute in ("edges", "page_info"):
                inner_type = get_named_type(type_.fields[name].type)
                assert isinstance(inner_type, GraphQLObjectType)
                inner = self._connection_fields(inner_type, grouped, (*at, key))
            parts.append(ConnectionField(key, output, attribute, None, inner, (*at, key)))
        return tuple(parts)

    def _arguments(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Arguments:
        name = nodes[0].name.value
        return Arguments(type_.fields[name], nodes[0], self._catalogue.arguments(type_.name, name))

    def _output(
        self,
        type_: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        returned: GraphQLOutputType,
        parts_of: Sequence[FieldNode] | None,
    ) -> Output:
        """Return how the values of a field are completed; with `parts_of`, objects are taken apart by these nodes."""
        output = Output(f"{type_.name}.{nodes[0].name.value}", nodes, is_non_null_type(returned))
        inner = returned.of_type if is_non_null_type(returned) else returned
        if is_list_type(inner):
            output.item = self._output(type_, nodes, inner.of_type, parts_of)
        elif is_leaf_type(inner):
            output.leaf = inner
        elif parts_of is not None and isinstance(inner, GraphQLObjectType):
            grouped = self._selections.under(inner, parts_of)
            output.parts = tuple(self._part(inner, key, found) for key, found in grouped.items())
        return output

    def _part(self, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Part:
        name = nodes[0].name.value
        if name == "__typename":
            return Part(key, Output(f"{type_.name}.{name}", nodes, True), "", None, None, type_.name)
        declaration = self._catalogue.declaration(type_.name, name)
        if not isinstance(declaration, Local):
            raise NotPlanned(f"{type_.name}.{name}")
        output = self._output(type_, nodes, type_.fields[name].type, nodes)
        attribute = self._catalogue.attribute_of(type_.name, name)
        return Part(key, output, attribute, declaration.function, self._arguments(type_, nodes))


_PLANNED = Column | Identifier | Edge | Answer | Pages | Local


def _units(fields: Sequence[Field]) -> tuple[tuple[EdgeField | AnswerField | PagesField, ...], ...]:
    """Return the fields that are waited for; aliases of an answer wait for the same rows together."""
    units: list[tuple[EdgeField | AnswerField | PagesField, ...]] = []
    answers: dict[str, list[AnswerField]] = {}
    for one in fields:
        if isinstance(one, EdgeField | PagesField):
            units.append((one,))
        elif isinstance(one, AnswerField) and one.behind:
            answers.setdefault(one.coordinate, []).append(one)
    return (*units, *map(tuple, answers.values()))
