"""Every connector keeps every promise."""

from collections.abc import AsyncIterator

import pytest

from connectors.errors import NotOffered
from connectors.guards.checked import Checked
from connectors.guards.resilience import Resilient, SourceLimits
from connectors.memory import MemorySource
from connectors.source import EVERYTHING, Count, Order, Page, Source
from tests.connectors import contract
from tests.connectors.deployments import education_at, education_in
from tests.connectors.register_service import RegisterService
from tests.connectors.small_register import ROWS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def memory() -> Source:
    return Resilient(Checked(MemorySource("education", ROWS)), SourceLimits())


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Source]:
    source = education_in(sqlite_url)
    yield source
    await source.close()


@pytest.fixture
async def postgresql_source(postgresql_url: str) -> AsyncIterator[Source]:
    source = education_in(postgresql_url)
    yield source
    await source.close()


@pytest.fixture
async def rest(service: RegisterService) -> AsyncIterator[Source]:
    source = education_at(service.url, batch=20_000)
    yield source
    await source.close()


@pytest.mark.parametrize("promise", [*contract.LOOKUPS, *contract.LISTS], ids=lambda promise: promise.__name__)
class TestEveryPromise:
    async def test_memory(self, memory: Source, promise: contract.Promise) -> None:
        await promise(memory)

    async def test_sqlite(self, sqlite: Source, promise: contract.Promise) -> None:
        await promise(sqlite)

    @pytest.mark.servers
    async def test_postgresql(self, postgresql_source: Source, promise: contract.Promise) -> None:
        await promise(postgresql_source)


@pytest.mark.parametrize("promise", contract.LOOKUPS, ids=lambda promise: promise.__name__)
async def test_rest_keeps_the_promises_of_lookups(rest: Source, promise: contract.Promise) -> None:
    await promise(rest)


async def test_rest_offers_no_lists_however_often_it_is_asked(rest: Source) -> None:
    for _ in range(20):
        with pytest.raises(NotOffered, match="register `education`: offers no lists"):
            await rest.page(Page("learner", ("sector_code",), EVERYTHING, (), (Order("sector_code"),), 1))
        with pytest.raises(NotOffered):
            await rest.counts(Count("learner", EVERYTHING, ()))
    await contract.rows_of_the_keys_asked_only(rest)
