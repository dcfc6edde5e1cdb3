"""What has been asked of answers: so many different questions about one subject, counted before they are answered.

A subject asked about by one client for one purpose has one row, found by a keyed digest of the three and the answer.
Its `asked` is the keyed digests of the questions, one after another: nothing that was asked can be read from it. The
rows are our own state, in the database of the grants: they outlive restarts, months and the shared state, and hold
for every replica.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Date, Integer, LargeBinary, Text, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import TypeEngine

from auth.crypto.keys import PSEUDONYM_BYTES, Keys
from auth.errors import StateUnavailable
from auth.state.engine import reading, writing
from auth.state.sets import among
from auth.state.tables import ASKED_ARGUMENTS
from auth.state.together import MicroBatcher
from auth.state.upsert import upsert

_DIGEST = 2 * PSEUDONYM_BYTES
"""Letters of one question's digest."""
_ROWS_AT_ONCE = 1000
_TOGETHER = 2000
"""Questions counted at once at most, of all who ask: the next to ask waits for no more."""
_T = ASKED_ARGUMENTS.c
_KINDS: Mapping[str, TypeEngine[Any]] = {"place": LargeBinary(), "asked": Text(), "most": Integer(), "until": Date()}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """One question. `about` identifies caller, subject and purpose; at most `distinct` of them within `days`.

    `before`: whom else the same was asked about, as far as it was known then; what was asked there counts as well.
    """

    about: str
    question: str
    distinct: int
    days: int
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _BudgetRow:
    """A question by its digests: of each master secret one, that in use first, and the same of whom it was before."""

    places: tuple[bytes, ...]
    questions: tuple[str, ...]
    most: int
    until: date

    def known(self, asked: Set[str]) -> bool:
        return not asked.isdisjoint(self.questions)


