"""Of a key that several registers have, the first register's row is valid, whatever is asked."""

import pytest

from connectors.composition.overlapping import Overlapping
from connectors.errors import NotOffered, PartlyAvailable, SourceUnavailable
from connectors.records.learners import LEARNER
from connectors.source import EVERYTHING, Condition, Count, Lookup, Order, Page
from tests.connectors.composition.registers import Counted

pytestmark = pytest.mark.anyio

FIRST = [{"sector_code": "K1", "institution_code": "T1", "status": "LEFT"}]
SECOND = [
    {"sector_code": "K1", "institution_code": "T2", "status": "STUDYING"},
    {"sector_code": "K2", "institution_code": "T2", "status": "STUDYING"},
]
THIRD = [
    {"sector_code": "K2", "institution_code": "T2", "status": "LEFT"},
    {"sector_code": "K3", "institution_code": "T2", "status": "LEFT"},
]
AWAY = SourceUnavailable("first", "no answer in time")
AT_T2 = Lookup("learner", "institution_code", ("T2",), ("institution_code", "sector_code", "status"))


def registers() -> tuple[Counted, Counted, Counted]:
    return Counted("first", FIRST), Counted("second", SECOND), Counted("third", THIRD)


async def test_a_key_has_the_row_of_the_first_register_that_has_it() -> None:
    first, second, third = registers()
    asked = Lookup("learner", "sector_code", ("K1", "K2", "K3", "K4"), ("sector_code", "institution_code", "status"))
    rows = await Overlapping(LEARNER, [first, second, third]).rows(asked)
    assert sorted(map(tuple, rows)) == [("K1", "T1", "LEFT"), ("K2", "T2", "STUDYING"), ("K3", "T2", "LEFT")]
    assert [len(register.asked) for register in (first, second, third)] == [1, 1, 1]


async def test_a_row_is_not_found_by_what_the_valid_row_of_its_key_does_not_say() -> None:
    first, second, third = registers()
    rows = await Overlapping(LEARNER, [first, second, third]).rows(AT_T2)
    assert sorted(map(tuple, rows)) == [("T2", "K2", "STUDYING"), ("T2", "K3", "LEFT")]
    again = Lookup("learner", "sector_code", ("K1", "K2", "K3"), ("sector_code",))
    assert first.asked[1:] == [again]
    assert second.asked[1:] == [again._replace(keys=("K3",))]


async def test_a_row_is_not_let_through_by_a_condition_that_the_valid_row_does_not_meet() -> None:
    asked = AT_T2._replace(where=(Condition("status", "=", "LEFT"),))
    rows = await Overlapping(LEARNER, registers()).rows(asked)
    assert list(map(tuple, rows)) == [("T2", "K3", "LEFT")]


async def test_rows_that_a_register_away_may_have_itself_are_missing() -> None:
    first, second, third = registers()
    first.error = AWAY
    with pytest.raises(PartlyAvailable) as partly:
        await Overlapping(LEARNER, [first, second, third]).rows(AT_T2)
    assert (list(partly.value.rows), partly.value.missing) == ([], (AWAY,))


async def test_a_second_question_in_vain_leaves_a_gap() -> None:
    first, second, third = registers()
    first.error_after, first.error = 1, AWAY
    with pytest.raises(PartlyAvailable) as partly:
        await Overlapping(LEARNER, [first, second, third]).rows(AT_T2)
    assert (list(partly.value.rows), partly.value.missing) == ([], (AWAY,))


async def test_rows_of_earlier_registers_do_not_wait_for_later_ones() -> None:
    first, second, third = registers()
    third.error = SourceUnavailable("third", "no answer in time")
    with pytest.raises(PartlyAvailable) as partly:
        await Overlapping(LEARNER, [first, second, third]).rows(AT_T2)
    assert list(map(tuple, partly.value.rows)) == [("T2", "K2", "STUDYING")]


async def test_there_are_no_lists_and_no_counts() -> None:
    source = Overlapping(LEARNER, registers())
    with pytest.raises(NotOffered, match="record `learner`: no lists and no counts over keys that overlap"):
        await source.page(Page("learner", ("sector_code",), EVERYTHING, (), (Order("sector_code"),), 1))
    with pytest.raises(NotOffered):
        await source.counts(Count("learner", EVERYTHING, ()))
