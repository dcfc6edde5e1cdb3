"""The size of a document: depth, fields, aliases and cost, in one walk that stops at the first excess.

Fragments are spread and fields of one response path merged, as in the GraphQL specification, section 6.3.2, but
whatever the types and `@skip` say, so that nothing the executor may do is left out. Each selection that is met counts,
so the walk takes at most `Limits.selections` steps: nested fragments are no bomb, and cycles end at the depth.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from schema.documents.cost import LIST_ROWS, ROW_PRICE, ROWS_BY_COORDINATE, Cost, Size, page_of, size_of, total
from schema.documents.limits import Limits, check_parts, hold

INTROSPECTION: Final = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of all operations of a document; costs by operation name, None for the anonymous one."""

    selections: int
    depth: int
    aliases: int
    root_fields: int
    costs: Mapping[str | None, Cost]


def checked(document: DocumentNode, schema: GraphQLSchema, limits: Limits) -> Shape:
    """Return the shape of a document that need not be valid. Raises Refused for one that exceeds a limit."""
    check_parts(document, limits)
    walk = _Walk(document, schema, limits)
    costs: dict[str | None, Cost] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else None
            root = schema.get_root_type(definition.operation)
            costs[name] = walk.root(definition.selection_set, root)
    for name, fragment in walk.fragments.items():
        if name not in walk.spread:  # validation compares the fields of unused ones too
            walk.root(fragment.selection_set, None)
    return Shape(walk.selections, walk.depth, walk.aliases, walk.root_fields, costs)


@dataclass(frozen=True, slots=True)
class _Parent:
    """What a selection is made on: its type if that is known, and the page size if it is a connection."""

    type: GraphQLNamedType | None
    page: Size | None = None


@dataclass(frozen=True, slots=True)
class _Depth:
    """How many fields lie above, and whether they lead through introspection, which has a limit of its own."""

    fields: int = 0
    introspection: bool = False

    def below(self, name: str) -> "_Depth":
        return _Depth(self.fields + 1, self.introspection or name in INTROSPECTION)


Selected = tuple[FieldNode, _Parent]


class _Walk:
    def __init__(self, document: DocumentNode, schema: GraphQLSchema, limits: Limits) -> None:
        definitions = document.definitions
        self.fragments = {
            definition.name.value: definition
            for definition in definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.schema = schema
        self.limits = limits
        self.spread: set[str] = set()
        self.selections = self.depth = self.root_fields = self.aliases = self.introspection_aliases = 0

    def root(self, selection_set: SelectionSetNode, type_: GraphQLNamedType | None) -> Cost:
        """Return the cost of an operation, or of a fragment that none uses."""
        fields = self._merged([(selection_set, _Parent(type_))])
        self.root_fields = max(self.root_fields, len(fields))
        hold("root fields", len(fields), self.limits.root_fields)
        return total(self._field(selected, _Depth()) for selected in fields.values())

    def _field(self, selected: Sequence[Selected], above: _Depth) -> Cost:
        depth = above.below(selected[0][0].name.value)
        self._hold_depth(depth)
        nested: list[tuple[SelectionSetNode, _Parent]] = []
        sizes: dict[Size | None, None] = {}
        takes_arguments = False
        extra = each = 0.0
        for node, parent in selected:
            if node.alias and depth.introspection:
                self.introspection_aliases += 1
                hold("introspection aliases", self.introspection_aliases, self.limits.introspection_aliases)
            field = self._definition(parent.type, node.name.value)
            arguments = node.arguments or ()
            takes_arguments |= field is not None and bool(field.args)
            coordinate = f"{parent.type}.{node.name.value}"
            extra = max(extra, ROWS_BY_COORDINATE.get(coordinate, 0.0))
            each = max(each, ROW_PRICE.get(coordinate, 0.0))
            sizes[self._size(field, arguments, parent.page, coordinate)] = None
            if node.selection_set:
                nested.append((node.selection_set, self._parent(field, arguments)))
        if not nested:
            return _sized(extra, Cost(1 if takes_arguments else self.limits.leaf_cost), sizes)
        inner = total(self._field(below, depth) for below in self._merged(nested).values())
        return _sized(extra, Cost(1 + each + inner.fixed, inner.terms), sizes)

    def _hold_depth(self, depth: _Depth) -> None:
        self.depth = max(self.depth, depth.fields)
        if depth.introspection:
            hold("introspection depth", depth.fields, self.limits.introspection_depth)
        else:
            hold("depth", depth.fields, self.limits.depth)

    def _size(
        self, field: GraphQLField | None, arguments: Sequence[ArgumentNode], page: Size | None, coordinate: str
    ) -> Size | None:
        if field is None or not is_list_type(get_nullable_type(field.type)):
            return None
        return size_of(field, arguments, page, LIST_ROWS.get(coordinate, self.limits.list_rows))

    def _parent(self, field: GraphQLField | None, arguments: Sequence[ArgumentNode]) -> _Parent:
        if field is None:
            return _Parent(None)
        connection = not is_list_type(get_nullable_type(field.type))
        return _Parent(get_named_type(field.type), page_of(field, arguments) if connection else None)

    def _definition(self, type_: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        if type_ is self.schema.query_type and name in INTROSPECTION:
            return INTROSPECTION[name]
        if is_object_type(type_) or is_interface_type(type_):
            fields: Mapping[str, GraphQLField] = type_.fields
            return fields.get(name)
        return None

    def _merged(self, made: Sequence[tuple[SelectionSetNode, _Parent]]) -> dict[str, list[Selected]]:
        """Return the fields that are selected at one place, by response name, each with what it is selected on."""
        fields: dict[str, list[Selected]] = {}
        spread: set[tuple[str, Size | None]] = set()
        stack = list(made)
        while stack:
            selection_set, parent = stack.pop()
            for selection in selection_set.selections:
                self.selections += 1
                hold("selections", self.selections, self.limits.selections)
                if isinstance(selection, FieldNode):
                    self._add(selection, parent, fields)
                elif isinstance(selection, InlineFragmentNode):
                    stack.append((selection.selection_set, self._narrowed(parent, selection.type_condition)))
                elif isinstance(selection, FragmentSpreadNode):
                    name = selection.name.value
                    fragment = self.fragments.get(name)
                    if fragment and (name, parent.page) not in spread:
                        spread.add((name, parent.page))
                        stack.append((fragment.selection_set, self._narrowed(parent, fragment.type_condition)))
        self.spread.update(name for name, _ in spread)
        return fields

    def _narrowed(self, parent: _Parent, condition: NamedTypeNode | None) -> _Parent:
        return parent if condition is None else replace(parent, type=self.schema.get_type(condition.name.value))

    def _add(self, node: FieldNode, parent: _Parent, fields: dict[str, list[Selected]]) -> None:
        if node.alias:
            self.aliases += 1
            hold("aliases", self.aliases, self.limits.aliases)
        same = fields.setdefault((node.alias or node.name).value, [])
        same.append((node, parent))
        hold("fields of one response path", len(same), self.limits.duplicates)


def _sized(extra: float, row: Cost, sizes: Iterable[Size | None]) -> Cost:
    """Return what a field costs beside its rows, and its rows: one, or as many as each size says."""
    return total((Cost(extra), *(row if size is None else row.times(size) for size in sizes)))
