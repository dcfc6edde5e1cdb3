"""The configured mapping of a register's own tables, columns and values onto the canonical records."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any

from msgspec import field

from connectors.errors import RegistersInvalid
from connectors.record import PERIOD_OF, Kind, Record
from connectors.records import RECORDS
from connectors.source import ColumnOrder
from connectors.values.codes import CODES
from connectors.values.comparison import ORDER_OF_KIND
from reference.toml_table import Text, TOMLTable, validated


class Stored(Enum):
    """How a register stores a column where that is not what the column's kind says."""

    AS_IS = "as-is"
    TEXT = "text"
    CHAR = "char"  # padded with blanks to a fixed length
    INTEGER = "integer"
    UUID = "uuid"
    CITEXT = "citext"
    NUMERIC = "numeric"
    PARTIAL = "partial"  # a date as text, of which only the year or the month may be known
    TIMESTAMP = "timestamp"  # without a zone; of an instant in UTC


STORED_BY_KIND = {
    Kind.KEY: (Stored.TEXT, Stored.CHAR, Stored.INTEGER, Stored.UUID, Stored.CITEXT),
    Kind.TEXT: (Stored.CHAR, Stored.CITEXT),
    Kind.NUMBER: (Stored.NUMERIC,),
    Kind.DATE: (Stored.TIMESTAMP, Stored.PARTIAL),
    Kind.INSTANT: (Stored.TIMESTAMP,),
}
MAPPABLE = {Kind.TEXT: str, Kind.BOOLEAN: bool, Kind.INTEGER: int}
SETTINGS = ("columns", "types", "values", "constants", "key_prefixes")
KEY_PREFIX = re.compile(r"[A-Za-z0-9]{1,12}[-:.]")
"""Plain enough to stand in a statement's text, and its end is seen."""


class RecordTable(TOMLTable, frozen=True, kw_only=True):
    """A record's section. What is said of a column is checked with the column's kind."""

    table: Text
    columns: dict[str, Any] = field(default_factory=dict)
    types: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    key_prefixes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A canonical column and where it is: `physical` None where the register has no such column.

    Then every row has the same value, `constant`. `canonical_by_value` is the value map, or None where values are
    canonical already.
    """

    name: str
    kind: Kind
    physical: str | None
    stored: Stored = Stored.AS_IS
    canonical_by_value: Mapping[Any, Any] | None = None
    constant: Any = None
    is_period: bool = False
    """Whether it says what is known of the date that is stored there."""
    key_prefix: str = ""
    """What stands before the register's own keys, so that no other register has the same ones."""
    is_shared: bool = False
    """Whether other registers serve the record too: rows are then ordered by code point, whatever the collation."""

    @property
    def compared_as(self) -> Kind:
        """The kind that rows are compared and ordered by."""
        return Kind.TEXT if self.stored is Stored.PARTIAL else self.kind

    @property
    def order(self) -> ColumnOrder:
        """How rows are ordered by the column where the record is shared."""
        if self.kind is Kind.KEY and self.stored is Stored.INTEGER and not self.key_prefix:
            return ColumnOrder.NUMBER
        return ORDER_OF_KIND[self.kind]

    @property
    def is_ordered_as_stored(self) -> bool:
        """Whether rows are ordered by the register's own type, so that its index serves."""
        if self.kind is not Kind.KEY or self.stored is Stored.CITEXT or self.key_prefix:
            return False
        return not self.is_shared or self.stored is Stored.INTEGER

    @property
    def is_null(self) -> bool:
        """Whether the column is null in every row."""
        return self.physical is None and self.constant is None


@dataclass(frozen=True, slots=True)
class MappedRecord:
    """A canonical record and the table it is read from, with every one of its columns mapped."""

    record: Record
    schema: str | None
    table: str
    columns: Mapping[str, MappedColumn]

    @property
    def physical(self) -> tuple[str, ...]:
        """The columns of the table, each once."""
        return tuple(dict.fromkeys(column.physical for column in self.columns.values() if column.physical is not None))


def mapped_records(
    register: str, config: Mapping[str, Any], served: Iterable[str], shared: Container[str] = ()
) -> dict[str, MappedRecord]:
    """Return the register's records by name, from its `records` section; raises RegistersInvalid.

    `served`: the records it has to serve; `shared`: those that other registers serve as well.
    """
    expected = {name: RECORDS[name] for name in served}
    for name in config:
        if name not in expected:
            raise RegistersInvalid(register, f"`{name}` is not one of its records ({', '.join(expected)})")
    for name in expected:
        if name not in config:
            raise RegistersInvalid(register, f"record `{name}` is not mapped")
    records = {name: _record(register, record, config[name], name in shared) for name, record in expected.items()}
    _check_prefixes(register, records)
    return records


def _check_prefixes(register: str, records: Mapping[str, MappedRecord]) -> None:
    """Raise RegistersInvalid where the key of one kind of subject has a prefix in one record and not in another.

    Without it a row would belong to whoever has the bare key in another register.
    """
    first: dict[Any, tuple[str, str]] = {}
    for name, mapped in records.items():
        subject = mapped.record.subject
        if subject is None:
            continue
        prefix = mapped.columns[subject.column].key_prefix
        other, expected = first.setdefault(subject.kind, (name, prefix))
        if prefix != expected:
            where = f"record `{name}`: column `{subject.column}`"
            raise RegistersInvalid(
                register, f"{where} needs the prefix that the key has in record `{other}`, and no other"
            )


