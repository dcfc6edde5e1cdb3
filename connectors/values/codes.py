"""The codes that columns of a closed list may hold: canonical, whatever a register stores for them."""

from collections.abc import Mapping
from types import MappingProxyType

_SEX = "MALE FEMALE"
_CODES = {
    ("institution", "kind"): "PRESCHOOL PRIMARY LOWER_SECONDARY UPPER_SECONDARY MULTI_LEVEL VOCATIONAL UNIVERSITY"
    " CONTINUING",
    ("institution", "ownership"): "PUBLIC PRIVATE",
    ("learner", "link_state"): "VERIFIED UNLINKED MISMATCHED",
    ("learner", "sex"): _SEX,
    ("learner", "status"): "STUDYING GRADUATED LEFT INDEPENDENT",
    ("enrolment", "level"): "PRESCHOOL PRIMARY LOWER_SECONDARY UPPER_SECONDARY VOCATIONAL_SECONDARY COLLEGE_VOCATIONAL"
    " BACHELOR MASTER DOCTOR CONTINUING",
    ("enrolment", "status"): "ACTIVE COMPLETED TRANSFERRED WITHDRAWN",
    ("enrolment", "conduct"): "GOOD FAIR PASS FAIL",
    ("credential", "form"): "DIPLOMA CERTIFICATE",
    ("credential", "kind"): "LOWER_SECONDARY UPPER_SECONDARY VOCATIONAL_SECONDARY COLLEGE BACHELOR MASTER DOCTOR"
    " LANGUAGE INFORMATICS SHORT_COURSE",
    ("credential", "classification"): "EXCELLENT VERY_GOOD GOOD AVERAGE",
    ("credential", "status"): "ISSUED CORRECTED REVOKED CANCELLED",
    ("citizen", "sex"): _SEX,
    ("guardianship", "kind"): "FATHER MOTHER GUARDIAN",
    ("residence_period", "kind"): "PERMANENT TEMPORARY",
}

CODES: Mapping[tuple[str, str], frozenset[str]] = MappingProxyType(
    {column: frozenset(codes.split()) for column, codes in _CODES.items()}
)
"""By (record, column); other columns may hold anything of their kind."""
