"""Who read what of the citizen who asks, or of a child in one's care: the same log that officers read."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from auth.audit.log.chain import parts_of
from auth.audit.proof.usage_proof import UsageProofValue
from auth.audit.usage.entries import UsageEntry, UsagePage
from auth.crypto.audit_keys import Origin
from auth.errors import Refused
from auth.policy.decisions import Denial
from auth.principal import Fact, PrincipalKind
from connectors.errors import SourceUnavailable
from connectors.source import Key
from resolvers.audit.proofs import proofs_asked
from resolvers.audit.words import DeniedValue, RuleValue, UsedFieldValue, denied_of, fields_of, rules_of
from resolvers.reference_executor.loaders import RowsLoader, load
from resolvers.reference_executor.pages import PageInfoValue, checked_first, page_info
from resolvers.request.memo import MemoKey
from resolvers.request.person_records import RecordKey, queries_of_keys
from resolvers.request.request import Request

CURSOR = "cursor Me.dataUsage"
PROVED_WITHIN = timedelta(seconds=60)
"""How soon an entry has a signed root over it (auth/audit/writing/signer.py keeps half of that)."""


class UsageLog:
    """One page of one person's log, read once whatever is selected of it."""

    def __init__(self, request: Request, subject: Key, coordinate: str, first: int | None, after: str | None) -> None:
        """Raises Refused for a page that cannot be."""
        self._size = checked_first(first)
        self._after: Any = None if after is None else request.open_cursor(after, CURSOR, 3)
        self.request = request
        self._subject = subject
        self._coordinate = coordinate
        self._page: asyncio.Task[tuple[UsagePage, bool]] | None = None
        self._proofs = proofs_asked(request)
        self._proofs.expect(self._entries)

    async def nodes(self) -> "list[UsageValue]":
        """Return the operations that concerned the person, the newest first."""
        page, _ = await self._read()
        return [UsageValue.of(entry, self) for entry in page.entries]

    async def page_info(self) -> PageInfoValue:
        page, _ = await self._read()
        positions = [entry.position for entry in page.entries]
        info = page_info(self.request, CURSOR, positions, page.has_next, self._after)
        if page.whole or page.last is None:
            return info
        return replace(info, end_cursor=self.request.sealer.seal(CURSOR, page.last))  # beyond what was left out

    async def complete(self) -> bool:
        """Tell whether all that the person was asked under could be found out, and all that stands there is ours."""
        return (await self._read())[1]

    async def proof(self, entry: UsageEntry) -> UsageProofValue | None:
        """Return the proof of an entry of the page; None while there is none."""
        return await self._proofs.proof(entry)

    async def _entries(self) -> Sequence[UsageEntry]:
        return (await self._read())[0].entries

    async def _read(self) -> tuple[UsagePage, bool]:
        if self._page is None:
            self._page = asyncio.ensure_future(self._load())
        return await asyncio.shield(self._page)

    async def _load(self) -> tuple[UsagePage, bool]:
        also = await asked_under(self.request, self._subject, self._coordinate)
        page = await self.request.services.audit.usage(
            self._subject, also or (), self.request.today, self._size, self._after
        )
        return page, also is not None and page.whole


@dataclass(frozen=True, slots=True)
class UsageValue:
    """One operation about the person; what takes work is worked out when it is selected."""

    at: datetime
    client: str
    purpose: str
    case: str | None
    agreement: str | None
    request_id: str
    released: list[str]
    subjects: str | None
    hidden_by: str | None
    hidden_until: date | None
    authenticated: bool
    entry: UsageEntry
    log: UsageLog

    @classmethod
    def of(cls, entry: UsageEntry, log: UsageLog) -> "UsageValue":
        return cls(
            entry.at,
            entry.client_id,
            entry.purpose,
            entry.case,
            entry.agreement,
            entry.request_id,
            list(entry.released),
            None if entry.band is None else entry.band.name,
            entry.hidden.citation if entry.hidden else None,
            entry.hidden.until if entry.hidden else None,
            entry.origin is Origin.WRITER,
            entry,
            log,
        )

    @property
    def fields(self) -> list[UsedFieldValue]:
        return fields_of(self.log.request, self.entry)

    @property
    def rules(self) -> list[RuleValue]:
        return rules_of(self.log.request, self.entry)

    @property
    def denied(self) -> list[DeniedValue]:
        return denied_of(self.log.request, self.entry)

    async def proof(self) -> UsageProofValue | None:
        return await self.log.proof(self.entry)

    async def proof_after(self) -> datetime | None:
        """Return when to ask for the proof again; None where it is there, or can never be."""
        if parts_of(self.entry.body) is None or await self.log.proof(self.entry) is not None:
            return None
        return max(self.entry.at, self.log.request.now) + PROVED_WITHIN


def log_of_caller(request: Request, first: int | None, after: str | None) -> UsageLog:
    """Return the citizen's own log. Raises Refused for others, and for an account that policy trusts too little."""
    return UsageLog(request, reader_of_own_log(request), request.coordinate, first, after)


def reader_of_own_log(request: Request) -> Key:
    """Return the citizen who asks. Raises Refused as above."""
    person = request.principal.person_key
    if request.principal.kind is not PrincipalKind.CITIZEN or person is None:
        raise Refused("only a citizen has a log of data usage", "UNAUTHENTICATED")
    outcome = request.table.outcome("data-usage", Fact.SELF)
    if isinstance(outcome, Denial):
        raise Refused("this account may not read the log of data usage", outcome.code)
    request.disclosure.rules.add((outcome.rule, outcome.basis))
    return person


def log_of_child(
    needs: Mapping[str, Any], request: Request, first: int | None = None, after: str | None = None
) -> UsageLog:
    """Return the log of the child whose guardianship the Gate has found to hold now."""
    return UsageLog(request, needs["child_key"], "Guardianship.dataUsage", first, after)


_RECORDS = MemoKey[list[tuple[str, int | None, RowsLoader]]]()


async def asked_under(request: Request, person: Key, coordinate: str) -> list[Key] | None:
    """Return the other keys under which a person may have been asked: those of the person's records, by verified links.

    None while a register that knows them is away: the log must be readable all the same.
    """

    def made() -> list[tuple[str, int | None, RowsLoader]]:
        queries = queries_of_keys(request, coordinate)
        return [(kind, query.positions[0], RowsLoader(request.gate, query, (), ())) for kind, query in queries.items()]

    asked = request.memo.of(_RECORDS, coordinate, made)
    try:
        rows_by_kind = await asyncio.gather(*(load(loader, person) for _, _, loader in asked))
    except SourceUnavailable:
        return None
    return [
        RecordKey(kind, row[place]).account
        for (kind, place, _), rows in zip(asked, rows_by_kind, strict=True)
        if place is not None
        for row in rows
    ]
