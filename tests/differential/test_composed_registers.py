"""With every record in three registers a query has the answer that it has with one, and both executors agree."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, parse, validate

from connectors.errors import NotOffered
from connectors.source import Source
from resolvers.gate.disclosure import Disclosure
from resolvers.plan.comparison import differences
from resolvers.plan.planned import Planned
from tests.differential.callers import Asker, access, catalogue, opened
from tests.differential.comparison import compared_on, operation_of
from tests.differential.composed_registers import PLACES, composed, overlapping, routed, union
from tests.differential.registers import sources
from tests.differential.trials import generated

pytestmark = pytest.mark.anyio


async def _answer(
    planned: Planned, document: DocumentNode, variables: dict[str, Any], asker: Asker, registers: Mapping[str, Source]
) -> tuple[ExecutionResult | None, Disclosure]:
    request = opened(await access(asker), registers)
    return await planned.executed(request, document, operation_of(document), variables), request.disclosure


def _read(disclosure: Disclosure) -> tuple[Any, ...]:
    """Return who was read of, how many rows, and in vain how often."""
    return disclosure.subjects, disclosure.rows, disclosure.missed_keys, disclosure.missed_lists


@pytest.mark.parametrize("kind", [union, routed, overlapping])
async def test_three_registers_answer_as_one(kind: Callable[..., Source]) -> None:
    planned, seen = Planned(catalogue()), Counter[str]()
    for query, asker, _ in generated(f"three {kind.__name__}", 250):
        document = parse(query.text)
        if validate(catalogue().schema, document):
            continue
        one, told = await _answer(planned, document, query.variables, asker, sources(None))
        three, disclosed = await _answer(planned, document, query.variables, asker, composed(kind))
        if one is None or three is None:
            continue
        if any(isinstance(error.original_error, NotOffered) for error in three.errors or ()):
            seen["lists"] += 1
            continue
        found = differences(one, told, three, disclosed)
        assert not found, (found, asker, query.text, query.variables)
        assert _read(told) == _read(disclosed), (asker, query.text, query.variables)
        seen["alike"] += 1
        seen["rows"] += told.rows
    assert seen["alike"] > 120
    assert seen["rows"] > 80
    assert (seen["lists"] > 0) is (kind is overlapping)


async def test_both_executors_agree_with_registers_away() -> None:
    planned, chance, faulty = Planned(catalogue()), random.Random("away"), 0
    for query, asker, _ in generated("three away", 250):
        document = parse(query.text)
        if validate(catalogue().schema, document):
            continue
        kind, away = chance.choice((union, routed)), frozenset(chance.sample(PLACES, 1))
        found = await compared_on(
            planned,
            document,
            query.variables,
            asker,
            lambda kind=kind, away=away: composed(kind, away),  # type: ignore[misc]
        )
        assert not found.differences(), (found.differences(), asker, query.text, query.variables)
        faulty += bool(found.reference.errors)
    assert faulty > 50
