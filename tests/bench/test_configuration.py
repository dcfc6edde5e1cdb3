"""The comparison's configuration is valid: registers, policies, queries, and the same values in every spelling."""

import random
import tomllib
from datetime import date
from pathlib import Path

import pytest

from auth.policy.decisions import Permit
from auth.policy.policy_set import Policies
from auth.principal import Fact, PrincipalKind, Profile
from bench.__main__ import CASES, parsed
from bench.memory import remembered_sources
from bench.peers.bodies import QUERIES, comparable, leaves, variables_of
from bench.peers.product import PURPOSE, REGISTRAR, written_policies
from bench.season import BATCH, LOOKUPS, WORKERS
from connectors.records import RECORDS
from connectors.registry import open_sources, sources_by_record
from schema.build import build_schema
from schema.documents.documents import Documents

HERE = Path(__file__).parent.parent.parent / "bench" / "peers"


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(build_schema()[0]._schema)


@pytest.mark.parametrize("name", ["q1", "q2", "q3"])
def test_our_queries_are_valid_and_within_the_limits(name: str, documents: Documents) -> None:
    variables = variables_of(name, 1000, random.Random(1))
    given = {("citizenIds" if key == "ids" else key): value for key, value in variables.items()}
    documents.get((QUERIES / f"{name}.graphql").read_text("utf-8")).check_cost(None, {**variables, **given})


def test_the_registers_are_the_peers_tables_by_configuration_alone() -> None:
    config = tomllib.loads((HERE / "registers.toml").read_text("utf-8"))
    sources = open_sources(config, {"database": "postgresql+asyncpg://bench@127.0.0.1:1/bench"})
    assert sorted(sources) == ["credentials", "education", "population"]
    assert sorted(sources_by_record(config, sources)) == sorted(RECORDS) == sorted(remembered_sources())


def test_the_registrar_stands_beside_the_committed_policies(tmp_path: Path) -> None:
    policies = Policies(written_policies(tmp_path / "policies"))
    assert policies.current.roles[REGISTRAR.roles[0]].purposes == (PURPOSE,)
    assert "citizen" in policies.current.roles


@pytest.mark.parametrize("consents", [True, False])
def test_whether_consents_matter_is_a_matter_of_the_rules(tmp_path: Path, consents: bool) -> None:
    policies = Policies(written_policies(tmp_path / "policies", consents=consents))
    asker = Profile(PrincipalKind.CLIENT, REGISTRAR.client_id, frozenset(REGISTRAR.roles), PURPOSE, 0)
    table = policies.table(asker, date(2026, 11, 21))
    covered = table.outcome("identity.number", Fact.JURISDICTION)
    assert isinstance(covered, Permit)
    assert (table.outcome("identity.number", Fact.JURISDICTION | Fact.CONSENT) != covered) is consents


def test_answers_of_servers_are_compared_without_what_may_differ() -> None:
    ours = {"learners": {"nodes": [{"id": "7", "gender": "MALE", "gpa": 7.0}, {"id": "8", "gender": None, "gpa": 6.5}]}}
    theirs = {"learners": [{"id": 8, "gender": None, "gpa": 6.5}, {"id": 7, "gender": "male", "gpa": 7}]}
    assert comparable(ours) == comparable(theirs)
    assert comparable(ours) != comparable({"learners": theirs["learners"][:1]})
    assert leaves(theirs) == 6


def test_the_season_is_made_of_whole_batches() -> None:
    assert LOOKUPS % (BATCH * WORKERS) == 0


def test_every_case_can_be_asked_for() -> None:
    assert [parsed([name, "--json"]).json for name in CASES] == [True] * len(CASES)
