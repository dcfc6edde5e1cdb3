"""Alarms of a period: clients stopped, break-glass access, chains broken or unsigned, many refusals.

Nothing here is a list of its own that could be forgotten or edited: stops are kept where the harvest guard keeps them,
readings in emergencies with their reviews, the rest is found in the record each time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

import orjson
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import ChainedEntry, chain_breaks
from auth.audit.log.kept import CHECKED, kept
from auth.audit.oversight.minimisation import check_number
from auth.audit.oversight.search import Search, period
from auth.audit.proof.verify import UNSIGNED_S
from auth.crypto.audit_keys import RecordKeys
from auth.emergencies import counted_readings
from auth.limits.harvest import MISS_WEIGHT, HarvestStop, StopReason, stops
from auth.principal import PrincipalKind
from auth.state.engine import reading
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS, AUDIT_WRITERS, EMERGENCY_READINGS
from reference.vietnam_time import day_of

LEAST_REFUSED = 50
"""Operations a day that got nothing but denials: fewer are no spike, whatever their share."""
_CHECKED_AT_ONCE = 10_000
"""Unsigned entries of one chain that are checked; a signed root vouches for those under it."""


class AlarmKindValue(Enum):
    """What was found."""

    HARVEST_STOPPED = "harvest stopped"
    HARVEST_SLOWED = "harvest slowed"
    MISSES_STOPPED = "misses stopped"
    CHAIN_BROKEN = "chain broken"
    NOT_SIGNED = "not signed"
    DENIALS = "denials"
    BREAK_GLASS_USED = "break-glass used"
    NOT_OURS = "not ours"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One finding.

    `count` of `total`: what the harvest guard counted of its limit (persons, misses, or persons when they came faster
    than a minute's limit), operations refused of all, or persons read about.

    `writer` and `entry` name the first bad entry of a chain.
    """

    kind: AlarmKindValue
    at: datetime
    client_id: str | None = None
    purpose: str | None = None
    day: date | None = None
    count: int | None = None
    total: int | None = None
    writer: int | None = None
    entry: int | None = None


async def alarms(engine: AsyncEngine, keys: RecordKeys, since: datetime, until: datetime, most: int) -> list[Alarm]:
    """Return what was found of a period (`until` left out), the newest first; chains are checked as they are now.

    Raises StateUnavailable, and Refused for a period with more than `most` operations.
    """
    found = [_stopped(stop) for stop in await stops(engine, since, until)]
    async with reading(engine, PATIENT_S) as connection:
        search = Search(since=since, until=until)
        await check_number(connection, search, most)
        found += await _emergencies(connection, since, until)
        found += await _of_operations(connection, keys, search)
        found += await _chains(connection, keys, datetime.now(UTC))
    return sorted(found, key=lambda alarm: alarm.at, reverse=True)


def _stopped(stop: HarvestStop) -> Alarm:
    kind, counted = {
        StopReason.SUBJECTS: (AlarmKindValue.HARVEST_STOPPED, stop.subjects + MISS_WEIGHT * stop.misses),
        StopReason.MISSES: (AlarmKindValue.MISSES_STOPPED, stop.misses),
        StopReason.PACE: (AlarmKindValue.HARVEST_SLOWED, stop.subjects),
    }[StopReason(stop.reason)]
    return Alarm(kind, stop.at, stop.client_id, stop.purpose, stop.day, counted, stop.limit)


async def _emergencies(connection: AsyncConnection, since: datetime, until: datetime) -> list[Alarm]:
    """Return the operations that used break-glass access, reviewed or not."""
    at = EMERGENCY_READINGS.c.at
    return [
        Alarm(
            AlarmKindValue.BREAK_GLASS_USED,
            reading_row.at,
            reading_row.client_id,
            reading_row.purpose,
            day_of(reading_row.at),
            reading_row.subjects,
        )
        for reading_row in await connection.execute(counted_readings().where(at >= since, at < until))
    ]


