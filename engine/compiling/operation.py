"""Compiling an operation under one profile's decisions into a plan."""

from collections.abc import Sequence
from functools import partial

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from graphql.execution.values import VariableValues

from engine.catalogue import Catalogue
from engine.compiling.connections import ConnectionCompiler
from engine.compiling.levels import LevelCompiler
from engine.compiling.outputs import Outputs
from engine.context import SchemaHooks
from engine.declarations import Answer, Column, Edge, Identifier, Local, Pages, Root, Wanted
from engine.plan import Constant, LocalField, NotPlanned, Plan, Prepare, RootField, RootStep, RootVariant
from engine.shape import Selections, ask_selected, record_type_of

PLANNED = Column | Identifier | Edge | Answer | Pages | Local


def compiled(
    catalogue: Catalogue,
    knowledge: SchemaHooks,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    choices: VariableValues,
) -> Plan:
    """Return the plan. `choices` holds the variables of `@skip` and `@include` only. Raises NotPlanned."""
    if operation.operation is not OperationType.QUERY:
        raise NotPlanned(operation.operation.value)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    selections = Selections(catalogue, fragments, choices, operation)
    try:
        return Plan(document, operation, _Compiler(catalogue, knowledge, selections).root())
    except GraphQLError as error:  # a directive without its value: the reference executor says so at its place
        raise NotPlanned("directive") from error


class _Compiler:
    """Turns selections into steps. It outlives the compilation in the branches that a run asks for.

    Compilers refer to one another in one direction: a plan is freed with its last reference, not by the collector.
    """

    def __init__(self, catalogue: Catalogue, knowledge: SchemaHooks, selections: Selections) -> None:
        self._catalogue = catalogue
        self._selections = selections
        self._outputs = Outputs(catalogue, selections)
        self._check = partial(_check_rows, catalogue, selections)
        self._connections = ConnectionCompiler(catalogue, knowledge, selections, self._outputs, self._check)
        self._levels = LevelCompiler(catalogue, knowledge, selections, self._outputs, self._connections.field)

    def root(self) -> tuple[RootField, ...]:
        query = self._catalogue.schema.query_type
        assert query is not None
        grouped = self._selections.at_root(query)
        return tuple(self._root_field(query, key, nodes) for key, nodes in grouped.items())

    def _root_field(self, query: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> RootField:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, query.name)
        declaration = self._catalogue.declaration(query.name, name)
        match declaration:
            case Root():
                return self._entry(query, key, nodes, declaration)
            case Pages():
                return self._connections.field(query, key, nodes, declaration, None)
            case Local():
                return LocalField(key, self._outputs.part(query, key, nodes), declaration.category)
        if name == "_entities":
            return self._entry(query, key, nodes, None)
        raise NotPlanned(f"{query.name}.{name}")

    def _entry(self, query: GraphQLObjectType, key: str, nodes: list[FieldNode], root: Root | None) -> RootStep:
        name = nodes[0].name.value
        coordinate = f"{query.name}.{name}"
        self._check(get_named_type(query.fields[name].type), nodes)

        def branch(wanted: Wanted, prepare: Prepare) -> RootVariant:
            type_ = self._catalogue.schema.type_map[wanted.typename]
            category = record_type_of(self._catalogue, type_).category
            prepared = prepare(
                ask_selected(self._catalogue, self._selections, type_, wanted.by, category, coordinate, True, nodes)
            )
            return RootVariant(prepared, {(): self._levels.levels(type_, prepared, nodes, prepare)})

        output = self._outputs.output(query, nodes, query.fields[name].type, None)
        return RootStep(key, output, coordinate, root, self._outputs.arguments(query, nodes), branch)


def _check_rows(
    catalogue: Catalogue, selections: Selections, type_: GraphQLNamedType, nodes: Sequence[FieldNode]
) -> None:
    """Raise NotPlanned where a field below has a resolver of its own, before anything runs."""
    for concrete in catalogue.concrete(type_):
        for grouped in selections.under(concrete, nodes).values():
            name = grouped[0].name.value
            declaration = catalogue.declaration(concrete.name, name)
            if declaration is None and name != "__typename":
                raise NotPlanned(f"{concrete.name}.{name}")
            if not isinstance(declaration, PLANNED | None):
                raise NotPlanned(f"{concrete.name}.{name}")
            if declaration is not None and grouped[0].selection_set is not None:
                _check_rows(catalogue, selections, get_named_type(concrete.fields[name].type), grouped)
