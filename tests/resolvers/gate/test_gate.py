"""The Gate: for each profile and standing, what of a row is handed up, what is denied, and what is never asked for."""

from typing import Any

import pytest

from auth.principal import Jurisdiction
from connectors.errors import SourceUnavailable
from connectors.source import Lookup, Page
from engine.declarations import Sort, Test
from engine.gate import OutputColumn, RowQuery
from resolvers.gate.filters import FilterDenied
from tests.resolvers.requests import CHILD, Asked, citizen_asking, learner_ask

pytestmark = pytest.mark.anyio

NAME, BIRTH, NUMBER = (
    ("full_name", "identity.name"),
    ("birth_date", "identity.birth"),
    ("citizen_id", "identity.number"),
)
HANOI = Jurisdiction(provinces=frozenset({"01"}))
COUNTRY = Jurisdiction(country=True)
ALL = ("own", "unlinked", "mismatched", "childs", "strangers", "twos", "twos other", "nobody's")


def department(purpose: str, **more: Any) -> Asked:
    return Asked("provincial-department", purpose, jurisdiction=HANOI, **more)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked("public", "public"), []),
        (citizen_asking(), ["own", "childs"]),
        (citizen_asking(assurance=0), []),
        (citizen_asking("stranger"), ["strangers"]),
        (citizen_asking("two"), ["twos", "twos other"]),
        (citizen_asking(None), []),
        (department("school-management"), ["own", "unlinked", "mismatched", "twos"]),
        (
            Asked("school", "school-management", jurisdiction=Jurisdiction(institutions=frozenset({"T2"}))),
            ["childs", "strangers", "twos other"],
        ),
        (Asked("university", "university-admission", jurisdiction=COUNTRY), []),
        (
            Asked("university", "university-admission", consents={"two": frozenset({"identity.name"})}),
            ["twos", "twos other"],
        ),
        (Asked("university", "university-admission", consents={"me": frozenset({"identity.name"})}), ["own"]),
        (Asked("ministry", "statistics", jurisdiction=COUNTRY), []),
    ],
    ids=lambda value: f"{value.role} {value.person}" if isinstance(value, Asked) else "",
)
async def test_rows_are_known_of_by_standing(asked: Asked, expected: list[str]) -> None:
    rows = await asked.looked_up(learner_ask(NAME), *ALL)
    assert rows == [[code, f"name of {code}"] for code in expected]


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        (citizen_asking(), ["name of childs", CHILD]),
        (department("grade-1-admission", rows={}), None),
        (Asked("school", "school-management", jurisdiction=COUNTRY), ["name of childs", CHILD]),
        (Asked("social-insurance", "insurance-benefit", jurisdiction=COUNTRY), ["name of childs", None]),
        (Asked("university", "university-admission", consents={"child": frozenset({"identity.birth"})}), [None, CHILD]),
        (Asked("university", "university-admission", consents={"child": frozenset({"schooling"})}), [None, None]),
    ],
    ids=lambda value: value.purpose if isinstance(value, Asked) else "",
)
async def test_columns_are_nulled_by_row(asked: Asked, values: list[Any] | None) -> None:
    rows = await asked.looked_up(learner_ask(NAME, BIRTH), "childs")
    assert rows == ([] if values is None else [["childs", *values]])


async def test_a_record_that_no_row_may_show_is_not_asked_for() -> None:
    asked = Asked("ministry", "statistics", jurisdiction=COUNTRY)
    assert await asked.looked_up(learner_ask(NAME), "own", "nobody's") == []
    assert asked.questions == []
    assert asked.denials == {("Query.learner", "ROLE_NOT_PERMITTED"): 2}


async def test_a_column_that_no_row_may_show_is_not_asked_for() -> None:
    asked = department("school-management")
    assert await asked.looked_up(learner_ask(NAME, NUMBER), "own") == [["own", "name of own", None]]
    [question] = asked.questions
    assert isinstance(question, Lookup)
    assert "citizen_id" not in question.columns
    assert asked.denials == {("Learner.citizen_id", "ROLE_NOT_PERMITTED"): 1}


