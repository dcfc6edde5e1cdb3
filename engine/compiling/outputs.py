"""How the values of fields are completed, taken from the schema's types and the selections below them."""

from collections.abc import Sequence

from graphql import FieldNode, GraphQLObjectType, GraphQLOutputType, is_leaf_type, is_list_type, is_non_null_type

from engine.arguments import Arguments
from engine.catalogue import Catalogue
from engine.declarations import Local
from engine.outputs import Output, OutputPart
from engine.plan import NotPlanned
from engine.shape import Selections


class Outputs:
    """The outputs, parts and arguments of one operation's fields."""

    def __init__(self, catalogue: Catalogue, selections: Selections) -> None:
        self._catalogue = catalogue
        self._selections = selections

    def arguments(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Arguments:
        name = nodes[0].name.value
        return Arguments(type_.fields[name], nodes[0], self._catalogue.arguments(type_.name, name))

    def output(
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
            output.item = self.output(type_, nodes, inner.of_type, parts_of)
        elif is_leaf_type(inner):
            output.leaf = inner
        elif parts_of is not None and isinstance(inner, GraphQLObjectType):
            grouped = self._selections.under(inner, parts_of)
            output.parts = tuple(self.part(inner, key, selected) for key, selected in grouped.items())
        return output

    def part(self, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> OutputPart:
        name = nodes[0].name.value
        if name == "__typename":
            return OutputPart(key, Output(f"{type_.name}.{name}", nodes, True), "", None, None, type_.name)
        declaration = self._catalogue.declaration(type_.name, name)
        if not isinstance(declaration, Local):
            raise NotPlanned(f"{type_.name}.{name}")
        output = self.output(type_, nodes, type_.fields[name].type, nodes)
        attribute = self._catalogue.attribute_of(type_.name, name)
        return OutputPart(key, output, attribute, declaration.function, self.arguments(type_, nodes))
