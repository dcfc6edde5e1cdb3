"""What sources over several registers share: their parts, and answers of which some did not come."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from connectors.errors import NotOffered, PartlyAvailable, SourceUnavailable
from connectors.faults import kept
from connectors.record import Record
from connectors.source import Order, Row, Source
from connectors.values.comparison import ORDER_OF_KIND

Answer = TypeVar("Answer")


class Replies(NamedTuple):
    """Rows by register, in the order of the registers, and an error for each register that did not answer."""

    rows: Mapping[str, Sequence[Row]]
    missing: Sequence[SourceUnavailable]


class Parts:
    """The registers of one record, in their order."""

    def __init__(self, record: Record, sources: Sequence[Source]) -> None:
        self.record = record
        self._sources = {source.register: source for source in sources}
        # where no register has declared an order: enough for rows of a look-up
        self._compared = {name: ORDER_OF_KIND[kind] for name, kind in record.columns.items()}

    @property
    def register(self) -> str:
        return ", ".join(self._sources)

    @property
    def registers(self) -> tuple[str, ...]:
        return tuple(self._sources)

    async def ready(self) -> None:
        """Return when one register answers and none is other than configured: one away does not end the service."""
        answers = await settled({name: source.ready() for name, source in self._sources.items()})
        missing = [answer for answer in answers.values() if answer is not None]
        if len(missing) == len(answers):
            raise missing[0]

    async def close(self) -> None:
        await asyncio.gather(*(source.close() for source in self._sources.values()))

    def _with_order(self, columns: tuple[str, ...], order: Sequence[Order]) -> tuple[str, ...]:
        """Return the columns with the key and the order's columns behind them."""
        return tuple(dict.fromkeys((*columns, self.record.key, *(term.column for term in order))))


async def replies_of(questions: Mapping[str, Awaitable[Sequence[Row]]]) -> Replies:
    """Return what each register answered. Raises SourceUnavailable where none did."""
    answers = await settled(questions)
    missing = [answer for answer in answers.values() if isinstance(answer, SourceUnavailable)]
    if missing and len(missing) == len(answers):
        raise missing[0]
    rows = {name: answer for name, answer in answers.items() if not isinstance(answer, SourceUnavailable)}
    return Replies(rows, missing)


async def settled(questions: Mapping[str, Awaitable[Answer]]) -> dict[str, Answer | SourceUnavailable]:
    """Return each register's answer, or why it did not answer in time.

    Raises what else went wrong, and NotOffered: a register without lists leaves no gap, it makes lists impossible.
    """
    answers = await asyncio.gather(*questions.values(), return_exceptions=True)
    settled: dict[str, Answer | SourceUnavailable] = {}
    for name, answer in zip(questions, answers, strict=True):
        if isinstance(answer, BaseException) and (
            isinstance(answer, NotOffered) or not isinstance(answer, SourceUnavailable)
        ):
            raise answer
        settled[name] = answer
    return settled


def narrowed(rows: Sequence[Row], width: int) -> Sequence[Row]:
    if not rows or len(rows[0]) == width:
        return rows
    return kept([row[:width] for row in rows], rows)


def whole(rows: Sequence[Row], missing: Sequence[SourceUnavailable]) -> Sequence[Row]:
    """Return the rows of all registers. Raises PartlyAvailable with them where some did not answer."""
    if missing:
        raise PartlyAvailable(rows, missing)
    return rows
