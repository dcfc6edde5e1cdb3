"""A register behind REST: batch look-ups only, keys in the body, never in a URL."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import orjson

from connectors.errors import NotOffered, SourceContractBroken, SourceError, SourceUnavailable
from connectors.faults import Fault, joined
from connectors.record import PERIOD_OF, Kind
from connectors.records import RECORDS
from connectors.source import Count, Lookup, Page, Row
from connectors.values import conversion
from connectors.values.conversion import Conversion, converted
from connectors.values.partial_dates import days, periods

CONVERSIONS: dict[Kind, Conversion] = {
    Kind.NUMBER: conversion.numbers,
    Kind.DATE: conversion.dates,
    Kind.INSTANT: conversion.instants,
}
CONVERSION_BY_COLUMN: dict[str, Conversion] = {
    **dict.fromkeys(PERIOD_OF, periods),
    **dict.fromkeys(PERIOD_OF.values(), days),
}
OVERLOADED = (408, 425, 429, 500, 502, 503, 504)


class RestSource:
    """The source on `POST {url}/v1/{record}/lookup`, authenticated by a bearer token.

    A look-up of more than `batch` keys is split; the parts run side by side, at most `calls` of all look-ups' parts at
    a time. The environment's proxies are not used: personal data goes where the configuration says.
    """

    def __init__(
        self, register: str, url: str, token: str, *, batch: int, calls: int, deadline_s: float, normalised: bool
    ) -> None:
        self._register, self._batch, self._normalised = register, batch, normalised
        self._turns = asyncio.Semaphore(calls)
        self._client = httpx2.AsyncClient(
            base_url=url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=deadline_s,
            limits=httpx2.Limits(max_connections=calls, max_keepalive_connections=calls),
            trust_env=False,
        )

    @property
    def register(self) -> str:
        return self._register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        parts = [lookup.keys[start : start + self._batch] for start in range(0, len(lookup.keys), self._batch)]
        if len(parts) == 1:
            return await self._part(lookup, parts[0])
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._part(lookup, keys)) for keys in parts]
        except* SourceError as failures:
            failure = next(iter(failures.exceptions))
        else:
            return joined([task.result() for task in tasks])
        raise failure

    async def page(self, page: Page) -> Sequence[Row]:
        raise NotOffered(self._register, "offers no lists")

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        raise NotOffered(self._register, "offers no lists")

    async def ready(self) -> None:
        response = await self._response("GET", "healthz", None)
        if response.status_code != 200:
            raise SourceUnavailable(self._register, f"is not well (status {response.status_code})")

    async def close(self) -> None:
        await self._client.aclose()

    async def _part(self, lookup: Lookup, keys: Sequence[Any]) -> Sequence[Row]:
        async with self._turns:
            response = await self._response("POST", f"v1/{lookup.record}/lookup", _body(lookup, keys))
        if response.status_code in OVERLOADED:
            raise SourceUnavailable(
                self._register, f"no answer for record `{lookup.record}` (status {response.status_code})"
            )
        if response.status_code != 200:
            raise self._broken(lookup.record, f"refused the question (status {response.status_code})")
        return self._rows(lookup, response.content)

    async def _response(self, method: str, path: str, body: bytes | None) -> httpx2.Response:
        try:
            return await self._client.request(method, path, content=body)
        except httpx2.DecodingError:
            failure: SourceError = SourceContractBroken(self._register, "its answer cannot be decoded")
        except httpx2.HTTPError as error:
            failure = SourceUnavailable(self._register, f"no answer ({type(error).__name__})")
        raise failure

    def _rows(self, lookup: Lookup, body: bytes) -> Sequence[Row]:
        rows = _read(body)
        asked = _columns(lookup)
        if rows is None or not set(map(type, rows)) <= {list} or not set(map(len, rows)) <= {len(asked)}:
            raise self._broken(lookup.record, "did not answer with rows of the columns asked for")
        if asked != lookup.columns:
            places = [asked.index(PERIOD_OF.get(name, name)) for name in lookup.columns]
            rows = [[row[place] for place in places] for row in rows]
        kinds = [(name, RECORDS[lookup.record].columns[name]) for name in lookup.columns]
        conversions = {i: found for i, named in enumerate(kinds) if (found := self._conversion(*named))}
        return converted(
            rows, conversions, lambda place, value: Fault(self._register, lookup.record, lookup.columns[place], value)
        )

    def _conversion(self, name: str, kind: Kind) -> Conversion | None:
        if name in CONVERSION_BY_COLUMN:
            return CONVERSION_BY_COLUMN[name]
        if kind is Kind.TEXT and not self._normalised:
            return conversion.nfc
        return CONVERSIONS.get(kind)

    def _broken(self, record: str, message: str) -> SourceContractBroken:
        return SourceContractBroken(self._register, f"record `{record}`: {message}")


def _columns(lookup: Lookup) -> tuple[str, ...]:
    """Return what is asked for: a date's column tells what is known of it too, which may be a year or a month."""
    return tuple(dict.fromkeys(PERIOD_OF.get(name, name) for name in lookup.columns))


def _body(lookup: Lookup, keys: Sequence[Any]) -> bytes:
    where = [{"column": c.column, "operator": c.operator, "value": c.value} for c in lookup.where]
    order = [{"column": term.column, "descending": term.descending} for term in lookup.order]
    return orjson.dumps({"by": lookup.by, "keys": keys, "columns": _columns(lookup), "where": where, "order": order})


def _read(body: bytes) -> list[Any] | None:
    """Return the `rows` of an answer, None where it has none."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    rows = answer.get("rows") if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) else None
