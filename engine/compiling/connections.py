"""Connections compiled: the parts of a page, and the levels of its nodes under each order that is asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import FieldNode, GraphQLNamedType, GraphQLObjectType, get_named_type

from engine.catalogue import Catalogue
from engine.compiling.levels import LevelCompiler
from engine.compiling.outputs import Outputs
from engine.connections import pages_by_key
from engine.context import SchemaHooks
from engine.declarations import Pages
from engine.outputs import Output
from engine.paging import Position, node_selection, only_counted, with_sort
from engine.plan import ConnectionField, PagesField, PagesStep, Prepare, RootVariant
from engine.shape import Selections, ask_selected, places_of


class ConnectionCompiler:
    """Turns connections into steps. `check` refuses nodes that cannot be planned."""

    def __init__(
        self,
        catalogue: Catalogue,
        knowledge: SchemaHooks,
        selections: Selections,
        outputs: Outputs,
        check: Callable[[GraphQLNamedType, Sequence[FieldNode]], None],
    ) -> None:
        self._catalogue = catalogue
        self._knowledge = knowledge
        self._selections = selections
        self._outputs = outputs
        self._check = check

    def field(
        self,
        type_: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        pages: Pages,
        position: int | None,
    ) -> PagesField:
        name = nodes[0].name.value
        coordinate = self._catalogue.coordinate(type_.name, name)
        connection = get_named_type(type_.fields[name].type)
        assert isinstance(connection, GraphQLObjectType)
        parts = self._connection_fields(connection, nodes, ())
        node_type, node_nodes = node_selection(self._selections, connection, nodes)
        self._check(node_type, node_nodes)
        made: dict[Any, RootVariant] = {}

        def branch(position: Position, prepare: Prepare) -> RootVariant:
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
                compiler = LevelCompiler(self._catalogue, self._knowledge, self._selections, self._outputs, self.field)
                levels = {
                    at: compiler.levels(node_type, prepared, selected, prepare)
                    for at, selected in self._node_places(connection, nodes).items()
                }
                made[shape] = RootVariant(prepared, levels, cursor)
            return made[shape]

        output = self._outputs.output(type_, nodes, type_.fields[name].type, None)
        counted = any(part.attribute == "total_count" for part in parts)
        arguments = self._outputs.arguments(type_, nodes)
        paged = not only_counted(self._selections, connection, nodes)
        step = PagesStep(coordinate, pages, arguments, parts, branch, counted, paged, pages_by_key)
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
            output = self._outputs.output(type_, grouped, type_.fields[name].type, None)
            inner: tuple[ConnectionField, ...] = ()
            if attribute in ("edges", "page_info"):
                inner_type = get_named_type(type_.fields[name].type)
                assert isinstance(inner_type, GraphQLObjectType)
                inner = self._connection_fields(inner_type, grouped, (*at, key))
            parts.append(ConnectionField(key, output, attribute, None, inner, (*at, key)))
        return tuple(parts)
