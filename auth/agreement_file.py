"""Agreements as officers write them: a TOML file, read and checked against policy. docs/agreements.md has the keys."""

import re
import tomllib
from collections.abc import Container, Iterator
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from auth.agreement_keys import Keys
from auth.agreements import Agreement, AgreementInvalid, agreement_of
from auth.argument_terms import ArgumentTerms
from auth.policy import PolicySet
from auth.policy_profiles import KIND_BY_ROLE
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction
from reference.units import COMMUNE_DIGITS, PROVINCE_DIGITS, unit_at

FIRST_DAY_OF_34 = date(2025, 7, 1)
"""From this day on units have the codes that agreements name."""

_NUMBER = re.compile(r"[\w./-]{1,64}")
_LIKE_A_CITIZEN_NUMBER = re.compile(r"[0-9]{9}")
_COORDINATE = re.compile(r"[A-Z]\w*\.[a-z]\w*")
_SCHOOL_YEAR = re.compile(r"20[0-9]{2}-20[0-9]{2}")
_LEVEL = re.compile(r"[A-Z_]+")


def read_agreements(path: Path, policies: PolicySet) -> tuple[Agreement, ...]:
    """Return the agreements of a file. Raises AgreementInvalid naming the agreement and the key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AgreementInvalid(f"{path.name}: cannot be read: {error}") from error
    keys = Keys(path.name, content)
    agreements = tuple(_agreement(one, policies) for one in keys.tables("agreement"))
    keys.finish()
    numbers = [one.number for one in agreements]
    for number in numbers:
        if numbers.count(number) > 1:
            raise AgreementInvalid(f"{path.name}: agreement `{number}` is there more than once")
    return agreements


def _agreement(keys: Keys, policies: PolicySet) -> Agreement:
    number = keys.text("number")
    keys.where = f"agreement `{number}`"
    if not _NUMBER.fullmatch(number) or _LIKE_A_CITIZEN_NUMBER.search(number):
        raise keys.wrong("number", "must have 1 to 64 letters, digits or ./_- and name no citizen number")
    client_id, issuer, citation = keys.text("client"), keys.optional_text("issuer"), keys.text("citation")
    basis = _known(keys, "basis", keys.text("basis"), policies.legal_bases)
    role = _known(keys, "role", keys.text("role"), policies.roles.keys() - KIND_BY_ROLE.keys())
    begins, ends = keys.day("valid_from"), keys.optional_day("valid_to")
    if ends is not None and ends < begins:
        raise keys.wrong("valid_to", "is before `valid_from`")
    covers = _jurisdiction(keys.optional("covers"))
    of_all: dict[str, Any] = {"agreement": number, "legal_basis": basis, "citation": citation, "issuer": issuer}
    grants: list[Grant] = []
    for purpose in keys.tables("purpose"):
        name = purpose.text("name")
        purpose.where = f"agreement `{number}`, purpose `{name}`"
        if name not in policies.roles[role].purposes:
            raise purpose.wrong("name", f"is not one of the purposes of the role `{role}`")
        if any(grant.purpose == name for grant in grants):
            raise purpose.wrong("name", "is there more than once")
        terms = dict(_terms(purpose, covers, policies))
        purpose.finish()
        grants.append(Grant(client_id, role, name, valid_from=begins, valid_to=ends, **terms, **of_all))
    keys.finish()
    return agreement_of(tuple(grants))


def _terms(keys: Keys, covers: Jurisdiction, policies: PolicySet) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a grant that one purpose decides, by name."""
    own = keys.optional("covers")
    yield "jurisdiction", covers if own is None else _jurisdiction(own)
    categories = keys.optional_names("categories")
    for category in sorted(categories or ()):
        _known(keys, "categories", category, policies.categories)
    yield "categories", categories
    expiry = keys.days("category_expiry")
    for category in expiry:
        _known(keys, "category_expiry", category, policies.categories if categories is None else categories)
    yield "category_expiry", expiry
    yield "requests_per_minute", keys.number("requests_per_minute", 600)
    yield "subjects_per_day", keys.number("subjects_per_day", 10_000)
    yield "arguments", MappingProxyType(dict(_arguments(keys)))
    yield "emergency", keys.flag("emergency")
    hidden = keys.optional("hidden")
    yield "hidden", None if hidden is None else _hidden(hidden)


def _jurisdiction(keys: Keys | None) -> Jurisdiction:
    """Return whom the table covers: nobody where there is none, so that only consents open anything."""
    if keys is None:
        return Jurisdiction()
    provinces, communes = keys.names("provinces"), keys.names("communes")
    for name, codes, digits in (("provinces", provinces, PROVINCE_DIGITS), ("communes", communes, COMMUNE_DIGITS)):
        for code in sorted(codes):
            if len(code) != digits or unit_at(code, FIRST_DAY_OF_34) is None:
                raise keys.wrong(name, f"`{code}` is no unit since 1 July 2025")
    cohorts = frozenset(map(_cohort, keys.tables("cohorts", least=0)))
    covers = Jurisdiction(keys.flag("country"), provinces, keys.codes("institutions"), communes, cohorts)
    if cohorts and not covers.somewhere:
        raise keys.wrong("cohorts", "narrow places down, and there are none: name `country` for all")
    keys.finish()
    return covers


def _cohort(keys: Keys) -> Cohort:
    year, level, grade = keys.text("school_year"), keys.text("level"), keys.optional_number("grade")
    if not _SCHOOL_YEAR.fullmatch(year) or int(year[5:]) != int(year[:4]) + 1:
        raise keys.wrong("school_year", "must be one such as `2026-2027`")
    if not _LEVEL.fullmatch(level):
        raise keys.wrong("level", "must be one such as `UPPER_SECONDARY`")
    keys.finish()
    return Cohort(year, level, grade)


def _arguments(keys: Keys) -> Iterator[tuple[str, ArgumentTerms]]:
    for coordinate, terms in keys.mapping("arguments").items():
        if not _COORDINATE.fullmatch(coordinate):
            raise keys.wrong("arguments", f"`{coordinate}` is no schema coordinate")
        try:
            yield coordinate, ArgumentTerms.parsed(terms)
        except (ValueError, AttributeError) as error:
            raise keys.wrong("arguments", f"`{coordinate}`: {error}") from error


def _hidden(keys: Keys) -> HiddenUse:
    hidden = HiddenUse(keys.text("citation"), keys.day("until"))
    keys.finish()
    return hidden


def _known(keys: Keys, key: str, name: str, names: Container[str]) -> str:
    if name not in names:
        raise keys.wrong(key, f"unknown `{name}`")
    return name
