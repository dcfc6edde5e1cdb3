"""Why an answer cannot be given: which kind of thing is missing, never what it is."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from engine.declarations import Unknown


class Reason(StrEnum):
    INPUT_MISSING = "INPUT_MISSING"
    NOT_RECORDED = "NOT_RECORDED"
    LINK_NOT_VERIFIED = "LINK_NOT_VERIFIED"
    PRECISION = "PRECISION"
    UNIT_UNKNOWN = "UNIT_UNKNOWN"
    UNIT_DIVIDED = "UNIT_DIVIDED"
    LIST_NOT_LOADED = "LIST_NOT_LOADED"


WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        Reason.INPUT_MISSING: {
            "vi": "CSDL nguồn không có, hoặc có nhưng không rõ, dữ liệu cần để trả lời.",
            "en": "The register lacks a value that the answer needs, or has one that cannot be understood.",
        },
        Reason.NOT_RECORDED: {
            "vi": "CSDL nguồn không có bản ghi nào để trả lời từ đó; không có nghĩa là câu trả lời là không.",
            "en": "The register has no record to answer from; that does not mean no.",
        },
        Reason.LINK_NOT_VERIFIED: {
            "vi": "Liên kết với CSDL dân cư chưa được xác thực.",
            "en": "The link to the population register is not verified.",
        },
        Reason.PRECISION: {
            "vi": "Chỉ biết năm hoặc tháng sinh, chưa đủ để trả lời.",
            "en": "Of the date of birth only the year or the month is known, which leaves this open.",
        },
        Reason.UNIT_UNKNOWN: {
            "vi": "Mã đơn vị hành chính không có trong danh mục của ngày đó.",
            "en": "The code of an administrative unit is not in the list of its day.",
        },
        Reason.UNIT_DIVIDED: {
            "vi": "Đơn vị hành chính đã chia, có nhiều đơn vị có thể tương ứng.",
            "en": "The administrative unit was divided; several units come into question.",
        },
        Reason.LIST_NOT_LOADED: {
            "vi": "Chưa có danh mục đơn vị hành chính của ngày đó.",
            "en": "The list of administrative units of that day is not loaded.",
        },
    }
)
"""What a caller is told, by language."""

INPUT_MISSING = Unknown(Reason.INPUT_MISSING)
NOT_RECORDED = Unknown(Reason.NOT_RECORDED)
LINK_NOT_VERIFIED = Unknown(Reason.LINK_NOT_VERIFIED)
PRECISION = Unknown(Reason.PRECISION)
UNIT_UNKNOWN = Unknown(Reason.UNIT_UNKNOWN)
UNIT_DIVIDED = Unknown(Reason.UNIT_DIVIDED)
LIST_NOT_LOADED = Unknown(Reason.LIST_NOT_LOADED)
