"""The text that a person is shown before consenting, composed from the words of policy, in Vietnamese or English.

The same terms under the same policies have the same text: who decides names its digest, and consents to no other.
"""

from collections.abc import Mapping
from types import MappingProxyType

from auth.consent.history import Shown
from auth.consent.terms import Frequency, Period, Terms
from auth.policy.policy_set import PolicySet, Role

_PERIODS: Mapping[str, Mapping[Period, str]] = MappingProxyType(
    {
        "vi": {Period.DAY: "ngày", Period.WEEK: "tuần", Period.MONTH: "30 ngày", Period.YEAR: "365 ngày"},
        "en": {Period.DAY: "day", Period.WEEK: "week", Period.MONTH: "30 days", Period.YEAR: "365 days"},
    }
)

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "vi": {
            "self": "Tôi đồng ý để {recipient} đọc dữ liệu sau đây về tôi.",
            "child": "Tôi, người đại diện theo pháp luật, đồng ý để {recipient} đọc dữ liệu sau đây về trẻ.",
            "purpose": "Chỉ cho một mục đích: {purpose}.",
            "sensitive": "dữ liệu nhạy cảm",
            "until": "Có hiệu lực đến hết ngày {until}.",
            "frequency": "Nhiều nhất {reads} lần đọc trong mỗi {period}.",
            "unlimited": "Số lần đọc không giới hạn trong thời hạn này.",
            "life": "Bên nhận được giữ dữ liệu nhiều nhất {days} ngày sau khi đọc.",
            "no_life": "Bên nhận phải xóa dữ liệu khi đã đạt mục đích.",
            "withdrawal": "Tôi có thể rút lại bất cứ lúc nào; việc rút lại có hiệu lực từ lần đọc kế tiếp.",
            "refusal": "Từ chối không gây bất lợi gì.",
            "alternative": "Nộp giấy tờ trực tiếp cho bên nhận.",
            "law": "Căn cứ: Luật số 91/2025/QH15 điều 9.",
        },
        "en": {
            "self": "I agree that {recipient} may read the following data about me.",
            "child": "As legal representative I agree that {recipient} may read the following data about the child.",
            "purpose": "For one purpose only: {purpose}.",
            "sensitive": "sensitive data",
            "until": "Valid until the end of {until}.",
            "frequency": "At most {reads} readings in any {period}.",
            "unlimited": "The number of readings in this time is not limited.",
            "life": "The recipient may keep the data for at most {days} days after reading.",
            "no_life": "The recipient must delete the data once the purpose is met.",
            "withdrawal": "I may withdraw at any time; the withdrawal holds from the very next reading.",
            "refusal": "Refusing does no harm.",
            "alternative": "Hand in the documents to the recipient oneself.",
            "law": "Legal ground: Law 91/2025/QH15 art. 9.",
        },
    }
)


def notice(policy: PolicySet, terms: Terms, role: Role, language: str, for_child: bool) -> Shown:
    """Return the text for terms whose purpose and categories policy knows, `role` being the recipient's."""
    words = _WORDS[language]
    recipient = f"{terms.client_id} ({role.text[language]})"
    lines = [
        words["child" if for_child else "self"].format(recipient=recipient),
        words["purpose"].format(purpose=policy.purposes[terms.purpose].text[language]),
        *(_category_line(policy, name, language) for name in sorted(terms.categories)),
        words["until"].format(until=terms.valid_to.isoformat()),
        _frequency_line(terms.frequency, language),
        words["no_life"] if terms.data_life_days is None else words["life"].format(days=terms.data_life_days),
        words["withdrawal"],
        consequence_of_refusing(policy, terms.purpose, language),
        words["law"],
    ]
    return Shown(language, "\n".join(lines))


def consequence_of_refusing(policy: PolicySet, purpose: str, language: str) -> str:
    """Return the words that refusing does no harm, and what one can do instead."""
    alternative = policy.purposes[purpose].alternative
    words = _WORDS[language]
    return f"{words['refusal']} {words['alternative'] if alternative is None else alternative.text[language]}"


def _category_line(policy: PolicySet, name: str, language: str) -> str:
    category = policy.categories[name]
    mark = f" ({_WORDS[language]['sensitive']})" if category.sensitive else ""
    return f"- {category.text[language]}{mark}"


def _frequency_line(frequency: Frequency | None, language: str) -> str:
    words = _WORDS[language]
    if frequency is None:
        return words["unlimited"]
    return words["frequency"].format(reads=frequency.reads, period=_PERIODS[language][frequency.period])
