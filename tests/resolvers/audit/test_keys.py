"""Under which other keys a person may have been asked: those of the own, verified records alone."""

import pytest

from resolvers.audit.usage import asked_under
from schema.build import build_schema
from tests.resolvers.contexts import request_of
from tests.resolvers.requests import citizen_asking

pytestmark = pytest.mark.anyio

_, CATALOGUE = build_schema()


@pytest.mark.parametrize(
    ("person", "keys"),
    [("me", ["learner:own"]), ("child", ["learner:childs"]), ("stranger", []), ("nobody", [])],
)
async def test_only_records_that_are_ones_own_or_a_childs_count(person: str, keys: list[str]) -> None:
    request = request_of(citizen_asking("me"), CATALOGUE)
    assert await asked_under(request, person, "Me.dataUsage") == keys


async def test_logs_of_several_persons_ask_the_register_once() -> None:
    asked = citizen_asking("me")
    request = request_of(asked, CATALOGUE)
    await asked_under(request, "me", "Me.dataUsage")
    await asked_under(request, "me", "Me.dataUsage")
    assert len(asked.sources["education"].asked) == 1


async def test_the_log_is_told_where_the_register_is_away() -> None:
    request = request_of(citizen_asking("me", away=frozenset({"education"})), CATALOGUE)
    assert await asked_under(request, "me", "Me.dataUsage") is None
