"""What a canonical record is: the columns that registers are mapped onto, and whom a row is about."""

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from connectors.subjects import GuardianshipColumns, Holds, Subject


class Kind(Enum):
    """The type a column's values have in Python, whatever the register stores."""

    TEXT = "text"  # str, NFC
    INTEGER = "integer"  # int
    NUMBER = "number"  # float
    BOOLEAN = "boolean"  # bool
    DATE = "date"  # datetime.date
    INSTANT = "instant"  # datetime.datetime, aware, UTC
    KEY = "key"  # str or int, whatever the register's own key is; opaque to everybody else


@dataclass(frozen=True, slots=True)
class Record:
    """One canonical record: `columns` maps each column to its kind, `key` is the column that identifies a row.

    `holds`: the facts of its subjects. `born`: what is known of the birth date of a person, whom the key identifies.
    `unit`: the commune of an institution, which the key identifies.
    """

    name: str
    register: str
    key: str
    columns: MappingProxyType[str, Kind]
    subject: Subject | None
    holds: Holds | None = None
    guardianship: GuardianshipColumns | None = None
    born: str | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.holds is None:
            return
        if self.subject != Subject(self.name, self.key):
            raise ValueError(f"record `{self.name}`: holds facts, so its key must identify one subject in each row")
        for column in (*self.holds.columns, *self.holds.identifiers):
            if column not in self.columns:
                raise ValueError(f"record `{self.name}`: holds facts in `{column}`, which is not a column of it")

    @property
    def fact_columns(self) -> tuple[str, ...]:
        """The columns that the facts of a subject are read from, its key first."""
        assert self.holds is not None
        return (self.key, *self.holds.columns)


def record(
    name: str, register: str, key: str, subject: Subject | None, columns: dict[str, Kind], **declared: Any
) -> Record:
    """Return a record with `columns` and `as_of`, the instant at which the register was read."""
    return Record(name, register, key, MappingProxyType({**columns, "as_of": Kind.INSTANT}), subject, **declared)


PERIOD_OF = MappingProxyType({"birth_period": "birth_date"})
"""Columns that say of a date what is known of it, as precisely as that is: 1950, 1950-07 or 1950-07-21 (ISO 8601).

The date itself is null unless its day is known. A register has one column for both.
"""
