"""Rows that stand several times at one place of an answer, as behind two edges: counted once, as the plan meets them.

A place is the same whatever the list index; a row that is read again from the same loader is the same row.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from engine.declarations import NOTED, Sourced, plain_value
from resolvers.reference_executor.reading import place_of
from resolvers.reference_executor.rows import RecordRow
from resolvers.request.memo import MemoKey
from resolvers.request.request import Info, Request

T = TypeVar("T")

_AGAIN = MemoKey[set[tuple[str | int, ...]]]()
"""The paths, list indices and all, of answers about rows met before."""


class Met(Generic[T]):
    """What there is of each row that was met at one place."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[RecordRow, T]] = {}
        """By the address of a row's values; the row is kept, so that the address stays its own."""

    def __contains__(self, row: RecordRow) -> bool:
        return id(row.values) in self._rows

    def of(self, row: RecordRow, made: Callable[[], T]) -> T:
        """Return what was made when the row was first met, which may be now."""
        address = id(row.values)
        if address not in self._rows:
            self._rows[address] = (row, made())
        return self._rows[address][1]


_MET = MemoKey[Met[None]]()


def note_met(row: RecordRow, info: Info) -> None:
    """Note that the answer at this path is about the row: where it was met before, nothing below is noted again."""
    request: Request = info.context
    met = request.memo.of(_MET, place_of(info.path), Met)
    if row in met:
        request.memo.of(_AGAIN, None, set).add(tuple(info.path.as_list()))
    met.of(row, lambda: None)


def noted_value(coordinate: str, value: Any, info: Info) -> Any:
    """Return what is answered: null for Unknown, the value of Sourced; noted unless the row was met before."""
    if value.__class__ not in NOTED or not _is_again(info):
        return plain_value(coordinate, value, info.context)
    return value.value if isinstance(value, Sourced) else None


def _is_again(info: Info) -> bool:
    request: Request = info.context
    again = request.memo.of(_AGAIN, None, set)
    keys = tuple(info.path.as_list()) if again else ()
    return any(keys[:end] in again for end in range(1, len(keys) + 1))
