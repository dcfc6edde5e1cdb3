"""Answers are oracles: an attacker halves, tries and waits, and learns what the permitted answers tell, no more."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from operator import eq, ge
from pathlib import Path
from typing import Any

import pytest

from reference.ages import age
from reference.units import UnitKind, units
from tests.leaks.oracles import BORN, LIVES_IN, NAME, SINCE, TODAY, Deployment, deployment, leaves
from tests.leaks.trial import ANYTHING, EXECUTORS

pytestmark = [pytest.mark.anyio]

GUARD_OFF = ANYTHING
AGES, MATCHES, RESIDENCES = "insurance-benefit", "insurance-benefit", "graduation-recognition"
ROLES = {AGES: "social-insurance", RESIDENCES: "provincial-department"}


@pytest.fixture(params=EXECUTORS)
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployment(tmp_path, request.param) as opened:
        yield opened


@dataclass
class Attacker:
    """Keeps the candidates that fit all it was told; it asks by every way, of every replica, by aliases."""

    target: Deployment
    purpose: str
    candidates: list[Any]
    told: dict[tuple[str, date], Any] = field(default_factory=dict)

    async def ask(self, field_asked: str, would_say: Callable[[Any], Any], day: date = TODAY) -> None:
        """Ask one thing by every way at once, each by two aliases, and then of the other replica."""
        twice = f"a: {field_asked} b: {field_asked}"
        ways = " ".join(f"w{n}: {way % twice}" for n, way in enumerate(self.target.ways(self.purpose == AGES)))
        for replica in (0, 1):
            told = await self.target.ask(self.purpose, f"{{ {ways} }}", day, replica)
            assert not told.errors, told.errors
            for value in set(leaves(told.data)):
                self.told[field_asked, day] = value
                self.candidates = [one for one in self.candidates if would_say(one) == value]


async def _opened(target: Deployment, purpose: str, guard: bool) -> None:
    await target.agreed(ROLES[purpose], purpose, None if guard else GUARD_OFF)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days) for days in range((last - first).days + 1)]


async def _ask_ages(attacker: Attacker) -> None:
    """Halve the dates by ages, then wait: ask again every fortnight until the birthday shows."""
    low, high = 0, 40
    while high - low > 1:
        years = (low + high) // 2
        before = len(attacker.candidates)
        await _ask_age(attacker, years, TODAY)
        reached = [age(born, TODAY) >= years for born in attacker.candidates]
        low, high = (years, high) if all(reached) and len(reached) < before else (low, years)
    for years in (6, 16, 18):
        await _ask_age(attacker, years, TODAY)
    for fortnight in range(1, 26):
        await _ask_age(attacker, 18, TODAY + timedelta(14 * fortnight))


async def _ask_age(attacker: Attacker, years: int, on: date) -> None:
    await attacker.ask(f"isAtLeast(years: {years})", lambda born: age(born, on) >= years, on)


async def test_a_birth_date_cannot_be_halved_or_waited_for(target: Deployment) -> None:
    await _opened(target, AGES, guard=True)
    attacker = Attacker(target, AGES, _days(date(1990, 1, 1), TODAY))
    await _ask_ages(attacker)
    assert len(attacker.told) == 4
    assert {asked for asked, _ in attacker.told} == {f"isAtLeast(years: {years})" for years in (6, 16, 18)}
    # between 16 and 18: two years of days, less the fortnight by which one of the questions was later
    assert len(attacker.candidates) > 700
    assert BORN in attacker.candidates


async def test_without_the_guard_the_birth_date_is_found(target: Deployment) -> None:
    await _opened(target, AGES, guard=False)
    attacker = Attacker(target, AGES, _days(date(1990, 1, 1), TODAY))
    await _ask_ages(attacker)
    assert BORN in attacker.candidates
    assert len(attacker.candidates) <= 14


COMMUNES = [unit.code for unit in units(TODAY, province_code="01") if unit.kind is not UnitKind.PROVINCE]


async def _try_communes(target: Deployment, guard: bool) -> Attacker:
    await _opened(target, RESIDENCES, guard)
    others = [code for code in COMMUNES if code != LIVES_IN][:15]
    attacker = Attacker(target, RESIDENCES, [*others, LIVES_IN])
    for n, code in enumerate([*others, LIVES_IN]):
        asked = f'heldPermanentResidence(in: "{code}", monthsAtLeast: 12)'
        await attacker.ask(asked, partial(eq, code), TODAY + timedelta(n * 7))
    return attacker


async def test_a_commune_cannot_be_found_by_trying(target: Deployment) -> None:
    attacker = await _try_communes(target, guard=True)
    assert len(attacker.told) == 3
    assert len(attacker.candidates) == 16 - 3


async def test_without_the_guard_the_commune_is_found(target: Deployment) -> None:
    assert (await _try_communes(target, guard=False)).candidates == [LIVES_IN]


async def _halve_months(target: Deployment, guard: bool) -> Attacker:
    """Find the month since when the person lives there: twelve months, all of them lived through, or not."""
    await _opened(target, RESIDENCES, guard)
    months = [date(year, month, 1) for year in range(2005, 2025) for month in range(1, 13)]
    attacker = Attacker(target, RESIDENCES, months)
    for _ in range(12):
        start = attacker.candidates[(len(attacker.candidates) - 1) // 2]
        end = date(start.year + 1, start.month, 1) - timedelta(1)
        during = f'during: {{from: "{start}", to: "{end}"}}'
        asked = f'heldPermanentResidence(in: "01", monthsAtLeast: 12, {during})'
        await attacker.ask(asked, partial(ge, start))
    return attacker


FIRST_WHOLE_MONTH = date(SINCE.year, SINCE.month + 1, 1)


async def test_the_month_of_moving_in_cannot_be_halved(target: Deployment) -> None:
    attacker = await _halve_months(target, guard=True)
    assert len(attacker.told) == 3
    assert len(attacker.candidates) >= 240 // 2**3
    assert FIRST_WHOLE_MONTH in attacker.candidates


async def test_without_the_guard_the_month_is_found(target: Deployment) -> None:
    assert (await _halve_months(target, guard=False)).candidates == [FIRST_WHOLE_MONTH]


def _match(guess: date, born: date) -> str:
    return "MATCH" if born == guess else "NO_MATCH"


async def _guess_birth_dates(target: Deployment, guard: bool) -> Attacker:
    await _opened(target, MATCHES, guard)
    guesses = _days(BORN - timedelta(20), BORN + timedelta(4))
    attacker = Attacker(target, MATCHES, guesses)
    for n, guess in enumerate(guesses):
        asked = f'identityMatch(name: "{NAME}", birthDate: "{guess}")'
        on = TODAY + timedelta(n)
        await attacker.ask(asked, partial(_match, guess), on)
    return attacker


async def test_a_birth_date_cannot_be_guessed(target: Deployment) -> None:
    attacker = await _guess_birth_dates(target, guard=True)
    assert len(attacker.told) == 2
    assert len(attacker.candidates) == 25 - 2


async def test_without_the_guard_a_guess_is_right(target: Deployment) -> None:
    assert (await _guess_birth_dates(target, guard=False)).candidates == [BORN]
