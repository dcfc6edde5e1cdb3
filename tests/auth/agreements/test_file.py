"""An agreements file says exactly what is granted; what it cannot mean is refused, naming the agreement and the key."""

from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from auth.agreements.file import read_agreements
from auth.agreements.store import AgreementInvalid
from auth.argument_terms import ArgumentTerms
from auth.policy.policy_set import PolicySet
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction
from tests.auth.policies import COMMITTED

POLICIES = PolicySet.load(COMMITTED)
WHOLE = """
[[agreement]]
number = "12/TTCS-SGDĐT"
client = "police"
issuer = "https://id.example.vn"
basis = "public-task"
citation = "Decree 194/2025/NĐ-CP art. 16"
role = "population-service"
valid_from = 2026-01-01
valid_to = 2026-12-31
[agreement.covers]
provinces = ["01", "24"]
communes = ["00004"]
institutions = ["017", 17]
cohorts = [{ school_year = "2026-2027", level = "UPPER_SECONDARY", grade = 12 }]

[[agreement.purpose]]
name = "residence-registration"
categories = ["identity.record", "identity.name"]
category_expiry = { "identity.name" = 2026-06-30 }
requests_per_minute = 60
subjects_per_day = 100
answer_megabytes = 100
hidden = { citation = "Law 66/2006/QH11", until = 2027-03-01 }
arguments."Learner.isAtLeast" = { values = { years = [6, 18] }, distinct = 2, days = 30 }

[[agreement.purpose]]
name = "vital-interests"
emergency = true
covers = { country = true }
"""
NAMED = "agreement `12/TTCS-SGDĐT`"
FIRST, COVERS = f"{NAMED}, purpose `residence-registration`", f"{NAMED}, `covers`"


def read(folder: Path, text: str) -> tuple[Grant, ...]:
    path = folder / "agreements.toml"
    path.write_text(text, encoding="utf-8")
    return tuple(grant for one in read_agreements(path, POLICIES) for grant in one.grants)


