"""An answer that was not asked for is refused as a whole, by a message without any value of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.checked import Checked
from connectors.errors import SourceContractBroken
from connectors.source import EVERYTHING, Count, Lookup, Order, Page
from tests.connectors.fakes import LOOKUP, Answering

pytestmark = pytest.mark.anyio

BORN = date(2015, 3, 2)
BROKEN_ANSWERS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "a row came that nobody asked for": (("HS01", BORN), ("HS66", BORN)),
    "a row came more than once": (("HS01", BORN), ("HS01", None)),
    "a row has another number of columns than asked for": (("HS01", BORN), ("HS02",)),
    "column `birth_date` holds a value of a wrong kind": (("HS01", BORN), ("HS02", "2015-03-02")),
    "column `sector_code` holds a value of a wrong kind": (("HS01", BORN), (b"HS02", BORN)),
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


async def test_a_date_is_no_instant_and_a_boolean_is_no_integer() -> None:
    columns = ("id", "grade", "started_on")
    wrong_rows: tuple[tuple[Any, ...], ...] = (("E1", True, BORN), ("E1", 1, datetime(2015, 3, 2, tzinfo=UTC)))
    for row in wrong_rows:
        with pytest.raises(SourceContractBroken, match="wrong kind"):
            await Checked(Answering(row)).rows(Lookup("enrolment", "id", ("E1",), columns))


async def test_an_instant_is_in_utc() -> None:
    question = Lookup("learner", "sector_code", ("HS01",), ("sector_code", "as_of"))
    with pytest.raises(SourceContractBroken, match="not in UTC"):
        await Checked(Answering(("HS01", datetime(2026, 1, 1)))).rows(question)


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
    for counts in ({("MALE",): -1}, {("MALE",): 1.5}, {(1,): 1}, {("MALE", "01"): 1}):
        with pytest.raises(SourceContractBroken):
            await Checked(Answering(counts=counts)).counts(question)  # type: ignore[arg-type]
