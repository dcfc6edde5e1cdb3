"""All records of a person, by the Gate and by verified links alone."""

from typing import Any

import pytest

from auth.policy.decisions import Holdings
from auth.policy.policy_set import PolicySet
from auth.principal import Jurisdiction
from connectors.errors import SourceUnavailable
from resolvers.request.person_records import RecordKey, records_of
from schema.build import build_schema
from tests.auth.policies import COMMITTED
from tests.resolvers.contexts import request_of
from tests.resolvers.requests import Asked, citizen_asking

pytestmark = pytest.mark.anyio

_, CATALOGUE = build_schema()


async def found(asked: Asked, *persons: str) -> dict[Any, list[RecordKey]]:
    records = await records_of(request_of(asked, CATALOGUE), persons, "Me.dataUsage")
    return {person: list(keys) for person, keys in records.items()}


async def test_records_are_found_by_verified_links_that_the_caller_may_know_of() -> None:
    assert await found(citizen_asking(), "me", "child", "stranger", "nobody") == {
        "me": [RecordKey("learner", "own")],
        "child": [RecordKey("learner", "childs")],
    }
    department = Asked("provincial-department", "school-management", jurisdiction=Jurisdiction(country=True))
    assert await found(department, "two", "me") == {
        "two": [RecordKey("learner", "twos"), RecordKey("learner", "twos other")],
        "me": [RecordKey("learner", "own")],
    }


async def test_a_kind_that_no_register_serves_is_neither_asked_for_nor_denied() -> None:
    asked = citizen_asking(policies=PolicySet.load(COMMITTED, Holdings(frozenset({"learner"}))))
    assert await found(asked, "me") == {}
    assert (asked.questions, asked.denials) == ([], {})


async def test_records_of_a_register_that_is_away_are_not_taken_for_none() -> None:
    with pytest.raises(SourceUnavailable):
        await found(citizen_asking(away=frozenset({"education"})), "me")


def test_a_record_is_accounted_for_by_its_kind_and_its_key() -> None:
    assert (RecordKey("learner", "7").account, RecordKey("student", "7").account) == ("learner:7", "student:7")
