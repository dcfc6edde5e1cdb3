"""Grants as the state keeps them: rows of `grants` with the agreement they stand in."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Select, Text, cast, select

from auth.argument_terms import ArgumentTerms
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction
from auth.state.tables import AGREEMENTS, GRANTS

_COLUMNS = (
    "client_id role purpose jurisdiction valid_from valid_to category_expiry requests_per_minute subjects_per_day "
    "agreement legal_basis citation issuer suspended categories arguments emergency hidden"
)
_JSON = frozenset({"jurisdiction", "category_expiry", "categories", "arguments", "hidden"})
_OF_AGREEMENT = frozenset({"client_id", "valid_from", "valid_to", "legal_basis", "citation", "issuer"})

HELD = (
    f"select {_COLUMNS.replace(' ', ', ').replace('suspended', 'false')} "  # noqa: S608
    "from agreements join grants on agreement = number where client_id = any($1::text[]) and suspended_at is null "
    "and (valid_to is null or valid_to >= $2) and valid_from <= $3 order by valid_from desc, grants.id desc"
)
"""The rows of clients ($1) by agreements in force on a day from $2 to $3: what requests in PostgreSQL wait for."""


def _column(name: str) -> Any:
    if name == "suspended":
        return AGREEMENTS.c.suspended_at.is_not(None).label(name)
    table = AGREEMENTS if name in _OF_AGREEMENT else GRANTS
    # JSON stays text, as the driver itself gives it
    return cast(table.c[name], Text) if name in _JSON else table.c[name]


KEPT: Select[Any] = (
    select(*(_column(name) for name in _COLUMNS.split()))
    .join_from(AGREEMENTS, GRANTS)
    .order_by(AGREEMENTS.c.valid_from.desc(), GRANTS.c.id.desc())
)
"""The rows of all agreements, the newest first, in the order of `grant_of`."""


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
            "cohorts": sorted(([one.school_year, one.level, one.grade] for one in covers.cohorts), key=str),
        },
        "category_expiry": {name: day.isoformat() for name, day in grant.category_expiry.items()},
        "categories": None if grant.categories is None else sorted(grant.categories),
        "arguments": {coordinate: terms.as_json() for coordinate, terms in grant.arguments.items()},
        "emergency": grant.emergency,
        "hidden": None if hidden is None else {"citation": hidden.citation, "until": hidden.until.isoformat()},
        "requests_per_minute": grant.requests_per_minute,
        "subjects_per_day": grant.subjects_per_day,
    }


@lru_cache(10_000)
def grant_of(
    client_id: str,
    role: str,
    purpose: str,
    jurisdiction: str,
    valid_from: date,
    valid_to: date | None,
    category_expiry: str,
    requests_per_minute: int,
    subjects_per_day: int,
    agreement: str,
    legal_basis: str,
    citation: str,
    issuer: str | None,
    suspended: bool,
    categories: str | None,
    arguments: str,
    emergency: bool,
    hidden: str | None,
) -> Grant:
    """Return the same grant for the same row: what is cached is how to read it, never that it holds."""
    return Grant(
        client_id,
        role,
        purpose,
        _jurisdiction(orjson.loads(jurisdiction)),
        valid_from,
        valid_to,
        MappingProxyType({name: date.fromisoformat(day) for name, day in orjson.loads(category_expiry).items()}),
        requests_per_minute,
        subjects_per_day,
        agreement,
        legal_basis,
        citation,
        issuer,
        bool(suspended),
        None if categories is None else frozenset(orjson.loads(categories)),
        MappingProxyType({name: ArgumentTerms.parsed(terms) for name, terms in orjson.loads(arguments).items()}),
        bool(emergency),
        None if hidden is None else _hidden(orjson.loads(hidden)),
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
