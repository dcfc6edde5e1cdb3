"""Consents, the requests for them, and the text that is shown before one is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from auth.crypto.keys import Key
from resolvers.consent import consents
from resolvers.consent import requests as consent_requests
from resolvers.consent.of_clients import ClientConsentPageValue, consents_of_client, learners_of
from resolvers.consent.offers import Offer, offered
from resolvers.consent.preview import preview
from resolvers.request.accounts import the_child_or_caller, those_shown
from resolvers.request.request import Request
from schema.consent.terms import (
    CATEGORIES,
    CHILD,
    DATA_LIFE,
    DIGEST,
    FREQUENCY,
    LANGUAGE,
    PURPOSE,
    RECIPIENT,
    UNTIL,
    ConsentEventKind,
    ConsentFrequency,
    ConsentTermsInput,
    NoticeLanguage,
)
from schema.declaring.enums import ConsentParty
from schema.declaring.fields import Argument, handwritten, local
from schema.declaring.paging import After, First, PageInfo


@strawberry.type(description="Một quyết định trong lịch sử | One decision in the history of a consent.")
class ConsentEvent:
    at: datetime = local("consent", "Thời điểm | Time of the operation.")
    kind: ConsentEventKind = local("consent", "Việc đã xảy ra | The event.")
    party: ConsentParty = local("consent", "Bên quyết định | Party that decided.")
    version: int = local("consent", "Phiên bản | Version of the terms since.")
    categories: list[str] = local("consent", CATEGORIES)
    until: date = local("consent", UNTIL)
    frequency: ConsentFrequency | None = local("consent", FREQUENCY)
    data_life_days: int | None = local("consent", DATA_LIFE)
    language: str | None = local("consent", LANGUAGE)
    text: str | None = local("consent", "Văn bản đã được xem | The text that was shown; null for a withdrawal.")
    digest: str | None = local("consent", DIGEST)


@strawberry.type(
    description="Sự đồng ý cho một bên nhận đọc dữ liệu | A consent: data that one recipient may read for one purpose."
)
class Consent:
    id: strawberry.ID = local("consent", "Mã của sự đồng ý | Id, for amendment and withdrawal.")
    recipient: str = local("consent", RECIPIENT)
    purpose: str = local("consent", PURPOSE)
    categories: list[str] = local("consent", CATEGORIES)
    until: date = local("consent", UNTIL)
    frequency: ConsentFrequency | None = local("consent", FREQUENCY)
    data_life_days: int | None = local("consent", DATA_LIFE)
    version: int = local("consent", "Phiên bản, tăng sau mỗi lần sửa | Version, one more for each amendment.")
    given_at: datetime = local("consent", "Thời điểm đồng ý | Time at which the consent was given.")
    withdrawn_at: datetime | None = local("consent", "Thời điểm rút lại | Time of withdrawal.")
    lapses_on: date | None = local(
        "consent",
        "Ngày người chưa thành niên đủ 18 tuổi, sự đồng ý hết hiệu lực | "
        "The minor's eighteenth birthday, on which the consent lapses.",
    )
    effective: bool = local("consent", "Đang có hiệu lực | Whether the consent is in effect now.")
    lacks: list[ConsentParty] = local(
        "consent",
        "Còn thiếu sự đồng ý của | Parties whose agreement is still missing (a child from 7 and a guardian: both).",
    )
    history: list[ConsentEvent] = local("consent", "Lịch sử, chỉ ghi thêm | History of the consent, append-only.")
    receipt: str | None = local(
        "consent",
        "Biên nhận có chữ ký số (JWS), kiểm chứng ngoại tuyến được | "
        "Signed receipt (ISO/IEC TS 27560, W3C DPV, compact JWS), to be verified offline with the public key.",
    )


@strawberry.type(description="Trường dữ liệu sẽ được cung cấp | A field that the consent would release.")
class ReleasedField:
    coordinate: str = local("consent", "Tên trường dữ liệu trong lược đồ (Kiểu.trường) | Schema coordinate.")
    category: str = local("consent", "Loại dữ liệu | Data category.")
    values: list[str] | None = local(
        "consent",
        "Giá trị hiện nay; null nếu tùy cách truy vấn | "
        "Present values, as visible to you; null if they depend on the caller or on arguments.",
    )


@dataclass(frozen=True, slots=True)
class NoticeValue:
    """A text with the offer that it words and the person whom it is about."""

    language: str
    text: str
    digest: str
    offer: Offer
    subject: Key


def _releases(value: NoticeValue, asking: Request) -> Any:
    return preview(asking, value.offer, value.subject)


@strawberry.type(description="Văn bản đồng ý | The text that is shown before consenting.")
class ConsentNotice:
    language: str = local("consent", LANGUAGE)
    text: str = local("consent", "Văn bản | The text.")
    digest: str = local("consent", DIGEST)
    releases: list[ReleasedField] = local(
        "consent",
        "Đúng những gì sẽ được cung cấp | Exactly what would be released, decided by the recipient's own rules.",
        _releases,
    )


def _notice(asking: Request, offer: Offer, subject: Key, language: str) -> NoticeValue:
    shown = offer.shown(asking, language)
    return NoticeValue(shown.language, shown.text, shown.digest, offer, subject)


def _notice_of_request(value: consent_requests.RequestValue, asking: Request, language: str) -> NoticeValue:
    return _notice(asking, value.offer, value.person, language.lower())


def _consequence(value: consent_requests.RequestValue, asking: Request, language: str) -> str:
    return value.offer.consequence(asking, language.lower())


IN_LANGUAGE = {"language": Argument(NoticeLanguage, LANGUAGE, NoticeLanguage.VI)}


@strawberry.type(description="Yêu cầu đồng ý | A client's request for a citizen's consent.")
class ConsentRequest:
    id: strawberry.ID = local("consent", "Mã của yêu cầu | Id, for the decision.")
    recipient: str = local("consent", RECIPIENT)
    purpose: str = local("consent", PURPOSE)
    categories: list[str] = local("consent", CATEGORIES)
    until: date = local("consent", UNTIL)
    frequency: ConsentFrequency | None = local("consent", FREQUENCY)
    data_life_days: int | None = local("consent", DATA_LIFE)
    asked_at: datetime = local("consent", "Thời điểm yêu cầu | Time of the request.")
    expires_on: date = local("consent", "Ngày cuối cùng để quyết định | Last day to decide.")
    consequence_of_refusing: str = local(
        "consent",
        "Hệ quả nếu từ chối | Consequences of refusing, and the alternative.",
        _consequence,
        IN_LANGUAGE,
    )
    notice: ConsentNotice = local(
        "consent",
        "Văn bản đồng ý | The text to be shown, and the fields that would be released.",
        _notice_of_request,
        IN_LANGUAGE,
    )


@strawberry.type(description="Sự đồng ý mà ứng dụng khách nhận được | A consent as its recipient sees it.")
class ClientConsent:
    consent: Consent = local("consent", "Sự đồng ý | The consent.")
    subject: strawberry.ID = local("consent", "Mã riêng của chủ thể | The subject's id, given to this client alone.")
    learners: list[strawberry.ID] = local(
        "consent",
        "Mã riêng của các hồ sơ người học được biết; tính là một lần đọc | "
        "The ids of the learners that may be known of now; asking for them is a reading.",
        learners_of,
    )


@strawberry.type(description="Một trang | A page of consents.")
class ClientConsentConnection:
    nodes: list[ClientConsent] = local("consent", "Các sự đồng ý, mới nhất trước | The consents, the newest first.")
    page_info: PageInfo = local("consent", "Vị trí của trang | Position of the page.")


_Child = Annotated[strawberry.ID | None, strawberry.argument(description=CHILD)]


async def _of_caller(info: strawberry.Info, child: _Child = None) -> Sequence[consents.ConsentValue]:
    return await consents.consents_of_caller(info.context, child)


async def _requests(info: strawberry.Info, child: _Child = None) -> Sequence[consent_requests.RequestValue]:
    return await consent_requests.requests_of_caller(info.context, child)


async def _notice_for(
    info: strawberry.Info,
    terms: Annotated[ConsentTermsInput, strawberry.argument(description="Các điều kiện | The terms to be shown.")],
    language: Annotated[NoticeLanguage, strawberry.argument(description=LANGUAGE)] = NoticeLanguage.VI,
) -> NoticeValue:
    subject = await consents.subject_named(info.context, terms.child)
    offer = await offered(info.context, terms.wording, for_child=terms.child is not None)
    return _notice(info.context, offer, subject, language.code)


async def _of_client(info: strawberry.Info, first: First = None, after: After = None) -> ClientConsentPageValue:
    return await consents_of_client(info.context, first, after)


def consents_field() -> Any:
    return handwritten(
        _of_caller,
        category="consent",
        concerns=the_child_or_caller,
        description="Các sự đồng ý của tôi, hoặc của con và người được tôi đại diện, mới nhất trước | "
        "My consents, or those of a child in my care, the newest first.",
    )


def consent_requests_field() -> Any:
    return handwritten(
        _requests,
        category="consent",
        concerns=the_child_or_caller,
        description="Các yêu cầu đồng ý đang chờ tôi quyết định | "
        "Requests for consent that wait for my decision, about me or a child.",
    )


def consent_notice_field() -> Any:
    return handwritten(
        _notice_for,
        category="consent",
        concerns=the_child_or_caller,
        description="Văn bản phải xem trước khi đồng ý, và những gì sẽ được cung cấp | "
        "The text to be shown before consenting to these terms, and what they would release.",
    )


def my_consents_field() -> Any:
    return handwritten(
        _of_client,
        category="consent",
        concerns=those_shown,
        description="Các sự đồng ý mà ứng dụng khách này nhận được cho mục đích của yêu cầu | "
        "The consents given to the client that asks, for the purpose of the operation.",
    )
