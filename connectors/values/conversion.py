"""Stored values into canonical ones, a whole column at a time; every conversion raises ValueError for a wrong value.

Only where a column holds a wrong value is it converted value by value, with a fault in the wrong one's place.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from connectors.faults import Fault, FaultyRows
from connectors.source import Row
from reference import normal_form

Column = Sequence[Any]
Conversion = Callable[[Column], Column]

NONE = type(None)


def nfc(texts: Column) -> Column:
    """Return the texts in NFC: the very same sequence, at the price of one scan, where they are already."""
    # A line feed composes with nothing, so one look at all of them together says the same as a look at each.
    try:
        joined = "\n".join(filter(None, texts))
    except TypeError:
        raise ValueError("not a text") from None
    if normal_form.is_nfc(joined):
        return texts
    return [text and normal_form.nfc(text) for text in texts]


class ValueMap:
    """The conversion by a value map; a value that is not in the map is wrong, null stays null."""

    def __init__(self, canonical_by_value: Mapping[Any, Any]) -> None:
        self.canonical: Mapping[Any, Any] = {**canonical_by_value, None: None}

    def __call__(self, values: Column) -> Column:
        try:
            return tuple(map(self.canonical.__getitem__, values))
        except (KeyError, TypeError):
            raise ValueError("not in the value map") from None


def numbers(values: Column) -> Column:
    """Whole numbers, as SQLite and JSON write them, into floats."""
    types = set(map(type, values))
    if not types <= {int, float, NONE}:
        raise ValueError("not a number")
    return [value if value is None else float(value) for value in values] if int in types else values


booleans = ValueMap({0: False, 1: True})


def dates(values: Column) -> Column:
    return _each(values, date.fromisoformat)


def instants(values: Column) -> Column:
    return _each(values, _aware)


def zoneless_instants(values: Column) -> Column:
    return _each(values, _assumed_utc)


def _each(values: Column, convert: Callable[[str], Any]) -> Column:
    try:
        return [value if value is None else convert(value) for value in values]
    except TypeError:
        raise ValueError("not a text") from None


def _aware(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("has no zone")
    return instant.astimezone(UTC)


def _assumed_utc(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is not None:
        raise ValueError("has a zone")
    return instant.replace(tzinfo=UTC)


def converted(
    rows: Sequence[Row], conversions: Mapping[int, Conversion], fault: Callable[[int, Any], Fault]
) -> Sequence[Row]:
    """Return the rows with the columns at these positions converted; the very same rows where nothing changed.

    In place of a value that cannot be converted stands `fault(position, value)`, in FaultyRows.
    """
    if not rows or not conversions:
        return rows
    columns = list(zip(*rows, strict=True))
    is_changed = is_faulty = False
    for position, conversion in conversions.items():
        values = _converted_column(conversion, columns[position])
        if values is None:
            is_faulty = True
            values = [_converted_value(conversion, value, position, fault) for value in columns[position]]
        if values is not columns[position]:
            columns[position], is_changed = tuple(values), True
    if is_faulty:
        return FaultyRows(zip(*columns, strict=True))
    return list(zip(*columns, strict=True)) if is_changed else rows


def _converted_column(conversion: Conversion, column: Column) -> Column | None:
    try:
        return conversion(column)
    except ValueError:
        return None


def _converted_value(conversion: Conversion, value: Any, position: int, fault: Callable[[int, Any], Fault]) -> Any:
    try:
        return conversion((value,))[0]
    except ValueError:  # it may quote a personal value: a fault says nothing of it
        pass
    return fault(position, value)


RowsMapping = Callable[[Sequence[Row]], Sequence[Row]]


def rows_mapping(width: int, conversions: Mapping[int, Conversion]) -> RowsMapping | None:
    """Return the conversions of rows as one pass over them, where value maps are all there is to do; None where not.

    It raises KeyError or TypeError for a wrong value, without saying where. A third of the cost of `converted`.
    """
    map_by_name = {
        f"map_{at}": conversion.canonical for at, conversion in conversions.items() if isinstance(conversion, ValueMap)
    }
    if not conversions or len(map_by_name) != len(conversions):
        return None
    values = ", ".join(f"value_{at}" for at in range(width))
    canonical = ", ".join(f"map_{at}[value_{at}]" if at in conversions else f"value_{at}" for at in range(width))
    mapping: RowsMapping = eval(  # noqa: S307  # nothing is in the text but numbers of columns
        f"lambda rows: [({canonical},) for ({values},) in rows]", map_by_name
    )
    return mapping
