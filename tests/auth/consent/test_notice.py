"""The text that is shown names all that is agreed to; another text has another digest."""

from dataclasses import replace
from datetime import date

import pytest

from auth.consent.notice import consequence_of_refusing, notice
from auth.consent.terms import Frequency, Period, Terms
from auth.policy.policy_set import PolicySet
from auth.principal import Fact, PrincipalKind, Profile
from tests.auth.policies import COMMITTED

POLICY = PolicySet.load(COMMITTED)
TERMS = Terms(
    "employer",
    "diploma-verification",
    frozenset({"credential", "identity.ethnicity"}),
    date(2027, 6, 30),
    Frequency(3, Period.MONTH),
    30,
)


def text(terms: Terms, language: str = "en", for_child: bool = False) -> str:
    return notice(POLICY, terms, POLICY.roles["employer"], language, for_child).text


def test_the_text_in_english() -> None:
    assert text(TERMS).splitlines() == [
        "I agree that employer (Employer) may read the following data about me.",
        "For one purpose only: Verifying a diploma.",
        "- Diploma or certificate: its kind and title",
        "- Ethnicity (sensitive data)",
        "Valid until the end of 2027-06-30.",
        "At most 3 readings in any 30 days.",
        "The recipient may keep the data for at most 30 days after reading.",
        "I may withdraw at any time; the withdrawal holds from the very next reading.",
        "Refusing does no harm. Hand in a certified copy of the diploma, or let the employer ask the issuing "
        "institution in writing.",
        "Legal ground: Law 91/2025/QH15 art. 9.",
    ]


def test_the_text_in_vietnamese_for_a_child_without_limits() -> None:
    lines = text(replace(TERMS, frequency=None, data_life_days=None), "vi", for_child=True).splitlines()
    assert lines[0] == (
        "Tôi, người đại diện theo pháp luật, đồng ý để employer (Người sử dụng lao động) đọc dữ liệu sau đây về trẻ."
    )
    assert lines[3] == "- Dân tộc (dữ liệu nhạy cảm)"
    assert lines[5:7] == [
        "Số lần đọc không giới hạn trong thời hạn này.",
        "Bên nhận phải xóa dữ liệu khi đã đạt mục đích.",
    ]


@pytest.mark.parametrize(
    "other",
    [
        replace(TERMS, client_id="university"),
        replace(TERMS, purpose="university-admission"),
        replace(TERMS, categories=frozenset({"credential"})),
        replace(TERMS, valid_to=date(2027, 7, 1)),
        replace(TERMS, frequency=Frequency(4, Period.MONTH)),
        replace(TERMS, frequency=Frequency(3, Period.WEEK)),
        replace(TERMS, frequency=None),
        replace(TERMS, data_life_days=31),
        replace(TERMS, data_life_days=None),
    ],
)
def test_other_terms_have_another_digest(other: Terms) -> None:
    role = POLICY.roles["employer"]
    assert notice(POLICY, other, role, "en", False).digest != notice(POLICY, TERMS, role, "en", False).digest


@pytest.mark.slow
def test_every_purpose_that_consent_opens_names_what_one_can_do_instead() -> None:
    opened = {
        purpose
        for role in POLICY.roles.values()
        for purpose in role.purposes
        if _opens(Profile(PrincipalKind.CLIENT, "a", frozenset({role.name}), purpose, 0))
    }
    assert opened == {one.name for one in POLICY.purposes.values() if one.alternative}
    for purpose in opened:
        for language, refusal in (("vi", "Từ chối không gây bất lợi gì. "), ("en", "Refusing does no harm. ")):
            assert consequence_of_refusing(POLICY, purpose, language).startswith(refusal)


def _opens(profile: Profile) -> bool:
    table = POLICY.table(profile)
    return any(Fact.CONSENT in table.relevant(category) for category in POLICY.categories)
