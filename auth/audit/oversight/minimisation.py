"""The minimisation report: what each client asks for, beside what it was granted and what was released to it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.kept import CHECKED, kept, tell_foreign
from auth.audit.oversight.search import Search, period
from auth.crypto.audit_keys import RecordKeys
from auth.errors import Refused
from auth.state.engine import reading
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES

Reader = tuple[str, str]
"""A client and the purpose it read for."""


class MinimisationFinding(Enum):
    """What an officer should look at."""

    NEVER_ASKED = "granted, never asked"
    NEVER_RELEASED = "asked, never released"


@dataclass(frozen=True, slots=True)
class CoordinateUse:
    """In how many operations a coordinate was asked, released and denied; one operation may do both for several rows.

    `granted` says whether the reader's grants and the policies can release it at all, None where that is not known.
    """

    coordinate: str
    asked: int
    released: int
    denied: int
    granted: bool | None = None

    @property
    def finding(self) -> MinimisationFinding | None:
        if self.asked == 0:
            return MinimisationFinding.NEVER_ASKED
        return MinimisationFinding.NEVER_RELEASED if self.released == 0 else None


@dataclass(frozen=True, slots=True)
class CountedReaderUse:
    """What one client did for one purpose, its coordinates in order of their names."""

    client_id: str
    purpose: str
    operations: int
    coordinates: tuple[CoordinateUse, ...]


@dataclass(slots=True)
class _Counts:
    operations: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    released: Counter[str] = field(default_factory=Counter)
    denied: Counter[str] = field(default_factory=Counter)

    def add(self, stated: Mapping[str, Any]) -> None:
        released = frozenset(stated["released"])
        denied = {coordinate for coordinate, _, _ in stated["denied"]}
        self.operations += 1
        self.asked.update(released | denied)
        self.released.update(released)
        self.denied.update(denied)


async def minimisation(
    engine: AsyncEngine,
    keys: RecordKeys,
    search: Search,
    granted: Mapping[Reader, frozenset[str]] | None = None,
    most: int | None = None,
) -> list[CountedReaderUse]:
    """Return the use that clients made of their grants, by client, purpose and period of the search.

    `granted` are the coordinates that a reader can be shown at all, by its grants and the policies: those never asked
    then show too. Entries that no process of ours wrote are left out, with an alarm. Raises StateUnavailable, and
    Refused for a period with more than `most` operations.
    """
    counts: dict[Reader, _Counts] = {}
    foreign: list[tuple[int, int]] = []
    async with reading(engine, PATIENT_S) as connection:
        await check_number(connection, search, most)
        async for row in await connection.stream(select(*CHECKED).where(*period(search))):
            own = kept(keys, row)
            if own is None:
                foreign.append((row.writer, row.sequence))
            else:
                counts.setdefault((row.client_id, row.purpose), _Counts()).add(own.stated)
    tell_foreign(foreign, "a report")
    for reader in granted or ():
        if search.client_id in (None, reader[0]) and search.purpose in (None, reader[1]):
            counts.setdefault(reader, _Counts())
    return [_use(reader, counts[reader], granted) for reader in sorted(counts)]


async def readers(engine: AsyncEngine, search: Search) -> list[Reader]:
    """Return who has read for what, in order. Raises StateUnavailable."""
    entry = AUDIT_ENTRIES.c
    statement = select(entry.client_id, entry.purpose).where(*period(search)).distinct()
    async with reading(engine, PATIENT_S) as connection:
        return sorted((row[0], row[1]) for row in await connection.execute(statement))


async def check_number(connection: AsyncConnection, search: Search, most: int | None) -> None:
    """Raise Refused where the search has more than `most` entries."""
    if most is not None:
        some = select(AUDIT_ENTRIES.c.writer).where(*period(search)).limit(most + 1).subquery()
        if (await connection.scalar(select(func.count()).select_from(some)) or 0) > most:
            raise Refused(f"more than {most} operations in this period: ask for a shorter one, or for one client")


def _use(reader: Reader, counts: _Counts, granted: Mapping[Reader, frozenset[str]] | None) -> CountedReaderUse:
    shown = None if granted is None else granted.get(reader)
    coordinates = tuple(
        CoordinateUse(
            coordinate,
            counts.asked[coordinate],
            counts.released[coordinate],
            counts.denied[coordinate],
            None if shown is None else coordinate in shown,
        )
        for coordinate in sorted({*counts.asked, *(shown or ())})
    )
    return CountedReaderUse(*reader, counts.operations, coordinates)
