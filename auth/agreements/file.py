"""Agreements as officers write them: a TOML file, read and checked against policy. docs/agreements.md has the table."""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from msgspec import Meta, field

from auth.agreements.store import Agreement, AgreementInvalid, agreement_of
from auth.argument_terms import ArgumentTerms
from auth.citizen_numbers import may_hold_a_number
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import KIND_BY_ROLE
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction
from reference.toml_table import Codes, NameSet, Number, Text, TOMLTable, content_of, validated
from reference.units import COMMUNE_DIGITS, PROVINCE_DIGITS, unit_at

FIRST_DAY_OF_34 = date(2025, 7, 1)
"""From this day on units have the codes that agreements name."""

LEAST_PER_MINUTE = 1_000
"""New persons and learners in a minute where the agreement says nothing; else the day's in an hour."""

LONGEST_HIDDEN_YEARS = 10
"""Entries may not be hidden for ever, nor for as good as ever: a longer time takes another agreement."""

MOST_MEGABYTES = 100
"""No answer is larger, whatever is agreed: it is in memory as values and as text before the first byte is sent."""

_COORDINATE = re.compile(r"[A-Z]\w*\.[a-z]\w*")

_AgreementNumber = Annotated[str, Meta(pattern=r"^[\w./-]{1,64}\Z")]
_SchoolYear = Annotated[str, Meta(pattern=r"^20[0-9]{2}-20[0-9]{2}\Z")]
_Level = Annotated[str, Meta(pattern=r"^[A-Z_]{1,64}\Z")]


class CohortTable(TOMLTable, frozen=True, kw_only=True):
    school_year: _SchoolYear
    level: _Level
    grade: Number | None = None


class CoversTable(TOMLTable, frozen=True, kw_only=True):
    """Whom an agreement or a purpose covers: nobody where it says nothing, so that only consents open anything."""

    country: bool = False
    provinces: NameSet | None = None
    communes: NameSet | None = None
    institutions: Codes = frozenset()
    cohorts: Annotated[tuple[CohortTable, ...], Meta(max_length=1_000)] = ()


class HiddenTable(TOMLTable, frozen=True, kw_only=True):
    citation: Text
    until: date


class PurposeTable(TOMLTable, frozen=True, kw_only=True):
    name: Text
    covers: CoversTable | None = None
    categories: NameSet | None = None
    category_expiry: dict[str, date] = field(default_factory=dict)
    requests_per_minute: Number = 600
    subjects_per_day: Number = 10_000
    subjects_per_minute: Number | None = None
    answer_megabytes: Annotated[int, Meta(ge=1, le=MOST_MEGABYTES)] = 10
    arguments: dict[str, Any] = field(default_factory=dict)
    emergency: bool = False
    hidden: HiddenTable | None = None


class AgreementTable(TOMLTable, frozen=True, kw_only=True):
    number: _AgreementNumber
    client: Text
    issuer: Text | None = None
    basis: Text
    citation: Text
    role: Text
    valid_from: date
    valid_to: date | None = None
    covers: CoversTable = CoversTable()
    misses_per_day: Number = 100
    misses_percent: Number = 25
    purpose: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=1_000)]
    """Each a PurposeTable, validated by itself so that an error can name it."""


class AgreementsFile(TOMLTable, frozen=True, kw_only=True):
    agreement: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=100_000)]


def read_agreements(path: Path, policies: PolicySet) -> tuple[Agreement, ...]:
    """Return the agreements of a file. Raises AgreementInvalid naming the agreement and the key."""
    tables = validated(AgreementsFile, content_of(path, AgreementInvalid), path.name, AgreementInvalid).agreement
    agreements = tuple(_agreement(_table(path, place, table), policies) for place, table in enumerate(tables, start=1))
    numbers = [agreement.number for agreement in agreements]
    for number in numbers:
        if numbers.count(number) > 1:
            raise AgreementInvalid(f"{path.name}: agreement `{number}` is there more than once")
    return agreements


def _table(path: Path, place: int, table: Mapping[str, Any]) -> AgreementTable:
    """Return one agreement as the file has it; errors name it by its number, where that is one."""
    where, number = f"{path.name}, `agreement` {place}", table.get("number")
    if isinstance(number, str) and may_hold_a_number(number):
        raise AgreementInvalid(f"{where}: `number` must name no citizen number")
    is_number = isinstance(number, str) and re.fullmatch(r"[\w./-]{1,64}", number)
    return validated(AgreementTable, table, f"agreement `{number}`" if is_number else where, AgreementInvalid)


