"""Diplomas and certificates."""

from connectors.record import Kind, record
from connectors.subjects import Subject

CREDENTIAL = record(
    "credential",
    "credentials",
    "id",
    Subject("learner", "learner_code"),
    {
        "id": Kind.KEY,
        "learner_code": Kind.KEY,
        "institution_code": Kind.KEY,
        "form": Kind.TEXT,
        "kind": Kind.TEXT,
        "title": Kind.TEXT,
        "serial": Kind.TEXT,
        "register_number": Kind.TEXT,
        "issued_on": Kind.DATE,
        "classification": Kind.TEXT,
        "status": Kind.TEXT,
        "status_on": Kind.DATE,
        "status_reason": Kind.TEXT,
    },
)

RECORDS = (CREDENTIAL,)
