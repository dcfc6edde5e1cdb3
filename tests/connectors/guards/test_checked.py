"""An answer that was not asked for is refused as a whole, a value of a wrong kind alone: neither tells any value."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.errors import SourceContractBroken
from connectors.faults import Fault, FaultyRows
from connectors.guards.checked import Checked
from connectors.source import EVERYTHING, Count, Lookup, Order, Page
from tests.connectors.fakes import LOOKUP, Answering

pytestmark = pytest.mark.anyio

BORN = date(2015, 3, 2)
BROKEN_ANSWERS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "a row came that nobody asked for": (("HS01", BORN), ("HS66", BORN)),
    "a row came more than once": (("HS01", BORN), ("HS01", None)),
    "a row has another number of columns than asked for": (("HS01", BORN), ("HS02",)),
}


@pytest.mark.parametrize("message", BROKEN_ANSWERS)
async def test_a_wrong_row_spoils_the_whole_answer(message: str) -> None:
    with pytest.raises(SourceContractBroken) as broken:
        await Checked(Answering(*BROKEN_ANSWERS[message])).rows(LOOKUP)
    assert str(broken.value) == f"register `education`: record `learner`: {message}"


@pytest.mark.parametrize("answer", [(("HS01", BORN), ("HS66", BORN)), (("HS01", BORN), ("HS01", BORN))])
async def test_a_database_vouches_for_kinds_only(answer: tuple[Any, ...]) -> None:
    with pytest.raises(SourceContractBroken):
        await Checked(Answering(*answer), typed=True).rows(LOOKUP)


def fault(record: str, column: str) -> Fault:
    return Fault("education", record, column)


async def test_a_value_of_a_wrong_kind_is_a_fault_in_its_place() -> None:
    rows = await Checked(Answering(("HS01", BORN), ("HS02", "02/03/2015"))).rows(LOOKUP)
    assert rows == [("HS01", BORN), ("HS02", fault("learner", "birth_date"))]
    assert isinstance(rows, FaultyRows)
    assert rows[1][1].stored == "02/03/2015"
    assert "02/03" not in f"{rows!r} {rows[1][1]}"


async def test_a_date_is_no_instant_and_a_boolean_is_no_integer() -> None:
    columns = ("id", "grade", "started_on")
    wrong_rows: tuple[tuple[Any, ...], ...] = (("E1", True, BORN), ("E1", 1, datetime(2015, 3, 2, tzinfo=UTC)))
    expected = [("E1", fault("enrolment", "grade"), BORN), ("E1", 1, fault("enrolment", "started_on"))]
    for wrong, right in zip(wrong_rows, expected, strict=True):
        assert await Checked(Answering(wrong)).rows(Lookup("enrolment", "id", ("E1",), columns)) == [right]


async def test_an_instant_is_in_utc() -> None:
    question = Lookup("learner", "sector_code", ("HS01",), ("sector_code", "as_of"))
    rows = await Checked(Answering(("HS01", datetime(2026, 1, 1)))).rows(question)
    assert rows == [("HS01", fault("learner", "as_of"))]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (("id", "learner_code", "level"), (("E1", "HS01", "PRIMARY"), (b"E2", "HS01", "PRIMARY"))),
        (("learner_code", "id", "level"), (("HS01", "E1", "PRIMARY"), (b"HS02", "E2", "PRIMARY"))),
        (("id", "level", "learner_code"), (("E1", "PRIMARY", "HS01"), ("E2", "PRIMARY", 2.5))),
    ],
    ids=["its own key", "the key asked by", "its subject's key"],
)
async def test_a_row_whose_key_cannot_be_read_is_dropped_with_an_alarm(columns: Any, rows: Any) -> None:
    keys = ("E1", "E2") if columns[0] == "id" else ("HS01", "HS02")
    with capture_logs() as logs:
        found = await Checked(Answering(*rows)).rows(Lookup("enrolment", columns[0], keys, columns))
    assert found == [rows[0]]
    assert [(entry["alarm"], entry["values"], entry["register"]) for entry in logs] == [(True, 1, "education")]


@pytest.mark.parametrize("key", ["hs01", "HS01 ", " HS01", "HS 01", "\uff28S01", "HS01\u00a0"])
async def test_a_row_that_a_collation_took_for_another_is_dropped_with_an_alarm(key: str) -> None:
    with capture_logs() as logs:
        assert list(await Checked(Answering((key, BORN), ("HS02", BORN))).rows(LOOKUP)) == [("HS02", BORN)]
    assert [(entry["event"], entry["alarm"], entry["rows"]) for entry in logs] == [("keys compared loosely", True, 1)]
    assert key not in str([value for entry in logs for value in entry.values()]).replace("'HS", "")


async def test_a_near_miss_beside_the_row_asked_for_leaves_that_row() -> None:
    assert list(await Checked(Answering(("hs01", None), ("HS01", BORN))).rows(LOOKUP)) == [("HS01", BORN)]


def page(limit: int, by: str | None = None, keys: tuple[str, ...] = ()) -> Page:
    columns = ("id", "learner_code")
    return Page("enrolment", columns, EVERYTHING, (), (Order("id"),), limit, None, by, keys)


async def test_a_page_is_no_longer_than_asked() -> None:
    source = Checked(Answering(("E1", "HS01"), ("E2", "HS01")))
    assert len(await source.page(page(2))) == 2
    for too_short in (page(1), page(1, "learner_code", ("HS01",))):
        with pytest.raises(SourceContractBroken, match="more rows came than asked for"):
            await source.page(too_short)


async def test_a_page_for_keys_holds_these_keys_only() -> None:
    with pytest.raises(SourceContractBroken, match="nobody asked for"):
        await Checked(Answering(("E1", "HS66"))).page(page(1, "learner_code", ("HS01",)))


async def test_counts_are_numbers_of_rows_by_values_of_the_columns() -> None:
    question = Count("learner", EVERYTHING, (), ("sex",))
    for counts in ({("MALE",): -1}, {("MALE",): 1.5}, {("MALE", "01"): 1}):
        with pytest.raises(SourceContractBroken):
            await Checked(Answering(counts=counts)).counts(question)  # type: ignore[arg-type]


async def test_groups_that_cannot_be_read_are_one_group() -> None:
    question = Count("learner", EVERYTHING, (), ("sex",))
    source = Checked(Answering(counts={("MALE",): 3, (1,): 2, (b"x",): 1, (None,): 4}))
    assert await source.counts(question) == {("MALE",): 3, (fault("learner", "sex"),): 3, (None,): 4}


async def test_groups_of_codes_that_nobody_knows_are_one_group() -> None:
    question = Count("learner", EVERYTHING, (), ("province_code", "status"))
    source = Checked(Answering(counts={("01", "STUDYING"): 3, ("01", "nghỉ"): 2, ("01", "?"): 1, ("24", None): 4}))
    with capture_logs() as logs:
        counts = await source.counts(question)
    assert counts == {("01", "STUDYING"): 3, ("01", fault("learner", "status")): 3, ("24", None): 4}
    assert [(entry["column"], entry["values"]) for entry in logs] == [("status", 2)]
    assert "nghỉ" not in str(logs)
