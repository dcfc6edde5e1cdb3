"""The register behind REST: how it is asked, and what its failures become."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from connectors.errors import SourceContractBroken, SourceUnavailable
from connectors.faults import Fault
from connectors.source import Lookup, Source
from tests.connectors import contract
from tests.connectors.deployments import education_at
from tests.connectors.register_service import RegisterService
from tests.connectors.small_register import CITIZEN_NUMBER

pytestmark = pytest.mark.anyio

LOOKUP = Lookup("learner", "sector_code", ("HS01", "HS02"), ("sector_code", "birth_date"))
SHIFTED = (["HS01", "2015-03-02", "x"], ["HS02"])


@pytest.fixture
async def source(service: RegisterService) -> AsyncIterator[Source]:
    source = education_at(service.url, batch=2, pool=2, deadline_s=1.0, breaker={"failures": 50})
    yield source
    await source.close()


async def test_keys_travel_in_the_body_only(source: Source, service: RegisterService) -> None:
    await source.rows(Lookup("learner", "person_key", (CITIZEN_NUMBER,), ("person_key", "sex")))
    assert service.urls == [f"{service.url}/v1/learner/lookup"]
    assert service.asked == [
        {"by": "person_key", "keys": [CITIZEN_NUMBER], "columns": ["person_key", "sex"], "where": [], "order": []}
    ]


async def test_a_long_lookup_is_split_and_its_parts_run_side_by_side_but_not_all(
    source: Source, service: RegisterService
) -> None:
    service.delay_s = 0.05
    rows = await source.rows(Lookup("learner", "sector_code", (*contract.ALL_LEARNERS, "X1", "X2"), ("sector_code",)))
    assert {row[0] for row in rows} == set(contract.ALL_LEARNERS)
    assert sorted(len(question["keys"]) for question in service.asked) == [1, 2, 2, 2]
    assert service.most_in_flight == 2


async def test_one_failing_part_fails_the_lookup(source: Source, service: RegisterService) -> None:
    service.failures = 50
    with pytest.raises(SourceUnavailable, match=r"register `education`: no answer for record `learner` \(status 503\)"):
        await source.rows(Lookup("learner", "sector_code", contract.ALL_LEARNERS, ("sector_code",)))


async def test_an_overloaded_register_is_asked_once_more(source: Source, service: RegisterService) -> None:
    service.failures = 1
    assert len(await source.rows(LOOKUP)) == 2


async def test_a_slow_register_is_unavailable_and_recovers(source: Source, service: RegisterService) -> None:
    service.delay_s = 1.5
    with pytest.raises(SourceUnavailable):
        await source.rows(LOOKUP)
    service.delay_s = 0
    assert len(await source.rows(LOOKUP)) == 2


async def test_an_absent_register_is_unavailable() -> None:
    source = education_at("http://127.0.0.1:9")
    for ask in (source.rows(LOOKUP), source.ready()):
        with pytest.raises(SourceUnavailable):
            await ask
    await source.close()


async def test_a_refused_token_is_not_tried_again(service: RegisterService) -> None:
    source = education_at(service.url, token="wrong")
    with pytest.raises(SourceContractBroken, match=r"refused the question \(status 401\)"):
        await source.rows(LOOKUP)
    assert len(service.urls) == 1
    await source.close()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "did not answer with rows"),
        (b"[]", "did not answer with rows"),
        (b'{"rows": {}}', "did not answer with rows"),
        (b'{"rows": ["HS", "HS"]}', "did not answer with rows"),
        (orjson.dumps({"rows": SHIFTED}), "did not answer with rows"),
        (orjson.dumps({"rows": [["HS66", None]]}), "a row came that nobody asked for"),
        (orjson.dumps({"rows": [["HS01", None], ["HS01", None]]}), "a row came more than once"),
    ],
)
async def test_an_answer_that_was_not_asked_for_is_refused(
    source: Source, service: RegisterService, body: bytes, message: str
) -> None:
    service.body = body
    with pytest.raises(SourceContractBroken, match=message):
        await source.rows(LOOKUP)


@pytest.mark.parametrize("born", [20150302, "02/03/2015", ["2015"], {"on": "2015-03-02"}])
async def test_a_value_of_a_wrong_kind_is_a_fault(source: Source, service: RegisterService, born: Any) -> None:
    service.body = orjson.dumps({"rows": [["HS01", born], ["HS02", None]]})
    fault = Fault("education", "learner", "birth_date")
    assert [tuple(row) for row in await source.rows(LOOKUP)] == [("HS01", fault), ("HS02", None)]
