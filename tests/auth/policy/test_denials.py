"""The reasons that denials give: the nearest permit, or the general legal ground."""

from pathlib import Path

import pytest

from auth.policy.decisions import Denial, Permit
from auth.policy.policy_set import PolicySet
from auth.principal import Fact, PrincipalKind, Profile
from tests.auth.policies import COMMITTED, folder_of_rules, profile, rule

POLICIES = PolicySet.load(COMMITTED)
NONE = Fact(0)

# role, purpose, assurance, fact, category, code, rule; a dash where there is none
REASONS = """
public public 0 - learner.record AUTHENTICATION_REQUIRED -
public public 0 - identity.religion AUTHENTICATION_REQUIRED -
developer development 0 - learner.record ROLE_NOT_PERMITTED -
citizen self-service 2 - schooling.result NOT_THE_SUBJECT citizen-self
citizen self-service 1 - identity.ethnicity NOT_THE_SUBJECT citizen-self-sensitive
citizen self-service 1 SELF identity.ethnicity ASSURANCE_TOO_LOW citizen-self-sensitive
citizen self-service 1 GUARDIAN learner.welfare ASSURANCE_TOO_LOW citizen-guardian-sensitive
citizen self-service 0 SELF schooling ASSURANCE_TOO_LOW citizen-self
citizen self-service 2 SELF schooling.statistics ROLE_NOT_PERMITTED -
provincial-department school-management 0 - schooling OUTSIDE_JURISDICTION department-school-management
provincial-department school-management 0 - residence.held PURPOSE_NOT_PERMITTED department-graduation-recognition
provincial-department grade-1-admission 0 JURISDICTION identity.birth PURPOSE_NOT_PERMITTED department-school-management
provincial-department graduation-recognition 0 JURISDICTION residence.period ROLE_NOT_PERMITTED -
provincial-department school-management 0 JURISDICTION schooling.discipline FORBIDDEN discipline-stays-at-school
school school-management 0 - schooling.discipline OUTSIDE_JURISDICTION school-school-management-sensitive
school school-management 0 JURISDICTION identity.number ROLE_NOT_PERMITTED -
examination-office exam-registration 0 JURISDICTION residence.period PURPOSE_NOT_PERMITTED exam-admission-priority
university university-admission 0 JURISDICTION schooling.result CONSENT_REQUIRED university-admission
university university-admission 0 - learner.record CONSENT_REQUIRED university-admission
employer diploma-verification 0 CONSENT schooling.result ROLE_NOT_PERMITTED -
employer diploma-verification 0 CONSENT identity.religion FORBIDDEN religion-stays-with-the-person
employer diploma-verification 0 - credential.status CONSENT_REQUIRED employer-diploma-verification
population-service residence-registration 0 JURISDICTION schooling.result ROLE_NOT_PERMITTED -
social-insurance insurance-benefit 0 - identity.age OUTSIDE_JURISDICTION insurance-benefit
ministry statistics 0 JURISDICTION learner.record ROLE_NOT_PERMITTED -
ministry statistics 0 - schooling.statistics OUTSIDE_JURISDICTION ministry-statistics
"""


@pytest.mark.parametrize("row", REASONS.strip().splitlines())
def test_a_denial_names_what_is_missing_and_the_rule_that_would_permit(row: str) -> None:
    role, purpose, assurance, fact, category, code, rule_id = row.replace(" -", " ").split(" ")
    facts = Fact[fact] if fact else NONE
    outcome = POLICIES.table(profile(role, purpose, int(assurance))).outcome(category, facts)
    assert isinstance(outcome, Denial)
    assert (outcome.code, outcome.rule) == (code, rule_id)


def test_a_permit_carries_rule_basis_and_citation() -> None:
    table = POLICIES.table(profile("employer", "diploma-verification"))
    assert table.outcome("credential", Fact.CONSENT) == Permit(
        "employer-diploma-verification", "consent", "Law 91/2025/QH15 art. 9"
    )


def test_every_denial_of_every_role_cites_a_law_and_says_how_to_obtain_access_in_both_languages() -> None:
    for role in POLICIES.roles.values():
        for purpose in role.purposes:
            table = POLICIES.table(profile(role.name, purpose, assurance=1))
            outcomes = [table.outcome(category, NONE) for category in POLICIES.categories]
            denials = [outcome for outcome in outcomes if isinstance(outcome, Denial)]
            assert denials, (role.name, purpose)
            for denial in denials:
                assert "20" in denial.citation
                assert denial.obtain["vi"] and denial.obtain["en"]


def test_a_state_body_is_told_where_to_send_a_request_and_the_article_that_owes_it_a_reason() -> None:
    agency = POLICIES.table(profile("ministry", "statistics")).outcome("identity.name", NONE)
    company = POLICIES.table(profile("employer", "diploma-verification")).outcome("schooling", NONE)
    assert isinstance(agency, Denial) and isinstance(company, Denial)
    assert "Decree 194/2025/NĐ-CP art. 16" in agency.citation
    assert "Decree 194/2025/NĐ-CP" not in company.citation
    assert agency.obtain["en"] != company.obtain["en"]


