"""The values that go with a statement: keys, conditions and positions in the form the register stores them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from connectors.record import Kind
from connectors.source import Alternatives, Condition, Conditions, Order
from connectors.sql.dialects import Dialect
from connectors.sql.mapping import MappedColumn, MappedRecord, Stored
from connectors.values.comparison import meets

BIGGEST = 2**63 - 1


def stored_key(column: MappedColumn, key: Any) -> Any:
    """Return the key as the register stores it, or None where no row can have that key.

    Keys are text wherever they come from a SQL register, so that a key read in one register finds its rows in another.
    Only the spelling that the register itself would hand up is one of its keys: `7`, not `007`.
    """
    if type(key) is not str or not key.startswith(column.key_prefix):
        return None
    key = key.removeprefix(column.key_prefix)
    if column.stored is Stored.INTEGER:
        return _integer(key)
    if column.stored is Stored.UUID:
        return _uuid(key)
    if column.stored is Stored.CHAR:
        return None if key.endswith(" ") else key  # blanks at the end are padding: to the database they are no matter
    return key


def _integer(key: str) -> int | None:
    if not key.isascii() or not key.removeprefix("-").isdigit() or len(key) > len(str(BIGGEST)) + 1:
        return None
    number = int(key)
    return number if str(number) == key and -BIGGEST <= number <= BIGGEST else None


def _uuid(key: str) -> str | None:
    try:
        return key if str(UUID(key)) == key else None
    except ValueError:
        return None


def stored_keys(column: MappedColumn, keys: Sequence[Any]) -> Sequence[Any]:
    stored = column.stored
    if column.key_prefix:
        return [known for key in keys if (known := stored_key(column, key)) is not None]
    if stored is Stored.INTEGER:
        plain = _plain_integers(keys)
    else:
        plain = keys if stored is not Stored.UUID and _are_texts(keys) else None
        if stored is Stored.CHAR and plain is not None and " \n" in "\n".join((*keys, "")):
            plain = None
    if plain is not None:
        return plain
    return [known for key in keys if (known := stored_key(column, key)) is not None]


def _plain_integers(keys: Sequence[Any]) -> Sequence[int] | None:
    """Return what `_integer` says of each key, at a tenth of its cost; None where not all of them are plain.

    Plain is what JSON writes of a whole number: read and written again together they are the same text.
    """
    try:
        text = f"[{','.join(keys)}]".encode()
        numbers = orjson.loads(text)
    except (TypeError, ValueError):
        return None
    if len(numbers) != len(keys) or set(map(type, numbers)) != {int} or orjson.dumps(numbers) != text:
        return None
    return numbers if min(numbers) >= -BIGGEST and max(numbers) <= BIGGEST else None


def _are_texts(keys: Sequence[Any]) -> bool:
    try:
        "".join(keys)  # a third of the cost of looking at each one's type
    except TypeError:
        return False
    return True


def operand(dialect: Dialect, column: MappedColumn, condition: Condition) -> Any:
    """Return what is bound for a condition; None, which meets nothing, where no row can meet it."""
    if column.canonical_by_value is not None:
        values = column.canonical_by_value.items()
        return dialect.array(
            column, [v for v, canonical in values if meets(canonical, condition.operator, condition.value)]
        )
    is_key = column.kind is Kind.KEY and condition.operator != "starts-with"
    if condition.operator == "in":
        return dialect.array(column, stored_keys(column, condition.value) if is_key else list(condition.value))
    return dialect.scalar(column, stored_key(column, condition.value) if is_key else condition.value)


def where_operands(dialect: Dialect, record: MappedRecord, where: Conditions) -> dict[str, Any]:
    return _operands(dialect, record, where, "where")


def within_operands(dialect: Dialect, record: MappedRecord, within: Alternatives) -> dict[str, Any]:
    operands: dict[str, Any] = {}
    for number, conditions in enumerate(within):
        operands |= _operands(dialect, record, conditions, f"within_{number}")
    return operands


def _operands(dialect: Dialect, record: MappedRecord, conditions: Conditions, prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}_{number}": operand(dialect, record.columns[condition.column], condition)
        for number, condition in enumerate(conditions)
    }


def position_operands(
    dialect: Dialect, columns: Mapping[str, MappedColumn], order: tuple[Order, ...], after: tuple[Any, ...]
) -> dict[str, Any]:
    values = {}
    for number, (term, value) in enumerate(zip(order, after, strict=True)):
        column = columns[term.column]
        stored = stored_key(column, value) if column.is_ordered_as_stored else value
        values[f"after_{number}"] = dialect.scalar(column, stored)
    return values
