"""The personas: who they are, what makes each special, and the numbers they keep whatever else is generated.

This is the one place that defines them; `sandbox/persona_records.py` makes their rows and `docs/synthetic-data.md`
points here. Today is 21 November 2026 in the synthetic registers. Nobody here exists; the last six digits of their
citizen numbers and the sector codes from 99000000 on are kept free of generated learners.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from reference.names import Sex

CITIZEN_CLIENT = "vneid-app"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the population register has them; the key there is the citizen number."""

    citizen_id: str
    full_name: str
    birth_date: date
    sex: Sex


@dataclass(frozen=True, slots=True)
class PersonaJurisdiction:
    """Whom a client's grant covers: everybody, learners of provinces, or learners of institutions."""

    country: bool = False
    provinces: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to call as: a citizen with an account of level 2 (VNeID), or an agency's client."""

    name: str
    kind: Literal["citizen", "client"]
    title_vi: str
    title_en: str
    client_id: str
    roles: tuple[str, ...]
    purposes: tuple[str, ...]
    assurance: int
    identity: Identity | None = None
    sector_codes: tuple[str, ...] = ()
    jurisdiction: PersonaJurisdiction | None = None

    @property
    def person_key(self) -> str | None:
        return self.identity.citizen_id if self.identity else None


SCHOOL_CODE = "01500001"
"""Trường Phổ thông liên cấp Liên Thông, Hà Nội (grades 1 to 12): the institution of the client `school`."""

# What the education register has instead of the identity of `mismatched`, whose number it holds.
MISMATCHED_RECORD = ("Đỗ Thị Lan", date(2011, 8, 18))
MISMATCHED_CODE = "0199000007"

# Columns in which a verified record of the education register differs from the population register, by sector code.
RECORD_CONFLICTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "0199000012": {"full_name": "Trần Minh Khánh"},  # twin-b: an accent too many
        "0199000018": {"birth_date": "2008-01-07"},  # two-records, vocational: a digit lost
        "2499000014": {"ethnicity": "Tày"},  # code-24
    }
)

# Guardians who are no personas.
RELATIVES = MappingProxyType(
    {
        "father of the twins": Identity("034082000021", "Trần Văn Khoa", date(1982, 10, 2), "MALE"),
        "mother of unlinked": Identity("079183000022", "Huỳnh Thị Mỹ Lệ", date(1983, 1, 25), "FEMALE"),
        "mother of mismatched": Identity("001185000023", "Phạm Thị Tuyết", date(1985, 7, 7), "FEMALE"),
        "father of split-commune": Identity("001079000024", "Lê Quang Vinh", date(1979, 5, 30), "MALE"),
        "mother of code-24": Identity("024184000025", "Ngô Thị Hòa", date(1984, 12, 12), "FEMALE"),
    }
)


def _citizen(name: str, titles: tuple[str, str], identity: Identity, *sector_codes: str) -> Persona:
    return Persona(name, "citizen", *titles, CITIZEN_CLIENT, ("citizen",), ("self-service",), 2, identity, sector_codes)


def _client(
    name: str, titles: tuple[str, str], role: str, purposes: str, covers: PersonaJurisdiction | None
) -> Persona:
    return Persona(name, "client", *titles, name, (role,), tuple(purposes.split()), 0, jurisdiction=covers)


