"""Questions as a register can understand them: text in NFC, and nothing that no register can hold."""

from collections.abc import Iterable
from typing import Any

from connectors.source import Alternatives, Condition, Conditions, Count, Key, Lookup, Page
from reference.normal_form import nfc


def understood_keys(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Return the keys in NFC without those that cannot be a text anywhere; the very same tuple where all were plain."""
    try:
        joined = "".join(keys)  # type: ignore[arg-type]  # one look at all of them; integers are not looked at so
    except TypeError:
        return _understood(keys)
    return keys if joined.isascii() and "\0" not in joined else _understood(keys)


def understood_lookup(lookup: Lookup) -> Lookup | None:
    """Return the lookup to be asked, None where no row can answer it."""
    keys = understood_keys(lookup.keys)
    where = understood_conditions(lookup.where)
    if not keys or where is None:
        return None
    if keys is lookup.keys and where is lookup.where:
        return lookup
    return lookup._replace(keys=keys, where=where)


def understood_page(page: Page) -> Page | None:
    admission = _admission(page)
    keys = understood_keys(page.keys)
    if admission is None or (page.by is not None and not keys):
        return None
    return page._replace(within=admission[0], where=admission[1], keys=keys)


def understood_count(count: Count) -> Count | None:
    admission = _admission(count)
    return None if admission is None else count._replace(within=admission[0], where=admission[1])


def understood_conditions(conditions: Conditions) -> Conditions | None:
    """Return the conditions in NFC, None where no row can meet them."""
    if not conditions:
        return conditions
    understood = tuple(map(_condition, conditions))
    return None if None in understood else understood  # type: ignore[return-value]


def _admission(question: Page | Count) -> tuple[Alternatives, Conditions] | None:
    where = understood_conditions(question.where)
    within = tuple(found for conditions in question.within if (found := understood_conditions(conditions)) is not None)
    return None if where is None or not within else (within, where)


def _condition(condition: Condition) -> Condition | None:
    is_list = condition.operator == "in"
    values = _understood(condition.value if is_list else (condition.value,))
    if not values:
        return None
    return condition._replace(value=values if is_list else values[0])


def _understood(values: Iterable[Any]) -> tuple[Any, ...]:
    understood = (nfc(value) if isinstance(value, str) else value for value in values)
    return tuple(dict.fromkeys(value for value in understood if value is not None and _can_be_stored(value)))


def _can_be_stored(value: Any) -> bool:
    """A NUL or half of a surrogate pair is a text in Python and JSON, and in no register."""
    if not isinstance(value, str):
        return True
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
