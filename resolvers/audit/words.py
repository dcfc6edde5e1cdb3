"""Texts of an entry for the person concerned: fields, rules, law and reasons, by the present policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auth.audit.log.chain import Band
from auth.audit.usage.entries import UsageEntry
from auth.policy.policy_set import PolicySet
from engine.catalogue import Catalogue
from resolvers.request.request import Request

REASONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "CONSENT_REQUIRED": {"vi": "Chưa có sự đồng ý của chủ thể dữ liệu.", "en": "The person had not agreed to it."},
        "OUTSIDE_JURISDICTION": {
            "vi": "Chủ thể dữ liệu không thuộc phạm vi mà cơ quan này được giao.",
            "en": "The person is not among those whom that body is in charge of.",
        },
        "CASE_REQUIRED": {
            "vi": "Không có hồ sơ thủ tục nào của chủ thể dữ liệu đang mở tại cơ quan này.",
            "en": "That body had no open dossier of the person.",
        },
        "NOT_THE_SUBJECT": {
            "vi": "Bên truy vấn không phải là chủ thể dữ liệu, cha, mẹ hoặc người giám hộ.",
            "en": "Whoever asked was neither the person nor a guardian.",
        },
        "ASSURANCE_TOO_LOW": {
            "vi": "Tài khoản của bên truy vấn chưa đủ mức độ xác thực.",
            "en": "The account of whoever asked was of too low a level.",
        },
        "PURPOSE_NOT_PERMITTED": {
            "vi": "Không được đọc dữ liệu này cho mục đích đã nêu.",
            "en": "For that purpose it may not be read.",
        },
        "ROLE_NOT_PERMITTED": {
            "vi": "Không có quy định nào cho phép bên truy vấn đọc dữ liệu này.",
            "en": "No rule opens it to whoever asked.",
        },
        "GRANT_EXPIRED": {
            "vi": "Thỏa thuận chia sẻ không còn hiệu lực đối với dữ liệu này.",
            "en": "The data-sharing agreement no longer covers it.",
        },
        "NOT_IN_AGREEMENT": {
            "vi": "Thỏa thuận chia sẻ dữ liệu không có dữ liệu này.",
            "en": "The data-sharing agreement does not name it.",
        },
        "NOT_HELD": {
            "vi": "Hệ thống này không lưu giữ dữ liệu này.",
            "en": "No register of this system holds it.",
        },
        "LIST_NOT_IN_AGREEMENT": {
            "vi": "Thỏa thuận chia sẻ dữ liệu không cho phép lập danh sách như vậy.",
            "en": "The data-sharing agreement does not allow for such a list.",
        },
        "ARGUMENT_NOT_PERMITTED": {
            "vi": "Thỏa thuận không cho phép truy vấn dữ liệu này theo cách đã dùng.",
            "en": "The agreement does not allow that question.",
        },
        "ARGUMENTS_EXHAUSTED": {
            "vi": "Bên truy vấn đã dùng hết số câu hỏi khác nhau được phép về chủ thể dữ liệu.",
            "en": "Whoever asked had put too many different questions about the person.",
        },
        "EMERGENCY_REQUIRED": {
            "vi": "Chỉ được đọc trong tình huống khẩn cấp.",
            "en": "It may be read in an emergency only.",
        },
        "EMERGENCY_TOO_WIDE": {
            "vi": "Lượt đọc khẩn cấp liên quan đến quá nhiều người nên không được trả lời.",
            "en": "The reading in an emergency was about too many persons and was not answered.",
        },
        "STATE_UNAVAILABLE": {
            "vi": "Không trả lời được vào lúc đó.",
            "en": "It could not be answered at that moment.",
        },
        "DEADLINE_EXCEEDED": {
            "vi": "Không trả lời được trong thời hạn, nên không có dữ liệu nào được cung cấp.",
            "en": "It was not answered in time, and nothing was given.",
        },
        "SHARED_STATE_UNAVAILABLE": {
            "vi": "Không trả lời được vào lúc đó.",
            "en": "It could not be answered at that moment.",
        },
        "AUDIT_UNAVAILABLE": {
            "vi": "Không trả lời được vào lúc đó.",
            "en": "It could not be answered at that moment.",
        },
        "SOURCE_UNAVAILABLE": {
            "vi": "Cơ sở dữ liệu có dữ liệu này không trả lời vào lúc đó.",
            "en": "The register that has it did not answer at that moment.",
        },
        "SOURCE_INVALID": {
            "vi": "Không hiểu được điều mà cơ sở dữ liệu đã trả lời, nên không cung cấp.",
            "en": "What the register answered could not be understood and was not given.",
        },
        "ANSWER_TOO_LARGE": {
            "vi": "Câu trả lời quá lớn, nên không có dữ liệu nào được cung cấp.",
            "en": "The answer was too large, and nothing was given.",
        },
        "RATE_LIMITED": {
            "vi": "Bên truy vấn đã truy vấn quá nhiều người trong một lúc nên không có dữ liệu nào được cung cấp.",
            "en": "Whoever asked had asked about too many persons at once, and nothing was given.",
        },
        "FILTER_NOT_PERMITTED": {
            "vi": "Không được lọc hay sắp xếp theo dữ liệu mà bên truy vấn không được đọc.",
            "en": "By what may not be read nothing may be filtered or sorted.",
        },
        "DOCUMENT_TOO_COMPLEX": {
            "vi": "Yêu cầu vượt quá giới hạn nên không được thực hiện.",
            "en": "What was asked went beyond the limits and was not done.",
        },
        "UNAUTHENTICATED": {
            "vi": "Chỉ có thể truy vấn dữ liệu này bằng tài khoản thuộc loại khác.",
            "en": "It can be asked with an account of another kind only.",
        },
        "AUTHENTICATION_REQUIRED": {
            "vi": "Bên truy vấn chưa đăng nhập.",
            "en": "Whoever asked had not signed in.",
        },
        "INTERNAL": {
            "vi": "Không trả lời được do lỗi hệ thống, nên không có dữ liệu nào được cung cấp.",
            "en": "It could not be answered for a fault of the system, and nothing was given.",
        },
        "FORBIDDEN": {"vi": "Quy định cấm cung cấp.", "en": "The law forbids it."},
        "BAD_USER_INPUT": {
            "vi": "Yêu cầu không hợp lệ nên không được thực hiện.",
            "en": "What was asked could not be done as it was asked.",
        },
        "HARVEST_STOPPED": {
            "vi": "Bên truy vấn đã đọc dữ liệu của quá nhiều người nên bị dừng lại.",
            "en": "Whoever asked had read about too many persons and was stopped.",
        },
    }
)
UNNAMED = MappingProxyType({"vi": "Bị từ chối theo chính sách.", "en": "Denied by policy."})
"""For codes that have no words of their own."""
AMONG_SEVERAL = MappingProxyType(
    {
        "vi": "Đối với ít nhất một trong những người liên quan: {reason}",
        "en": "Of at least one of those concerned: {reason}",
    }
)
"""An entry tells what its operation came to, not of which of its subjects each denial was."""


@dataclass(frozen=True, slots=True)
class RuleValue:
    """A rule that an operation was answered by; null but for its id where policy no longer has it."""

    id: str
    basis: str | None
    basis_text: str | None
    citation: str | None


@dataclass(frozen=True, slots=True)
class UsedFieldValue:
    """A coordinate that was released, its category, and those of the operation's rules that open the category."""

    coordinate: str
    category: str | None
    rules: list[RuleValue]


