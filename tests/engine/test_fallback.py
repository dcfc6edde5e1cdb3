"""Shapes that are the reference executor's are told before anything is read, and all others are planned."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from graphql import parse, validate

from connectors.records import RECORDS
from connectors.source import Count, Lookup, Page, Row
from resolvers.plan.planned import Planned
from tests.differential.callers import access, catalogue, opened
from tests.differential.comparison import operation_of

pytestmark = pytest.mark.anyio

REFERENCE = {
    "introspection": "{ __schema { queryType { name } } }",
    "introspection beside data": '{ __type(name: "Learner") { name } me { learners { fullName } } }',
    "mutation": 'mutation { withdrawConsent(id: "x") { recipient } }',
    "own log": "{ me { learners { fullName } dataUsage { nodes { client } } } }",
    "own consents in a fragment": "{ me { ...C learners { fullName } } } fragment C on Me { consents { recipient } }",
    "aggregates": "{ learnerCounts(by: STATUS) { group } }",
    "federation's own": "{ _service { sdl } me { learners { fullName } } }",
}
PLANNED = {
    "typename": "{ __typename }",
    "handwritten left out": "{ me { learners { fullName } consents @skip(if: true) { recipient } } }",
    "reference data": '{ administrativeUnit(code: "01") { name province { name } } }',
    "any node": '{ node(id: "x") { id ... on Learner { fullName } ... on Diploma { title } } }',
    "entities": "{ _entities(representations: []) { __typename } }",
}


class _Asked(Exception):
    """A register was asked."""


class _Unread:
    """A register that nobody may ask."""

    def __init__(self, register: str) -> None:
        self.register = register

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        raise _Asked(lookup.record)

    async def page(self, page: Page) -> Sequence[Row]:
        raise _Asked(page.record)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        raise _Asked(count.record)

    async def ready(self) -> None:
        return

    async def close(self) -> None:
        return


async def _executed(text: str) -> Any:
    document = parse(text)
    assert validate(catalogue().schema, document) == []
    held = await access(("parent", "self-service"))
    request = opened(held, {record.name: _Unread(record.register) for record in RECORDS.values()})
    return await Planned(catalogue()).executed(request, document, operation_of(document), {})


@pytest.mark.parametrize("text", REFERENCE.values(), ids=REFERENCE)
async def test_the_reference_executor_gets_the_shape_before_anything_is_read(text: str) -> None:
    assert await _executed(text) is None


@pytest.mark.parametrize("text", PLANNED.values(), ids=PLANNED)
async def test_the_shape_is_planned(text: str) -> None:
    assert await _executed(text) is not None


async def test_a_failing_register_is_an_error_of_the_plan_not_a_reason_to_fall_back() -> None:
    result = await _executed("{ me { learners { fullName } } }")
    assert result.data == {"me": {"learners": None}}
    assert [error.path for error in result.errors] == [["me", "learners"]]
