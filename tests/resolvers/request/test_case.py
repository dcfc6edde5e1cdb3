"""The dossier that a client names: what the access context becomes, and whose rows it is about."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auth.crypto.keys import Keys, Pseudonyms
from auth.dossiers.store import Dossiers
from auth.dossiers.terms import Opener, Opening
from auth.policy.policy_set import PolicySet
from auth.principal import Jurisdiction, Principal, PrincipalKind, Profile
from auth.state.engine import migrated_engine
from resolvers.request.access import AccessContext
from resolvers.request.case import with_dossier
from resolvers.request.factory import concerns
from tests.auth.policies import COMMITTED, folder_with

pytestmark = pytest.mark.anyio

AT, TODAY, LAST = datetime(2026, 11, 21, 8, tzinfo=UTC), date(2026, 11, 21), date(2026, 12, 21)
ADULT, OTHER, EARLIER = "001099012345", "001185000001", bytes(range(32))
KEYS = Keys(EARLIER)
POLICIES = PolicySet.load(COMMITTED)
OPENING = Opening("dept", "diploma-reissue", "H26-1", Opener.AGENCY, LAST, LAST, "sealed")
CLIENT = Principal(PrincipalKind.CLIENT, "dept", frozenset())
PROFILE = Profile(
    CLIENT.kind, "dept", frozenset({"provincial-department"}), "diploma-correction", 0, case_categories=frozenset()
)
MANDATE = AccessContext(CLIENT, PROFILE, Jurisdiction(), "H26-1", 600, policies=POLICIES)


@pytest.fixture
async def dossiers(tmp_path: Path) -> AsyncIterator[Dossiers]:
    engine = await migrated_engine(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite")
    opened = Dossiers(engine, KEYS)
    await opened.open(OPENING, ADULT, AT, TODAY)
    yield opened
    await engine.dispose()


async def test_an_open_dossier_is_the_access_contexts_with_what_its_procedure_needs(dossiers: Dossiers) -> None:
    found = await with_dossier(MANDATE, dossiers, TODAY)

    assert found.dossier == KEYS.pseudonym(ADULT)
    assert found.profile.case_categories == POLICIES.procedures["diploma-reissue"].categories


@pytest.mark.parametrize(
    "access",
    [
        replace(MANDATE, case=""),
        replace(MANDATE, case="H26-2"),
        replace(MANDATE, profile=replace(PROFILE, purpose="graduation-recognition")),
        replace(MANDATE, principal=replace(CLIENT, client_id="school")),
        replace(MANDATE, principal=replace(CLIENT, kind=PrincipalKind.CITIZEN)),
    ],
    ids=["none", "unknown", "of another purpose", "another client's", "named by a citizen"],
)
async def test_otherwise_the_access_context_stays_as_it_is(dossiers: Dossiers, access: AccessContext) -> None:
    assert await with_dossier(access, dossiers, TODAY) is access


async def test_a_procedure_taken_out_of_policy_opens_nothing(dossiers: Dossiers, tmp_path: Path) -> None:
    without = replace(MANDATE, policies=PolicySet.load(folder_with(tmp_path, "procedures.toml", "")))

    assert await with_dossier(without, dossiers, TODAY) is without


@pytest.mark.parametrize("keys", [KEYS, Keys(bytes(range(1, 33)), [EARLIER])], ids=["in use", "earlier"])
def test_the_subject_is_known_under_the_master_secret_of_the_opening(keys: Keys) -> None:
    concerned = concerns(KEYS.pseudonym(ADULT), Pseudonyms(keys), keys)

    assert concerned is not None
    assert [concerned(person) for person in (ADULT, OTHER)] == [True, False]


def test_a_person_has_one_pseudonym_in_an_operation_and_none_is_made_without_a_dossier() -> None:
    pseudonyms = Pseudonyms(KEYS)
    assert concerns(None, pseudonyms, KEYS) is None
    concerned = concerns(KEYS.pseudonym(ADULT), pseudonyms, KEYS)
    assert concerned is not None
    assert dict(pseudonyms) == {}
    assert [concerned(ADULT), concerned(ADULT)] == [True, True]
    assert list(pseudonyms) == [ADULT]
