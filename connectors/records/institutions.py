"""Institutions of education."""

from connectors.record import Kind, record

INSTITUTION = record(
    "institution",
    "education",
    "code",
    None,
    {
        "code": Kind.KEY,
        "name": Kind.TEXT,
        "kind": Kind.TEXT,
        "ownership": Kind.TEXT,
        "unit_code": Kind.TEXT,
        "province_code": Kind.TEXT,
        "address": Kind.TEXT,
        "founded_on": Kind.DATE,
        "closed_on": Kind.DATE,
    },
    unit="unit_code",
)

RECORDS = (INSTITUTION,)
