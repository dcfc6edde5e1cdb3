"""Whether the tables of a database hold what the mapping of its records names, told by record and column."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from connectors.errors import SourceContractBroken
from connectors.record import Kind
from connectors.sql.mapping import MappedColumn, MappedRecord, Stored

_log = structlog.get_logger(__name__)

INTEGERS = ("int2", "int4", "int8")
WHOLE_NUMBER = "numeric without decimals"
NUMBERS = (*INTEGERS, WHOLE_NUMBER, "numeric", "float4", "float8")
SAID_OF_KEYS = {
    "bpchar": Stored.CHAR,
    "citext": Stored.CITEXT,
    "uuid": Stored.UUID,
    **dict.fromkeys(INTEGERS, Stored.INTEGER),
}
"""What `types` must say of a key: its index serves only where keys are looked for as what they are."""
FITTING: dict[tuple[Kind, Stored], tuple[str, ...]] = {
    (Kind.INTEGER, Stored.AS_IS): (*INTEGERS, WHOLE_NUMBER),
    (Kind.NUMBER, Stored.AS_IS): NUMBERS,
    (Kind.NUMBER, Stored.NUMERIC): NUMBERS,
    (Kind.BOOLEAN, Stored.AS_IS): ("bool",),
    (Kind.DATE, Stored.AS_IS): ("date", "timestamp"),
    (Kind.DATE, Stored.TIMESTAMP): ("date", "timestamp"),
    (Kind.INSTANT, Stored.AS_IS): ("timestamptz",),
    (Kind.INSTANT, Stored.TIMESTAMP): ("timestamp",),
}
"""Types that have the values of a kind without guessing, but for texts and keys."""
TEXTS, ENUMERATED = "S", "E"


class FoundColumn(NamedTuple):
    """A column that a table has: its type and the type's category, as PostgreSQL names them; of a domain, its base's.

    The type is None where the database types no columns.
    """

    type: str | None = None
    category: str = ""
    may_be_read: bool = True


def misfits(record: MappedRecord, held: Mapping[str, FoundColumn] | None) -> dict[str, str]:
    """Return by canonical column what of it does not fit; `held` is what the table has, None where there is none."""
    if held is None:
        return dict.fromkeys(record.columns, f"there is no table `{record.table}`")
    found = {}
    for name, column in record.columns.items():
        if not column.physical or column.is_period:  # a period is told by a date's column
            continue
        if misfit := _misfit(record.table, column, column.physical, held.get(column.physical)):
            found[name] = misfit
    return found


def _misfit(table: str, column: MappedColumn, physical: str, held: FoundColumn | None) -> str | None:
    name = column.name
    if held is None:
        return f"column `{name}`: table `{table}` has no column `{physical}`"
    if not held.may_be_read:
        return f"column `{name}`: column `{physical}` of table `{table}` may not be read"
    if held.type is None or _fits(column, held.type, held.category):
        return None
    said = SAID_OF_KEYS.get(held.type) if column.kind is Kind.KEY else None
    if said is not None:
        return f'column `{name}` is of type `{held.type}`: `types` must say `{name} = "{said.value}"`'
    as_said = "" if column.stored is Stored.AS_IS else f", stored as `{column.stored.value}`"
    return f"column `{name}` is of type `{held.type}`, which is no {column.kind.value}{as_said}"


def _fits(column: MappedColumn, type_: str, category: str) -> bool:
    if column.canonical_by_value is not None:
        if column.stored is Stored.INTEGER:
            return type_ in INTEGERS
        return category in (TEXTS, ENUMERATED) or type_ in (*INTEGERS, "bool")
    if column.kind is Kind.KEY:
        said = SAID_OF_KEYS.get(type_)
        return column.stored is said if said else category == TEXTS and column.stored in (Stored.AS_IS, Stored.TEXT)
    if column.kind is Kind.TEXT:
        if column.stored is Stored.AS_IS:
            return category in (TEXTS, ENUMERATED)
        return SAID_OF_KEYS.get(type_) is column.stored
    if column.stored is Stored.PARTIAL:
        return category == TEXTS
    return type_ in FITTING[column.kind, column.stored]


class Misfits:
    """What of a register's tables was found not to fit, by record and column; looked for on each connection."""

    def __init__(self, register: str, records: Mapping[str, MappedRecord]) -> None:
        self._register, self._records = register, records
        self._found: dict[str, dict[str, str]] = {}

    def note(self, held: Mapping[str, Mapping[str, FoundColumn]]) -> None:
        """Take what each record's table has now, a table that is not there left out; log what newly does not fit."""
        before = self._told()
        by_record = {name: misfits(record, held.get(name)) for name, record in self._records.items()}
        self._found = {name: faults for name, faults in by_record.items() if faults}
        for told in self._told():
            if told not in before:
                _log.error("register does not fit its configuration", register=self._register, found=told)

    def refuse(self, record: str, columns: Sequence[MappedColumn]) -> None:
        """Raise SourceContractBroken where one of these columns does not fit."""
        if self._found:
            found = self._found.get(record, {})
            for column in columns:
                if column.name in found:
                    raise SourceContractBroken(self._register, f"record `{record}`: {found[column.name]}")

    def refuse_any(self) -> None:
        """Raise SourceContractBroken that names all of them, where there are any."""
        if self._found:
            raise SourceContractBroken(self._register, "; ".join(self._told()))

    def __bool__(self) -> bool:
        return bool(self._found)

    def _told(self) -> list[str]:
        return [
            f"record `{name}`: {misfit}"
            for name, faults in self._found.items()
            for misfit in dict.fromkeys(faults.values())
        ]
