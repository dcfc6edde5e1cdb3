"""A document without the values written in it: what a client's template has in common, whoever it is filled in for."""

from typing import Any

from graphql import (
    DocumentNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    StringValueNode,
    Visitor,
    print_ast,
    visit,
)


class _WithoutValues(Visitor):
    """Puts the same in place of every number, text and list; enumerations, booleans and names of fields stay."""

    def enter_int_value(self, _node: IntValueNode, *_: Any) -> IntValueNode:
        return IntValueNode(value="0")

    def enter_float_value(self, _node: FloatValueNode, *_: Any) -> IntValueNode:
        return IntValueNode(value="0")

    def enter_string_value(self, _node: StringValueNode, *_: Any) -> StringValueNode:
        return StringValueNode(value="")

    def enter_list_value(self, _node: ListValueNode, *_: Any) -> ListValueNode:
        return ListValueNode(values=())


def skeleton(document: DocumentNode) -> str:
    """Return the document as text, printed in one way, without its values."""
    return print_ast(visit(document, _WithoutValues()))
