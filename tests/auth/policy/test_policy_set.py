"""Policy sets: tables, their keeping, days of validity, reloading."""

from datetime import date
from pathlib import Path

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.policy.policy_set import REACHABLE, Policies, PolicyInvalid, PolicySet
from auth.principal import Fact, PrincipalKind, Profile
from tests.auth.policies import COMMITTED, folder_of_rules, folder_with, profile, rule

POLICIES = PolicySet.load(COMMITTED)
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in sorted(COMMITTED.glob("*.cedar")))
SCHEMA = (COMMITTED / "lienthong.cedarschema").read_text(encoding="utf-8")
OFFICIAL = ' in Role::"school"| == Category::"schooling"'
SCHOOL = profile("school", "school-management")

roles = st.sets(st.sampled_from(sorted(POLICIES.roles)), max_size=3).map(frozenset)
profiles = st.builds(
    Profile,
    kind=st.sampled_from(PrincipalKind),
    client_id=st.sampled_from(["one", 'two "quoted"']),
    roles=roles,
    purpose=st.sampled_from([*POLICIES.purposes, "unheard-of"]),
    assurance=st.integers(0, 2),
    emergency=st.booleans(),
)


def asked_directly(asking: Profile, category: str, facts: Fact) -> bool:
    """Return what Cedar itself says from the text of all files, the request checked against the schema."""
    client = {"type": "Client", "id": asking.client_id}
    request = {
        "principal": client,
        "action": {"type": "Action", "id": "read"},
        "resource": {"type": "Category", "id": category},
        "context": {
            "purpose": {"__entity": {"type": "Purpose", "id": asking.purpose}},
            "assurance": asking.assurance,
            "emergency": asking.emergency,
            "facts": {
                "self": Fact.SELF in facts,
                "guardian": Fact.GUARDIAN in facts,
                "consent": Fact.CONSENT in facts,
                "jurisdiction": Fact.JURISDICTION in facts,
                "case": Fact.CASE in facts,
            },
        },
    }
    entities = [{"uid": client, "attrs": {}, "parents": [{"type": "Role", "id": role} for role in asking.roles]}]
    result = cedarpy.is_authorized(request, TEXT, entities, SCHEMA)
    assert not result.diagnostics.errors
    return result.allowed


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(profiles, st.sampled_from(sorted(POLICIES.categories)), st.integers(0, 31).map(Fact))
def test_a_table_says_what_cedar_says_when_asked_directly(asking: Profile, category: str, facts: Fact) -> None:
    reachable = facts & REACHABLE[asking.kind]
    assert POLICIES.table(asking).permits(category, facts) is asked_directly(asking, category, reachable)


def test_facts_that_cannot_hold_for_a_kind_of_principal_change_nothing() -> None:
    citizen = POLICIES.table(profile("citizen", "self-service", 2))
    assert not citizen.permits("schooling", Fact.CONSENT | Fact.JURISDICTION | Fact.CASE)
    employer = POLICIES.table(profile("employer", "diploma-verification"))
    assert not employer.permits("credential", Fact.SELF | Fact.GUARDIAN)
    assert employer.permitted_masks["credential"] >> (Fact.SELF | Fact.CONSENT) & 1 == 1


def test_a_rule_holds_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    dates = '@valid_from("2026-01-01") @valid_to("2026-06-30")'
    policies = PolicySet.load(folder_of_rules(tmp_path, rule("season", OFFICIAL, extra=dates)))
    days = ["2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01"]
    permitted = [policies.table(SCHOOL, date.fromisoformat(day)).permits("schooling", Fact(0)) for day in days]
    assert permitted == [False, True, True, False]


def test_a_last_day_at_the_end_of_the_calendar_never_comes(tmp_path: Path) -> None:
    for_ever = rule("for-ever", OFFICIAL, extra='@valid_to("9999-12-31")')
    policies = PolicySet.load(folder_of_rules(tmp_path, for_ever))
    assert policies.table(SCHOOL, date.max).permits("schooling", Fact(0))


def test_one_rule_follows_another_without_a_gap(tmp_path: Path) -> None:
    old = rule("old", OFFICIAL, extra='@valid_to("2026-04-14")')
    new = rule("new", OFFICIAL, extra='@valid_from("2026-04-15")')
    policies = PolicySet.load(folder_of_rules(tmp_path, old + new))
    outcomes = [policies.table(SCHOOL, date(2026, 4, day)).outcome("schooling", Fact(0)) for day in (14, 15)]
    assert [outcome.rule for outcome in outcomes] == ["old", "new"]


def test_a_table_is_made_once_and_serves_all_days_with_the_same_rules(tmp_path: Path) -> None:
    season = rule("season", OFFICIAL, extra='@valid_from("2026-01-01") @valid_to("2026-06-30")')
    policies = PolicySet.load(folder_of_rules(tmp_path, season))
    first = policies.table(SCHOOL, date(2026, 1, 1))
    assert policies.table(profile("school", "school-management"), date(2026, 6, 30)) is first
    assert policies.table(SCHOOL, date(2026, 7, 1)) is not first


def test_the_version_follows_every_file_of_the_folder(tmp_path: Path) -> None:
    assert PolicySet.load(COMMITTED).version == POLICIES.version
    text = (COMMITTED / "roles.toml").read_text(encoding="utf-8")
    reworded = PolicySet.load(folder_with(tmp_path, "roles.toml", text + "# a remark\n"))
    assert reworded.version != POLICIES.version


def test_a_reload_puts_new_rules_in_force(tmp_path: Path) -> None:
    folder = folder_of_rules(tmp_path, rule("open", OFFICIAL))
    policies = Policies(folder)
    before = policies.version
    policies.warm([SCHOOL])
    (folder / "only.cedar").write_text(rule("narrow", OFFICIAL, "context.facts.consent"), encoding="utf-8")
    policies.reload()
    assert policies.version != before
    assert not policies.table(SCHOOL).permits("schooling", Fact(0))


def test_a_reload_of_invalid_rules_says_so_and_keeps_the_old_ones(tmp_path: Path) -> None:
    folder = folder_of_rules(tmp_path, rule("open", OFFICIAL))
    policies = Policies(folder)
    before = policies.table(SCHOOL)
    (folder / "only.cedar").write_text("permit (principal, action, resource);", encoding="utf-8")
    with pytest.raises(PolicyInvalid, match=r"^only\.cedar: rule 1: @id is missing$"):
        policies.reload()
    assert policies.table(SCHOOL) is before


def test_an_invalid_folder_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid, match=r"^only\.cedar: "):
        Policies(folder_of_rules(tmp_path, "permit ("))
