"""A register in a SQL database: one statement a batch, built once per shape, over only the columns asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors.faults import Fault
from connectors.source import Count, Lookup, Page, Row
from connectors.sql.dialects import Dialect
from connectors.sql.mapping import MappedRecord
from connectors.sql.statements import Statement, Statements
from connectors.values.conversion import converted


class Database(Protocol):
    """Where statements run. `typed`: the database itself vouches for the types of every row's columns.

    Raises SourceError, and nothing that quotes an argument.
    """

    dialect: Dialect
    typed: bool

    async def fetch(self, statement: Statement, arguments: list[Any]) -> Sequence[Sequence[Any]]: ...

    async def ready(self) -> None:
        """Raise SourceContractBroken where a table or a column is not as the mapping names it."""
        ...

    async def close(self) -> None: ...


class SqlSource:
    """The source on a database. `normalised`: the register promises that all its texts are NFC, so none is looked at.

    Citizen numbers travel as parameters; they are in no statement's text, and errors of the driver, which quote them,
    stay below.
    """

    def __init__(
        self, register: str, records: Mapping[str, MappedRecord], database: Database, normalised: bool = False
    ) -> None:
        self._register = register
        self._database = database
        self._statements = Statements(records, database.dialect, normalised)

    @property
    def register(self) -> str:
        return self._register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        statement, arguments = self._statements.lookup(lookup)
        return self._canonical(statement, await self._database.fetch(statement, arguments))

    async def page(self, page: Page) -> Sequence[Row]:
        if not page.within or (page.by is not None and not page.keys):
            return ()
        statement, arguments = self._statements.page(page)
        return self._canonical(statement, await self._database.fetch(statement, arguments))

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        if not count.within:
            return count.of_no_rows
        statement, arguments = self._statements.count(count)
        totals: Counter[tuple[Any, ...]] = Counter()
        for *group, rows in self._canonical(statement, await self._database.fetch(statement, arguments)):
            totals[tuple(group)] += rows  # several stored values may stand for one canonical value
        return dict(totals)

    async def ready(self) -> None:
        await self._database.ready()

    async def close(self) -> None:
        await self._database.close()

    def _canonical(self, statement: Statement, rows: Sequence[Row]) -> Sequence[Row]:
        if not rows or not statement.conversions:
            return rows
        if statement.mapping is not None:
            try:
                return statement.mapping(rows)
            except (KeyError, TypeError):  # `converted` finds out which values
                pass
        return converted(rows, statement.conversions, lambda place, value: self._fault(statement, place, value))

    def _fault(self, statement: Statement, position: int, value: Any) -> Fault:
        column = statement.columns[position]
        # by a value map rows are ordered as canonical: an unknown value is ordered as null
        stored = value if column.canonical_by_value is None else None
        return Fault(self._register, statement.record, column.name, stored)
