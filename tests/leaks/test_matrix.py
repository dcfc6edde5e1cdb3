"""Every caller by every path to every field: nothing shown that policy does not release, nothing lost that it does."""

import pytest
from graphql import GraphQLObjectType

from tests.auth.policy.test_release import RELEASED
from tests.leaks.callers import CALLERS, Caller
from tests.leaks.fetched import ITS_OWN, readable
from tests.leaks.paths import ROOTS_WITH_RECORDS, ROOTS_WITHOUT_RECORDS
from tests.leaks.selections import VALUES
from tests.leaks.trial import Findings, Trial, findings, kept

pytestmark = pytest.mark.anyio

Found = dict[str, Findings]
EVERYBODY = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)


TYPES_WITHOUT_RECORDS = {"Query", "Mutation", "PageInfo", "DataUsage", "DeniedField", "LearnerCount", "_Service"}
TYPES_OF_POLICY = {"Explanation", "ExplainedError", "RegisterCalls", "FieldAccess", "Limit"}
TYPES_WITHOUT_RECORDS |= {"RightsStep", "RefusalGround", "ClientConsent", "RequestedConsent"}
TYPES_WITHOUT_RECORDS |= {"ConsentEvent", "ConsentFrequency", "ReleasedField"}
TYPES_OF_POLICY |= {"AccessWay", "AccessMissing", "Bilingual", "PermittedQuestions", "PermittedArgument"}
TYPES_WITHOUT_RECORDS |= {"Procedure", "EmergencyReading"}
TYPES_WITHOUT_RECORDS |= {"UsageRule", "UsedField", "UsageProof"}
TYPES_WITHOUT_RECORDS |= {"AuditEntry", "AuditDenial", "AuditAlarm", "ReaderUse", "FieldUse"}


@pytest.fixture(scope="module")
def found() -> Found:
    """What was found so far, by caller."""
    return {}


async def _found(trial: Trial, caller: Caller, found: Found) -> Findings:
    if caller.name not in found:
        found[caller.name] = await findings(trial, caller)
    return found[caller.name]


@EVERYBODY
async def test_a_caller_gets_exactly_what_is_released(trial: Trial, caller: Caller, found: Found) -> None:
    of_caller = await _found(trial, caller, found)
    assert of_caller.leaks == []
    assert of_caller.losses == []


@EVERYBODY
async def test_a_column_that_no_row_may_show_is_not_fetched(trial: Trial, caller: Caller, found: Found) -> None:
    columns = readable(trial.oracle(caller))
    for one in (await _found(trial, caller, found)).fetched:
        if not one.is_for_facts:
            assert one.columns <= columns[one.record] | ITS_OWN[one.record], one.record


@EVERYBODY
async def test_a_record_that_may_never_be_known_of_is_not_asked_for(trial: Trial, caller: Caller, found: Found) -> None:
    oracle = trial.oracle(caller)
    known = {one.record for one in trial.catalogue.record_types.values() if oracle.ever(one.category)}
    known |= {record for record, columns in readable(oracle).items() if columns}
    asked = (await _found(trial, caller, found)).fetched
    assert {lookup.record for lookup in asked if caller.role != "citizen" or not lookup.is_for_facts} <= known


@EVERYBODY
async def test_behind_an_edge_nothing_is_asked_about_those_who_may_not_be_known_of(
    trial: Trial, caller: Caller, found: Found
) -> None:
    world, oracle = trial.world, trial.oracle(caller)
    unseen = [row["sector_code"] for row in world.rows["learner"] if not oracle.sees("Learner", row)]
    unseen += [row["person_key"] for row in world.rows["citizen"] if not oracle.sees("CitizenIdentity", row)]
    for one in (await _found(trial, caller, found)).fetched:
        if one.path in ("edges", "list", "me") and one.record not in ("learner", "guardianship"):
            assert [key for key in unseen if key in one.rest and not one.is_for_facts] == [], one


async def test_every_field_of_every_record_was_asked_for_and_shown_to_somebody(trial: Trial, found: Found) -> None:
    everything = [await _found(trial, caller, found) for caller in CALLERS]
    coordinates = {
        f"{type_.name}.{name}"
        for typename in trial.catalogue.record_types
        for type_ in trial.catalogue.concrete(trial.catalogue.schema.type_map[typename])
        for name in type_.fields
    }
    assert coordinates == set().union(*(one.asked for one in everything))
    assert coordinates == set().union(*(one.shown for one in everything))


async def test_nothing_of_anybody_is_kept_in_our_own_state(trial: Trial, found: Found) -> None:
    for caller in CALLERS:
        await _found(trial, caller, found)
    assert '"released"' in trial.audit()
    assert kept(trial) == []


async def test_the_paths_know_every_root_and_every_type(trial: Trial) -> None:
    schema = trial.catalogue.schema
    assert schema.query_type is not None
    assert set(schema.query_type.fields) <= ROOTS_WITH_RECORDS | ROOTS_WITHOUT_RECORDS
    known = trial.catalogue.record_types.keys() | VALUES.keys() | TYPES_WITHOUT_RECORDS | TYPES_OF_POLICY
    types = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    for type_ in types:
        if not type_.name.startswith("__") and type_.name not in known:
            assert type_.name.endswith(("Connection", "Edge")), type_.name


def test_there_is_a_caller_for_every_role_purpose_and_assurance() -> None:
    assert {(one.role, one.purpose, one.assurance) for one in CALLERS} == {row[:3] for row in RELEASED}
