"""The tables of the synthetic registers: the canonical records under their own names, one metadata per register."""

from types import MappingProxyType
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Double, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from connectors.record import PERIOD_OF, Kind, Record
from connectors.records import RECORDS

_TYPES: dict[Kind, type[TypeEngine[Any]]] = {
    Kind.TEXT: Text,
    Kind.INTEGER: Integer,
    Kind.NUMBER: Double,
    Kind.BOOLEAN: Boolean,
    Kind.DATE: Date,
    Kind.KEY: Text,
}
_INDEXED: dict[str, tuple[tuple[str, ...], ...]] = {
    "institution": (("province_code", "code"),),
    "learner": (
        ("person_key",),
        ("citizen_id",),
        ("province_code", "sector_code"),
        ("institution_code", "sector_code"),
    ),
    "enrolment": (("learner_code",),),
    "credential": (("learner_code",), ("serial",)),
    "citizen": (),
    "guardianship": (("guardian_key",), ("child_key",)),
    "residence_period": (("person_key",),),
}
AS_OF = MappingProxyType(
    {
        "education": "2026-11-20 18:00:00+00:00",
        "credentials": "2026-11-20 20:00:00+00:00",
        "population": "2026-11-21 00:00:00+00:00",
    }
)
"""When each register was last brought up to date: the default of its `as_of` columns, ISO 8601 in UTC."""


def _column(record: Record, name: str, kind: Kind) -> Column[object]:
    if kind is Kind.INSTANT:
        return Column(name, DateTime(timezone=True), server_default=AS_OF[record.register], nullable=False)
    key = name == record.key
    return Column(name, _TYPES[kind], primary_key=key, nullable=not key)


def _table(record: Record, metadata: MetaData) -> Table:
    name = f"{record.name}s"
    indexes = (Index(f"{name}_by_{'_'.join(columns)}", *columns) for columns in _INDEXED[record.name])
    stored = {column: kind for column, kind in record.columns.items() if column not in PERIOD_OF}
    return Table(name, metadata, *(_column(record, *item) for item in stored.items()), *indexes)


def _metadata(register: str) -> MetaData:
    metadata = MetaData()
    for record in RECORDS.values():
        if record.register == register:
            _table(record, metadata)
    return metadata


REGISTERS = MappingProxyType({register: _metadata(register) for register in AS_OF})
"""The tables of each register, by its name; the seed fills every column but `as_of`, which has its default."""

TABLES = MappingProxyType({table.name: table for metadata in REGISTERS.values() for table in metadata.tables.values()})

REGISTER_BY_TABLE = MappingProxyType(
    {table: register for register, metadata in REGISTERS.items() for table in metadata.tables}
)


def filled_columns(table: str) -> tuple[str, ...]:
    """Return the columns a seed's line holds, in its order: all but `as_of`."""
    return tuple(column.name for column in TABLES[table].columns if column.name != "as_of")
