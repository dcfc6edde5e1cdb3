"""Agreements as officers write them: a TOML file, read and checked against policy. docs/agreements.md has the table."""

import re
from collections.abc import Container, Iterator
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from auth.agreements.store import Agreement, AgreementInvalid, agreement_of
from auth.argument_terms import ArgumentTerms
from auth.citizen_numbers import may_hold_a_number
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import KIND_BY_ROLE
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction
from auth.toml_table import TOMLTable
from reference.units import COMMUNE_DIGITS, PROVINCE_DIGITS, unit_at

FIRST_DAY_OF_34 = date(2025, 7, 1)
"""From this day on units have the codes that agreements name."""

LEAST_PER_MINUTE = 1_000
"""New persons and learners in a minute where the agreement says nothing; else the day's in an hour."""

LONGEST_HIDDEN_YEARS = 10
"""Entries may not be hidden for ever, nor for as good as ever: a longer time takes another agreement."""

MOST_MEGABYTES = 100
"""No answer is larger, whatever is agreed: it is in memory as values and as text before the first byte is sent."""

_NUMBER = re.compile(r"[\w./-]{1,64}")
_COORDINATE = re.compile(r"[A-Z]\w*\.[a-z]\w*")
_SCHOOL_YEAR = re.compile(r"20[0-9]{2}-20[0-9]{2}")
_LEVEL = re.compile(r"[A-Z_]+")


def read_agreements(path: Path, policies: PolicySet) -> tuple[Agreement, ...]:
    """Return the agreements of a file. Raises AgreementInvalid naming the agreement and the key."""
    table = TOMLTable.of_file(path, AgreementInvalid)
    agreements = tuple(_agreement(one, policies) for one in table.tables("agreement"))
    table.finish()
    numbers = [one.number for one in agreements]
    for number in numbers:
        if numbers.count(number) > 1:
            raise AgreementInvalid(f"{path.name}: agreement `{number}` is there more than once")
    return agreements


def _agreement(table: TOMLTable, policies: PolicySet) -> Agreement:
    number = table.text("number")
    table.where = f"agreement `{number}`"
    if not _NUMBER.fullmatch(number) or may_hold_a_number(number):
        raise table.wrong("number", "must have 1 to 64 letters, digits or ./_- and name no citizen number")
    client_id, issuer, citation = table.text("client"), table.optional_text("issuer"), table.text("citation")
    basis = _known(table, "basis", table.text("basis"), policies.legal_bases)
    role = _known(table, "role", table.text("role"), policies.roles.keys() - KIND_BY_ROLE.keys())
    begins, ends = table.day("valid_from"), table.optional_day("valid_to")
    if ends is not None and ends < begins:
        raise table.wrong("valid_to", "is before `valid_from`")
    covers = _jurisdiction(table.optional("covers"))
    of_all: dict[str, Any] = {"agreement": number, "legal_basis": basis, "citation": citation, "issuer": issuer}
    of_all["misses_per_day"] = table.optional_number("misses_per_day") or 100
    of_all["misses_percent"] = table.optional_number("misses_percent") or 25
    grants: list[Grant] = []
    for purpose in table.tables("purpose"):
        name = purpose.text("name")
        purpose.where = f"agreement `{number}`, purpose `{name}`"
        if name not in policies.roles[role].purposes:
            raise purpose.wrong("name", f"is not one of the purposes of the role `{role}`")
        if any(grant.purpose == name for grant in grants):
            raise purpose.wrong("name", "is there more than once")
        terms = dict(_terms(purpose, covers, policies))
        if terms["hidden"] is not None and terms["hidden"].until.year > begins.year + LONGEST_HIDDEN_YEARS:
            raise purpose.wrong("hidden", f"must end within {LONGEST_HIDDEN_YEARS} years of `valid_from`")
        purpose.finish()
        grants.append(Grant(client_id, role, name, valid_from=begins, valid_to=ends, **terms, **of_all))
    table.finish()
    return agreement_of(tuple(grants))


