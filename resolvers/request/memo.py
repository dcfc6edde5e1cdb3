"""What resolvers of one operation share: made once for a place, found by typed keys."""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class MemoKey(Generic[T]):
    """Names one kind of value; each object is a kind of its own, and its type is that of its values."""

    __slots__ = ()


class Memo:
    """The values of one operation, as long as the operation lives."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[tuple[MemoKey[Any], Hashable], Any] = {}

    def of(self, kind: MemoKey[T], place: Hashable, made: Callable[[], T]) -> T:
        """Return the value of that kind for the place, made when it is first asked for."""
        key = (kind, place)
        if key not in self._values:
            self._values[key] = made()
        value: T = self._values[key]
        return value

    def put(self, kind: MemoKey[T], value: T, place: Hashable = None) -> None:
        """Set the value of that kind for the place."""
        self._values[kind, place] = value

    def known(self, kind: MemoKey[T], place: Hashable = None) -> T | None:
        """Return the value of that kind for the place, None where there is none."""
        return self._values.get((kind, place))

    def clear(self) -> None:
        """Drop everything: loaders hold the request, and a cycle would wait for the garbage collector."""
        self._values.clear()