def test_everything_that_can_be_said_is_in_the_grants(tmp_path: Path) -> None:
    cohorts = frozenset({Cohort("2026-2027", "UPPER_SECONDARY", 12)})
    places = Jurisdiction(False, frozenset({"01", "24"}), frozenset({"017", 17}), frozenset({"00004"}), cohorts)
    of_all = (date(2026, 1, 1), date(2026, 12, 31))
    more: dict[str, Any] = {
        "agreement": "12/TTCS-SGDĐT",
        "legal_basis": "public-task",
        "citation": "Decree 194/2025/NĐ-CP art. 16",
        "issuer": "https://id.example.vn",
    }
    registration = Grant(
        "police",
        "population-service",
        "residence-registration",
        places,
        *of_all,
        MappingProxyType({"identity.name": date(2026, 6, 30)}),
        60,
        100,
        answer_megabytes=100,
        categories=frozenset({"identity.record", "identity.name"}),
        arguments=MappingProxyType({"Learner.isAtLeast": ArgumentTerms(MappingProxyType({"years": (6, 18)}), 2, 30)}),
        hidden=HiddenUse("Law 66/2006/QH11", date(2027, 3, 1)),
        **more,
    )
    everywhere = Jurisdiction(country=True)
    emergency = Grant("police", "population-service", "vital-interests", everywhere, *of_all, emergency=True, **more)
    assert read(tmp_path, WHOLE) == (registration, emergency)


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ('number = "12/TTCS-SGDĐT"', "", "agreements.toml, `agreement` 1: `number` is missing"),
        ('"12/TTCS-SGDĐT"', '"001099012345"', "agreements.toml, `agreement` 1: `number` must name no citizen number"),
        ('basis = "public-task"', 'basis = "favour"', f"{NAMED}: `basis` names `favour`, which is not known"),
        ('role = "population-service"', 'role = "police"', f"{NAMED}: `role` names `police`, which is not known"),
        ('role = "population-service"', 'role = "citizen"', f"{NAMED}: `role` names `citizen`, which is not known"),
        ("valid_to = 2026-12-31", "valid_to = 2025-12-31", f"{NAMED}: `valid_to` is before `valid_from`"),
        ("valid_to = 2026-12-31", 'valid_to = "2026"', f"{NAMED}: `valid_to` must be a date, got a text"),
        ("valid_to = 2026-12-31", "valid_until = 2026-12-31", f"{NAMED}: unknown `valid_until`"),
        ('provinces = ["01", "24"]', 'provinces = ["02"]', f"{COVERS}: `provinces` names `02`, which is no unit since"),
        (
            'provinces = ["01", "24"]',
            'provinces = ["00004"]',
            f"{COVERS}: `provinces` names `00004`, which is no unit since",
        ),
        ('communes = ["00004"]', 'communes = ["00007"]', f"{COVERS}: `communes` names `00007`, which is no unit since"),
        ('communes = ["00004"]', "communes = []", f"{NAMED}: `covers.communes` must be a list of length >= 1"),
        ('"2026-2027"', '"2026-2028"', f"{COVERS}, `cohorts`: `school_year` must be one such as `2026-2027`"),
        (
            "covers = { country = true }",
            "covers = { cohorts = [] }\nfoo = 1",
            "purpose `vital-interests`: unknown `foo`",
        ),
        (
            "covers = { country = true }",
            'covers = { cohorts = [{ school_year = "2026-2027", level = "PRIMARY" }] }',
            "purpose `vital-interests`, `covers`: `cohorts` narrow places down, and there are none",
        ),
        (
            'name = "vital-interests"',
            'name = "statistics"',
            "purpose `statistics`: `name` is not one of the purposes of",
        ),
        ('name = "vital-interests"', 'name = "residence-registration"', f"{FIRST}: `name` is there more than once"),
        (
            '"identity.record", ',
            '"identity.records", ',
            f"{FIRST}: `categories` names `identity.records`, which is not known",
        ),
        ('{ "identity.name" =', '{ "schooling" =', f"{FIRST}: `category_expiry` names `schooling`, which is not known"),
        (
            "requests_per_minute = 60",
            "requests_per_minute = 0",
            f"{FIRST}: `requests_per_minute` must be a whole number >= 1",
        ),
        (
            "subjects_per_day = 100",
            "subjects_per_day = true",
            f"{FIRST}: `subjects_per_day` must be a whole number, got true or false",
        ),
        ("_megabytes = 100", "_megabytes = 101", f"{FIRST}: `answer_megabytes` must be a whole number <= 100"),
        ("_megabytes = 100", "_megabytes = 0", f"{FIRST}: `answer_megabytes` must be a whole number >= 1"),
        (
            "emergency = true",
            'emergency = "yes"',
            "purpose `vital-interests`: `emergency` must be true or false, got a text",
        ),
        (", until = 2027-03-01", "", f"{FIRST}, `hidden`: `until` is missing"),
        ("until = 2027-03-01", "until = 9999-12-31", f"{FIRST}: `hidden` must end within 10 years of `valid_from`"),
        (
            "2026-06-30 }",
            "2026-06-30T00:00:00 }",
            f"{FIRST}: `category_expiry[...]` must be a date, got a time",
        ),
        (
            "{ values = { years = [6, 18] }, distinct = 2, days = 30 }",
            "5",
            "of `Learner.isAtLeast`: terms of arguments",
        ),
        ("distinct = 2", "distinct = 0", f"{FIRST}: `arguments` of `Learner.isAtLeast`: `distinct` must be at least 1"),
        (
            '"Learner.isAtLeast"',
            '"isAtLeast"',
            f"{FIRST}: `arguments` names `isAtLeast`, which is no schema coordinate",
        ),
        (
            "[[agreement]]",
            "[[agreements]]",
            "agreements.toml: unknown `agreements`",
        ),
        ("[[agreement]]", "[agreement", "agreements.toml: cannot be read"),
        (
            'number = "12/TTCS-SGDĐT"',
            'number = "two words"',
            "agreements.toml, `agreement` 1: `number` must be a text matching regex",
        ),
        ('client = "police"', f'client = "{"x" * 4001}"', f"{NAMED}: `client` must be a text of length <= 4000"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, written: str, instead: str, message: str) -> None:
    assert written in WHOLE
    with pytest.raises(AgreementInvalid) as refused:
        read(tmp_path, WHOLE.replace(written, instead, 1))
    assert message in str(refused.value)


def test_a_number_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(AgreementInvalid, match="is there more than once"):
        read(tmp_path, WHOLE + WHOLE)


def test_an_agreement_that_names_no_place_covers_nobody(tmp_path: Path) -> None:
    text = WHOLE[: WHOLE.index("[agreement.covers]")] + '[[agreement.purpose]]\nname = "residence-registration"\n'
    assert [grant.jurisdiction for grant in read(tmp_path, text)] == [Jurisdiction()]
