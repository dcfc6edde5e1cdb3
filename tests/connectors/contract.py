"""What every connector promises, as functions of a source on the small register."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import combinations
from typing import Any

from connectors.records.learners import LEARNER
from connectors.source import EVERYTHING, Alternatives, Condition, Count, Lookup, Operator, Order, Page, Source
from reference.normal_form import nfd
from tests.connectors.small_register import ACCENTED_KEY, ANH, BINH, DUONG

Promise = Callable[[Source], Awaitable[None]]
ALL_LEARNERS = ("HS01", "HS02", "HS03", "HS04", ACCENTED_KEY)


async def codes(source: Source, *where: Condition) -> set[str]:
    rows = await source.rows(Lookup("learner", "sector_code", ALL_LEARNERS, ("sector_code",), where))
    return {row[0] for row in rows}


async def rows_of_the_keys_asked_only(source: Source) -> None:
    rows = await source.rows(Lookup("learner", "sector_code", ("HS03", "HS01"), ("sector_code", "full_name")))
    assert {tuple(row) for row in rows} == {("HS01", "Nguyễn Thị Ánh"), ("HS03", "Ánh Dương")}


async def all_rows_of_a_key_that_is_not_unique(source: Source) -> None:
    rows = await source.rows(Lookup("learner", "institution_code", ("T1", "T2"), ("institution_code", "sector_code")))
    assert {tuple(row) for row in rows} == {("T1", "HS01"), ("T1", "HS02"), ("T2", "HS03"), ("T2", ACCENTED_KEY)}


async def missing_keys_are_absent(source: Source) -> None:
    keys = ("HS99", "", '"', "HS01,HS02", '{"HS01"}', 'HS02","HS03', "NULL", "\\", "'HS04'")
    assert list(await source.rows(Lookup("learner", "sector_code", keys, ("sector_code",)))) == []


async def keys_that_no_register_can_hold_are_absent(source: Source) -> None:
    keys = ("HS01\0", "\ud800", "HS01")
    rows = await source.rows(Lookup("learner", "sector_code", keys, ("sector_code",)))
    assert [tuple(row) for row in rows] == [("HS01",)]


async def columns_in_the_order_asked_with_their_kinds(source: Source) -> None:
    columns = tuple(reversed(LEARNER.columns))
    (row,) = await source.rows(Lookup("learner", "sector_code", ("HS01",), columns))
    expected = {**ANH, "birth_period": ANH["birth_date"].isoformat()}
    assert tuple(row) == tuple(expected[name] for name in columns)
    assert [type(value) for value in row] == [type(expected[name]) for name in columns]


async def whole_marks_are_numbers(source: Source) -> None:
    rows = await source.rows(Lookup("enrolment", "id", ("E1", "E3", "E4"), ("id", "average_mark", "grade")))
    assert {tuple(map(repr, row)) for row in rows} == {
        ("'E1'", "8.0", "4"),
        ("'E3'", "None", "None"),
        ("'E4'", "7.5", "11"),
    }


async def rows_of_a_key_are_ordered(source: Source) -> None:
    for order, expected in (
        (Order("started_on"), ["E3", "E1", "E2"]),
        (Order("started_on", descending=True), ["E2", "E1", "E3"]),
        (Order("grade"), ["E1", "E2", "E3"]),
        (Order("grade", descending=True), ["E2", "E1", "E3"]),
    ):
        question = Lookup("enrolment", "learner_code", ("HS02", "HS01"), ("learner_code", "id"), (), (order,))
        assert [row[1] for row in await source.rows(question) if row[0] == "HS01"] == expected


async def conditions_are_met(source: Source) -> None:
    cases: list[tuple[str, Operator, Any, set[str]]] = [
        ("sex", "=", "FEMALE", {"HS01", "HS03"}),
        ("sex", "in", ("MALE", "FEMALE"), {"HS01", "HS02", "HS03", ACCENTED_KEY}),
        ("sex", "in", (), set()),
        ("poor_household", "=", False, {"HS02"}),
        ("birth_date", "<", date(2015, 3, 2), {"HS02"}),
        ("birth_date", "<=", date(2015, 3, 2), {"HS01", "HS02", "HS04"}),
        ("birth_date", ">", date(2009, 7, 15), {"HS01", "HS04"}),
        ("birth_date", ">=", date(2009, 7, 15), {"HS01", "HS02", "HS04"}),
        ("birth_date", "in", (date(2009, 7, 15),), {"HS02"}),
        ("institution_code", "=", "T2", {"HS03", ACCENTED_KEY}),
        ("institution_code", "in", ("T1", "T9"), {"HS01", "HS02"}),
        ("full_name", "starts-with", "Nguyễn", {"HS01"}),
        ("full_name", "starts-with", "%", set()),
        ("full_name", "=", "x\0", set()),
    ]
    for column, operator, value, expected in cases:
        assert await codes(source, Condition(column, operator, value)) == expected, (column, operator)


async def all_conditions_are_met_together(source: Source) -> None:
    assert await codes(source, Condition("sex", "=", "FEMALE"), Condition("province_code", "=", "24")) == {"HS03"}


async def text_asked_in_nfd_finds_text_in_nfc(source: Source) -> None:
    question = Lookup("learner", "sector_code", (nfd(ACCENTED_KEY),), ("sector_code",))
    assert [tuple(row) for row in await source.rows(question)] == [(ACCENTED_KEY,)]
    name = nfd("Ánh Dương")
    assert await codes(source, Condition("full_name", "=", name)) == {"HS03"}


async def prefixes_asked_in_nfd_find_text_in_nfc(source: Source) -> None:
    assert await codes(source, Condition("full_name", "starts-with", nfd("Nguyễn Thị Á"))) == {"HS01"}
    assert await codes(source, Condition("full_name", "in", (nfd("Ánh Dương"), "nobody"))) == {"HS03"}


async def questions_asked_at_once_get_their_own_answers(source: Source) -> None:
    names = ("full_name", "birth_date", "sex", "poor_household", "citizen_id", "institution_code")
    asked = [
        (learner, ("sector_code", *columns)) for learner in (ANH, BINH, DUONG) for columns in combinations(names, 2)
    ]
    answers = await asyncio.gather(
        *(source.rows(Lookup("learner", "sector_code", (who["sector_code"],), columns)) for who, columns in asked)
    )
    for (learner, columns), rows in zip(asked, answers, strict=True):
        assert [tuple(row) for row in rows] == [tuple(map(learner.get, columns))], columns


async def more_keys_than_any_limit(source: Source) -> None:
    keys = ("HS01", *(f"X{number:06}" for number in range(40_000)))
    assert len(await source.rows(Lookup("learner", "sector_code", keys, ("sector_code",)))) == 1


async def is_ready(source: Source) -> None:
    await source.ready()


def page_of(order: tuple[Order, ...], limit: int, after: tuple[Any, ...] | None = None) -> Page:
    columns = tuple(term.column for term in order)
    return Page("enrolment", columns, EVERYTHING, (), order, limit, after)


async def walked(source: Source, order: tuple[Order, ...], limit: int) -> list[str]:
    """Return the last column of all rows, page after page."""
    found: list[str] = []
    after = None
    while rows := await source.page(page_of(order, limit, after)):
        assert len(rows) <= limit
        found += [row[-1] for row in rows]
        after = tuple(rows[-1])
    return found


async def pages_follow_each_other(source: Source) -> None:
    for order, expected in (
        ((Order("id"),), ["E1", "E2", "E3", "E4", "E5"]),
        ((Order("id", descending=True),), ["E5", "E4", "E3", "E2", "E1"]),
        ((Order("grade"), Order("id")), ["E1", "E2", "E4", "E5", "E3"]),
        ((Order("grade", descending=True), Order("id")), ["E5", "E4", "E2", "E1", "E3"]),
        ((Order("average_mark"), Order("started_on", True), Order("id")), ["E4", "E5", "E1", "E2", "E3"]),
        ((Order("conduct"), Order("started_on"), Order("id", True)), ["E3", "E1", "E4", "E2", "E5"]),
    ):
        for limit in (1, 2, 5):
            assert await walked(source, order, limit) == expected, (order, limit)


async def pages_for_each_key(source: Source) -> None:
    order = (Order("started_on", descending=True), Order("id"))
    page = Page("enrolment", ("learner_code", "id"), EVERYTHING, (), order, 2, None, "learner_code", ("HS01", "HS02"))
    ids_by_learner: dict[str, list[str]] = {}
    for learner, enrolment in await source.page(page):
        ids_by_learner.setdefault(learner, []).append(enrolment)
    assert ids_by_learner == {"HS01": ["E2", "E1"], "HS02": ["E5", "E4"]}


IN_T1 = (Condition("institution_code", "in", ("T1",)),)
IN_24 = (Condition("province_code", "=", "24"), Condition("sex", "=", "FEMALE"))


async def pages_hold_only_what_an_alternative_admits(source: Source) -> None:
    cases: list[tuple[Alternatives, list[str]]] = [
        ((), []),
        (((),), ["HS01", "HS02", "HS03", "HS04", ACCENTED_KEY]),
        ((IN_T1,), ["HS01", "HS02"]),
        ((IN_T1, IN_24), ["HS01", "HS02", "HS03"]),
        ((IN_T1, ()), ["HS01", "HS02", "HS03", "HS04", ACCENTED_KEY]),
    ]
    for within, expected in cases:
        page = Page("learner", ("sector_code",), within, (), (Order("sector_code"),), 10)
        assert [row[0] for row in await source.page(page)] == expected


async def conditions_narrow_what_is_admitted(source: Source) -> None:
    where = (Condition("sex", "=", "FEMALE"),)
    page = Page("learner", ("sector_code",), (IN_T1, IN_24), where, (Order("sector_code"),), 10)
    assert [row[0] for row in await source.page(page)] == ["HS01", "HS03"]


async def counts_are_of_what_is_admitted(source: Source) -> None:
    assert await source.counts(Count("learner", EVERYTHING, ())) == {(): 5}
    assert await source.counts(Count("learner", (IN_T1, IN_24), ())) == {(): 3}
    assert await source.counts(Count("learner", (), ())) == {(): 0}
    assert await source.counts(Count("learner", (), (), ("sex",))) == {}


async def counts_by_group(source: Source) -> None:
    counts = await source.counts(Count("learner", EVERYTHING, (), ("province_code", "sex")))
    assert counts == {
        ("01", "FEMALE"): 1,
        ("01", "MALE"): 1,
        ("24", "FEMALE"): 1,
        ("24", None): 1,
        (None, "MALE"): 1,
    }
    assert await source.counts(Count("learner", EVERYTHING, (), ("birth_date",))) == {
        (date(2015, 3, 2),): 2,
        (date(2009, 7, 15),): 1,
        (None,): 2,
    }


LOOKUPS: tuple[Promise, ...] = (
    rows_of_the_keys_asked_only,
    all_rows_of_a_key_that_is_not_unique,
    missing_keys_are_absent,
    keys_that_no_register_can_hold_are_absent,
    columns_in_the_order_asked_with_their_kinds,
    whole_marks_are_numbers,
    rows_of_a_key_are_ordered,
    conditions_are_met,
    all_conditions_are_met_together,
    text_asked_in_nfd_finds_text_in_nfc,
    prefixes_asked_in_nfd_find_text_in_nfc,
    questions_asked_at_once_get_their_own_answers,
    more_keys_than_any_limit,
    is_ready,
)
LISTS: tuple[Promise, ...] = (
    pages_follow_each_other,
    pages_for_each_key,
    pages_hold_only_what_an_alternative_admits,
    conditions_narrow_what_is_admitted,
    counts_are_of_what_is_admitted,
    counts_by_group,
)
