"""Readings in emergencies: kept before they are answered, told to whom they concern, and reviewed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

import structlog
from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.writing.outbox import note
from auth.crypto.free_text import SealedWords
from auth.crypto.keys import Key, Keys
from auth.errors import Refused, StateUnavailable
from auth.state.engine import reading, writing
from auth.state.sets import among
from auth.state.tables import EMERGENCY_READINGS, EMERGENCY_SUBJECTS
from reference.vietnam_time import VIETNAM

_log = structlog.get_logger(__name__)
_READING, _SUBJECT = EMERGENCY_READINGS.c, EMERGENCY_SUBJECTS.c


class ReviewState(Enum):
    """What the review of a reading came to; OPEN: it waits."""

    OPEN = "OPEN"
    JUSTIFIED = "JUSTIFIED"
    UNJUSTIFIED = "UNJUSTIFIED"


@dataclass(frozen=True, slots=True)
class EmergencyUse:
    """One operation that used break-glass access. `request_id` is that of its audit entry."""

    client_id: str
    purpose: str
    at: datetime
    request_id: str
    reason: str = field(repr=False)
    hidden_until: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Who judged a reading, when, and in which words."""

    at: datetime
    by: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmergencyReadingValue:
    """A use as it is kept, with what became of it. `subjects`: how many it concerned."""

    id: int
    use: EmergencyUse
    subjects: int
    state: ReviewState
    review: Review | None


class Emergencies:
    """The readings of all clients. Subjects are pseudonyms; reasons and the words of reviews are sealed."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys
        self._sealed_words = SealedWords(keys, "emergencies")

    async def record(self, use: EmergencyUse, subjects: Collection[Key]) -> None:
        """Return when the use is durable; raises StateUnavailable where it is not known to be."""
        row = {
            "client_id": use.client_id,
            "purpose": use.purpose,
            "at": use.at,
            "request_id": use.request_id,
            "reason": self._sealed_words.seal(use.reason, use.request_id.encode()),
            "hidden_until": use.hidden_until,
            "state": ReviewState.OPEN.value,
        }
        try:
            async with writing(self._engine) as connection:
                statement = insert(EMERGENCY_READINGS).values(row).returning(_READING.id)
                number = (await connection.execute(statement)).scalar_one()
                pseudonyms = set(self._keys.pseudonyms_in_use(subjects))
                concerned = [{"subject": made, "reading": number} for made in pseudonyms]
                await note(connection, pseudonyms)
                if concerned:
                    await connection.execute(insert(EMERGENCY_SUBJECTS), concerned)
        except (SQLAlchemyError, StateUnavailable) as error:
            _log.error("emergency reading not kept", alarm=True, client_id=use.client_id, error=type(error).__name__)
            raise StateUnavailable("the emergency reading cannot be kept now") from None
        _log.warning(
            "glass broken",
            alarm=True,
            subjects=len(concerned),
            client_id=use.client_id,
            purpose=use.purpose,
            request_id=use.request_id,
        )

    async def of_subject(self, keys: Collection[Key], on: date) -> list[EmergencyReadingValue]:
        """Return the readings that concerned a subject, by its keys, the newest first, but those hidden on the day."""
        pseudonyms = [made for key in keys for made in self._keys.pseudonyms(key)]
        mine = select(_SUBJECT.reading).where(among(_SUBJECT.subject, pseudonyms, self._engine.dialect))
        shown = or_(_READING.hidden_until.is_(None), _READING.hidden_until < on)
        statement = counted_readings().where(_READING.id.in_(mine), shown).order_by(_READING.id.desc())
        async with reading(self._engine) as connection:
            return [self._reading(row) for row in await connection.execute(statement)]

    async def queue(self, state: ReviewState, first: int, after: int | None) -> list[EmergencyReadingValue]:
        """Return at most `first` readings in a state, the oldest first, those after one."""
        statement = counted_readings().where(_READING.state == state.value).order_by(_READING.id).limit(first)
        if after is not None:
            statement = statement.where(_READING.id > after)
        async with reading(self._engine) as connection:
            return [self._reading(row) for row in await connection.execute(statement)]

    async def review(self, number: int, justified: bool, review: Review) -> EmergencyReadingValue:
        """Judge a reading that waits, and not one's own. Raises Refused where there is none such."""
        async with writing(self._engine) as connection:
            waiting = (_READING.id == number, _READING.state == ReviewState.OPEN.value, _READING.client_id != review.by)
            row = (
                await connection.execute(counted_readings().where(*waiting).with_for_update(of=EMERGENCY_READINGS))
            ).one_or_none()
            if row is None:
                raise Refused("`id` is not a reading of somebody else that waits for review")
            state = ReviewState.JUSTIFIED if justified else ReviewState.UNJUSTIFIED
            judged = {
                "state": state.value,
                "reviewed_at": review.at,
                "reviewed_by": review.by,
                "words": self._sealed_words.seal(review.words, _of_review(row.request_id)),
            }
            await connection.execute(update(EMERGENCY_READINGS).where(_READING.id == number).values(judged))
            await note(connection, ())
            return self._reading((await connection.execute(counted_readings().where(_READING.id == number))).one())

    def _reading(self, row: Row[Any]) -> EmergencyReadingValue:
        reason = self._sealed_words.open(row.reason, row.request_id.encode())
        use = EmergencyUse(
            row.client_id, row.purpose, row.at.astimezone(VIETNAM), row.request_id, reason, row.hidden_until
        )
        review = None
        if row.words is not None:
            words = self._sealed_words.open(row.words, _of_review(row.request_id))
            review = Review(row.reviewed_at.astimezone(VIETNAM), row.reviewed_by, words)
        return EmergencyReadingValue(row.id, use, row.subjects, ReviewState(row.state), review)


def _of_review(request_id: str) -> bytes:
    return f"review of {request_id}".encode()


def counted_readings() -> Any:
    """Return the statement for readings, each with the number of its subjects."""
    subjects = select(func.count()).where(_SUBJECT.reading == _READING.id).scalar_subquery()
    return select(EMERGENCY_READINGS, subjects.label("subjects"))