async def test_nothing_is_asked_about_persons_who_may_not_be_known_of() -> None:
    asked = department("school-management")
    ask = RowQuery(
        "citizen",
        "person_key",
        "identity.record",
        "Learner.identity",
        (OutputColumn("full_name", "identity.name", "c"),),
    )
    assert await asked.looked_up(ask, "stranger", "two") == [["two", "name of two"]]
    [question] = asked.sources["population"].asked
    assert isinstance(question, Lookup)
    assert question.keys == ("two",)


async def test_a_person_is_known_of_by_any_verified_record_in_the_jurisdiction() -> None:
    asked = department("school-management")
    ask = RowQuery("citizen", "person_key", "identity.record", "c", ())
    assert sorted(await asked.looked_up(ask, "me", "two", "stranger", "nobody")) == [["me"], ["two"]]


@pytest.mark.parametrize("code", ["unlinked", "mismatched"])
async def test_the_way_to_a_person_is_null_where_the_link_is_not_verified(code: str) -> None:
    rows = await department("school-management").looked_up(learner_ask(("person_key", "identity.record")), code, "own")
    assert len(rows) == 2
    assert {row[0]: row[1] for row in rows} == {"own": "me", code: None}


async def test_learners_of_a_person_are_those_with_a_verified_link() -> None:
    rows = await department("school-management").looked_up(learner_ask(NAME, by="person_key"), "me")
    assert rows == [["me", "name of own"]]


async def test_two_categories_on_one_column_are_decided_each_for_itself() -> None:
    slots = (OutputColumn("full_name", "identity.name", "open"), OutputColumn("full_name", "identity.birth", "shut"))
    ask = RowQuery("learner", "sector_code", "learner.record", "Query.learner", slots)
    asked = Asked("university", "university-admission", consents={"me": frozenset({"identity.name"})})
    assert await asked.looked_up(ask, "own") == [["own", "name of own", None]]
    assert asked.denials == {("shut", "CONSENT_REQUIRED"): 1}


async def test_a_key_shown_under_a_category_of_its_own_is_nulled_without_the_row_losing_its_key() -> None:
    asked = Asked("university", "university-admission", consents={"me": frozenset({"identity.name"})})
    assert await asked.looked_up(learner_ask(("sector_code", "learner.code")), "own") == [["own", None]]


async def test_a_value_of_one_type_of_an_interface_is_masked_in_rows_of_every_type() -> None:
    slots = (
        OutputColumn("form", "credential.status", "c"),
        OutputColumn("title", "credential", "Diploma.title", tag="DIPLOMA"),
    )
    ask = RowQuery("credential", "learner_code", "credential.status", "c", slots, tag="form")
    titles = [
        {"id": form, "learner_code": "own", "form": form, "title": "secret"} for form in ("DIPLOMA", "CERTIFICATE")
    ]
    rows = {"learner": Asked("public", "public").rows["learner"], "credential": titles}
    consents = {"me": frozenset({"credential.status"})}
    asked = Asked("university", "university-admission", rows=rows, consents=consents)
    assert await asked.looked_up(ask, "own") == [["own", "DIPLOMA", None], ["own", "CERTIFICATE", None]]
    assert asked.denials == {("Diploma.title", "CONSENT_REQUIRED"): 1}


async def test_unknown_and_invisible_rows_leave_the_same_denial() -> None:
    unknown, invisible = citizen_asking(), citizen_asking()
    assert await unknown.looked_up(learner_ask(NAME), "nobody's") == []
    assert await invisible.looked_up(learner_ask(NAME), "strangers") == []
    assert unknown.denials == invisible.denials == {("Query.learner", "NOT_THE_SUBJECT"): 1}


async def test_a_denial_counts_the_rows_that_are_known_of_and_no_others() -> None:
    asked = citizen_asking(assurance=1)
    await asked.looked_up(learner_ask(("ethnicity", "identity.ethnicity"), direct=False), "own", "childs", "strangers")
    assert asked.denials == {("Learner.ethnicity", "ASSURANCE_TOO_LOW"): 2}
    assert asked.disclosure.rows == 2
    assert asked.disclosure.subjects == {"me", "child"}


