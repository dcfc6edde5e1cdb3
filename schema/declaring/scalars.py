"""The scalars that are spelt in one way: days and instants of RFC 3339."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from reference.iso_dates import day_spelt, instant_spelt


def _parsed(parse: Callable[[str], Any], expected: str) -> Callable[[object], Any]:
    """Return the reader of a value from a caller. It raises GraphQLError, which does not say the value again."""

    def value(given: object) -> Any:
        try:
            if isinstance(given, str):
                return parse(given)
        except ValueError:
            pass
        raise GraphQLError(f"it must be {expected}")

    return value


def _spelt(value: date) -> str:
    return value.isoformat()


SCALARS: Mapping[object, ScalarDefinition] = MappingProxyType(
    {
        date: ScalarDefinition(
            name="Date",
            description="Ngày, viết như 2026-11-21 | A day, spelt as 2026-11-21 (RFC 3339, full-date).",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=_spelt,
            parse_value=_parsed(day_spelt, "a day as 2026-11-21"),
            parse_literal=None,
            origin=date,
        ),
        datetime: ScalarDefinition(
            name="DateTime",
            description="Thời điểm, viết như 2026-11-21T08:00:00+07:00 | "
            "An instant, spelt as 2026-11-21T08:00:00+07:00 (RFC 3339, date-time).",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=_spelt,
            parse_value=_parsed(instant_spelt, "a time as 2026-11-21T08:00:00+07:00"),
            parse_literal=None,
            origin=datetime,
        ),
    }
)
