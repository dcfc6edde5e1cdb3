"""What the committed policies release, whole, for every role, purpose and assurance level under all facts."""

from dataclasses import replace

import pytest

from auth.policy.cedar import combinations
from auth.policy.decisions import Denial
from auth.policy.policy_set import REACHABLE, PolicySet
from auth.policy.procedures import ProcedureTerms
from auth.principal import Fact
from tests.auth.policies import COMMITTED, profile

PUBLIC = "institution administrative-unit provenance paging access"
ONESELF = (
    "learner.record learner.code learner.link learner.status learner.contact identity.record identity.name"
    " identity.number identity.birth identity.sex identity.nationality identity.birth-place identity.age schooling"
    " schooling.result credential credential.number credential.status guardianship residence.current residence.period"
    " residence.held consent rights dossier data-usage"
)
SENSITIVE = "learner.welfare identity.ethnicity identity.religion schooling.discipline residence.address"
MANAGED = (
    "learner.record learner.code learner.link learner.status learner.contact learner.welfare identity.record"
    " identity.name identity.birth identity.sex identity.ethnicity schooling schooling.result schooling.statistics"
    " guardianship"
)
RECOGNITION = (
    "learner.record learner.code learner.link learner.status identity.record identity.name identity.birth"
    " identity.sex schooling schooling.result credential credential.status residence.held"
)
GRADE_1 = (
    "learner.record learner.code learner.status identity.record identity.name identity.age identity.match"
    " residence.held"
)
RECOGNITION_DOSSIER = (
    "learner.record learner.code learner.link learner.status identity.record identity.name identity.birth"
    " schooling schooling.result residence.held"
)
GRADE_1_DOSSIER = "learner.record learner.code learner.status identity.record identity.name identity.age residence.held"
RECEIVED = "dossier dossier.receive"
SELF, GUARDIAN, CONSENT, JURISDICTION = Fact.SELF, Fact.GUARDIAN, Fact.CONSENT, Fact.JURISDICTION
CASE, ALWAYS = Fact.CASE, Fact(0)

# role, purpose, assurance, the facts that open it, what they open beyond public information
RELEASED = [
    ("public", "public", 0, Fact(0), ""),
    ("developer", "development", 0, Fact(0), ""),
    ("citizen", "self-service", 0, Fact(0), ""),
    ("citizen", "self-service", 1, SELF, ONESELF),
    ("citizen", "self-service", 1, GUARDIAN, ONESELF),
    ("citizen", "self-service", 2, SELF, f"{ONESELF} {SENSITIVE}"),
    ("citizen", "self-service", 2, GUARDIAN, f"{ONESELF} {SENSITIVE}"),
    ("provincial-department", "school-management", 0, JURISDICTION, MANAGED),
    ("provincial-department", "graduation-recognition", 0, JURISDICTION, RECOGNITION),
    ("provincial-department", "graduation-recognition", 0, CASE, RECOGNITION_DOSSIER),
    ("provincial-department", "graduation-recognition", 0, ALWAYS, RECEIVED),
    ("provincial-department", "grade-1-admission", 0, JURISDICTION, GRADE_1),
    ("provincial-department", "grade-1-admission", 0, CASE, GRADE_1_DOSSIER),
    ("provincial-department", "grade-1-admission", 0, ALWAYS, RECEIVED),
    (
        "provincial-department",
        "diploma-correction",
        0,
        CASE,
        "learner.record learner.code identity.record identity.name identity.birth identity.sex"
        " identity.birth-place credential credential.number credential.status",
    ),
    ("provincial-department", "diploma-correction", 0, ALWAYS, RECEIVED),
    (
        "provincial-department",
        "rights-handling",
        0,
        JURISDICTION,
        "rights rights.education rights.credentials",
    ),
    ("school", "school-management", 0, JURISDICTION, f"{MANAGED} schooling.discipline"),
    (
        "examination-office",
        "exam-registration",
        0,
        JURISDICTION,
        "learner.record learner.code learner.link learner.status identity.record identity.name identity.number"
        " identity.birth identity.match identity.sex identity.nationality identity.birth-place",
    ),
    (
        "examination-office",
        "admission-priority",
        0,
        JURISDICTION,
        "learner.record learner.code identity.record identity.name identity.number identity.birth identity.match"
        " schooling credential credential.status residence.period residence.held",
    ),
    (
        "examination-office",
        "admission-priority",
        0,
        CASE,
        "learner.record learner.code identity.record identity.name identity.birth schooling residence.held",
    ),
    ("examination-office", "admission-priority", 0, ALWAYS, "dossier"),
    (
        "university",
        "university-admission",
        0,
        CONSENT,
        "learner.record identity.name identity.birth identity.match schooling schooling.result credential"
        " credential.number credential.status",
    ),
    (
        "employer",
        "diploma-verification",
        0,
        CONSENT,
        "learner.record identity.name credential credential.number credential.status",
    ),
    (
        "population-service",
        "residence-registration",
        0,
        JURISDICTION,
        "learner.record learner.status identity.record identity.name identity.number identity.birth identity.sex"
        " identity.nationality identity.ethnicity identity.religion identity.birth-place identity.age schooling"
        " guardianship residence.current residence.period residence.address residence.held",
    ),
    (
        "population-service",
        "residence-registration",
        0,
        CASE,
        "learner.record learner.status identity.record identity.name identity.number identity.birth identity.sex"
        " guardianship residence.current residence.period residence.address",
    ),
    ("population-service", "residence-registration", 0, ALWAYS, RECEIVED),
    ("population-service", "vital-interests", 0, ALWAYS, ""),
    ("population-service", "rights-handling", 0, JURISDICTION, "rights rights.population"),
    ("data-protection-officer", "oversight", 0, JURISDICTION, "emergency audit.entry audit.report audit.alarm"),
    (
        "social-insurance",
        "insurance-benefit",
        0,
        JURISDICTION,
        "learner.record learner.status identity.record identity.name identity.age identity.match schooling"
        " credential.status",
    ),
    ("ministry", "statistics", 0, JURISDICTION, "schooling.statistics"),
]

