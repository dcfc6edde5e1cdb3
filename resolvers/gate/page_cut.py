"""Where a page ends: one row more than asked for is read, to know whether there are more."""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from connectors.faults import FaultyRows, kept
from connectors.source import Row


def cut(rows: Sequence[Row], limit: int, by_key: bool) -> tuple[Sequence[Row], frozenset[Any]]:
    """Leave out the rows that were read only to know whether there are more; return the keys that have more."""
    if not by_key:
        there = len(rows) + (rows.dropped if isinstance(rows, FaultyRows) else 0)
        return kept(rows[:limit], rows), frozenset((None,) if there > limit else ())
    counts = Counter(map(itemgetter(0), rows))
    more = frozenset(key for key, number in counts.items() if number > limit)
    if not more:
        return rows, more
    room = dict.fromkeys(counts, limit)
    cut_rows: list[Row] = []
    for row in rows:
        if room[row[0]]:
            room[row[0]] -= 1
            cut_rows.append(row)
    return kept(cut_rows, rows), more
