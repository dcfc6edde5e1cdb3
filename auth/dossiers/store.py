"""Dossiers as they are kept: opened, named by their client, listed and closed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.writing.outbox import note
from auth.crypto.keys import Key, Keys
from auth.dossiers.terms import Opener, Opening, StoredDossier, StoredDossierOutcome
from auth.errors import Refused
from auth.state.engine import one_at_a_time, reading, writing
from auth.state.sets import among
from auth.state.tables import DOSSIERS
from reference.vietnam_time import VIETNAM

MOST_A_DAY = 5
"""Dossiers that a citizen may open for one procedure with one agency in a day, withdrawn ones included."""
_COLUMNS = DOSSIERS.c


class Dossiers:
    """The dossiers of every agency. Subjects are pseudonyms; nothing is remembered from one request to the next."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys

    async def open(self, opening: Opening, subject: Key, at: datetime, on: date) -> StoredDossier:
        """Keep a dossier and return it; of the citizen's own making the one that is open already, if there is one.

        Raises Refused where the client has another dossier of the number.
        """
        async with writing(self._engine) as connection:
            await one_at_a_time(connection, self._keys.pseudonym(subject))
            await one_at_a_time(connection, sha256(f"{opening.client_id}\0{opening.number}".encode()).digest())
            same = await self._same(connection, opening, subject, at, on)
            if same is not None:
                return same
            statement = insert(DOSSIERS).values(self._row(opening, subject, at)).returning(DOSSIERS)
            row = (await connection.execute(statement)).one()
            await note(connection, [row.subject])
            return _dossier(row)

    async def named(self, client_id: str, number: str, on: date) -> StoredDossier | None:
        """Return the client's dossier of that number if it is open on the day, read anew each time."""
        async with reading(self._engine) as connection:
            row = (await connection.execute(select(DOSSIERS).where(*_numbered(client_id, number)))).one_or_none()
        dossier = None if row is None else _dossier(row)
        return dossier if dossier is not None and dossier.is_open(on) else None

    async def of_subjects(self, subjects: Collection[Key]) -> Mapping[Key, list[StoredDossier]]:
        """Return the dossiers of each subject, the newest first."""
        of_pseudonym = {made: subject for subject in subjects for made in self._keys.pseudonyms(subject)}
        statement = select(DOSSIERS).where(self._about(subjects)).order_by(_COLUMNS.id.desc())
        found: dict[Key, list[StoredDossier]] = {subject: [] for subject in subjects}
        async with reading(self._engine) as connection:
            for row in await connection.execute(statement):
                found[of_pseudonym[row.subject]].append(_dossier(row))
        return found

    async def of_client(
        self, client_id: str, procedures: Collection[str], first: int, before: int | None
    ) -> list[StoredDossier]:
        """Return at most `first` of the client's dossiers of these procedures, the newest first, those before one."""
        mine = (_COLUMNS.client_id == client_id, _COLUMNS.procedure.in_(sorted(procedures)))
        statement = select(DOSSIERS).where(*mine).order_by(_COLUMNS.id.desc()).limit(first)
        if before is not None:
            statement = statement.where(_COLUMNS.id < before)
        async with reading(self._engine) as connection:
            return [_dossier(row) for row in await connection.execute(statement)]

    async def close(
        self, client_id: str, number: str, procedures: Collection[str], outcome: StoredDossierOutcome, at: datetime
    ) -> StoredDossier:
        """Close a client's dossier of one of the procedures. Raises Refused where there is none that is not closed."""
        mine = (*_numbered(client_id, number), _COLUMNS.procedure.in_(sorted(procedures)))
        return await self._closed(mine, outcome, at, "`number` is not an open dossier of this client and purpose")

    async def withdraw(self, id: int, subjects: Collection[Key], at: datetime) -> StoredDossier:
        """Close a dossier of one of the subjects. Raises Refused where there is none that is not closed."""
        own = (_COLUMNS.id == id, self._about(subjects))
        return await self._closed(own, StoredDossierOutcome.WITHDRAWN, at, "`id` is not an open dossier of yours")

    async def _closed(
        self, which: Sequence[ColumnElement[bool]], outcome: StoredDossierOutcome, at: datetime, refusal: str
    ) -> StoredDossier:
        statement = (
            update(DOSSIERS)
            .where(*which, _COLUMNS.closed_at.is_(None))
            .values(closed_at=at, outcome=outcome.value)
            .returning(DOSSIERS)
        )
        async with writing(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                raise Refused(refusal)
            await note(connection, [row.subject])
            return _dossier(row)

    async def _same(
        self, connection: AsyncConnection, opening: Opening, subject: Key, at: datetime, on: date
    ) -> StoredDossier | None:
        """Return the dossier that is there already: an agency's of this number, or a citizen's that is still open."""
        mine = (_COLUMNS.procedure == opening.procedure, self._about([subject]))
        if opening.opened_by is not Opener.AGENCY:
            statement = select(DOSSIERS).where(*mine, _COLUMNS.client_id == opening.client_id).order_by(_COLUMNS.id)
            found = [_dossier(row) for row in await connection.execute(statement)]
            still_open = next((dossier for dossier in found if dossier.is_open(on)), None)
            if (
                still_open is None
                and sum(dossier.opened_at > at - timedelta(days=1) for dossier in found) >= MOST_A_DAY
            ):
                raise Refused(f"more than {MOST_A_DAY} dossiers of one procedure were opened there within a day")
            return still_open
        numbered = _numbered(opening.client_id, opening.number)
        taken = (await connection.execute(select(_COLUMNS.id).where(*numbered))).one_or_none()
        if taken is None:
            return None
        row = (await connection.execute(select(DOSSIERS).where(*numbered, *mine))).one_or_none()
        if row is None or not _dossier(row).is_open(on):
            raise Refused("`number` is that of another dossier of this client")
        return _dossier(row)

    def _about(self, subjects: Collection[Key]) -> ColumnElement[bool]:
        pseudonyms = [made for subject in subjects for made in self._keys.pseudonyms(subject)]
        return among(_COLUMNS.subject, pseudonyms, self._engine.dialect)

    def _row(self, opening: Opening, subject: Key, at: datetime) -> dict[str, Any]:
        return {
            "client_id": opening.client_id,
            "number": opening.number,
            "procedure": opening.procedure,
            "subject": self._keys.pseudonym(subject),
            "recipient_subject": opening.subject_at_client,
            "opened_at": at,
            "opened_by": opening.opened_by.value,
            "due": opening.due,
            "open_until": opening.open_until,
        }


def _numbered(client_id: str, number: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _COLUMNS.client_id == client_id, _COLUMNS.number == number


def _dossier(row: Row[Any]) -> StoredDossier:
    opening = Opening(
        client_id=row.client_id,
        procedure=row.procedure,
        number=row.number,
        opened_by=Opener(row.opened_by),
        due=row.due,
        open_until=row.open_until,
        subject_at_client=row.recipient_subject,
    )
    outcome = None if row.outcome is None else StoredDossierOutcome(row.outcome)
    closed_at = None if row.closed_at is None else row.closed_at.astimezone(VIETNAM)
    return StoredDossier(row.id, opening, row.subject, row.opened_at.astimezone(VIETNAM), closed_at, outcome)