# what breaking the glass opens besides, for those whose agreement lets them
IN_EMERGENCY = [
    (
        "population-service",
        "vital-interests",
        JURISDICTION,
        "learner.record learner.status learner.contact learner.welfare identity.record identity.name identity.birth"
        " identity.sex schooling guardianship residence.current residence.address",
    ),
]

POLICIES = PolicySet.load(COMMITTED)


@pytest.mark.parametrize(("role", "purpose", "assurance"), sorted({row[:3] for row in RELEASED}))
def test_each_profile_reads_exactly_what_is_listed_under_each_combination_of_facts(
    role: str, purpose: str, assurance: int
) -> None:
    asking = profile(role, purpose, assurance)
    table = POLICIES.table(asking)
    opened_by = [(row[3], set(row[4].split())) for row in RELEASED if row[:3] == (role, purpose, assurance)]
    for facts in combinations(REACHABLE[asking.kind]):
        expected = set(PUBLIC.split()).union(*(opened for needed, opened in opened_by if needed in facts))
        assert {category for category in POLICIES.categories if table.permits(category, facts)} == expected, facts


@pytest.mark.slow
@pytest.mark.parametrize(("role", "purpose", "assurance"), sorted({row[:3] for row in RELEASED}))
def test_breaking_the_glass_opens_exactly_what_is_listed(role: str, purpose: str, assurance: int) -> None:
    asking = profile(role, purpose, assurance)
    calm, broken = POLICIES.table(asking), POLICIES.table(replace(asking, emergency=True))
    for facts in combinations(REACHABLE[asking.kind]):
        opened = [
            categories.split()
            for *who, needed, categories in IN_EMERGENCY
            if who == [role, purpose] and needed in facts
        ]
        more = {name for name in POLICIES.categories if broken.permits(name, facts) and not calm.permits(name, facts)}
        assert more == set().union(*opened), facts


@pytest.mark.parametrize("procedure", POLICIES.procedures.values(), ids=lambda one: one.name)
def test_a_dossier_opens_what_its_procedure_needs_and_a_rule_permits(procedure: ProcedureTerms) -> None:
    for role in (role.name for role in POLICIES.roles.values() if procedure.purpose in role.purposes):
        asking = profile(role, procedure.purpose)
        by_rule = POLICIES.table(asking)
        by_dossier = POLICIES.table(replace(asking, case_categories=procedure.categories))
        without = {name for name in POLICIES.categories if by_rule.permits(name, ALWAYS)}
        opened = {name for name in POLICIES.categories if by_dossier.permits(name, CASE)} - without
        assert opened == procedure.categories, "a procedure lists what no rule opens by a dossier"
        for name in POLICIES.categories.keys() - procedure.categories - without:
            outcome = by_dossier.outcome(name, CASE)
            assert isinstance(outcome, Denial), name


def test_the_list_above_has_every_role_with_every_purpose() -> None:
    assert {row[:2] for row in RELEASED} == {
        (role.name, purpose) for role in POLICIES.roles.values() for purpose in role.purposes
    }


@pytest.mark.slow
def test_a_role_reads_only_public_information_for_a_purpose_that_is_not_its_own() -> None:
    for role in POLICIES.roles.values():
        for purpose in POLICIES.purposes.keys() - set(role.purposes):
            table = POLICIES.table(profile(role.name, purpose, assurance=2))
            opened = {category for category in POLICIES.categories if not table.never(category)}
            assert opened == set(PUBLIC.split()), (role.name, purpose)


def test_sensitive_categories_are_those_of_the_law_as_we_read_it() -> None:
    assert {name for name, category in POLICIES.categories.items() if category.sensitive} == set(SENSITIVE.split())


def test_a_citizen_below_level_2_reads_nothing_sensitive_of_anybody() -> None:
    table = POLICIES.table(profile("citizen", "self-service", 1))
    assert all(table.never(name) for name, category in POLICIES.categories.items() if category.sensitive)


def test_every_category_is_opened_by_some_rule() -> None:
    opened = set().union(*(rule.categories for rule in POLICIES.rules.values() if not rule.forbids))
    assert opened == POLICIES.categories.keys()


def test_every_rule_cites_a_law_and_says_in_both_languages_how_to_obtain_access() -> None:
    for rule in POLICIES.rules.values():
        assert any(kind in rule.citation for kind in ("Law ", "Decree ", "Circular ", "Decision ")), rule.id
        assert set(rule.obtain) == {"vi", "en"}, rule.id


def test_every_basis_purpose_and_role_of_the_lists_is_used_by_a_rule() -> None:
    assert {rule.basis for rule in POLICIES.rules.values()} == POLICIES.legal_bases.keys()
    assert {purpose for role in POLICIES.roles.values() for purpose in role.purposes} == POLICIES.purposes.keys()
