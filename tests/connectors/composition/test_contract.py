"""A record in two registers keeps every promise of a record in one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.source import Source
from tests.connectors import contract
from tests.connectors.composition.installations import IN_NORTH, ROUTED, UNION, EveryRecord, configured, opened, split

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[UNION, ROUTED], ids=["union", "routed"])
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Source]:
    urls = split(tmp_path, IN_NORTH.__contains__)
    source = EveryRecord(opened(configured(urls, request.param)))
    yield source
    await source.close()


@pytest.mark.parametrize("promise", [*contract.LOOKUPS, *contract.LISTS], ids=lambda promise: promise.__name__)
async def test_every_promise(source: Source, promise: contract.Promise) -> None:
    await promise(source)
