"""Whatever is wrong with a request, neither the answer nor a log says again what it held."""

import pytest

from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

WRONG = [
    '{ learner(by: {citizenId: "%sx"}) { id } }',
    "{ learner(by: {citizenId: %s}) { id } }",
    '{ learner(by: {citizenId: "%s", sectorCode: "1"}) { id } }',
    '{ learner(by: {id: "%s"}) { id } }',
    '{ learner(by: {number: "%s"}) { id } }',
    '{ learner(by: "%s") { id } }',
    '{ learner(by: {citizenId: "%s") { id } }',
    '{ learner(by: {citizenId: "%s',
    '{ learnersByCitizenIds(citizenIds: "%s") { id } }',
    '{ learnersByCitizenIds(citizenIds: ["1", "%s"]) { id } }',
    '{ node(id: "%s") { id } }',
    '{ learners(after: "%s") { totalCount } }',
    "{ learners(first: %s) { totalCount } }",
    '{ learners(filter: {bornFrom: "%s"}) { totalCount } }',
    '{ learners(filter: {status: "%s"}) { totalCount } }',
    '{ institution(code: "%s") { id } }',
    '{ administrativeUnit(code: "%s") { name } }',
    '{ _entities(representations: [{__typename: "Learner", id: "%s"}]) { __typename } }',
    '{ _entities(representations: ["%s"]) { __typename } }',
    '{ learner(by: {sectorCode: "%s"}) { isAtLeast(years: -1) unknownField } }',
    'query { learner(by: {sectorCode: "%s"}) { id } } query',
    "# %s",
]
TYPED = {"$v: String!": "learner(by: {citizenId: $v}) { id }", "$v: Int": "learners(first: $v) { totalCount }"} | {
    "$v: LearnerBy!": "learner(by: $v) { id }",
    "$v: LearnerFilter": "learners(filter: $v) { totalCount }",
    "$v: [String!]!": "learnersByCitizenIds(citizenIds: $v) { id }",
    "$v: [_Any!]!": "_entities(representations: $v) { __typename }",
    "$v: ID!": "node(id: $v) { id }",
}


@pytest.mark.parametrize("name", ["nobody", "citizen stranger:2", "department:school-management"])
async def test_a_wrong_request_is_answered_without_its_words(trial: Trial, name: str) -> None:
    canaries = [trial.world.learner("self")[column] for column in ("citizen_id", "sector_code", "full_name")]
    number, *_ = canaries
    trial.words.clear()
    for query in WRONG:
        response = await trial.send(CALLER[name], query % number)
        assert response.status_code in (200, 400), (query, response.text)
    for declared, field in TYPED.items():
        for value in (canaries, [number], {"citizenId": number, "x": number}, [[number]], number + "\0"):
            await trial.send(CALLER[name], f"query({declared}) {{ {field} }}", {"v": value})
    words = "\n".join(trial.words)
    assert words
    assert [canary in words for canary in canaries] == [False] * 3
    assert "INTERNAL" not in words
