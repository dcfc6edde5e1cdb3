"""A process that reads the small register in an order of its own; it fails on any answer but the right one."""

import asyncio
import random
import sys

from connectors.source import Lookup
from tests.connectors.deployments import education_in
from tests.connectors.small_register import ANH, BINH, DUONG

ROUNDS = 150
COLUMNS = tuple(name for name in ANH if name != "sector_code")


async def read(url: str, seed: int) -> None:
    order = random.Random(seed)
    source = education_in(url, pool=2, deadline_s=20.0)
    for _ in range(ROUNDS):
        columns = ("sector_code", *order.sample(COLUMNS, 3))
        learner = order.choice((ANH, BINH, DUONG))
        rows = await source.rows(Lookup("learner", "sector_code", (learner["sector_code"],), columns))
        expected = tuple(learner[name] for name in columns)
        assert [tuple(row) for row in rows] == [expected], (columns, "another statement's answer")
    await source.close()


if __name__ == "__main__":
    asyncio.run(read(sys.argv[1], int(sys.argv[2])))
