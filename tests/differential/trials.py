"""Queries compared one after another, and what a difference looks like to the person who must find its cause."""

import os
import random
from collections.abc import Iterable

from graphql import parse, validate

from resolvers.plan.planned import Planned
from tests.differential.callers import askers, catalogue, keys, recipient_of
from tests.differential.comparison import compared
from tests.differential.queries import Queries, Query
from tests.differential.share import SHARE

VARIABLE = "LIENTHONG_DIFFERENTIAL_QUERIES"
"""How many queries each generator makes in the slow tests, in the environment; 2,500 where it is not set."""

HONEST = 0.4
"""The share of trials in which the registers tell the truth in time."""


def many() -> int:
    return int(os.environ.get(VARIABLE, "2500"))


def generated(seed: str, number: int) -> Iterable[tuple[Query, tuple[str, str], int | None]]:
    """Yield queries of our own generator, each with who asks and the registers' seed."""
    chance = random.Random(seed)
    for _ in range(number):
        asker = chance.choice(askers())
        queries = Queries(chance, catalogue(), keys().sealer(recipient_of(asker[0])), asker[0])
        yield queries.next(), asker, None if chance.random() < HONEST else chance.randrange(10**6)


async def check(planned: Planned, query: Query, asker: tuple[str, str], seed: int | None) -> bool:
    """Compare one query; tell whether it was a valid one. Raises AssertionError that says how to run it again."""
    document = parse(query.text)
    if validate(catalogue().schema, document):
        return False
    found = await compared(planned, document, query.variables, asker, seed)
    SHARE["compared"] += 1
    SHARE["planned"] += found.planned is not None
    SHARE["rows"] += found.told.rows
    SHARE["errors"] += len(found.reference.errors or ())
    SHARE["denials"] += len(found.told.denials)
    differences = found.differences()
    assert not differences, (differences, asker, seed, query.text, query.variables)
    return True