async def _of_operations(connection: AsyncConnection, keys: RecordKeys, search: Search) -> list[Alarm]:
    """Return the days on which most of what a client asked for a purpose was refused, and entries that are not ours."""
    operations: Counter[tuple[str, str, date]] = Counter()
    refused: Counter[tuple[str, str, date]] = Counter()
    last: dict[tuple[str, str, date], datetime] = {}
    foreign: dict[int, Alarm] = {}
    entries = select(*CHECKED).where(*period(search)).order_by(AUDIT_ENTRIES.c.at)
    async for row in await connection.stream(entries):
        own = kept(keys, row)
        if own is None:
            foreign.setdefault(
                row.writer, Alarm(AlarmKindValue.NOT_OURS, row.at, writer=row.writer, entry=row.sequence)
            )
        elif own.stated["principal_kind"] == PrincipalKind.CLIENT.value:
            key = row.client_id, row.purpose, day_of(row.at)
            operations[key] += 1
            if own.stated["denied"] and not own.stated["released"]:
                refused[key] += 1
                last[key] = row.at
    return [*foreign.values(), *_spikes(operations, refused, last)]


def _spikes(
    operations: Counter[tuple[str, str, date]],
    refused: Counter[tuple[str, str, date]],
    last: Mapping[tuple[str, str, date], datetime],
) -> list[Alarm]:
    return [
        Alarm(AlarmKindValue.DENIALS, last[key], *key, number, operations[key])
        for key, number in refused.items()
        if number >= LEAST_REFUSED and 2 * number > operations[key]
    ]


async def _chains(connection: AsyncConnection, keys: RecordKeys, now: datetime) -> list[Alarm]:
    """Return the chains with an entry under no root that is broken, or should long have had one."""
    found = []
    for writer, signed in await _behind(connection):
        entries = await _after(connection, writer, signed)
        broken = _break_in(entries, signed, keys)
        if broken is not None:
            found.append(Alarm(AlarmKindValue.CHAIN_BROKEN, now, writer=writer, entry=broken))
            continue
        waiting = entries[1] if signed else entries[0]
        if now - datetime.fromisoformat(orjson.loads(waiting.body)["at"]) > timedelta(seconds=UNSIGNED_S):
            found.append(Alarm(AlarmKindValue.NOT_SIGNED, now, writer=writer, entry=signed + 1))
    return found


async def _behind(connection: AsyncConnection) -> Sequence[tuple[int, int]]:
    """Return the writers whose chains reach beyond their last root, and how far each is signed."""
    entry, root = AUDIT_ENTRIES.c, AUDIT_ROOTS.c
    length = select(func.max(entry.sequence)).where(entry.writer == AUDIT_WRITERS.c.id).scalar_subquery()
    signed = select(func.max(root.size)).where(root.writer == AUDIT_WRITERS.c.id).scalar_subquery()
    so_far = func.coalesce(signed, 0)
    found = await connection.execute(select(AUDIT_WRITERS.c.id, so_far).where(length > so_far))
    return [(row[0], row[1]) for row in found]


async def _after(connection: AsyncConnection, writer: int, signed: int) -> Sequence[Row[Any]]:
    """Return the last entry that is signed, if any is, and those after it."""
    entry = AUDIT_ENTRIES.c
    statement = (
        select(*CHECKED)
        .where(entry.writer == writer, entry.sequence >= max(signed, 1))
        .order_by(entry.sequence)
        .limit(_CHECKED_AT_ONCE)
    )
    return (await connection.execute(statement)).all()


def _break_in(entries: Sequence[Row[Any]], signed: int, keys: RecordKeys) -> int | None:
    """Return the first entry beyond the last root that does not follow, or that no process of ours wrote."""
    chained = [ChainedEntry(entry.writer, entry.sequence, entry.body, entry.hash) for entry in entries]
    if signed and chained[0].sequence != signed:
        return signed
    unsigned = entries[1:] if signed else entries
    broken = chain_breaks(chained[1:], chained[0].hash, signed + 1) if signed else chain_breaks(chained)
    foreign = next((entry.sequence for entry in unsigned if kept(keys, entry) is None), None)
    return min((sequence for sequence in (broken, foreign) if sequence is not None), default=None)
