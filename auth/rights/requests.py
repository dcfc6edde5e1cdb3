"""Requests of data subjects as they are kept: submitted, answered, withdrawn, and queued for who must answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.writing.outbox import note
from auth.crypto.free_text import SealedWords
from auth.crypto.keys import Key, Keys
from auth.errors import Refused
from auth.rights.terms import (
    ANSWERS,
    Claim,
    FreeText,
    Responsibility,
    Right,
    RightsReply,
    State,
    StoredRightsRequest,
    StoredRightsStep,
)
from auth.state.engine import reading, writing
from auth.state.sets import among
from auth.state.tables import RIGHTS_REQUESTS, RIGHTS_STEPS
from reference.rights import clock, grounds
from reference.vietnam_time import day_of

Position = tuple[date, int]
"""Due day and number of a queued request: unique, and what a cursor holds."""

_NOT_YOURS = "`id` is not one of yours"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Open requests, the one due first at the head; `has_next` tells whether more follow."""

    requests: tuple[StoredRightsRequest, ...]
    has_next: bool


class Rights:
    """The requests of everybody. Subjects are pseudonyms, what was written is sealed, steps are only ever added."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys
        self._sealed_words = SealedWords(keys, "rights")

    async def submit(self, claim: Claim, by: Key, client_id: str, at: datetime) -> StoredRightsRequest:
        """Keep the claim about `claim.words.person` and return the request with its clocks running.

        `by` is that person, or someone whom the caller has found to be the guardian. Raises NoClock where the law
        that the table knows gives no term.
        """
        received = day_of(at)
        acknowledge_by = clock(claim.right.value, "acknowledge", False, received).ends(received)
        complete_by = clock(claim.right.value, "complete", False, received).ends(received)
        subject = self._keys.pseudonym(claim.words.person)
        row = {
            "subject": subject,
            "submitted_by": self._keys.pseudonym(by),
            "kind": claim.right.value,
            "register": claim.register,
            "province_code": claim.province_code,
            "coordinate": claim.coordinate,
            "words": self._sealed_words.seal(claim.words.as_json(), subject),
            "submitted_at": at,
            "acknowledge_by": acknowledge_by,
            "complete_by": complete_by,
            "state": State.SUBMITTED.value,
            "due": min(acknowledge_by, complete_by),
        }
        async with writing(self._engine) as connection:
            statement = insert(RIGHTS_REQUESTS).values(row).returning(RIGHTS_REQUESTS)
            kept: Row[Any] = (await connection.execute(statement)).one()
            await _add(connection, kept.id, StoredRightsStep(State.SUBMITTED, at, client_id, None, complete_by))
            await note(connection, [subject])
            return (await self._requests(connection, [kept]))[0]

    async def withdraw(
        self, number: int, subjects: Collection[Key], client_id: str, at: datetime
    ) -> StoredRightsRequest:
        """Close a request about one of the subjects. Raises Refused where there is none or it is closed already."""
        async with writing(self._engine) as connection:
            row = await self._locked(connection, number, self._about(subjects))
            if row.due is None:
                raise Refused("`id` is a request that is closed already")
            await _move(
                connection, row, StoredRightsStep(State.WITHDRAWN, at, client_id, None, row.complete_by), due=None
            )
            return await self._again(connection, number)

    async def answer(self, number: int, by: Responsibility, answer: RightsReply, at: datetime) -> StoredRightsRequest:
        """Put a request into the state that the responsible client answers with.

        Raises Refused where the client does not answer for it, the state does not follow from the present one, or a
        refusal has no legal ground of this kind of request.
        """
        async with writing(self._engine) as connection:
            row = await self._locked(connection, number, _within(by))
            _check(row, answer, day_of(at))
            complete_by = _complete_by(row, answer)
            due = complete_by if ANSWERS.get(answer.state) else None
            step = StoredRightsStep(answer.state, at, answer.client_id, answer.ground, complete_by)
            await _move(connection, row, step, due)
            return await self._again(connection, number)

    async def of_subjects(self, subjects: Collection[Key]) -> list[StoredRightsRequest]:
        """Return every request about the subjects, the newest first."""
        async with reading(self._engine) as connection:
            statement = select(RIGHTS_REQUESTS).where(self._about(subjects)).order_by(RIGHTS_REQUESTS.c.id.desc())
            return await self._requests(connection, (await connection.execute(statement)).all())

    async def queue(self, by: Responsibility, first: int, after: Position | None) -> QueuePage:
        """Return open requests that a client answers for, overdue ones first."""
        place = (RIGHTS_REQUESTS.c.due, RIGHTS_REQUESTS.c.id)
        statement = select(RIGHTS_REQUESTS).where(_within(by), RIGHTS_REQUESTS.c.due.is_not(None))
        if after is not None:
            statement = statement.where(tuple_(*place) > tuple_(literal(after[0]), literal(after[1])))
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement.order_by(*place).limit(first + 1))).all()
            return QueuePage(tuple(await self._requests(connection, rows[:first])), len(rows) > first)

    def _about(self, subjects: Collection[Key]) -> ColumnElement[bool]:
        pseudonyms = [pseudonym for subject in subjects for pseudonym in self._keys.pseudonyms(subject)]
        return among(RIGHTS_REQUESTS.c.subject, pseudonyms, self._engine.dialect)

    async def _locked(self, connection: AsyncConnection, number: int, mine: ColumnElement[bool]) -> Row[Any]:
        """Return the row, which nobody else may change until the transaction ends; SQLite has one writer anyway."""
        statement = select(RIGHTS_REQUESTS).where(RIGHTS_REQUESTS.c.id == number, mine).with_for_update()
        row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise Refused(_NOT_YOURS)
        return row

    async def _again(self, connection: AsyncConnection, number: int) -> StoredRightsRequest:
        row = (await connection.execute(select(RIGHTS_REQUESTS).where(RIGHTS_REQUESTS.c.id == number))).one()
        return (await self._requests(connection, [row]))[0]

    async def _requests(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[StoredRightsRequest]:
        """Return the rows as requests, in their order, with one statement for all their histories."""
        steps = await _histories(connection, [row.id for row in rows])
        return [self._request(row, tuple(steps[row.id])) for row in rows]

    def _request(self, row: Row[Any], history: tuple[StoredRightsStep, ...]) -> StoredRightsRequest:
        words = FreeText.parsed(self._sealed_words.open(row.words, row.subject))
        return StoredRightsRequest(
            id=row.id,
            claim=Claim(Right(row.kind), row.register, words, row.coordinate, row.province_code),
            submitted_at=row.submitted_at,
            acknowledge_by=row.acknowledge_by,
            complete_by=row.complete_by,
            state=State(row.state),
            due=row.due,
            history=history,
        )


def _within(by: Responsibility) -> ColumnElement[bool]:
    registers = RIGHTS_REQUESTS.c.register.in_(sorted(by.registers))
    if by.jurisdiction.country:
        return registers
    return and_(registers, RIGHTS_REQUESTS.c.province_code.in_(sorted(by.jurisdiction.provinces)))


def _check(row: Row[Any], answer: RightsReply, on: date) -> None:
    if answer.state not in ANSWERS.get(State(row.state), ()):
        raise Refused("`decision` does not follow from the state that the request is in")
    if (answer.state is State.REFUSED) != (answer.ground is not None):
        raise Refused("`reason` is given with a refusal, and only there")
    if answer.ground is not None and answer.ground not in {ground.name for ground in grounds(row.kind, on)}:
        raise Refused("`reason` is not a legal ground for refusing a request of this kind")


def _complete_by(row: Row[Any], answer: RightsReply) -> date:
    """Return the last day of the request as it now is, by the rule of the day on which it was received."""
    if answer.third_parties is None:
        return row.complete_by  # type: ignore[no-any-return]
    received = day_of(row.submitted_at)
    return clock(row.kind, "complete", answer.third_parties, received).ends(received)


async def _move(connection: AsyncConnection, row: Row[Any], step: StoredRightsStep, due: date | None) -> None:
    now = {"state": step.state.value, "complete_by": step.complete_by, "due": due}
    await connection.execute(update(RIGHTS_REQUESTS).where(RIGHTS_REQUESTS.c.id == row.id).values(now))
    await _add(connection, row.id, step)
    await note(connection, [row.subject])


async def _add(connection: AsyncConnection, number: int, step: StoredRightsStep) -> None:
    row = {"state": step.state.value, "at": step.at, "client_id": step.client_id, "ground": step.ground}
    statement = insert(RIGHTS_STEPS).values(request=number, complete_by=step.complete_by, **row)
    await connection.execute(statement)


async def _histories(connection: AsyncConnection, numbers: Sequence[int]) -> Mapping[int, list[StoredRightsStep]]:
    steps: dict[int, list[StoredRightsStep]] = {number: [] for number in numbers}
    if not numbers:
        return steps
    mine = among(RIGHTS_STEPS.c.request, numbers, connection.dialect)
    for row in await connection.execute(select(RIGHTS_STEPS).where(mine).order_by(RIGHTS_STEPS.c.id)):
        steps[row.request].append(
            StoredRightsStep(State(row.state), row.at, row.client_id, row.ground, row.complete_by)
        )
    return steps
