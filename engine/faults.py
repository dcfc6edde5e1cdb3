"""Faults among values: an exception that stands in a row in place of a value that could not be read."""

from collections.abc import Collection, Iterable, Sequence
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


def keys_at(position: int | None, rows: Iterable[Row]) -> tuple[tuple[Any, ...], tuple[Exception, ...]]:
    """Return the distinct keys that lie at a position, and apart from them the faults, which lead nowhere."""
    if position is None:
        return (), ()
    keys = dict.fromkeys(map(itemgetter(position), rows))
    keys.pop(None, None)
    if not has_fault(keys):
        return tuple(keys), ()
    faults = tuple(key for key in keys if isinstance(key, Exception))
    return tuple(key for key in keys if not isinstance(key, Exception)), faults


def has_fault(values: Collection[Any]) -> bool:
    """Tell whether an exception stands in place of a value; one look at the types of a whole column."""
    return not _ORDINARY.issuperset(map(type, values)) and any(isinstance(value, Exception) for value in values)


def with_faults(one: EdgeField | PagesField, faults: Sequence[Exception], behind: ByKey) -> ByKey:
    """Return what is behind an edge, and for keys that could not be read why there is nothing."""
    if behind.fault is not None:
        return behind
    for fault in faults:
        behind.errors = {**(behind.errors or {}), fault: [((), fault, one.output.nodes)]}
        behind.values[fault] = BUBBLE if one.output.nonnull else None
    return behind


def unknown_type(tag: Any) -> Exception:
    """Return why a row with this tag cannot be shown."""
    return tag if isinstance(tag, Exception) else ValueInvalid()