class QueryBudget:
    """Budgets shared by all replicas."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys
        self._together: MicroBatcher[tuple[date, Sequence[QuestionCount]], Sequence[bool]] = MicroBatcher(
            self._counted, _TOGETHER
        )

    async def admitted(self, asked: Sequence[QuestionCount], asker: str, today: date) -> Sequence[bool]:
        """Tell of each question whether it may be answered, having counted it durably if it is a new one.

        Asking again what was already answered costs nothing. Raises StateUnavailable where nothing can be counted:
        then nothing may be answered. Who asks at the same time shares the statements, in turns by `asker`.
        """
        found: list[bool] = []
        for start in range(0, len(asked), _ROWS_AT_ONCE):
            some = asked[start : start + _ROWS_AT_ONCE]
            found += await self._together.answer((today, some), asker, len(some))
        return found

    async def forget(self, today: date) -> None:
        """Delete what no longer counts. Raises StateUnavailable."""
        await self._written(delete(ASKED_ARGUMENTS).where(_T.until <= today))

    def _entry(self, one: QuestionCount, today: date) -> _BudgetRow:
        every = (one.about, *one.before)
        questions = tuple(
            digest.hex() for about in every for digest in self._keys.pseudonyms(f"{about}\n{one.question}")
        )
        places = tuple(place for about in every for place in self._keys.pseudonyms(about))
        return _BudgetRow(places, questions, one.distinct * _DIGEST, today + timedelta(days=one.days))

    async def _counted(self, batch: Sequence[tuple[date, Sequence[QuestionCount]]]) -> Sequence[Sequence[bool]]:
        """Count the questions of several who ask; the earliest of their days is the one that rows are judged by."""
        today = min(day for day, _ in batch)
        by_asking: list[list[_BudgetRow]] = []
        for day, asked in batch:
            by_asking.append([self._entry(count, day) for count in asked])
            await asyncio.sleep(0)  # digests take milliseconds; others need not wait for all of them
        entries = [entry for of_one in by_asking for entry in of_one]
        held = await self._held([place for entry in entries for place in entry.places], today)
        waiting = [entry for entry in entries if _is_new(entry, held)]
        while waiting:
            # a row can be changed once in a statement
            first = {entry.places[0]: entry for entry in reversed(waiting)}
            turn = sorted(first.values(), key=lambda entry: entry.places[0])[:_ROWS_AT_ONCE]
            held |= await self._kept([_row(entry, held) for entry in turn], today)
            # none of the turn is new any more: it is among those held now, or its row is full
            waiting = [entry for entry in waiting if _is_new(entry, held)]
        return [[entry.known(_asked(entry, held)) for entry in of_one] for of_one in by_asking]

    async def _held(self, places: Sequence[bytes], today: date) -> dict[bytes, Mapping[str, Any]]:
        held: dict[bytes, Mapping[str, Any]] = {}
        for start in range(0, len(places), _ROWS_AT_ONCE):
            of_these = among(_T.place, places[start : start + _ROWS_AT_ONCE], self._engine.dialect)
            statement = select(_T.place, _T.asked, _T.until).where(of_these, _T.until > today)
            async with reading(self._engine) as connection:
                held |= {row["place"]: row for row in (await connection.execute(statement)).mappings()}
        return held

    async def _kept(self, rows: Sequence[dict[str, Any]], today: date) -> dict[bytes, Mapping[str, Any]]:
        """Add the last question of each row to what is there, unless it is full; return what then is."""
        found = await self._written(self._upsert(rows, today))
        return {row["place"]: row for row in found}

    def _upsert(self, rows: Sequence[dict[str, Any]], today: date) -> Any:
        inserted = upsert(ASKED_ARGUMENTS, self._engine.dialect)
        if self._engine.dialect.name == "postgresql":
            arrays = {
                name: bindparam(None, [row[name] for row in rows], postgresql.ARRAY(kind), unique=True)
                for name, kind in _KINDS.items()
            }
            unnested = select(*(func.unnest(array) for array in arrays.values()))
            return _added(inserted.from_select(list(arrays), unnested), func.strpos, today)
        return _added(inserted.values(list(rows)), func.instr, today)

    async def _written(self, statement: Any) -> Sequence[Mapping[str, Any]]:
        try:
            async with writing(self._engine) as connection:
                return await _mappings(connection, statement)
        except (SQLAlchemyError, StateUnavailable) as error:
            _log.error("questions not counted", error=type(error).__name__)
        raise StateUnavailable("what has been asked cannot be counted now")


async def _mappings(connection: AsyncConnection, statement: Any) -> Sequence[Mapping[str, Any]]:
    result = await connection.execute(statement)
    return [dict(row) for row in result.mappings()] if result.returns_rows else ()


def _added(insert: Any, position_of: Any, today: date) -> Any:
    """Return the statement that appends a row's last question to those of the same place, unless it is full."""
    new = insert.excluded
    question = func.substr(new.asked, func.length(new.asked) - _DIGEST + 1)
    over = _T.until <= today
    asked: ColumnElement[str] = case(
        (over, new.asked),
        (position_of(_T.asked, question) > 0, _T.asked),
        (func.length(_T.asked) >= new.most, _T.asked),
        else_=_T.asked + question,
    )
    changed = {"asked": asked, "until": case((over, new.until), else_=_T.until), "most": new.most}
    added = insert.on_conflict_do_update(index_elements=[_T.place], set_=changed)
    return added.returning(_T.place, _T.asked, _T.until)


def _asked(entry: _BudgetRow, held: Mapping[bytes, Mapping[str, Any]]) -> frozenset[str]:
    """Return what was asked at the place, also under an earlier master secret, and of whom it was before."""
    asked = (held[place]["asked"] for place in entry.places if place in held)
    return frozenset(digest for text in asked for digest in _digests(text))


def _digests(asked: str) -> Iterable[str]:
    return (asked[start : start + _DIGEST] for start in range(0, len(asked), _DIGEST))


def _is_new(entry: _BudgetRow, held: Mapping[bytes, Mapping[str, Any]]) -> bool:
    asked = _asked(entry, held)
    return not entry.known(asked) and len(asked) * _DIGEST < entry.most


def _row(entry: _BudgetRow, held: Mapping[bytes, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the row to be kept, with the room that what is counted elsewhere leaves in it.

    What an earlier master secret's has counted, or that of whom it was before, goes on in a new row.
    """
    asked, kept = _asked(entry, held), held.get(entry.places[0])
    if kept is not None:
        elsewhere = len(asked.difference(_digests(kept["asked"])))
        own = {"asked": entry.questions[0], "most": entry.most - elsewhere * _DIGEST, "until": entry.until}
        return {"place": entry.places[0], **own}
    until = [held[place]["until"] for place in entry.places if place in held]
    counted = "".join(sorted(asked)) + entry.questions[0]
    return {"place": entry.places[0], "asked": counted, "most": entry.most, "until": max(until, default=entry.until)}