_CITIZENS = (
    _citizen(
        "graduate",
        (
            "Cử nhân 23 tuổi, thường trú tại Hà Nội từ năm 2019",
            "Graduate of 23: three diplomas, a certificate, permanent residence in one ward of Hà Nội since 2019",
        ),
        Identity("001203000001", "Nguyễn Minh Quân", date(2003, 5, 12), "MALE"),
        "0199000001",
    ),
    _citizen(
        "parent",
        (
            "Mẹ của hai con đang học (child-7 và child-15)",
            "Mother and guardian of child-7 and child-15; no learner herself",
        ),
        Identity("001186000002", "Nguyễn Thị Thu Hằng", date(1986, 4, 3), "FEMALE"),
    ),
    _citizen(
        "child-7",
        ("Học sinh lớp 1, tròn 7 tuổi trong năm học", "First-grader who turns 7 on 14 February 2027"),
        Identity("001220000003", "Phạm Gia Bảo", date(2020, 2, 14), "MALE"),
        "0199000003",
    ),
    _citizen(
        "child-15",
        ("Học sinh lớp 10, 15 tuổi", "Tenth-grader of 15 at the institution of the client `school`"),
        Identity("001311000004", "Phạm Ngọc Diệp", date(2011, 3, 9), "FEMALE"),
        "0199000004",
    ),
    _citizen(
        "independent",
        ("Thí sinh tự do 19 tuổi, không thuộc trường nào", "Independent candidate of 19 without an institution"),
        Identity("079207000005", "Huỳnh Tấn Phát", date(2007, 9, 20), "MALE"),
        "7999000005",
    ),
    _citizen(
        "unlinked",
        (
            "Học sinh có hồ sơ chưa liên thông với cơ sở dữ liệu dân cư",
            "Pupil whose sector record carries no link to the population register",
        ),
        Identity("079210000006", "Võ Thành Đạt", date(2010, 11, 2), "MALE"),
        "7999000006",
    ),
    _citizen(
        "mismatched",
        (
            "Học sinh có số định danh trong hồ sơ ngành trỏ tới dữ liệu không khớp",
            "Pupil whose number stands in a sector record of another name and birth date",
        ),
        Identity("001312000007", "Đỗ Ngọc Lan Anh", date(2012, 8, 8), "FEMALE"),
        MISMATCHED_CODE,
    ),
    _citizen(
        "two-records",
        (
            "Một công dân, hai hồ sơ ngành: phổ thông và nghề nghiệp",
            "One citizen, two verified sector records: general school and vocational college",
        ),
        Identity("038208000008", "Lê Hữu Tài", date(2008, 1, 17), "MALE"),
        "3899000008",
        "0199000018",
    ),
    _citizen(
        "twin-a",
        ("Anh sinh đôi", "The elder twin: same birth date and guardian, nearly the same name and numbers as twin-b"),
        Identity("034213000011", "Trần Minh Khang", date(2013, 6, 1), "MALE"),
        "0199000011",
    ),
    _citizen(
        "twin-b",
        ("Em sinh đôi", "The younger twin"),
        Identity("034213000012", "Trần Minh Khanh", date(2013, 6, 1), "MALE"),
        "0199000012",
    ),
    _citizen(
        "split-commune",
        (
            "Thường trú tại Phường Cống Vị, phường được chia khi sắp xếp ngày 01/7/2025",
            "Permanent resident of the old ward Cống Vị (00007), which was split on 1 July 2025",
        ),
        Identity("001209000013", "Lê Quang Hưng", date(2009, 10, 15), "MALE"),
        "0199000013",
    ),
    _citizen(
        "code-24",
        (
            "Khai sinh tại Bắc Giang (mã 024), thường trú dưới mã 24 trước và sau 01/7/2025",
            "Birth registered in Bắc Giang (024); lives under code 24, Bắc Giang before and Bắc Ninh after the change",
        ),
        Identity("024309000014", "Ngô Thị Kim Chi", date(2009, 8, 27), "FEMALE"),
        "2499000014",
    ),
    _citizen(
        "revoked",
        ("Người có bằng cử nhân đã bị thu hồi", "Holder of a bachelor's diploma that was revoked"),
        Identity("001201000015", "Bùi Quốc Thái", date(2001, 3, 22), "MALE"),
        "0199000015",
    ),
)
_COUNTRY = PersonaJurisdiction(country=True)
_CLIENTS = (
    _client(
        "dept-hanoi",
        ("Sở Giáo dục và Đào tạo Hà Nội", "Provincial department of education of Hà Nội"),
        "provincial-department",
        "school-management graduation-recognition grade-1-admission diploma-correction rights-handling",
        PersonaJurisdiction(provinces=frozenset({"01"})),
    ),
    _client(
        "school",
        ("Trường Phổ thông liên cấp Liên Thông", "The school of child-7 and child-15"),
        "school",
        "school-management",
        PersonaJurisdiction(institutions=frozenset({SCHOOL_CODE})),
    ),
    _client(
        "exam-office",
        ("Cục Quản lý chất lượng", "Examination office"),
        "examination-office",
        "admission-priority exam-registration",
        _COUNTRY,
    ),
    _client(
        "university", ("Trường đại học", "University, for admission"), "university", "university-admission", _COUNTRY
    ),
    _client("employer", ("Doanh nghiệp", "Employer that checks diplomas"), "employer", "diploma-verification", None),
    _client(
        "police",
        ("Cơ quan đăng ký cư trú", "Population service"),
        "population-service",
        "residence-registration vital-interests rights-handling",
        _COUNTRY,
    ),
    _client(
        "social-insurance", ("Bảo hiểm xã hội", "Social insurance"), "social-insurance", "insurance-benefit", _COUNTRY
    ),
    _client("ministry", ("Bộ Giáo dục và Đào tạo", "Ministry: aggregates only"), "ministry", "statistics", _COUNTRY),
    _client("officer", ("Bảo vệ dữ liệu", "Data-protection officer"), "data-protection-officer", "oversight", _COUNTRY),
    _client(
        "developer", ("Nhà phát triển", "Developer: schema and public data only"), "developer", "development", None
    ),
)


def _by_name(personas: Iterable[Persona]) -> Mapping[str, Persona]:
    return MappingProxyType({persona.name: persona for persona in personas})


PERSONAS: Mapping[str, Persona] = _by_name((*_CITIZENS, *_CLIENTS))
