"""The clocks of data subjects' requests, and the legal grounds on which one may be refused; both by date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from reference.tables import rows_of
from reference.validity import in_force
from reference.working_days import ONE_DAY, CalendarUnknown, add_working_days, on_or_after

Step = Literal["acknowledge", "complete"]


class NoClock(LookupError):
    """A request of a kind or a day for which no clock is in the table."""


@dataclass(frozen=True, slots=True)
class RightsClock:
    """So many days for a step of requests of these kinds, received while the rule was valid.

    `third_parties`: only where a third party must act too, only where none must, or (None) either way.
    """

    kinds: frozenset[str]
    step: str
    third_parties: bool | None
    days: int
    is_working: bool
    valid_from: date
    valid_to: date | None
    confidence: str
    source: str

    def ends(self, received: date) -> date:
        """Return the last day in time.

        The day of receipt does not count, and a term does not end on a day off. Where the calendar does not know the
        year the day is earlier, never later, than the law's.
        """
        try:
            if self.is_working:
                return add_working_days(received, self.days)
            return on_or_after(received + self.days * ONE_DAY)
        except CalendarUnknown:
            return received + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a request of these kinds may be refused, in both languages, and the provision that says so."""

    name: str
    kinds: frozenset[str]
    valid_from: date
    valid_to: date | None
    vi: str
    en: str
    citation: str
    confidence: str


def clock(kind: str, step: Step, third_parties: bool, received: date) -> RightsClock:
    """Return the clock of a step. Raises NoClock for a kind that is not in the table on that day."""
    for row in _clocks():
        fits = row.third_parties in (None, third_parties) and kind in row.kinds
        if fits and row.step == step and in_force(row.valid_from, row.valid_to, received):
            return row
    raise NoClock(f"no clock for `{step}` of `{kind}` on {received}")


def grounds(kind: str, on: date) -> tuple[Ground, ...]:
    """Return the grounds on which a request of the kind may be refused on a day."""
    return tuple(
        ground for ground in _grounds() if kind in ground.kinds and in_force(ground.valid_from, ground.valid_to, on)
    )


def ground_named(name: str) -> Ground:
    """Return the ground, in force or not. Raises KeyError for one that is not in the table."""
    return {ground.name: ground for ground in _grounds()}[name]


@cache
def _clocks() -> tuple[RightsClock, ...]:
    return tuple(_read_clocks())


def _read_clocks() -> Iterator[RightsClock]:
    third_parties = {"yes": True, "no": False, "": None}
    for kinds, step, third, days, counted, start, end, confidence, source in rows_of("rights_clocks"):
        yield RightsClock(
            frozenset(kinds.split()),
            step,
            third_parties[third],
            int(days),
            counted == "working",
            date.fromisoformat(start),
            date.fromisoformat(end) if end else None,
            confidence,
            source,
        )


@cache
def _grounds() -> tuple[Ground, ...]:
    return tuple(
        Ground(
            name,
            frozenset(kinds.split()),
            date.fromisoformat(start),
            date.fromisoformat(end) if end else None,
            *words,
        )
        for name, kinds, start, end, *words in rows_of("rights_refusals")
    )