async def test_what_no_row_may_show_is_denied_for_the_reason_that_holds_for_the_row() -> None:
    asked = citizen_asking(assurance=1)
    await asked.looked_up(learner_ask(("disability", "learner.welfare")), "own", "strangers")
    assert asked.denials == {("Learner.disability", "ASSURANCE_TOO_LOW"): 1, ("Query.learner", "NOT_THE_SUBJECT"): 1}


async def test_an_answer_with_several_needs_is_denied_once_for_each_row() -> None:
    slots = (OutputColumn(None, "residence.held", "held"), OutputColumn("person_key", "residence.held", "held"))
    asked = department("school-management")
    await asked.looked_up(RowQuery("learner", "sector_code", "learner.record", "Query.learner", slots), "own", "twos")
    assert asked.denials == {("held", "PURPOSE_NOT_PERMITTED"): 2}


async def test_subjects_without_a_verified_person_are_kept_by_their_learner_code() -> None:
    asked = department("school-management")
    await asked.looked_up(learner_ask(NAME), "unlinked", "own", "strangers")
    assert asked.disclosure.subjects == {"learner:unlinked", "me"}
    assert asked.disclosure.released == {"Learner.full_name"}


async def test_facts_that_cannot_be_loaded_are_not_assumed() -> None:
    asked = citizen_asking(away=frozenset({"population"}))
    assert await asked.looked_up(learner_ask(NAME), "own") == [["own", "name of own"]]
    with pytest.raises(SourceUnavailable):
        await asked.looked_up(learner_ask(NAME), "childs")


async def test_a_row_about_nobody_is_a_strangers() -> None:
    rows = {"enrolment": [{"id": "1", "learner_code": None}]}
    asked = department("school-management", rows=rows)
    assert await asked.looked_up(RowQuery("enrolment", "id", "schooling", "c", ()), "1") == []


async def test_a_filter_by_what_the_row_may_not_show_finds_nothing_and_counts_nothing() -> None:
    kinds = [{"id": kind, "learner_code": "own", "kind": kind} for kind in ("BACHELOR", "LANGUAGE")]
    rows = {"learner": Asked("public", "public").rows["learner"], "credential": kinds}
    ask = RowQuery("credential", "learner_code", "credential.status", "c", (), tested=(("kind", "credential"),))
    asked = Asked("university", "university-admission", rows=rows, consents={"me": frozenset({"credential.status"})})
    found = await asked.gate.lookup(asked.gate.prepare(ask), ["own"], (("kind", "=", "BACHELOR"),))
    assert (list(found), asked.disclosure.rows, asked.denials) == ([], 0, {})
    both = Asked(
        "university", "university-admission", rows=rows, consents={"me": frozenset({"credential.status", "credential"})}
    )
    assert len(await both.gate.lookup(both.gate.prepare(ask), ["own"], (("kind", "=", "BACHELOR"),))) == 1


async def test_a_filter_that_no_row_permits_is_refused_before_anything_is_asked() -> None:
    asked = Asked("social-insurance", "insurance-benefit", jurisdiction=COUNTRY)
    ask = RowQuery(
        "credential", "learner_code", "credential.status", "Learner.credentials", (), tested=(("kind", "credential"),)
    )
    with pytest.raises(FilterDenied, match=r"`Learner.credentials\(kind:\)` may not be used: ROLE_NOT_PERMITTED"):
        await asked.gate.lookup(asked.gate.prepare(ask), ["own"], (("kind", "=", "BACHELOR"),))
    assert asked.questions == []


def list_ask(*columns: tuple[str, str]) -> RowQuery:
    slots = (*((column, category) for column, category in columns), ("sector_code", "learner.record"))
    wanted = tuple(OutputColumn(column, category, "Query.learners") for column, category in slots)
    return RowQuery("learner", "sector_code", "learner.record", "Query.learners", wanted)


