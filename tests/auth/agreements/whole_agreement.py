"""An agreement for tests, with everything in it that one can say."""

from datetime import date
from types import MappingProxyType

from auth.agreements.store import Agreement, agreement_of
from auth.argument_terms import ArgumentTerms
from auth.principal import Cohort, Grant, HiddenUse, Jurisdiction

NUMBER = "12/TTCS-SGDĐT"
TODAY = date(2026, 11, 21)
COVERED = Jurisdiction(
    provinces=frozenset({"01", "24"}),
    institutions=frozenset({17, "017"}),
    communes=frozenset({"00004"}),
    cohorts=frozenset({Cohort("2026-2027", "UPPER_SECONDARY", 12), Cohort("2025-2026", "PRIMARY")}),
)
GRANT = Grant(
    client_id="dept-hanoi",
    role="provincial-department",
    purpose="school-management",
    jurisdiction=COVERED,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    category_expiry=MappingProxyType({"identity.number": date(2026, 6, 30)}),
    requests_per_minute=120,
    subjects_per_day=3000,
    subjects_per_minute=300,
    misses_per_day=30,
    misses_percent=50,
    answer_megabytes=40,
    agreement=NUMBER,
    legal_basis="public-task",
    citation="Decree 194/2025/NĐ-CP art. 16",
    issuer="https://id.example.vn",
    categories=frozenset({"learner.record", "identity.number"}),
    arguments=MappingProxyType(
        {"Learner.isAtLeast": ArgumentTerms(MappingProxyType({"years": (6, 18)}), distinct=2, days=30)}
    ),
    emergency=True,
    hidden=HiddenUse("Law 86/2015/QH13", date(2027, 3, 1)),
)


def agreement(*grants: Grant) -> Agreement:
    return agreement_of(grants or (GRANT,))
