"""Configurations of registers for tests: the education register given, the others out of reach."""

from collections.abc import Mapping
from typing import Any

from connectors.registry import open_sources
from connectors.source import Source

TOKEN = "sesame"
ELSEWHERE = {"kind": "rest", "url": "http://127.0.0.1:9", "token": "{token}"}
RECORDS = {
    "institution": {"table": "institutions"},
    "learner": {"table": "learners"},
    "enrolment": {"table": "enrolments"},
}


def education_by(section: Mapping[str, Any], token: str = TOKEN) -> Source:
    """Return the education register as the registry opens it."""
    registers = {"education": section, "credentials": ELSEWHERE, "population": ELSEWHERE}
    return open_sources({"registers": registers}, {"token": token})["education"]


def education_in(url: str, records: Mapping[str, Any] = RECORDS, **settings: Any) -> Source:
    return education_by({"kind": "sql", "url": url, "records": records, **settings})


def education_at(url: str, token: str = TOKEN, **settings: Any) -> Source:
    return education_by({"kind": "rest", "url": url, "token": "{token}", **settings}, token)
