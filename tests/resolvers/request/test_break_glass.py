"""Break-glass access: the reason it takes, and who may use it."""

from datetime import date

import pytest

from auth.errors import Refused
from auth.policy.policy_set import PolicySet
from auth.principal import ANONYMOUS, Grant, Jurisdiction, Principal, PrincipalKind, Profile
from resolvers.request.access import AccessContext
from resolvers.request.break_glass import with_break_glass
from tests.auth.policies import COMMITTED

POLICE = Principal(PrincipalKind.CLIENT, "police", frozenset())
PROFILE = Profile(PrincipalKind.CLIENT, "police", frozenset({"population-service"}), "vital-interests", 0)

POLICIES = PolicySet.load(COMMITTED)


def access(emergency: bool = True) -> AccessContext:
    covers = Jurisdiction(country=True)
    grant = Grant(
        "police", "population-service", "vital-interests", covers, date(2026, 1, 1), None, emergency=emergency
    )
    return AccessContext(POLICE, PROFILE, covers, "", 600, grant, policies=POLICIES)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("a child was hit by a car", "a child was hit by a car"),
        ("Ch%C3%A1u b%C3%A9 b%E1%BB%8B tai n%E1%BA%A1n", "Cháu bé bị tai nạn"),
        ("Cháu bé bị tai nạn".encode().decode("latin-1"), "Cháu bé bị tai nạn"),
        ("Cha\u0301u be\u0301 bi\u0323 tai na\u0323n".encode().decode("latin-1"), "Cháu bé bị tai nạn"),
        ("  burns on 50% of the body  ", "burns on 50% of the body"),
        ("room 12, floor 3, at 22:15:07", "room 12, floor 3, at 22:15:07"),
        ("x" * 500, "x" * 500),
    ],
)
def test_a_reason_breaks_the_glass(header: str, reason: str) -> None:
    found = with_break_glass(access(), header)

    assert found.emergency_reason == reason
    assert found.profile.emergency


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "must say why in 10 to 500 characters"),
        ("too short", "must say why in 10 to 500 characters"),
        ("          x          ", "must say why in 10 to 500 characters"),
        ("x" * 501, "must say why in 10 to 500 characters"),
        ("a child was hit%0Aby a car", "in one line"),
        ("%FFa child was hit by a car", "must be UTF-8"),
        ("accident of 001220000003 on the road", "must hold nobody's number"),
        ("accident of 001 220 000 003 on the road", "must hold nobody's number"),
        ("accident of 001.220-000/003 on the road", "must hold nobody's number"),
        ("accident of %30%30%31220000003 on the road", "must hold nobody's number"),
        ("accident of ００１２２００００００３ on the road", "must be UTF-8"),
    ],
)
def test_a_reason_that_is_none_is_refused_without_its_words(header: str, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        with_break_glass(access(), header)
    assert "accident" not in refused.value.message


def test_digits_of_another_script_are_digits() -> None:
    header = "accident of ００１２２００００００３ on the road".encode().decode("latin-1")
    with pytest.raises(Refused, match="nobody's number"):
        with_break_glass(access(), header)


def test_without_a_reason_the_glass_is_whole() -> None:
    whole = access()
    assert with_break_glass(whole, None) is whole


@pytest.mark.parametrize(
    "whose",
    [
        access(emergency=False),
        AccessContext(
            ANONYMOUS,
            Profile(ANONYMOUS.kind, "public", ANONYMOUS.roles, "public", 0),
            Jurisdiction(),
            "",
            600,
            policies=POLICIES,
        ),
    ],
    ids=["not in the agreement", "nobody"],
)
def test_who_may_not_break_it_is_refused(whose: AccessContext) -> None:
    with pytest.raises(Refused) as refused:
        with_break_glass(whose, "a child was hit by a car")
    assert refused.value.code == "EMERGENCY_NOT_GRANTED"
