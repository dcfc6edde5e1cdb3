"""Citizens, their guardians and their residence."""

from connectors.record import Kind, record
from connectors.subjects import PERSON, GuardianshipColumns, Subject

CITIZEN = record(
    "citizen",
    "population",
    "person_key",
    Subject(PERSON, "person_key"),
    {
        "person_key": Kind.KEY,
        "citizen_id": Kind.TEXT,
        "full_name": Kind.TEXT,
        "birth_date": Kind.DATE,
        "birth_period": Kind.TEXT,
        "sex": Kind.TEXT,
        "ethnicity": Kind.TEXT,
        "religion": Kind.TEXT,
        "nationality": Kind.TEXT,
        "birth_province_code": Kind.TEXT,
    },
    born="birth_period",
)

GUARDIANSHIP = record(
    "guardianship",
    "population",
    "id",
    Subject(PERSON, "child_key"),
    {
        "id": Kind.KEY,
        "guardian_key": Kind.KEY,
        "child_key": Kind.KEY,
        "kind": Kind.TEXT,
        "valid_from": Kind.DATE,
        "valid_to": Kind.DATE,
    },
    guardianship=GuardianshipColumns("guardianship", "guardian_key", "child_key", "valid_from", "valid_to"),
)

RESIDENCE_PERIOD = record(
    "residence_period",
    "population",
    "id",
    Subject(PERSON, "person_key"),
    {
        "id": Kind.KEY,
        "person_key": Kind.KEY,
        "kind": Kind.TEXT,
        "unit_code": Kind.TEXT,
        "province_code": Kind.TEXT,
        "address": Kind.TEXT,
        "from_date": Kind.DATE,
        "to_date": Kind.DATE,
    },
)

RECORDS = (CITIZEN, GUARDIANSHIP, RESIDENCE_PERIOD)
