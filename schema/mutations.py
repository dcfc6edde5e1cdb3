"""What a citizen may change: consents."""

from datetime import date

import strawberry

from resolvers import consents
from schema.fields import handwritten
from schema.me import Consent


@strawberry.input(description="Sự đồng ý được đưa ra | What is agreed to. Nothing is on by default.")
class GrantConsentInput:
    recipient: str = strawberry.field(description="Bên nhận dữ liệu | Client that may read.")
    purpose: str = strawberry.field(description="Mục đích | What for.")
    categories: list[str] = strawberry.field(description="Các loại dữ liệu | Which data categories.")
    until: date = strawberry.field(description="Ngày cuối cùng | Last day.")
    child: strawberry.ID | None = strawberry.field(
        default=None, description="Mã danh tính của trẻ được giám hộ | `CitizenIdentity.id` of a child in one's care."
    )


async def _grant(info: strawberry.Info, input: GrantConsentInput) -> consents.ConsentValue:
    return await consents.grant(
        info.context, input.recipient, input.purpose, input.categories, input.until, input.child
    )


async def _withdraw(info: strawberry.Info, id: strawberry.ID) -> consents.ConsentValue:
    return await consents.withdraw(info.context, id)


@strawberry.type(description="Thay đổi | What a citizen may change.")
class Mutation:
    grant_consent: Consent = handwritten(
        _grant,
        category="consent",
        description="Đồng ý cho một bên đọc dữ liệu của mình hoặc của con | "
        "Let a client read data of oneself or of a child; joins a standing consent on the same terms.",
    )
    withdraw_consent: Consent = handwritten(
        _withdraw,
        category="consent",
        description="Rút lại sự đồng ý, có hiệu lực ngay | Withdraw a consent; it holds for the very next read.",
    )