def _terms(table: TOMLTable, covers: Jurisdiction, policies: PolicySet) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a grant that one purpose decides, by name."""
    own = table.optional("covers")
    yield "jurisdiction", covers if own is None else _jurisdiction(own)
    categories = table.optional_names("categories")
    for category in sorted(categories or ()):
        _known(table, "categories", category, policies.categories)
    yield "categories", None if categories is None else frozenset(categories)
    expiry = table.days("category_expiry")
    for category in expiry:
        _known(table, "category_expiry", category, policies.categories if categories is None else categories)
    yield "category_expiry", expiry
    yield "requests_per_minute", table.optional_number("requests_per_minute") or 600
    subjects = table.optional_number("subjects_per_day") or 10_000
    yield "subjects_per_day", subjects
    yield "subjects_per_minute", table.optional_number("subjects_per_minute") or max(LEAST_PER_MINUTE, subjects // 60)
    megabytes = table.optional_number("answer_megabytes") or 10
    if megabytes > MOST_MEGABYTES:
        raise table.wrong("answer_megabytes", f"must be {MOST_MEGABYTES} at most")
    yield "answer_megabytes", megabytes
    yield "arguments", MappingProxyType(dict(_arguments(table)))
    yield "emergency", table.flag("emergency", default=False)
    hidden = table.optional("hidden")
    yield "hidden", None if hidden is None else _hidden(hidden)


def _jurisdiction(table: TOMLTable | None) -> Jurisdiction:
    """Return whom the table covers: nobody where there is none, so that only consents open anything."""
    if table is None:
        return Jurisdiction()
    provinces, communes = (frozenset(table.optional_names(name) or ()) for name in ("provinces", "communes"))
    for name, codes, digits in (("provinces", provinces, PROVINCE_DIGITS), ("communes", communes, COMMUNE_DIGITS)):
        for code in sorted(codes):
            if len(code) != digits or unit_at(code, FIRST_DAY_OF_34) is None:
                raise table.wrong(name, f"names `{code}`, which is no unit since 1 July 2025")
    cohorts = frozenset(map(_cohort, table.tables("cohorts", least=0)))
    country, institutions = table.flag("country", default=False), frozenset(table.codes("institutions"))
    covers = Jurisdiction(country, provinces, institutions, communes, cohorts)
    if cohorts and not covers.somewhere:
        raise table.wrong("cohorts", "narrow places down, and there are none: name `country` for all")
    table.finish()
    return covers


def _cohort(table: TOMLTable) -> Cohort:
    year, level, grade = table.text("school_year"), table.text("level"), table.optional_number("grade")
    if not _SCHOOL_YEAR.fullmatch(year) or int(year[5:]) != int(year[:4]) + 1:
        raise table.wrong("school_year", "must be one such as `2026-2027`")
    if not _LEVEL.fullmatch(level):
        raise table.wrong("level", "must be one such as `UPPER_SECONDARY`")
    table.finish()
    return Cohort(year, level, grade)


def _arguments(table: TOMLTable) -> Iterator[tuple[str, ArgumentTerms]]:
    for coordinate, terms in table.mapping("arguments").items():
        if not _COORDINATE.fullmatch(coordinate):
            raise table.wrong("arguments", f"names `{coordinate}`, which is no schema coordinate")
        try:
            yield coordinate, ArgumentTerms.parsed(terms)
        except ValueError as error:
            raise table.wrong("arguments", f"of `{coordinate}`: {error}") from error


def _hidden(table: TOMLTable) -> HiddenUse:
    hidden = HiddenUse(table.text("citation"), table.day("until"))
    table.finish()
    return hidden


def _known(table: TOMLTable, key: str, name: str, names: Container[str]) -> str:
    if name not in names:
        raise table.wrong(key, f"names `{name}`, which is not known")
    return name
