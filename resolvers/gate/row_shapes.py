"""What becomes of a register's row before it is handed up: which values stay where, which are null, which are said."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from connectors.source import Row

NULL, TRUE = -2, -1
"""Where a null and the word "permitted" lie behind a row's own values."""


class RowShape:
    """`sources[i]` says where value i comes from: a place in the row, NULL or TRUE. `fetched`: the row's own width."""

    __slots__ = ("_pick", "_with_words")

    def __init__(self, sources: Sequence[int], fetched: int) -> None:
        self._with_words = any(source < 0 for source in sources)
        self._pick: Callable[[Any], Any] | None
        if list(sources) == list(range(fetched)):
            self._pick = None
        elif list(sources) == list(range(len(sources))):
            self._pick = itemgetter(slice(len(sources)))
        elif len(sources) == 1:
            self._pick = _only(sources[0])
        else:
            self._pick = itemgetter(*sources)

    def of(self, row: Row) -> Row:
        """Return one row in this shape."""
        if self._pick is None:
            return row
        return self._pick((*row, None, True) if self._with_words else row)  # type: ignore[no-any-return]

    def of_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return rows in this shape; the very same ones where nothing changes."""
        if self._pick is None:
            return rows
        given: Iterable[Row] = ((*row, None, True) for row in rows) if self._with_words else rows
        return list(map(self._pick, given))


def _only(source: int) -> Callable[[Any], Any]:
    return lambda row: (row[source],)
