"""Readers tied to persons, and their loans."""

from connectors.record import Kind, record
from connectors.subjects import Holds, Subject

READER = record(
    "reader",
    "library",
    "id",
    Subject("reader", "id"),
    {
        "id": Kind.KEY,
        "person_key": Kind.KEY,
        "link_state": Kind.TEXT,
        "full_name": Kind.TEXT,
        "library_code": Kind.KEY,
    },
    holds=Holds(existence="reader.record", person="person_key", link="link_state", institution="library_code"),
)
LOAN = record(
    "loan",
    "library",
    "id",
    Subject("reader", "reader_id"),
    {"id": Kind.KEY, "reader_id": Kind.KEY, "title": Kind.TEXT, "lent_on": Kind.DATE},
)

RECORDS = (READER, LOAN)
