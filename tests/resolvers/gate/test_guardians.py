"""A guardian who may not be known of is denied, with the reason; not a plain null as if there were none."""

import pytest

from auth.principal import Jurisdiction
from tests.resolvers.both import EXECUTORS, executed
from tests.resolvers.requests import ROWS, Asked, citizen_asking, guardianship

pytestmark = pytest.mark.anyio

GUARDIANS = "{ learner(by: {sectorCode: %s}) { identity { guardians { guardian { fullName } } } } }"
SCHOOL = Jurisdiction(provinces=frozenset({"24"}))
NOT_IN_REGISTER = {**ROWS, "guardianship": (guardianship("nobody", "child"),)}


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("rows", [ROWS, NOT_IN_REGISTER], ids=["in the register", "not in the register"])
async def test_a_guardian_outside_the_jurisdiction_is_denied_whether_there_is_one_or_not(
    executor: str, rows: dict[str, object]
) -> None:
    asked = Asked("population-service", "residence-registration", jurisdiction=SCHOOL, rows=rows)  # type: ignore[arg-type]
    result = await executed(executor, asked, GUARDIANS % '"childs"')
    assert (result.errors, result.data) == (None, {"learner": {"identity": {"guardians": [{"guardian": None}]}}})
    assert asked.denials["Guardianship.guardian", "OUTSIDE_JURISDICTION"] == 1


@pytest.mark.parametrize("executor", EXECUTORS)
async def test_the_other_parent_is_denied_to_a_citizen(executor: str) -> None:
    family = (guardianship("me", "child"), guardianship("stranger", "child"))
    asked = citizen_asking(rows={**ROWS, "guardianship": family})
    result = await executed(executor, asked, GUARDIANS % '"childs"')
    shown = [{"guardian": {"fullName": "name of me"}}, {"guardian": None}]
    assert (result.errors, result.data) == (None, {"learner": {"identity": {"guardians": shown}}})
    assert asked.denials == {("Guardianship.guardian", "NOT_THE_SUBJECT"): 1}
