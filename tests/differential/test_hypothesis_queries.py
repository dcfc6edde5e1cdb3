"""The plan's answers are the reference executor's, over what hypothesis-graphql makes of the schema."""

import asyncio
import random
import re
from typing import Any

import pytest
from graphql import print_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from engine.declarations import Handwritten
from resolvers.plan.planned import Planned
from tests.differential.callers import askers, catalogue
from tests.differential.queries import DATES, Query
from tests.differential.registers import rows_by_record
from tests.differential.trials import check, many


def _roots() -> list[str]:
    query = catalogue().schema.query_type
    assert query is not None
    own = [name for name in query.fields if not name.startswith("_")]
    return [name for name in own if not isinstance(catalogue().declaration("Query", name), Handwritten)]


def _handwritten() -> set[str]:
    """Return the names of fields with resolvers of their own: an operation that has one is the reference executor's."""
    types = ("Query", "Me")
    declared = [one for type_ in types for one in catalogue().declarations(type_).items()]
    return {name for name, declaration in declared if isinstance(declaration, Handwritten)}


SDL = print_schema(catalogue().schema)
DATE = st.sampled_from(DATES).map(nodes.String)
SCALARS: dict[str, Any] = {"Date": DATE, "DateTime": DATE, "_Any": st.just("").map(nodes.String)}
HANDWRITTEN = re.compile(rf"\b({'|'.join(_handwritten())})\b")


def _sensible(text: str, chance: random.Random) -> str:
    """Return the query with numbers and sizes that the registers know of, in place of noise."""
    number = chance.choice(rows_by_record()["citizen"])["citizen_id"]
    code = chance.choice(rows_by_record()["learner"])["sector_code"]
    text = re.sub(r'citizenIds: "(?:[^"\\]|\\.)*"', f'citizenIds: "{number}"', text)
    text = re.sub(r'citizenId: "(?:[^"\\]|\\.)*"', f'citizenId: "{number}"', text)
    text = re.sub(r'sectorCode: "(?:[^"\\]|\\.)*"', f'sectorCode: "{code}"', text)
    text = re.sub(r"after: (?:\"(?:[^\"\\]|\\.)*\"|null)", "after: null", text)
    return re.sub(r"first: -?\d+", lambda _: f"first: {chance.randrange(1, 6)}", text)


def _compare(text: str, chance: random.Random, planned: Planned) -> None:
    if not HANDWRITTEN.search(text):
        seeded = chance.randrange(10**6) if chance.random() < 0.5 else None
        asyncio.run(check(planned, Query(_sensible(text, chance)), chance.choice(askers()), seeded))


def _run(number: int, first: int) -> None:
    planned = Planned(catalogue())

    @seed(first)
    @settings(
        max_examples=number,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    @given(text=queries(SDL, fields=_roots(), custom_scalars=SCALARS), chance=st.integers(0, 10**6))
    def compare(text: str, chance: int) -> None:
        _compare(text, random.Random(chance), planned)

    compare()


def test_both_executors_agree() -> None:
    _run(100, 1)


@pytest.mark.slow
def test_both_executors_agree_on_very_many() -> None:
    _run(many(), 2)