KEY_ORDER = (("sector_code", False),)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (citizen_asking(), ["childs", "own"]),
        (department("school-management"), ["mismatched", "own", "twos", "unlinked"]),
        (
            Asked(
                "university", "university-admission", jurisdiction=COUNTRY, consents={"me": frozenset({"schooling"})}
            ),
            [],
        ),
        (Asked("employer", "diploma-verification", consents={"me": frozenset({"credential"})}), []),
        (Asked("public", "public"), []),
        (Asked("ministry", "statistics", jurisdiction=COUNTRY), []),
    ],
    ids=lambda value: value.role if isinstance(value, Asked) else "",
)
async def test_a_list_and_its_total_are_of_the_rows_admitted(asked: Asked, expected: list[str]) -> None:
    ask = list_ask()
    rows, more = await asked.gate.page(asked.gate.prepare(ask), KEY_ORDER, (), None, 50, None)
    assert ([row[0] for row in rows], more) == (expected, frozenset())
    assert (await asked.gate.count(ask, (), None)).get(None, 0) == len(expected)
    pages = [question for question in asked.questions if isinstance(question, Page)]
    assert bool(pages) == bool(expected)


async def test_the_row_read_ahead_is_neither_handed_up_nor_counted() -> None:
    asked = department("school-management")
    rows, more = await asked.gate.page(asked.gate.prepare(list_ask(NAME)), KEY_ORDER, (), None, 3, None)
    assert ([row[0] for row in rows], more) == (["mismatched", "own", "twos"], frozenset({None}))
    assert asked.disclosure.rows == 3
    assert asked.disclosure.subjects == {"learner:mismatched", "me", "two"}
    rows, more = await asked.gate.page(asked.gate.prepare(list_ask(NAME)), KEY_ORDER, (), ("twos",), 3, None)
    assert ([row[0] for row in rows], more) == (["unlinked"], frozenset())


async def test_pages_of_many_parents_are_one_question() -> None:
    asked = Asked("school", "school-management", jurisdiction=COUNTRY)
    ask = RowQuery("learner", "institution_code", "learner.record", "Institution.learners", list_ask().slots)
    slots = tuple(OutputColumn(slot.column, slot.category, "Institution.learners") for slot in ask.slots)
    ask = RowQuery("learner", "institution_code", "learner.record", "Institution.learners", slots)
    rows, more = await asked.gate.page(asked.gate.prepare(ask), KEY_ORDER, (), None, 3, ("T1", "T2"))
    assert [row[0] for row in rows].count("T1") == [row[0] for row in rows].count("T2") == 3
    assert more == frozenset({"T1"})
    assert sum(isinstance(question, Page) for question in asked.questions) == 1


async def test_filters_and_sorts_on_what_may_not_be_read_are_refused_before_anything_is_asked() -> None:
    test: tuple[Test, str] = (("birth_date", ">=", CHILD), "identity.birth")
    cases: list[tuple[tuple[Sort, ...], tuple[tuple[Test, str], ...]]] = [
        (KEY_ORDER, (test,)),
        ((("birth_date", False), *KEY_ORDER), ()),
    ]
    for sort, tests in cases:
        asked = department("grade-1-admission")
        with pytest.raises(FilterDenied, match=r"`Query.learners\(birth_date:\)` may not be used"):
            await asked.gate.page(asked.gate.prepare(list_ask(BIRTH)), sort, tests, None, 5, None)
        assert asked.questions == []
    with pytest.raises(FilterDenied):
        await asked.gate.count(list_ask(), (test,), None)


async def test_a_category_of_no_row_is_denied_once_with_its_reason() -> None:
    asked = Asked("public", "public")
    assert asked.gate.permitted("administrative-unit", "Query.administrativeUnit")
    assert not asked.gate.permitted("schooling.statistics", "Query.learnerCounts")
    assert asked.denials == {("Query.learnerCounts", "AUTHENTICATION_REQUIRED"): 1}
