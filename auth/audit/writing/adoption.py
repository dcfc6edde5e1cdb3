"""Entries recorded before entries were tagged: those that stand under roots we signed are tagged now, marked as such.

What stands under no such root is left as it is, and is shown to nobody: who may write to our state could have put it
there. So it does no harm to look again at each start, and nobody can make us believe an entry by making it look old.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.log.chain import GENESIS, hash_of
from auth.audit.log.kept import CHECKED
from auth.audit.log.merkle import Frontier
from auth.audit.log.signed_roots import SignedTreeHead, kept_root, last_root
from auth.crypto.audit_keys import Origin, RecordKeys
from auth.state.engine import reading, writing
from auth.state.patience import PATIENT_S
from auth.state.tables import AUDIT_ENTRIES, AUDIT_ROOTS

_log = structlog.get_logger(__name__)


async def adopt(engine: AsyncEngine, keys: RecordKeys) -> None:
    """Tag the entries of before that are as we signed them; for others there is an alarm. Raises StateUnavailable."""
    entry = AUDIT_ENTRIES.c
    first_untagged = select(entry.writer, func.min(entry.sequence)).where(entry.tag.is_(None)).group_by(entry.writer)
    async with reading(engine, PATIENT_S) as connection:
        begun = (await connection.execute(first_untagged)).all()
    for writer, sequence in begun:
        adopted = await _adopt_of(engine, keys, writer, sequence)
        _log.info("audit entries of before taken over", writer=writer, entries=adopted)


async def _adopt_of(engine: AsyncEngine, keys: RecordKeys, writer: int, first: int) -> int:
    root = AUDIT_ROOTS.c
    adopted = 0
    async with reading(engine, PATIENT_S) as connection:
        before, frontier = await last_root(connection, keys.public, writer, up_to=first - 1) or (None, Frontier())
        covering = select(AUDIT_ROOTS).where(root.writer == writer, root.size >= first).order_by(root.size)
        rows = (await connection.execute(covering)).all()
    for row in rows:
        held = kept_root(row, keys.public)
        if held is None:
            _log.error("audit root not ours", alarm=True, root=row.number)
            continue
        async with writing(engine, PATIENT_S) as connection:
            window = await _window(connection, writer, frontier.size, row.size)
            if _as_signed(window, frontier, before.last if before else GENESIS, held[0]):
                adopted += await _tag(connection, keys, [entry for entry in window if entry.tag is None])
            else:
                _log.error("audit entries not as signed", alarm=True, writer=writer, entry=frontier.size + 1)
        before, frontier = held
    return adopted


async def _window(connection: AsyncConnection, writer: int, after: int, until: int) -> Sequence[Row[Any]]:
    entry = AUDIT_ENTRIES.c
    of_writer = select(*CHECKED).where(entry.writer == writer, entry.sequence > after, entry.sequence <= until)
    return (await connection.execute(of_writer.order_by(entry.sequence))).all()


def _as_signed(window: Sequence[Row[Any]], before: Frontier, last: bytes, root: SignedTreeHead) -> bool:
    """Tell whether the entries between two roots are those that the later one was signed over."""
    frontier = Frontier(before.size, before.peaks)
    for entry in window:
        expected = hash_of(last, entry.writer, frontier.size + 1, entry.body.encode())
        if (entry.sequence, entry.hash) != (frontier.size + 1, expected):
            return False
        frontier.grow(entry.hash)
        last = entry.hash
    return (frontier.size, frontier.root()) == (root.size, root.root)


async def _tag(connection: AsyncConnection, keys: RecordKeys, entries: Sequence[Row[Any]]) -> int:
    if not entries:
        return 0
    entry = AUDIT_ENTRIES.c
    tags = [
        {
            "its_writer": row.writer,
            "its_sequence": row.sequence,
            "its_tag": keys.tag(row.writer, row.sequence, row.hash, row.body.encode(), Origin.EARLIER),
        }
        for row in entries
    ]
    place = (entry.writer == bindparam("its_writer"), entry.sequence == bindparam("its_sequence"))
    await connection.execute(update(AUDIT_ENTRIES).where(*place).values(tag=bindparam("its_tag")), tags)
    return len(tags)
