"""A conflict between registers is told only to those who may read its category on both sides, and tells no value."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest
from graphql import execute, get_operation_ast, parse

from auth.principal import Jurisdiction
from connectors.source import Lookup
from resolvers.answers.conflicts import differ
from resolvers.plan.planned import Planned
from schema.build import build_schema
from tests.resolvers.contexts import request_of
from tests.resolvers.requests import Asked, citizen, citizen_asking, guardianship, learner

SCHEMA, CATALOGUE = build_schema()
PLANNED = Planned(CATALOGUE)
EVERYTHING = {"fullName", "birthDate", "sex", "ethnicity", "nationality"}
SELECTED = " ".join(f"{name} {{ coordinate registers {{ register }} }}" for name in sorted(EVERYTHING))
QUERY = f"query ($code: ID!) {{ learner(by: {{sectorCode: $code}}) {{ conflicts {{ {SELECTED} }} }} }}"
SECTOR: dict[str, Any] = {"sex": "FEMALE", "ethnicity": "Tày", "nationality": "LA", "birth_date": date(1990, 5, 2)}
POPULATION: dict[str, Any] = {"sex": "MALE", "ethnicity": "Kinh", "nationality": "VN"}
HANOI, COUNTRY = Jurisdiction(provinces=frozenset({"01"})), Jurisdiction(country=True)
SECRETS = ("name of", "Tày", "Kinh", "MALE", "1990")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Trần Minh Khánh", "Trần Minh Khanh", True),
        ("Hoà", "Hòa", True),  # two ways to place the tone: two spellings, and not ours to say which
        ("Nguye\u0302\u0303n An", "Nguyễn An", False),  # NFD and NFC
        ("NGUYỄN  AN ", "Nguyễn An", False),
        ("Nguyễn An", None, False),
        (None, None, False),
        (date(2008, 1, 17), date(2008, 1, 7), True),
        (date(2008, 1, 17), date(2008, 1, 17), False),
    ],
)
def test_values_differ_as_people_read_them(one: Any, other: Any, expected: bool) -> None:
    assert (differ(one, other), differ(other, one)) == (expected, expected)


def _rows(**more: Any) -> dict[str, Any]:
    learners = [
        learner("own", "me", **SECTOR),
        learner("childs", "child", **SECTOR),
        learner("far", "two", "24", "T2", **SECTOR),
        learner("near", "two", **SECTOR),
        learner("unlinked", "me", link_state="UNLINKED", **SECTOR),
        learner("mismatched", "me", link_state="MISMATCHED", **SECTOR),
        learner("agreeing", "agreeing", full_name="name of agreeing", **POPULATION),
        learner("lost", "lost", **SECTOR),
    ]
    citizens = [citizen(person) | POPULATION for person in ("me", "two", "agreeing")]
    citizens.append(citizen("child", date(2016, 5, 1)) | POPULATION)
    return {"learner": learners, "citizen": citizens, "guardianship": [guardianship("me", "child")], **more}


@dataclass
class Case:
    """Who asks about which learner, what is told, and which fields are denied with which code."""

    asked: Asked
    code: str
    told: set[str] | None
    denied: dict[str, str] = field(default_factory=dict)


def _agency(role: str, purpose: str, jurisdiction: Jurisdiction = HANOI, **more: Any) -> Asked:
    return Asked(role, purpose, jurisdiction=jurisdiction, rows=_rows(), **more)


def _closed(*names: str, code: str = "ROLE_NOT_PERMITTED") -> dict[str, str]:
    return {f"LearnerConflicts.{name}": code for name in names}


AGREED = {"me": frozenset({"identity.name", "identity.birth"})}
CASES = {
    "oneself": lambda: Case(citizen_asking(rows=_rows()), "own", EVERYTHING),
    "oneself below level 2": lambda: Case(
        citizen_asking(assurance=1, rows=_rows()),
        "own",
        EVERYTHING - {"ethnicity"},
        _closed("ethnicity", code="ASSURANCE_TOO_LOW"),
    ),
    "a guardian": lambda: Case(citizen_asking(rows=_rows()), "childs", EVERYTHING),
    "a stranger": lambda: Case(citizen_asking(rows=_rows()), "near", None, {"Query.learner": "NOT_THE_SUBJECT"}),
    "registers that agree": lambda: Case(citizen_asking("agreeing", rows=_rows()), "agreeing", set()),
    "school management": lambda: Case(
        _agency("provincial-department", "school-management"),
        "own",
        EVERYTHING - {"nationality"},
        _closed("nationality"),
    ),
    "one of two records in the province": lambda: Case(
        _agency("provincial-department", "school-management"),
        "near",
        EVERYTHING - {"nationality"},
        _closed("nationality"),
    ),
    "the other in another": lambda: Case(
        _agency("provincial-department", "school-management"), "far", None, {"Query.learner": "OUTSIDE_JURISDICTION"}
    ),
    "a link that is missing": lambda: Case(
        _agency("provincial-department", "school-management"), "unlinked", set(), _closed("nationality")
    ),
    "a link that is wrong": lambda: Case(
        _agency("provincial-department", "school-management"), "mismatched", set(), _closed("nationality")
    ),
    "a person who is not in the register": lambda: Case(
        _agency("provincial-department", "school-management"), "lost", set(), _closed("nationality")
    ),
    "admission to grade 1": lambda: Case(
        _agency("provincial-department", "grade-1-admission"),
        "own",
        {"fullName"},
        _closed("birthDate", "sex", "ethnicity", code="PURPOSE_NOT_PERMITTED") | _closed("nationality"),
    ),
    "examinations": lambda: Case(
        _agency("examination-office", "exam-registration", COUNTRY),
        "far",
        EVERYTHING - {"ethnicity"},
        _closed("ethnicity"),
    ),
    # the name is open by consent, but not that the population register knows the person
    "a university by consent": lambda: Case(
        _agency("university", "university-admission", COUNTRY, consents=AGREED),
        "own",
        None,
        {"Learner.conflicts": "ROLE_NOT_PERMITTED"},
    ),
}


async def _answered(asked: Asked, code: str, planned: bool) -> Any:
    document, variables = parse(QUERY), {"code": code}
    if planned:
        operation = get_operation_ast(document)
        assert operation is not None
        result = await PLANNED.executed(request_of(asked, CATALOGUE), document, operation, variables)
    else:
        result = await cast(
            Any,
            execute(SCHEMA._schema, document, context_value=request_of(asked, CATALOGUE), variable_values=variables),
        )
    assert result is not None
    assert not result.errors
    return result.data


@pytest.mark.anyio
@pytest.mark.parametrize("planned", [True, False], ids=["planned", "reference"])
@pytest.mark.parametrize("name", CASES)
async def test_a_conflict_is_told_to_those_who_may_read_it_on_both_sides(name: str, planned: bool) -> None:
    case = CASES[name]()
    data = await _answered(case.asked, case.code, planned)

    conflicts = (data["learner"] or {}).get("conflicts")
    told = None if conflicts is None else {name for name, one in conflicts.items() if one is not None}
    assert told == case.told
    for name_told in told or ():
        assert conflicts is not None
        registers = [{"register": "education"}, {"register": "population"}]
        assert conflicts[name_told] == {"coordinate": f"Learner.{name_told}", "registers": registers}
    assert dict(case.asked.denials.keys()) == case.denied
    assert not any(secret in json.dumps(data, ensure_ascii=False) for secret in SECRETS)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "compared"),
    [
        ("admission to grade 1", {"full_name"}),
        ("school management", {"full_name", "birth_period", "sex", "ethnicity"}),
        ("a university by consent", set()),
        ("a link that is wrong", set()),
        ("a link that is missing", set()),
    ],
)
async def test_what_may_not_be_compared_is_not_even_fetched(name: str, compared: set[str]) -> None:
    case = CASES[name]()
    await _answered(case.asked, case.code, planned=True)

    asked = [one for one in case.asked.questions if isinstance(one, Lookup) and one.record == "citizen"]
    assert {column for one in asked for column in one.columns} - {"person_key", "as_of"} == compared
