"""What may be changed: consents by citizens, requests for them by clients."""

from datetime import date
from typing import Annotated

import strawberry

from resolvers.consent import consents
from resolvers.consent import requests as consent_requests
from resolvers.consent.offers import Wording
from resolvers.request.accounts import those_shown
from schema.consent.consents import Consent
from schema.consent.terms import (
    CATEGORIES,
    DATA_LIFE,
    FREQUENCY,
    LANGUAGE,
    PURPOSE,
    UNTIL,
    ConsentFrequencyInput,
    ConsentTermsInput,
    NoticeLanguage,
    terms_of,
)
from schema.declaring.fields import handwritten, local
from schema.dossiers import Dossier, close_dossier, open_dossier, receive_dossier, withdraw_dossier
from schema.emergencies import EmergencyReading, review_emergency_reading
from schema.rights import (
    RightsRequest,
    answer_rights_request,
    correction_request,
    submit_rights_request,
    withdraw_rights_request,
)


@strawberry.input(description="Sự đồng ý được đưa ra | The consent to be given. No field has a default.")
class GrantConsentInput(ConsentTermsInput):
    language: NoticeLanguage = strawberry.field(description="Ngôn ngữ của văn bản đã xem | Language of the text shown.")
    notice_digest: str = strawberry.field(
        description="`digest` của văn bản đã xem | `digest` of the text that was shown for these terms."
    )


@strawberry.input(description="Sửa sự đồng ý | Changes to a consent. Absent fields stay unchanged.")
class AmendConsentInput:
    id: strawberry.ID = strawberry.field(description="Mã của sự đồng ý | The consent's id.")
    categories: list[str] | None = strawberry.field(default=None, description=CATEGORIES)
    until: date | None = strawberry.field(default=None, description=UNTIL)
    frequency: ConsentFrequencyInput | None = strawberry.field(default=None, description=FREQUENCY)
    data_life_days: int | None = strawberry.field(default=None, description=DATA_LIFE)
    language: NoticeLanguage = strawberry.field(description=LANGUAGE)
    notice_digest: str = strawberry.field(
        description="`digest` của văn bản đã xem | `digest` of the text shown for the terms as they become."
    )


@strawberry.input(
    one_of=True,
    description="Cách chỉ định người được đề nghị đồng ý | The person asked. Exactly one field must be given.",
)
class ConsentSubjectBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Mã toàn cục của công dân, người học | Global id given to this client."
    )
    citizen_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="Số định danh cá nhân | Citizen number that the client already has."
    )


@strawberry.input(
    description="Yêu cầu đồng ý, cho mục đích của lệnh gọi | The consent requested, for the operation's purpose."
)
class RequestConsentInput:
    by: ConsentSubjectBy = strawberry.field(description="Người được đề nghị đồng ý | The person asked for consent.")
    categories: list[str] = strawberry.field(description=CATEGORIES)
    until: date = strawberry.field(description=UNTIL)
    frequency: ConsentFrequencyInput | None = strawberry.field(default=None, description=FREQUENCY)
    data_life_days: int | None = strawberry.field(default=None, description=DATA_LIFE)


@strawberry.type(description="Yêu cầu đã nhận | The request as received; equal whether or not the person exists.")
class RequestedConsent:
    id: strawberry.ID = local("consent", "Mã của yêu cầu | Id of the request.")
    purpose: str = local("consent", PURPOSE)
    categories: list[str] = local("consent", CATEGORIES)
    until: date = local("consent", UNTIL)


_Id = Annotated[strawberry.ID, strawberry.argument(description="Mã của sự đồng ý | `Consent.id`.")]
_RequestId = Annotated[strawberry.ID, strawberry.argument(description="Mã của yêu cầu | `ConsentRequest.id`.")]


async def _grant(
    info: strawberry.Info,
    input: Annotated[GrantConsentInput, strawberry.argument(description="Sự đồng ý | The consent to be given.")],
) -> consents.ConsentValue:
    return await consents.grant(info.context, input.wording, input.child, input.language.code, input.notice_digest)


