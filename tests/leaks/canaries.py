"""Values that occur once in the world: whoever meets one knows which row and column it came from."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from connectors.record import PERIOD_OF, Kind
from connectors.records import RECORDS

AS_OF = datetime(2026, 11, 20, 18, tzinfo=UTC)
TODAY = date.today()
LONG_AGO = date(1950, 1, 1)
ADULT_BIRTHS = date(1970, 1, 1)
CHILD_BIRTHS = date(TODAY.year - 11, 1, 1)
RESIDENCE_STARTS = date(2019, 1, 1)
RESIDENCE_ENDS = date(2040, 1, 1)
UNITS_ARE_LISTED = date(2025, 8, 15)
"""A first day of residence on which the list of units is known."""
FAR_FUTURE = date(2090, 1, 1)


class Canaries:
    """A new value at every call. There are fewer than 1,000, so that dates of different eras do not meet."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)

    def text(self) -> str:
        return f"Zq{next(self._numbers):05d}qZ"

    def citizen_number(self) -> str:
        return f"0013150{next(self._numbers):05d}"

    def day(self, era: date = LONG_AGO) -> date:
        return era + timedelta(days=next(self._numbers))

    def row(self, record: str, **given: Any) -> dict[str, Any]:
        """Return a row of the record with a new value in every column that is not given."""
        columns = RECORDS[record].columns
        made = {
            name: given[name] if name in given else self._value(kind)
            for name, kind in columns.items()
            if name not in PERIOD_OF
        }
        return {**made, **{name: str(made[PERIOD_OF[name]]) for name in columns if name in PERIOD_OF}}

    def _value(self, kind: Kind) -> Any:
        match kind:
            case Kind.TEXT | Kind.KEY:
                return self.text()
            case Kind.DATE:
                return self.day()
            case Kind.INTEGER:
                return 10_000 + next(self._numbers)
            case Kind.NUMBER:
                return 3 + next(self._numbers) / 1000
            case Kind.BOOLEAN:
                return True
            case Kind.INSTANT:
                return AS_OF