def _record(register: str, record: Record, config: Mapping[str, Any], is_shared: bool) -> MappedRecord:
    where = f"record `{record.name}`"
    own = validated(RecordTable, config, where, partial(RegistersInvalid, register))
    for setting in SETTINGS:
        for name in getattr(own, setting):
            if name not in record.columns:
                raise RegistersInvalid(register, f"{where}: `{setting}` names `{name}`, which is not a column of it")
    schema, _, table = own.table.rpartition(".")
    columns = {name: _column(register, record, name, config) for name in record.columns if name not in PERIOD_OF}
    columns |= {name: _period(register, record, name, columns, config) for name in record.columns if name in PERIOD_OF}
    if is_shared:
        columns = {name: replace(column, is_shared=True) for name, column in columns.items()}
    return MappedRecord(record, schema or None, table, columns)


def _period(
    register: str, record: Record, name: str, columns: Mapping[str, MappedColumn], config: Mapping[str, Any]
) -> MappedColumn:
    date = columns[PERIOD_OF[name]]
    if any(name in config.get(setting, {}) for setting in SETTINGS):
        raise RegistersInvalid(register, f"record `{record.name}`: column `{name}` is told by `{date.name}`")
    return MappedColumn(name, record.columns[name], date.physical, date.stored, is_period=True)


def _column(register: str, record: Record, name: str, config: Mapping[str, Any]) -> MappedColumn:
    kind, where = record.columns[name], f"record `{record.name}`: column `{name}`"
    if name in config.get("constants", {}):
        return _constant(register, record, name, config)
    stored = _stored(register, where, kind, name, config)
    canonical_by_value = _value_map(register, where, kind, stored, config.get("values", {}).get(name))
    _check_codes(register, record, name, (canonical_by_value or {}).values())
    physical = _physical(register, record, name, config.get("columns", {}).get(name, name))
    prefix = _key_prefix(register, where, kind, stored, config.get("key_prefixes", {}).get(name, ""))
    return MappedColumn(name, kind, physical, stored, canonical_by_value, key_prefix=prefix)


def _key_prefix(register: str, where: str, kind: Kind, stored: Stored, prefix: object) -> str:
    if prefix == "":
        return ""
    if kind is not Kind.KEY or stored is Stored.CITEXT:
        raise RegistersInvalid(register, f"{where} is no key that is compared exactly: it can have no prefix")
    if not isinstance(prefix, str) or not KEY_PREFIX.fullmatch(prefix):
        raise RegistersInvalid(register, f"{where}: a prefix of keys is up to 12 letters or digits and one of `-:.`")
    return prefix


def _check_codes(register: str, record: Record, name: str, values: Iterable[object]) -> None:
    """Raise RegistersInvalid for a canonical value that the column's closed list does not have."""
    codes = CODES.get((record.name, name))
    for value in values:
        if codes is not None and value not in codes:
            known = ", ".join(sorted(codes))
            raise RegistersInvalid(register, f"record `{record.name}`: column `{name}` knows no `{value}` ({known})")


def _constant(register: str, record: Record, name: str, config: Mapping[str, Any]) -> MappedColumn:
    kind, where, value = record.columns[name], f"record `{record.name}`: column `{name}`", config["constants"][name]
    if any(name in config.get(setting, {}) for setting in SETTINGS if setting != "constants"):
        raise RegistersInvalid(register, f"{where} is a constant, so nothing else can be said of it")
    if kind not in MAPPABLE:
        raise RegistersInvalid(register, f"{where} is a {kind.value}: it cannot be a constant")
    if type(value) is not MAPPABLE[kind]:
        raise RegistersInvalid(register, f"{where}: its constant must be a {kind.value}")
    _check_codes(register, record, name, (value,))
    return MappedColumn(name, kind, _physical(register, record, name, False), constant=value)


def _physical(register: str, record: Record, name: str, physical: object) -> str | None:
    where = f"record `{record.name}`: column `{name}`"
    if physical is False:
        if name == record.key or (record.subject and name == record.subject.column):
            raise RegistersInvalid(register, f"{where} identifies a row or its subject and cannot be left out")
        return None
    if not isinstance(physical, str) or not physical:
        raise RegistersInvalid(register, f"{where} must be mapped to a column's name, or to false where there is none")
    return physical


def _stored(register: str, where: str, kind: Kind, name: str, config: Mapping[str, Any]) -> Stored:
    word = config.get("types", {}).get(name)
    if word is None:
        return Stored.AS_IS
    mapped = name in config.get("values", {})
    allowed = (Stored.TEXT, Stored.INTEGER) if mapped else STORED_BY_KIND.get(kind, ())
    if name not in PERIOD_OF.values():
        allowed = tuple(stored for stored in allowed if stored is not Stored.PARTIAL)
    for stored in allowed:
        if stored.value == word:
            return stored
    choice = ", ".join(stored.value for stored in allowed) or "nothing but its kind"
    raise RegistersInvalid(register, f"{where} cannot be stored as `{word}` ({choice})")


def _value_map(
    register: str, where: str, kind: Kind, stored: Stored, canonical_by_value: object
) -> Mapping[Any, Any] | None:
    if canonical_by_value is None:
        return None
    if kind not in MAPPABLE:
        raise RegistersInvalid(register, f"{where} is a {kind.value}: its values cannot be mapped")
    if not isinstance(canonical_by_value, Mapping) or not canonical_by_value:
        raise RegistersInvalid(register, f"{where}: `values` must map each stored value to a canonical one")
    if any(type(canonical) is not MAPPABLE[kind] for canonical in canonical_by_value.values()):
        raise RegistersInvalid(register, f"{where}: every canonical value must be a {kind.value}")
    if stored is not Stored.INTEGER:
        return dict(canonical_by_value)
    try:
        return {int(value): canonical for value, canonical in canonical_by_value.items()}
    except ValueError:
        raise RegistersInvalid(register, f"{where}: is stored as integer, so `values` must map integers") from None