def _agreement(table: AgreementTable, policies: PolicySet) -> Agreement:
    where = f"agreement `{table.number}`"
    _check_known(where, "basis", table.basis, policies.legal_bases)
    _check_known(where, "role", table.role, policies.roles.keys() - KIND_BY_ROLE.keys())
    if table.valid_to is not None and table.valid_to < table.valid_from:
        raise AgreementInvalid(f"{where}: `valid_to` is before `valid_from`")
    covers = _jurisdiction(where, table.covers)
    grants: dict[str, Grant] = {}
    for number, content in enumerate(table.purpose, start=1):
        name = content.get("name")
        place = (
            f"{where}, purpose `{name}`"
            if isinstance(name, str) and name in policies.purposes
            else f"{where}, `purpose` {number}"
        )
        purpose = validated(PurposeTable, content, place, AgreementInvalid)
        if purpose.name not in policies.roles[table.role].purposes:
            raise AgreementInvalid(f"{place}: `name` is not one of the purposes of the role `{table.role}`")
        if purpose.name in grants:
            raise AgreementInvalid(f"{place}: `name` is there more than once")
        own = covers if purpose.covers is None else _jurisdiction(place, purpose.covers)
        grants[purpose.name] = _grant(place, table, purpose, own, policies)
    return agreement_of(tuple(grants.values()))


def _grant(
    where: str, table: AgreementTable, purpose: PurposeTable, covers: Jurisdiction, policies: PolicySet
) -> Grant:
    for category in sorted(purpose.categories or ()):
        _check_known(where, "categories", category, policies.categories)
    for category in purpose.category_expiry:
        listed = policies.categories if purpose.categories is None else purpose.categories
        _check_known(where, "category_expiry", category, listed)
    hidden = purpose.hidden
    if hidden is not None and hidden.until.year > table.valid_from.year + LONGEST_HIDDEN_YEARS:
        raise AgreementInvalid(f"{where}: `hidden` must end within {LONGEST_HIDDEN_YEARS} years of `valid_from`")
    least = max(LEAST_PER_MINUTE, purpose.subjects_per_day // 60)
    return Grant(
        client_id=table.client,
        role=table.role,
        purpose=purpose.name,
        jurisdiction=covers,
        valid_from=table.valid_from,
        valid_to=table.valid_to,
        category_expiry=MappingProxyType(purpose.category_expiry),
        requests_per_minute=purpose.requests_per_minute,
        subjects_per_day=purpose.subjects_per_day,
        subjects_per_minute=purpose.subjects_per_minute or least,
        misses_per_day=table.misses_per_day,
        misses_percent=table.misses_percent,
        answer_megabytes=purpose.answer_megabytes,
        agreement=table.number,
        legal_basis=table.basis,
        citation=table.citation,
        issuer=table.issuer,
        categories=purpose.categories,
        arguments=MappingProxyType(dict(_arguments(where, purpose.arguments))),
        emergency=purpose.emergency,
        hidden=None if hidden is None else HiddenUse(hidden.citation, hidden.until),
    )


def _jurisdiction(where: str, covers: CoversTable) -> Jurisdiction:
    where, provinces, communes = f"{where}, `covers`", covers.provinces or frozenset(), covers.communes or frozenset()
    for name, codes, digits in (("provinces", provinces, PROVINCE_DIGITS), ("communes", communes, COMMUNE_DIGITS)):
        for code in sorted(codes):
            if len(code) != digits or unit_at(code, FIRST_DAY_OF_34) is None:
                raise AgreementInvalid(f"{where}: `{name}` names `{code}`, which is no unit since 1 July 2025")
    for cohort in covers.cohorts:
        if int(cohort.school_year[5:]) != int(cohort.school_year[:4]) + 1:
            raise AgreementInvalid(f"{where}, `cohorts`: `school_year` must be one such as `2026-2027`")
    cohorts = frozenset(Cohort(cohort.school_year, cohort.level, cohort.grade) for cohort in covers.cohorts)
    jurisdiction = Jurisdiction(covers.country, provinces, covers.institutions, communes, cohorts)
    if cohorts and not jurisdiction.somewhere:
        raise AgreementInvalid(f"{where}: `cohorts` narrow places down, and there are none: name `country` for all")
    return jurisdiction


def _arguments(where: str, terms_by_coordinate: Mapping[str, Any]) -> Iterator[tuple[str, ArgumentTerms]]:
    for coordinate, terms in terms_by_coordinate.items():
        if not _COORDINATE.fullmatch(coordinate):
            raise AgreementInvalid(f"{where}: `arguments` names `{coordinate}`, which is no schema coordinate")
        try:
            yield coordinate, ArgumentTerms.parsed(terms)
        except ValueError as error:
            raise AgreementInvalid(f"{where}: `arguments` of `{coordinate}`: {error}") from error


def _check_known(where: str, key: str, name: str, names: Container[str]) -> None:
    if name not in names:
        raise AgreementInvalid(f"{where}: `{key}` names `{name}`, which is not known")
