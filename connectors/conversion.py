"""Stored values into canonical ones, a whole column at a time; every conversion raises ValueError for a wrong value."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any
from unicodedata import is_normalized, normalize

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
    if joined.isascii() or is_normalized("NFC", joined):
        return texts
    return [text and normalize("NFC", text) for text in texts]


def mapped(canonical_by_value: Mapping[Any, Any]) -> Conversion:
    """Return the conversion by a value map; a value that is not in the map is wrong, null stays null."""
    canonical = {**canonical_by_value, None: None}

    def converted(values: Column) -> Column:
        try:
            return list(map(canonical.__getitem__, values))
        except (KeyError, TypeError):
            raise ValueError("not in the value map") from None

    return converted


def numbers(values: Column) -> Column:
    """Whole numbers, as SQLite and JSON write them, into floats."""
    types = set(map(type, values))
    if not types <= {int, float, NONE}:
        raise ValueError("not a number")
    return [value if value is None else float(value) for value in values] if int in types else values


booleans = mapped({0: False, 1: True})


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
    rows: Sequence[Sequence[Any]], conversions: Mapping[int, Conversion], wrong: Callable[[int], Exception]
) -> Sequence[Sequence[Any]]:
    """Return the rows with the columns at these positions converted; the very same rows where nothing changed.

    Raises `wrong(position)` for a value that cannot be converted.
    """
    if not rows or not conversions:
        return rows
    changed = {}
    for position, conversion in conversions.items():
        column = list(map(itemgetter(position), rows))
        failed = False
        try:
            values = conversion(column)
        except ValueError:
            failed = True  # raised outside: the cause may quote a personal value
        if failed:
            raise wrong(position)
        if values is not column:
            changed[position] = values
    if not changed:
        return rows
    columns = list(zip(*rows, strict=True))
    for position, values in changed.items():
        columns[position] = tuple(values)
    return list(zip(*columns, strict=True))
