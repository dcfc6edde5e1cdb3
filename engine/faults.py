"""Faults among values: an exception takes the place of a value that could not be read."""

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
"""Types of ordinary values. A column that holds only these has no fault."""


def keys_at(position: int | None, rows: Iterable[Row]) -> tuple[tuple[Any, ...], tuple[Exception, ...]]:
    """Return the distinct keys at a position, and the faults found there."""
    if position is None:
        return (), ()
    keys = dict.fromkeys(map(itemgetter(position), rows))
    keys.pop(None, None)
    if not has_fault(keys):
        return tuple(keys), ()
    faults = tuple(key for key in keys if isinstance(key, Exception))
    return tuple(key for key in keys if not isinstance(key, Exception)), faults


def has_fault(values: Collection[Any]) -> bool:
    """Return whether any value is an exception. Ordinary columns are recognised by their types alone."""
    return not _ORDINARY.issuperset(map(type, values)) and any(isinstance(value, Exception) for value in values)


def with_faults(field: EdgeField | PagesField, faults: Sequence[Exception], behind: ByKey) -> ByKey:
    """Return the results of an edge with an error for each key that could not be read."""
    if behind.fault is not None:
        return behind
    for fault in faults:
        behind.errors = {**(behind.errors or {}), fault: [((), fault, field.output.nodes)]}
        behind.values[fault] = BUBBLE if field.output.nonnull else None
    return behind


def unknown_type(tag: Any) -> Exception:
    """Return the error of a row whose tag names no type."""
    return tag if isinstance(tag, Exception) else ValueInvalid()
