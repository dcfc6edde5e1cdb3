"""Levels compiled: what a selection wants of rows, and the steps to the rows behind them."""

from collections.abc import Callable, Mapping, Sequence

from graphql import FieldNode, GraphQLNamedType, GraphQLObjectType, get_named_type

from engine.builders import builder
from engine.catalogue import Catalogue
from engine.compiling.outputs import Outputs
from engine.context import SchemaHooks
from engine.declarations import Answer, Column, Edge, Identifier, Pages
from engine.gate import Prepared
from engine.plan import (
    AnswerField,
    ColumnField,
    Constant,
    DependencyRows,
    EdgeField,
    EdgeStep,
    Field,
    Level,
    Levels,
    NotPlanned,
    PagesField,
    Prepare,
    SealedField,
)
from engine.shape import Selections, ask_selected, edge_asks, edge_needed, places_of, record_type_of

Places = Mapping[tuple[str, str | None], int | None]
CompilePages = Callable[[GraphQLObjectType, str, list[FieldNode], Pages, int | None], PagesField]


class LevelCompiler:
    """Turns selections on rows into levels. `pages` compiles the connections among their fields."""

    def __init__(
        self,
        catalogue: Catalogue,
        knowledge: SchemaHooks,
        selections: Selections,
        outputs: Outputs,
        pages: CompilePages,
    ) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._selections = selections
        self._outputs = outputs
        self._pages = pages

    def levels(
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
        fields = tuple(self._field(type_, key, field_nodes, places, prepare) for key, field_nodes in grouped.items())
        units = _units(fields)
        answers = tuple(field for field in fields if isinstance(field, AnswerField) and not field.behind)
        waits = (*(field for unit in units for field in unit), *answers)
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
                return self._pages(type_, key, nodes, declaration, position)
        raise NotPlanned(f"{type_.name}.{name}")

    def _value(
        self,
        type_: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        declaration: Column | Identifier,
        position: int | None,
    ) -> Field:
        output = self._outputs.output(type_, nodes, type_.fields[nodes[0].name.value].type, None)
        if position is None:
            return self._absent(type_, key, nodes)
        if isinstance(declaration, Identifier):
            return SealedField(key, output, position, declaration.kind)
        return ColumnField(key, output, position)

    def _absent(self, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Field:
        """Return the null of what no row may release, an error where null may not stand."""
        output = self._outputs.output(type_, nodes, type_.fields[nodes[0].name.value].type, None)
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
        levels = self.levels(returned, prepared, nodes, prepare)
        step = EdgeStep(coordinate, edge, self._outputs.arguments(type_, nodes), prepared, levels)
        return EdgeField(key, self._outputs.output(type_, nodes, type_.fields[name].type, None), position, step)

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
        output = self._outputs.output(type_, nodes, type_.fields[name].type, nodes)
        return AnswerField(
            key, output, coordinate, position, answer, self._outputs.arguments(type_, nodes), own, behind
        )

    def _behind(self, typename: str, name: str, prepared: Prepared, position: int | None, edge: Edge) -> DependencyRows:
        places = places_of(prepared)
        columns = tuple(
            (slot.column, places[slot.coordinate, slot.column]) for slot in prepared.ask.slots if slot.column
        )
        return DependencyRows(name, edge, position, prepared, columns)


def _units(fields: Sequence[Field]) -> tuple[tuple[EdgeField | AnswerField | PagesField, ...], ...]:
    """Return the fields that are waited for; aliases of an answer wait for the same rows together."""
    units: list[tuple[EdgeField | AnswerField | PagesField, ...]] = []
    answers: dict[str, list[AnswerField]] = {}
    for field in fields:
        if isinstance(field, EdgeField | PagesField):
            units.append((field,))
        elif isinstance(field, AnswerField) and field.behind:
            answers.setdefault(field.coordinate, []).append(field)
    return (*units, *map(tuple, answers.values()))