def test_an_expired_category_is_denied_under_all_facts_and_only_where_the_purpose_would_have_it() -> None:
    expired = frozenset({"schooling", "schooling.result", "residence.held"})
    table = POLICIES.table(profile("provincial-department", "school-management", expired=expired))
    renewal = POLICIES.table(profile("provincial-department", "school-management")).outcome("schooling", NONE)
    assert isinstance(renewal, Denial)
    for facts in (NONE, Fact.JURISDICTION):
        outcome = table.outcome("schooling", facts)
        assert isinstance(outcome, Denial)
        assert (outcome.code, outcome.rule) == ("GRANT_EXPIRED", "department-school-management")
        assert outcome.citation == renewal.citation and outcome.obtain != renewal.obtain
    elsewhere = table.outcome("residence.held", Fact.JURISDICTION)
    assert isinstance(elsewhere, Denial) and elsewhere.code == "PURPOSE_NOT_PERMITTED"
    assert table.permits("identity.name", Fact.JURISDICTION)


def test_a_category_that_the_agreement_does_not_list_is_denied_by_the_rule_that_would_have_it() -> None:
    unlisted = frozenset({"schooling", "identity.number", "residence.held"})
    table = POLICIES.table(
        profile("provincial-department", "school-management", expired=frozenset({"schooling"}), unlisted=unlisted)
    )
    would_have = POLICIES.rules["department-school-management"]
    for facts in (NONE, Fact.JURISDICTION):
        outcome = table.outcome("schooling", facts)
        assert isinstance(outcome, Denial)
        assert (outcome.code, outcome.rule, outcome.citation) == (
            "NOT_IN_AGREEMENT",
            would_have.id,
            would_have.citation,
        )
        assert "data-sharing agreement" in outcome.obtain["en"]
    others = [table.outcome(category, Fact.JURISDICTION) for category in ("identity.number", "residence.held")]
    assert [getattr(one, "code", None) for one in others] == ["ROLE_NOT_PERMITTED", "PURPOSE_NOT_PERMITTED"]
    assert table.never("schooling") and table.permits("identity.name", Fact.JURISDICTION)


PROBE = Profile(PrincipalKind.CLIENT, "probe", frozenset({"school"}), "school-management", 0)
SCHOOL = ' in Role::"school"| == Category::"schooling"'


def probed(tmp_path: Path, text: str, facts: Fact) -> tuple[str, str]:
    outcome = PolicySet.load(folder_of_rules(tmp_path, text)).table(PROBE).outcome("schooling", facts)
    assert isinstance(outcome, Denial)
    return outcome.code, outcome.rule


@pytest.mark.parametrize(
    ("condition", "facts", "code"),
    [
        ("context.facts.case", NONE, "CASE_REQUIRED"),
        ("context.facts.case && context.facts.consent", NONE, "CASE_REQUIRED"),
        ("context.facts.case && context.facts.consent", Fact.CASE, "CONSENT_REQUIRED"),
        ("context.facts.case && context.facts.jurisdiction", Fact.CONSENT, "OUTSIDE_JURISDICTION"),
        ("context.facts.self", NONE, "ROLE_NOT_PERMITTED"),
        ("context.facts.case && !context.facts.consent", Fact.CONSENT, "ROLE_NOT_PERMITTED"),
    ],
)
def test_the_code_names_the_first_missing_fact_that_the_caller_could_have(
    tmp_path: Path, condition: str, facts: Fact, code: str
) -> None:
    assert probed(tmp_path, rule("probed", SCHOOL, condition), facts)[0] == code


def test_the_nearest_permit_is_the_one_with_fewest_facts_missing(tmp_path: Path) -> None:
    far = rule("far", SCHOOL, "context.facts.consent && context.facts.jurisdiction")
    near = rule("near", SCHOOL, "context.facts.case")
    assert probed(tmp_path, far + near, NONE) == ("CASE_REQUIRED", "near")
    assert probed(tmp_path / "again", far + near, Fact.JURISDICTION) == ("CONSENT_REQUIRED", "far")


def test_a_fact_is_nearer_than_assurance_and_assurance_nearer_than_another_purpose(tmp_path: Path) -> None:
    anybody = '| == Category::"schooling"'
    elsewhere = rule("elsewhere", anybody, 'context.purpose == Purpose::"school-management"')
    higher = rule("higher", anybody, "context.assurance >= 2")
    related = rule("related", anybody, "context.facts.guardian")
    asking = Profile(PrincipalKind.CITIZEN, "probe", frozenset({"citizen", "school"}), "self-service", 1)
    nearest = []
    for number, rules in enumerate((elsewhere, elsewhere + higher, elsewhere + higher + related)):
        policies = PolicySet.load(folder_of_rules(tmp_path / str(number), rules))
        outcome = policies.table(asking).outcome("schooling", NONE)
        assert isinstance(outcome, Denial)
        nearest.append((outcome.code, outcome.rule))
    assert nearest == [
        ("PURPOSE_NOT_PERMITTED", "elsewhere"),
        ("ASSURANCE_TOO_LOW", "higher"),
        ("NOT_THE_SUBJECT", "related"),
    ]


def test_a_forbid_outweighs_a_permit_and_speaks_for_itself(tmp_path: Path) -> None:
    forbid = rule("never", '| == Category::"schooling"', "!context.facts.case", effect="forbid")
    rules = rule("open", SCHOOL) + forbid
    assert probed(tmp_path, rules, Fact.JURISDICTION) == ("FORBIDDEN", "never")


def test_a_rule_whose_evaluation_fails_permits_nothing(tmp_path: Path) -> None:
    overflow = rule(
        "never", '| == Category::"schooling"', "context.assurance - 9223372036854775807 < 9", effect="forbid"
    )
    overflowing = overflow.replace("context.assurance -", "context.assurance - 2 -")
    assert probed(tmp_path, rule("open", SCHOOL) + overflow, NONE) == ("FORBIDDEN", "never")
    assert probed(tmp_path / "again", rule("open", SCHOOL) + overflowing, NONE) == ("ROLE_NOT_PERMITTED", "")
