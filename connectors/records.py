"""The canonical records: which columns every register is mapped onto, and whom a record is about."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from connectors.subjects import PERSON, CohortColumns, GuardianshipColumns, Holds, Subject


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


def _record(
    name: str, register: str, key: str, subject: Subject | None, columns: dict[str, Kind], **declared: Any
) -> Record:
    return Record(name, register, key, MappingProxyType({**columns, "as_of": Kind.INSTANT}), subject, **declared)


PERIOD_OF = MappingProxyType({"birth_period": "birth_date"})
"""Columns that say of a date what is known of it, as precisely as that is: 1950, 1950-07 or 1950-07-21 (ISO 8601).

The date itself is null unless its day is known. A register has one column for both.
"""

_T, _I, _N, _B, _D, _K = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.KEY
_LEARNER = Subject("learner", "learner_code")
_PERSON = Subject(PERSON, "person_key")

INSTITUTION = _record(
    "institution",
    "education",
    "code",
    None,
    {
        "code": _K,
        "name": _T,
        "kind": _T,
        "ownership": _T,
        "unit_code": _T,
        "province_code": _T,
        "address": _T,
        "founded_on": _D,
        "closed_on": _D,
    },
    unit="unit_code",
)
# `person_key` is how the population register knows the person; it may be followed only where `link_state` is VERIFIED.
LEARNER = _record(
    "learner",
    "education",
    "sector_code",
    Subject("learner", "sector_code"),
    {
        "sector_code": _K,
        "person_key": _K,
        "link_state": _T,
        "citizen_id": _T,
        "full_name": _T,
        "birth_date": _D,
        "birth_period": _T,
        "sex": _T,
        "ethnicity": _T,
        "nationality": _T,
        "disability": _T,
        "poor_household": _B,
        "phone": _T,
        "email": _T,
        "institution_code": _K,
        "province_code": _T,
        "status": _T,
    },
    holds=Holds(
        existence="learner.record",
        person="person_key",
        link="link_state",
        province="province_code",
        institution="institution_code",
        identifiers=("citizen_id",),
        cohorts=CohortColumns("enrolment", "learner_code", "school_year", "level", "grade"),
    ),
)
ENROLMENT = _record(
    "enrolment",
    "education",
    "id",
    _LEARNER,
    {
        "id": _K,
        "learner_code": _K,
        "institution_code": _K,
        "level": _T,
        "grade": _I,
        "class_name": _T,
        "school_year": _T,
        "started_on": _D,
        "ended_on": _D,
        "status": _T,
        "average_mark": _N,
        "conduct": _T,
        "discipline": _T,
    },
)
CREDENTIAL = _record(
    "credential",
    "credentials",
    "id",
    _LEARNER,
    {
        "id": _K,
        "learner_code": _K,
        "institution_code": _K,
        "form": _T,
        "kind": _T,
        "title": _T,
        "serial": _T,
        "register_number": _T,
        "issued_on": _D,
        "classification": _T,
        "status": _T,
        "status_on": _D,
        "status_reason": _T,
    },
)
CITIZEN = _record(
    "citizen",
    "population",
    "person_key",
    _PERSON,
    {
        "person_key": _K,
        "citizen_id": _T,
        "full_name": _T,
        "birth_date": _D,
        "birth_period": _T,
        "sex": _T,
        "ethnicity": _T,
        "religion": _T,
        "nationality": _T,
        "birth_province_code": _T,
    },
    born="birth_period",
)
GUARDIANSHIP = _record(
    "guardianship",
    "population",
    "id",
    Subject(PERSON, "child_key"),
    {
        "id": _K,
        "guardian_key": _K,
        "child_key": _K,
        "kind": _T,
        "valid_from": _D,
        "valid_to": _D,
    },
    guardianship=GuardianshipColumns("guardianship", "guardian_key", "child_key", "valid_from", "valid_to"),
)
RESIDENCE_PERIOD = _record(
    "residence_period",
    "population",
    "id",
    _PERSON,
    {
        "id": _K,
        "person_key": _K,
        "kind": _T,
        "unit_code": _T,
        "province_code": _T,
        "address": _T,
        "from_date": _D,
        "to_date": _D,
    },
)

RECORDS = MappingProxyType(
    {
        record.name: record
        for record in (INSTITUTION, LEARNER, ENROLMENT, CREDENTIAL, CITIZEN, GUARDIANSHIP, RESIDENCE_PERIOD)
    }
)

HOLDERS = MappingProxyType({record.name: record for record in RECORDS.values() if record.holds is not None})
"""The records that hold the facts of subjects, by kind of subject."""


def _declared(declares: Callable[[Record], object]) -> Record:
    """Return the one record that makes a declaration; two of them would be two truths."""
    (record,) = (record for record in RECORDS.values() if declares(record) is not None)
    return record


GUARDIANSHIPS = _declared(lambda record: record.guardianship)
BIRTHS = _declared(lambda record: record.born)
UNITS = _declared(lambda record: record.unit)
