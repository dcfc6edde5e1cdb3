"""The canonical records: which columns every register is mapped onto, and whom a record is about."""

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """The type a column's values have in Python, whatever the register stores."""

    TEXT = "text"  # str, NFC
    INTEGER = "integer"  # int
    NUMBER = "number"  # float
    BOOLEAN = "boolean"  # bool
    DATE = "date"  # datetime.date
    INSTANT = "instant"  # datetime.datetime, aware, UTC
    KEY = "key"  # str or int, whatever the register's own key is; opaque to everybody else


class SubjectKind(Enum):
    """What kind of key says whom a row is about."""

    LEARNER = "learner"  # the sector code of a learner
    PERSON = "person"  # the population register's key of a person


@dataclass(frozen=True, slots=True)
class Subject:
    """The column that says whom a row is about."""

    kind: SubjectKind
    column: str


@dataclass(frozen=True, slots=True)
class Record:
    """One canonical record: `columns` maps each column to its kind, `key` is the column that identifies a row."""

    name: str
    register: str
    key: str
    columns: MappingProxyType[str, Kind]
    subject: Subject | None


def _record(name: str, register: str, key: str, subject: Subject | None, columns: dict[str, Kind]) -> Record:
    return Record(name, register, key, MappingProxyType({**columns, "as_of": Kind.INSTANT}), subject)


PERIOD_OF = MappingProxyType({"birth_period": "birth_date"})
"""Columns that say of a date what is known of it, as precisely as that is: 1950, 1950-07 or 1950-07-21 (ISO 8601).

The date itself is null unless its day is known. A register has one column for both.
"""

_T, _I, _N, _B, _D, _K = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.KEY
_LEARNER = Subject(SubjectKind.LEARNER, "learner_code")
_PERSON = Subject(SubjectKind.PERSON, "person_key")

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
)
# `person_key` is how the population register knows the person; it may be followed only where `link_state` is VERIFIED.
LEARNER = _record(
    "learner",
    "education",
    "sector_code",
    Subject(SubjectKind.LEARNER, "sector_code"),
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
)
GUARDIANSHIP = _record(
    "guardianship",
    "population",
    "id",
    Subject(SubjectKind.PERSON, "child_key"),
    {
        "id": _K,
        "guardian_key": _K,
        "child_key": _K,
        "kind": _T,
        "valid_from": _D,
        "valid_to": _D,
    },
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
