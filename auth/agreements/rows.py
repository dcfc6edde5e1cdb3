"""Grants as the state keeps them: rows of `grants` with the agreement they stand in."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Select, Text, cast, select

from auth.argument_terms import ArgumentTerms
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction
from auth.state.tables import AGREEMENTS, GRANTS

_COLUMNS = (
    "client_id",
    "role",
    "purpose",
    "jurisdiction",
    "valid_from",
    "valid_to",
    "category_expiry",
    "requests_per_minute",
    "subjects_per_day",
    "subjects_per_minute",
    "misses_per_day",
    "misses_percent",
    "answer_megabytes",
    "agreement",
    "legal_basis",
    "citation",
    "issuer",
    "suspended",
    "categories",
    "arguments",
    "emergency",
    "hidden",
)
_JSON = frozenset({"jurisdiction", "category_expiry", "categories", "arguments", "hidden"})
_values = itemgetter(*_COLUMNS)
_OF_AGREEMENT = frozenset({"client_id", "valid_from", "valid_to", "legal_basis", "citation", "issuer"})

HELD = """
select client_id, role, purpose, jurisdiction, valid_from, valid_to, category_expiry, requests_per_minute,
    subjects_per_day, subjects_per_minute, misses_per_day, misses_percent, answer_megabytes, agreement, legal_basis,
    citation, issuer, false as suspended, categories, arguments, emergency, hidden
from agreements join grants on agreement = number
where client_id = any($1::text[]) and suspended_at is null
    and (valid_to is null or valid_to >= $2) and valid_from <= $3
order by valid_from desc, grants.id desc
"""
"""The rows of clients ($1) that may hold on a day from $2 to $3: what requests in PostgreSQL wait for.

The dates only leave out rows that cannot count; `Grant.holds_on` decides.
"""


def _column(name: str) -> Any:
    if name == "suspended":
        return AGREEMENTS.c.suspended_at.is_not(None).label(name)
    table = AGREEMENTS if name in _OF_AGREEMENT else GRANTS
    # JSON stays text, as the driver itself gives it
    return cast(table.c[name], Text) if name in _JSON else table.c[name]


KEPT: Select[Any] = (
    select(*(_column(name) for name in _COLUMNS))
    .join_from(AGREEMENTS, GRANTS)
    .order_by(AGREEMENTS.c.valid_from.desc(), GRANTS.c.id.desc())
)
"""The rows of all agreements, the newest first."""


def row_of(grant: Grant) -> dict[str, Any]:
    """Return the grant's own row."""
    covers, hidden = grant.jurisdiction, grant.hidden
    return {
        "agreement": grant.agreement,
        "role": grant.role,
        "purpose": grant.purpose,
        "jurisdiction": {
            "country": covers.country,
            "provinces": sorted(covers.provinces),
            "institutions": sorted(covers.institutions, key=str),
            "communes": sorted(covers.communes),
            "cohorts": sorted(([cohort.school_year, cohort.level, cohort.grade] for cohort in covers.cohorts), key=str),
        },
        "category_expiry": {name: day.isoformat() for name, day in grant.category_expiry.items()},
        "categories": None if grant.categories is None else sorted(grant.categories),
        "arguments": {coordinate: terms.as_json() for coordinate, terms in grant.arguments.items()},
        "emergency": grant.emergency,
        "hidden": None if hidden is None else {"citation": hidden.citation, "until": hidden.until.isoformat()},
        "requests_per_minute": grant.requests_per_minute,
        "subjects_per_day": grant.subjects_per_day,
        "subjects_per_minute": grant.subjects_per_minute,
        "misses_per_day": grant.misses_per_day,
        "misses_percent": grant.misses_percent,
        "answer_megabytes": grant.answer_megabytes,
    }


def grant_of(row: Mapping[str, Any]) -> Grant:
    """Return the same grant for the same row: what is cached is how to read it, never that it holds."""
    return _grant(_values(row))


@lru_cache(10_000)
def _grant(values: tuple[Any, ...]) -> Grant:
    row = dict(zip(_COLUMNS, values, strict=True))
    expiry = orjson.loads(row["category_expiry"])
    arguments = orjson.loads(row["arguments"])
    return Grant(
        client_id=row["client_id"],
        role=row["role"],
        purpose=row["purpose"],
        jurisdiction=_jurisdiction(orjson.loads(row["jurisdiction"])),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        category_expiry=MappingProxyType({name: date.fromisoformat(day) for name, day in expiry.items()}),
        requests_per_minute=row["requests_per_minute"],
        subjects_per_day=row["subjects_per_day"],
        subjects_per_minute=row["subjects_per_minute"],
        misses_per_day=row["misses_per_day"],
        misses_percent=row["misses_percent"],
        answer_megabytes=row["answer_megabytes"],
        agreement=row["agreement"],
        legal_basis=row["legal_basis"],
        citation=row["citation"],
        issuer=row["issuer"],
        suspended=bool(row["suspended"]),
        categories=None if row["categories"] is None else frozenset(orjson.loads(row["categories"])),
        arguments=MappingProxyType({name: ArgumentTerms.parsed(terms) for name, terms in arguments.items()}),
        emergency=bool(row["emergency"]),
        hidden=None if row["hidden"] is None else _hidden(orjson.loads(row["hidden"])),
    )


def _jurisdiction(kept: Mapping[str, Any]) -> Jurisdiction:
    return Jurisdiction(
        kept["country"],
        frozenset(kept["provinces"]),
        frozenset(kept["institutions"]),
        frozenset(kept.get("communes", ())),  # rows of before have provinces and institutions only
        frozenset(Cohort(*cohort) for cohort in kept.get("cohorts", ())),
    )


def _hidden(kept: Mapping[str, str]) -> HiddenUse:
    return HiddenUse(kept["citation"], date.fromisoformat(kept["until"]))
