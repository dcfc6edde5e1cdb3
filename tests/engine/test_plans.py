"""Plans are compiled once for a profile and a choice of directives, in bounds, and go when their decisions go."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from graphql import DocumentNode, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues

from auth.policy.policy_set import PolicySet
from engine.document_weight import plan_weight
from engine.plan import Plan
from engine.plans import Plans
from resolvers.plan.planned import ResolversKnowledge
from resolvers.request.request import Request
from tests.differential.callers import POLICIES, access, catalogue, opened
from tests.differential.comparison import operation_of
from tests.differential.registers import sources

pytestmark = pytest.mark.anyio

CHOOSING = "query($a: Boolean!) { me { learners { fullName sex @include(if: $a) } } }"


def _plans(kept: int = 10) -> Plans:
    """Return plans with room for so many of a handful of nodes."""
    return Plans(catalogue(), ResolversKnowledge(), share=kept * plan_weight(6, 30))


async def _request(persona: str = "parent", purpose: str = "self-service") -> Request:
    return opened(await access((persona, purpose)), sources(None))


def _plan(plans: Plans, document: DocumentNode, given: dict[str, Any], request: Request) -> Plan | None:
    variables = plans.variables(document, operation_of(document), given)
    assert isinstance(variables, VariableValues)
    return plans.plan(document, operation_of(document), variables, request.gate)


async def test_a_plan_is_compiled_once() -> None:
    plans, document, request = _plans(), parse("{ me { learners { fullName } } }"), await _request()
    assert _plan(plans, document, {}, request) is _plan(plans, document, {}, await _same_profile(request))


async def _same_profile(request: Request) -> Request:
    return opened(await access(("graduate", "self-service")), sources(None))


async def test_each_choice_of_directives_has_its_own_plan() -> None:
    plans, document, request = _plans(), parse(CHOOSING), await _request()
    chosen = [_plan(plans, document, {"a": choice}, request) for choice in (True, False, True)]
    assert chosen[0] is chosen[2]
    assert chosen[0] is not chosen[1]


async def test_each_profile_has_its_own_plan() -> None:
    plans, document = _plans(), parse("{ learners { nodes { fullName } } }")
    citizen, agency = await _request(), await _request("dept-hanoi", "school-management")
    assert _plan(plans, document, {}, citizen) is not _plan(plans, document, {}, agency)


async def test_plans_used_longest_ago_make_room() -> None:
    plans, request = _plans(kept=3), await _request()
    documents = [parse(f"{{ a{number}: __typename }}") for number in range(5)]
    made = [_plan(plans, document, {}, request) for document in documents]
    assert len(plans) == 3
    assert _plan(plans, documents[4], {}, request) is made[4]
    assert _plan(plans, documents[0], {}, request) is not made[0]


async def test_plans_go_with_the_decisions_they_were_made_for() -> None:
    plans, held = _plans(), await access(("parent", "self-service"))
    policy = PolicySet.load(POLICIES)
    table = policy.table(held.profile)
    gate = opened(held, sources(None)).gate
    gate._table = table  # type: ignore[attr-defined]
    document = parse("{ me { learners { fullName } } }")
    variables = plans.variables(document, operation_of(document), {})
    assert isinstance(variables, VariableValues)
    plan = weakref.ref(_referable(plans.plan(document, operation_of(document), variables, gate)))
    assert plan() is not None
    del policy, table, gate
    gc.collect()
    assert plan() is None


@pytest.mark.parametrize("query", ["{ me { learners { fullName } } }", "{ institutions(first: 1) { nodes { name } } }"])
async def test_a_plan_and_its_document_are_gone_with_the_last_reference(query: str) -> None:
    plans, request = _plans(kept=2), await _request()
    document = parse(query, no_location=True)
    assert _plan(plans, document, {}, request) is not None
    gone = weakref.ref(operation_of(document))
    gc.collect()
    gc.disable()
    try:
        del document
        assert gone() is not None
        for number in range(3):
            _plan(plans, parse(f"{{ a{number}: __typename }}"), {}, request)
        assert gone() is None
    finally:
        gc.enable()


def _referable(plan: Plan | None) -> Any:
    assert plan is not None
    return plan.fields[0].branch  # type: ignore[union-attr]


async def test_a_plan_knows_of_the_variables_that_choose_it_and_of_no_others() -> None:
    plans, request = _plans(), await _request()
    document = parse(
        "query one($a: Boolean!) { me { learners { fullName @include(if: $a) ...more } } }"
        "fragment more on Learner { sex }"
        "query other($number: String!, $b: Boolean!)"
        "{ learnersByCitizenIds(citizenIds: [$number]) { id @skip(if: $b) } }"
    )
    one = document.definitions[0]
    assert isinstance(one, OperationDefinitionNode)
    for number in ("079203001234", "079203001235"):
        variables = plans.variables(document, one, {"a": True, "number": number, "b": number})
        assert isinstance(variables, VariableValues)
        plans.plan(document, one, variables, request.gate)
    assert len(plans) == 1
    assert [key[1][1] for key in plans._plans._lately._values] == [(True,)]


async def test_choices_of_one_caller_evict_nothing_of_another() -> None:
    plans, request = Plans(catalogue(), ResolversKnowledge(), room=3_000_000, share=2_000_000), await _request()
    quiet = parse("{ me { learners { fullName } } }")
    kept = _plan(plans, quiet, {}, request)
    names = [f"c{number}" for number in range(12)]
    fields = " ".join(f"{name}: fullName @include(if: ${name})" for name in names)
    flood = parse(f"query({' '.join(f'${name}: Boolean!' for name in names)}) {{ me {{ learners {{ {fields} }} }} }}")
    for choice in range(200):
        given = {name: bool(choice >> bit & 1) for bit, name in enumerate(names)}
        variables = plans.variables(flood, operation_of(flood), given, "anonymous")
        assert isinstance(variables, VariableValues)
        plans.plan(flood, operation_of(flood), variables, request.gate, "anonymous")
    assert plans.weight < 6_000_000
    assert _plan(plans, quiet, {}, request) is kept


async def test_threads_get_the_same_plans() -> None:
    plans, request = _plans(kept=4), await _request()
    documents = [parse(f"{{ a{number}: __typename }}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: _plan(plans, documents[at % 8], {}, request), range(400)))
    assert [plan and plan.fields[0].key for plan in found] == [f"a{at % 8}" for at in range(400)]
    assert len(plans) == 4
