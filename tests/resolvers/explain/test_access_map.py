"""The access map is worked out once for a profile's decisions, and tells each request its own questions."""

import gc
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from auth.argument_terms import ArgumentTerms
from auth.policy.policy_set import PolicySet
from resolvers.explain.access_map import FieldAccessValue, _mapped, access_map
from resolvers.request.access import AccessContext
from resolvers.request.request import Request
from tests.differential.callers import POLICIES, access, opened
from tests.differential.registers import sources

pytestmark = pytest.mark.anyio

AGE = "Learner.isAtLeast"
RESIDENCE = "Learner.heldPermanentResidence"


async def _agency() -> AccessContext:
    return await access(("police", "residence-registration"))


def _agreed(held: AccessContext, number: int, arguments: Mapping[str, ArgumentTerms]) -> Request:
    """Return a request of the same profile under another agreement."""
    assert held.grant is not None
    grant = replace(held.grant, agreement=f"{number}/2026", citation=f"agreement {number}", arguments=arguments)
    return opened(replace(held, grant=grant), sources(None))


def _told(request: Request) -> dict[str, FieldAccessValue]:
    return {access.coordinate: access for access in access_map(request)}


async def test_what_decisions_say_is_worked_out_once_for_them() -> None:
    held = await _agency()
    first, second = (_agreed(held, number, {}) for number in (1, 2))
    assert first.table is second.table
    assert _told(first)["Learner.fullName"] is _told(second)["Learner.fullName"]


async def test_a_map_that_is_shared_tells_each_agreement_its_own_questions() -> None:
    held = await _agency()
    one = _agreed(held, 1, {AGE: ArgumentTerms({"years": (6,)}, 1, 30)})
    other = _agreed(held, 2, {RESIDENCE: ArgumentTerms({}, 7)})
    before = _told(one)
    told_other = _told(other)
    assert _told(one) == before

    assert [_terms(before[name]) for name in (AGE, RESIDENCE)] == [(1, "agreement 1"), (3, "Law on Residence 2020")]
    by_policy, agreed = (_terms(told_other[name]) for name in (AGE, RESIDENCE))
    assert agreed == (7, "agreement 2")
    assert by_policy is not None and by_policy[0] == 4 and str(by_policy[1]).startswith("Law 26/2023/QH15")
    changed = {name for name, access in before.items() if access != told_other[name]}
    assert changed == {AGE, RESIDENCE}


def _terms(access: FieldAccessValue) -> tuple[int, str | None] | None:
    return None if access.questions is None else (access.questions.distinct, access.questions.citation)


async def test_what_is_kept_is_of_no_request() -> None:
    request = _agreed(await _agency(), 1, {AGE: ArgumentTerms({"years": (6,)}, 1, 30)})
    told = _told(request)
    (kept,) = (value for cache, shelf in request.table.memo.items() for value in _of_maps(shelf))
    assert told[AGE].questions is not None
    assert [access.questions for access in kept.accesses] == [None] * len(told)
    assert kept == _mapped(request)


def _of_maps(shelf: Any) -> list[Any]:
    return [entry.value for entry in shelf.values.values() if hasattr(entry.value, "accesses")]


@pytest.mark.parametrize("asker", [("parent", "self-service"), ("police", "residence-registration")])
async def test_a_map_weighs_what_it_takes(asker: tuple[str, str]) -> None:
    held = await access(asker)
    request = replace(opened(held, sources(None)), table=PolicySet.load(POLICIES).table(held.profile))
    made = _mapped(request)
    del made
    gc.collect()
    tracemalloc.start()
    made = _mapped(request)
    gc.collect()
    real = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 0.8 * real < made.weight < 6 * real
