"""Leaf values completed alike by both executors: what a register holds is never the caller's mistake."""

from typing import Any

from graphql import GraphQLLeafType
from graphql.execution.executor import Executor


class ValueInvalid(Exception):
    """A value that the field's type does not know, as a code of no enum. It is not told, nor kept."""

    def __init__(self) -> None:
        super().__init__("the register holds a value that is not one of the field's")


def leaf_value(return_type: GraphQLLeafType, result: Any) -> Any:
    """Return the value as it is answered (specification, section 6.4.3). Raises ValueInvalid."""
    try:
        return Executor.complete_leaf_value(return_type, result)
    except Exception:  # noqa: S110  # whatever it says quotes the value: it is not even kept as the cause
        pass
    raise ValueInvalid


class ReferenceExecutor(Executor[Any]):
    """graphql-core's executor; what it says of a wrong value does not blame the caller."""

    complete_leaf_value = staticmethod(leaf_value)
