"""A department whose lists are slow takes the education register from nobody."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from connectors.errors import QuestionTooSlow
from connectors.source import EVERYTHING, Count, Order, Page, Source
from tests.connectors import contract
from tests.connectors.deployments import RECORDS, education_in

pytestmark = [pytest.mark.anyio, pytest.mark.servers]

SLOW = Page("institution", ("code",), EVERYTHING, (), (Order("code"),), 1)


@pytest.fixture
async def source(postgresql_url: str) -> AsyncIterator[Source]:
    administrator = await asyncpg.connect(postgresql_url.replace("+asyncpg", ""))
    await administrator.execute("DROP VIEW IF EXISTS slow_schools")
    await administrator.execute("CREATE VIEW slow_schools AS SELECT 'T1' AS code, pg_sleep(60)::text AS name")
    await administrator.close()
    records = {**RECORDS, "institution": {"table": "slow_schools", "columns": {"province_code": "name"}}}
    source = education_in(postgresql_url, records, pool=1, lists=2, deadline_s=2.0, breaker={"failures": 2})
    yield source
    await source.close()


async def test_lookups_go_on_beside_lists_that_end_at_the_limit(source: Source) -> None:
    learners = Count("learner", EVERYTHING, ())
    await asyncio.gather(source.counts(learners), source.counts(learners))  # both connections for lists are open then
    await contract.rows_of_the_keys_asked_only(source)
    ways = (source.page(SLOW), source.counts(Count("institution", EVERYTHING, (), ("province_code",))))
    slow = [asyncio.ensure_future(way) for way in ways]
    for _ in range(10):
        await asyncio.sleep(0.05)
        await contract.rows_of_the_keys_asked_only(source)
    assert [type(error) for error in await asyncio.gather(*slow, return_exceptions=True)] == [QuestionTooSlow] * 2
    again = [source.page(SLOW) for _ in range(2)]
    assert [type(error) for error in await asyncio.gather(*again, return_exceptions=True)] == [QuestionTooSlow] * 2
    await contract.rows_of_the_keys_asked_only(source)