@dataclass(frozen=True, slots=True)
class DeniedValue:
    """A coordinate that was asked for and denied to the operation, of whichever of its subjects, and why."""

    coordinate: str
    code: str
    rule: str | None
    reason: str
    citation: str | None


def rules_of(request: Request, entry: UsageEntry) -> list[RuleValue]:
    return [_rule(request, rule_id) for rule_id in entry.rules]


def fields_of(request: Request, entry: UsageEntry) -> list[UsedFieldValue]:
    """Return the fields that the operation released, each with what opened it."""
    policy = request.policies
    fields = []
    for coordinate in entry.released:
        category = category_of(request.catalogue, coordinate)
        rules = [_rule(request, rule_id) for rule_id in entry.rules if category in _opened_by(policy, rule_id)]
        fields.append(UsedFieldValue(coordinate, category, rules))
    return fields


def denied_of(request: Request, entry: UsageEntry) -> list[DeniedValue]:
    """Return what was denied, with the reason in the caller's language; of several subjects it is one's at least."""
    words = "{reason}" if entry.band is Band.ONE else AMONG_SEVERAL[request.language]
    rules = request.policies.rules
    return [
        DeniedValue(
            coordinate,
            code,
            rule or None,
            words.format(reason=REASONS.get(code, UNNAMED)[request.language]),
            rules[rule].citation if rule in rules else None,
        )
        for coordinate, code, rule in entry.denied
    ]


def category_of(catalogue: Catalogue, coordinate: str) -> str | None:
    """Return the data category of a coordinate; None for one that the schema no longer has."""
    typename, _, name = coordinate.partition(".")
    type_ = catalogue.schema.type_map.get(typename)
    concrete = catalogue.concrete(type_) if type_ is not None else ()
    declaration = catalogue.declaration(concrete[0].name, name) if concrete else None
    return None if declaration is None else declaration.category


def _opened_by(policy: PolicySet, rule: str) -> frozenset[str]:
    return policy.rules[rule].categories if rule in policy.rules else frozenset()


def _rule(request: Request, id: str) -> RuleValue:
    policy = request.policies
    rule = policy.rules.get(id)
    if rule is None:
        return RuleValue(id, None, None, None)
    basis = policy.legal_bases[rule.basis]
    return RuleValue(id, rule.basis, basis.text[request.language], rule.citation)