async def _amend(
    info: strawberry.Info,
    input: Annotated[AmendConsentInput, strawberry.argument(description="Nội dung sửa | Changes to the consent.")],
) -> consents.ConsentValue:
    amendment = consents.Amendment(input.categories, input.until, terms_of(input.frequency), input.data_life_days)
    return await consents.amend(info.context, input.id, amendment, input.language.code, input.notice_digest)


async def _withdraw(info: strawberry.Info, id: _Id) -> consents.ConsentValue:
    return await consents.withdraw(info.context, id)


async def _ask(
    info: strawberry.Info,
    input: Annotated[
        RequestConsentInput, strawberry.argument(description="Nội dung yêu cầu | Content and person of the request.")
    ],
) -> consent_requests.RequestedValue:
    by = {name: value for name, value in vars(input.by).items() if value is not strawberry.UNSET}
    wording = Wording(
        info.context.principal.client_id,
        info.context.purpose,
        input.categories,
        input.until,
        terms_of(input.frequency),
        input.data_life_days,
    )
    return await consent_requests.ask(info.context, by, wording)


async def _accept(
    info: strawberry.Info,
    id: _RequestId,
    language: Annotated[NoticeLanguage, strawberry.argument(description=LANGUAGE)],
    notice_digest: Annotated[
        str, strawberry.argument(description="`digest` của văn bản đã xem | `digest` of the text that was shown.")
    ],
) -> consents.ConsentValue:
    return await consent_requests.accept(info.context, id, language.code, notice_digest)


async def _decline(info: strawberry.Info, id: _RequestId) -> bool:
    return await consent_requests.decline(info.context, id)


@strawberry.type(description="Thay đổi | The changes.")
class Mutation:
    grant_consent: Consent = handwritten(
        _grant,
        category="consent",
        concerns=those_shown,
        description="Đồng ý cho một bên đọc dữ liệu của mình hoặc của con, sau khi xem văn bản | "
        "Let a client read data of oneself or of a child, having been shown the text; joins a standing consent on the "
        "same terms.",
    )
    amend_consent: Consent = handwritten(
        _amend,
        category="consent",
        concerns=those_shown,
        description="Thu hẹp hoặc gia hạn sự đồng ý: phiên bản mới | Narrow or prolong a consent: its next version.",
    )
    withdraw_consent: Consent = handwritten(
        _withdraw,
        category="consent",
        concerns=those_shown,
        description="Rút lại sự đồng ý, có hiệu lực ngay | Withdraw a consent; it holds for the very next read.",
    )
    request_consent: RequestedConsent = handwritten(
        _ask,
        category="consent",
        concerns=those_shown,
        description="Ứng dụng khách xin sự đồng ý của một người | A client asks a person to agree; "
        "nobody is looked up, so the answer is the same for nobody.",
    )
    accept_consent_request: Consent = handwritten(
        _accept,
        category="consent",
        concerns=those_shown,
        description="Đồng ý với yêu cầu, sau khi xem văn bản | Agree to a request, having been shown its text.",
    )
    decline_consent_request: bool = handwritten(
        _decline,
        category="consent",
        concerns=consent_requests.person_decided_for,
        description="Từ chối yêu cầu, không bị bất lợi gì | Refuse a request: no harm follows, the client is not told.",
    )
    submit_rights_request: RightsRequest = submit_rights_request
    correction_request: RightsRequest = correction_request
    withdraw_rights_request: RightsRequest = withdraw_rights_request
    answer_rights_request: RightsRequest = answer_rights_request
    open_dossier: Dossier = open_dossier
    withdraw_dossier: Dossier = withdraw_dossier
    receive_dossier: Dossier = receive_dossier
    close_dossier: Dossier = close_dossier
    review_emergency_reading: EmergencyReading = review_emergency_reading
