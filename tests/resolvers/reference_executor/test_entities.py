"""Apollo Federation's `_entities`: each representation is answered, or fails, alone and in its place."""

from typing import Any

import pytest

from resolvers.request.request import NODE
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

CALLER_ = CALLER["department:school-management"]
QUERY = """query($of: [_Any!]!) { _entities(representations: $of) {
    __typename ... on Learner { fullName } ... on Institution { name } } }"""


async def test_each_fails_alone(trial: Trial) -> None:
    world, sealer = trial.world, trial.sealer(CALLER_)

    def learner(name: str) -> dict[str, str]:
        return {"__typename": "Learner", "id": sealer.seal(NODE, ("Learner", world.learner(name)["sector_code"]))}

    institution = world.rows["institution"][0]
    of: list[Any] = [
        learner("self"),
        {"__typename": "Learner", "id": "garbled"},
        learner("stranger"),
        {"__typename": "Institution", "code": institution["code"]},
        {"__typename": "Learner"},
        {"__typename": "Nothing", "id": "x"},
        {"id": "x"},
        {**learner("self"), "__typename": "Institution"},
        learner("self"),
    ]
    body = await trial.answer(CALLER_, QUERY, {"of": of})
    found = {"__typename": "Learner", "fullName": world.learner("self")["full_name"]}
    shown = {"__typename": "Institution", "name": institution["name"]}
    assert body["data"]["_entities"] == [found, None, None, shown, None, None, None, None, found]
    assert sorted(error["path"] for error in body["errors"]) == [["_entities", place] for place in (1, 4, 5, 6, 7)]


async def test_too_many_are_refused_together(trial: Trial) -> None:
    body = await trial.answer(
        CALLER_, "query($of: [_Any!]!) { _entities(representations: $of) { __typename } }", {"of": [{}] * 501}
    )
    assert [error["message"] for error in body["errors"]] == ["variable `$of` must have at most 500 items, not 501"]
