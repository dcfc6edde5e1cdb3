"""Learners and their enrolments."""

from connectors.record import Kind, record
from connectors.subjects import CohortColumns, Holds, Subject

# `person_key` is how the population register knows the person; it may be followed only where `link_state` is VERIFIED.
LEARNER = record(
    "learner",
    "education",
    "sector_code",
    Subject("learner", "sector_code"),
    {
        "sector_code": Kind.KEY,
        "person_key": Kind.KEY,
        "link_state": Kind.TEXT,
        "citizen_id": Kind.TEXT,
        "full_name": Kind.TEXT,
        "birth_date": Kind.DATE,
        "birth_period": Kind.TEXT,
        "sex": Kind.TEXT,
        "ethnicity": Kind.TEXT,
        "nationality": Kind.TEXT,
        "disability": Kind.TEXT,
        "poor_household": Kind.BOOLEAN,
        "phone": Kind.TEXT,
        "email": Kind.TEXT,
        "institution_code": Kind.KEY,
        "province_code": Kind.TEXT,
        "status": Kind.TEXT,
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

ENROLMENT = record(
    "enrolment",
    "education",
    "id",
    Subject("learner", "learner_code"),
    {
        "id": Kind.KEY,
        "learner_code": Kind.KEY,
        "institution_code": Kind.KEY,
        "level": Kind.TEXT,
        "grade": Kind.INTEGER,
        "class_name": Kind.TEXT,
        "school_year": Kind.TEXT,
        "started_on": Kind.DATE,
        "ended_on": Kind.DATE,
        "status": Kind.TEXT,
        "average_mark": Kind.NUMBER,
        "conduct": Kind.TEXT,
        "discipline": Kind.TEXT,
    },
)

RECORDS = (LEARNER, ENROLMENT)
