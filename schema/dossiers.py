"""Dossiers of administrative procedures: what opens an agency's access for as long as they are open."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from resolvers import dossiers
from resolvers.request.accounts import the_caller_and_those_shown, those_shown
from schema.consent.terms import CHILD
from schema.declaring.fields import handwritten, local
from schema.declaring.paging import After, First, PageInfo

_DOSSIER = "dossier"


@strawberry.enum(description="Người lập hồ sơ | Parties that open dossiers.")
class DossierOpener(Enum):
    CITIZEN = strawberry.enum_value("CITIZEN", description="Công dân | Its subject, in the app.")
    GUARDIAN = strawberry.enum_value("GUARDIAN", description="Người đại diện | The guardian, in the app.")
    AGENCY = strawberry.enum_value(
        "AGENCY", description="Cơ quan, từ hồ sơ giấy | The agency that received it on paper."
    )


@strawberry.enum(description="Trạng thái hồ sơ | States of a dossier; only an open one gives access.")
class DossierState(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Đang giải quyết | Open.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Đã trả kết quả | Closed with its result.")
    REFUSED = strawberry.enum_value("REFUSED", description="Bị từ chối | Closed without one.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Công dân rút | Withdrawn by the citizen.")
    LAPSED = strawberry.enum_value(
        "LAPSED", description="Hết thời hạn | Expired: not closed within the time of its procedure."
    )


@strawberry.enum(description="Kết quả do cơ quan ghi | Results with which an agency closes a dossier.")
class DossierOutcome(Enum):
    COMPLETED = strawberry.enum_value("COMPLETED", description="Trả kết quả | Closed with its result.")
    REFUSED = strawberry.enum_value("REFUSED", description="Từ chối | Closed without one.")


@strawberry.type(description="Thủ tục hành chính | An administrative procedure.")
class Procedure:
    code: str = local(_DOSSIER, "Mã thủ tục | Its code, as `procedure` takes it.")
    vi: str | None = local(_DOSSIER, "Tên tiếng Việt | In Vietnamese; null if the policy no longer has it.")
    en: str | None = local(_DOSSIER, "Tên tiếng Anh | In English.")
    categories: list[str] = local(_DOSSIER, "Loại dữ liệu cần thiết | Categories that an open dossier opens at most.")
    citation: str | None = local(_DOSSIER, "Căn cứ pháp luật | Legal basis.")


@strawberry.type(description="Hồ sơ thủ tục hành chính | A dossier of an administrative procedure.")
class Dossier:
    id: strawberry.ID = local(_DOSSIER, "Mã của hồ sơ | Id of the dossier, for this client.")
    number: str = local(_DOSSIER, "Số hồ sơ, cơ quan nêu trong `Case` | Number that the agency names in `Case`.")
    agency: str = local(_DOSSIER, "Cơ quan giải quyết | Client of the agency.")
    procedure: Procedure = local(_DOSSIER, "Thủ tục | The procedure.")
    subject: strawberry.ID = local(_DOSSIER, "Mã toàn cục của công dân | Global id of the citizen it is about.")
    opened_by: DossierOpener = local(_DOSSIER, "Người lập | Party that opened the dossier.")
    opened_at: datetime = local(_DOSSIER, "Thời điểm lập | Time of opening.")
    due: date = local(_DOSSIER, "Hạn giải quyết | Last day of the statutory term.")
    open_until: date = local(_DOSSIER, "Ngày cuối cùng còn hiệu lực | Last day on which the dossier is open.")
    state: DossierState = local(_DOSSIER, "Trạng thái | State.")
    closed_at: datetime | None = local(_DOSSIER, "Thời điểm đóng | Time of closing.")


@strawberry.type(description="Một trang hồ sơ | A page of dossiers.")
class DossierConnection:
    nodes: list[Dossier] = local(_DOSSIER, "Các hồ sơ, mới nhất trước | The dossiers, the newest first.")
    page_info: PageInfo = local(_DOSSIER, "Vị trí của trang | Position of the page.")


_Id = Annotated[strawberry.ID, strawberry.argument(description="Mã của hồ sơ | `Dossier.id`.")]
_Procedure = Annotated[str, strawberry.argument(description="Mã thủ tục | Code of the procedure, as `Procedure.code`.")]
_Number = Annotated[str, strawberry.argument(description="Số hồ sơ | Number of the dossier, as `Dossier.number`.")]


async def _own(info: strawberry.Info) -> list[dossiers.DossierValue] | None:
    return await dossiers.dossiers_of_caller(info.context)


async def _open(
    info: strawberry.Info,
    procedure: _Procedure,
    agency: Annotated[str, strawberry.argument(description="Cơ quan giải quyết | Client of the agency that decides.")],
    child: Annotated[strawberry.ID | None, strawberry.argument(description=CHILD)] = None,
) -> dossiers.DossierValue:
    return await dossiers.open_dossier(info.context, procedure, agency, child)


async def _withdraw(info: strawberry.Info, id: _Id) -> dossiers.DossierValue:
    return await dossiers.withdraw_dossier(info.context, id)


async def _receive(
    info: strawberry.Info,
    procedure: _Procedure,
    number: Annotated[str, strawberry.argument(description="Số hồ sơ của cơ quan | The agency's own number for it.")],
    person_number: Annotated[
        str, strawberry.argument(description="Số định danh cá nhân trên hồ sơ | Citizen number in the dossier.")
    ],
) -> dossiers.DossierValue:
    return await dossiers.receive_dossier(info.context, procedure, number, person_number)


async def _close(
    info: strawberry.Info,
    number: _Number,
    outcome: Annotated[DossierOutcome, strawberry.argument(description="Kết quả | Result of the dossier.")],
) -> dossiers.DossierValue:
    return await dossiers.close_dossier(info.context, number, outcome.name)


async def _mine(info: strawberry.Info, first: First = None, after: After = None) -> dossiers.DossierPageValue | None:
    return await dossiers.dossiers_of_client(info.context, first, after)


own_dossiers = handwritten(
    _own,
    category=_DOSSIER,
    concerns=the_caller_and_those_shown,
    description="Hồ sơ của tôi và các con, mới nhất trước | Dossiers of me and the children in my care.",
)
my_dossiers = handwritten(
    _mine,
    category=_DOSSIER,
    concerns=those_shown,
    description="Hồ sơ của cơ quan cho mục đích này | The agency's dossiers for this operation's purpose.",
)
open_dossier = handwritten(
    _open,
    category=_DOSSIER,
    concerns=those_shown,
    description="Lập hồ sơ cho mình hoặc con, lấy số hồ sơ | Open a dossier for oneself or a child in one's care; "
    "while one is open with the agency it is that one.",
)
withdraw_dossier = handwritten(
    _withdraw,
    category=_DOSSIER,
    concerns=those_shown,
    description="Rút hồ sơ | Withdraw a dossier: its agency reads by it no more.",
)
receive_dossier = handwritten(
    _receive,
    category="dossier.receive",
    concerns=those_shown,
    description="Tiếp nhận hồ sơ giấy theo số của cơ quan | Keep a dossier received on paper, under the agency's "
    "number; nobody is looked up.",
)
close_dossier = handwritten(
    _close,
    category=_DOSSIER,
    concerns=those_shown,
    description="Trả kết quả, đóng hồ sơ | Close a dossier: the very next request reads by it no more.",
)
