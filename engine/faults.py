"""Faults among values: an exception that stands in a row in place of a value that could not be read."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from engine.completion import ByKey
from engine.gate import Row
from engine.leaves import ValueInvalid
from engine.outputs import BUBBLE
from engine.plan import EdgeField, PagesField

_ORDINARY = frozenset({str, int, float, bool, date, datetime, type(None)})
"""Types of values that most columns hold nothing but."""


def keys_at(position: int | None, rows: Iterable[Row]) -> tuple[Any, ...]:
    """Return the distinct keys that lie at a position; a fault leads nowhere."""
    if position is None:
        return ()
    keys = dict.fromkeys(map(itemgetter(position), rows))
    keys.pop(None, None)
    return tuple(key for key in keys if not isinstance(key, Exception)) if has_fault(keys) else tuple(keys)


def has_fault(values: Iterable[Any]) -> bool:
    """Tell whether an exception stands in place of a value; one look at the types of a whole column."""
    others = set(map(type, values)).difference(_ORDINARY)
    return bool(others) and any(issubclass(kind, Exception) for kind in others)


def with_faults(one: EdgeField | PagesField, rows: Sequence[Row], behind: ByKey) -> ByKey:
    """Return what is behind an edge, and for keys that could not be read why there is nothing."""
    position = one.position
    if position is None or behind.fault is not None or not has_fault(map(itemgetter(position), rows)):
        return behind
    for fault in {row[position] for row in rows if isinstance(row[position], Exception)}:
        behind.errors = {**(behind.errors or {}), fault: [((), fault, one.output.nodes)]}
        behind.values[fault] = BUBBLE if one.output.nonnull else None
    return behind


def unknown_type(tag: Any) -> Exception:
    """Return why a row with this tag cannot be shown."""
    return tag if isinstance(tag, Exception) else ValueInvalid()
