"""All records of a person: the subjects of every kind behind whose verified link the person is."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from auth.crypto.keys import unlinked_subject
from connectors.records import HOLDERS
from connectors.source import Key
from engine.gate import OutputColumn, Prepared, RowQuery
from resolvers.request.request import Request


class RecordKey(NamedTuple):
    """One record of a person. `kind`: the name of the record."""

    kind: str
    key: Key

    @property
    def account(self) -> Key:
        """The key under which the record's subject is accounted for while no person is known behind it."""
        return unlinked_subject(self.kind, self.key)


def queries_of_keys(request: Request, coordinate: str) -> Mapping[str, Prepared]:
    """Return by kind the query of the keys of a person's records, accounted for at the coordinate.

    A kind that no register serves has none.
    """
    queries: dict[str, Prepared] = {}
    for kind, record in HOLDERS.items():
        holds = record.holds
        if holds is not None and request.table.not_held(kind) is None:
            slot = OutputColumn(record.key, holds.existence, coordinate)
            queries[kind] = request.gate.prepare(RowQuery(kind, holds.person, holds.existence, coordinate, (slot,)))
    return queries


async def records_of(request: Request, persons: Sequence[Key], coordinate: str) -> Mapping[Key, Sequence[RecordKey]]:
    """Return the records of persons that the caller may know of; a person without any is absent.

    Kinds are asked for side by side. Raises SourceUnavailable.
    """
    queries = queries_of_keys(request, coordinate)
    rows_by_kind = await asyncio.gather(*(request.gate.lookup(query, persons) for query in queries.values()))
    records: dict[Key, list[RecordKey]] = {}
    for (kind, query), rows in zip(queries.items(), rows_by_kind, strict=True):
        place = query.positions[0]
        if place is None:
            continue
        for row in rows:
            records.setdefault(row[0], []).append(RecordKey(kind, row[place]))
    return records
