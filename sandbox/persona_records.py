"""The personas' rows: institutions, schooling, credentials, guardians and residence, the same at any size."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sandbox.generator.batches import TABLES_BY_LEARNER, Batch
from sandbox.generator.careers import Career, career
from sandbox.generator.credentials import REVOKED, credential_lines
from sandbox.generator.institutions import DIGIT_BY_KIND
from sandbox.generator.learners import GeneratedLearner, citizen_line, learner_line
from sandbox.generator.people import Person, eighteenth_birthday
from sandbox.generator.schooling import NULL, enrolment_lines
from sandbox.generator.words import WORD, Words
from sandbox.personas import (
    MISMATCHED_CODE,
    MISMATCHED_RECORD,
    PERSONAS,
    RECORD_CONFLICTS,
    RELATIVES,
    SCHOOL_CODE,
    Identity,
)

# serial, province, kind, name, unit (a code of today), address
INSTITUTIONS = (
    (1, "01", "MULTI_LEVEL", "Trường Phổ thông liên cấp Liên Thông", "00025", "Phường Giảng Võ, Thành phố Hà Nội"),
    (2, "01", "MULTI_LEVEL", "Trường Phổ thông liên cấp Sông Hồng", "00097", "Phường Hồng Hà, Thành phố Hà Nội"),
    (3, "01", "UNIVERSITY", "Trường Đại học Liên Thông Hà Nội", "00004", "Phường Ba Đình, Thành phố Hà Nội"),
    (4, "01", "VOCATIONAL", "Trường Cao đẳng nghề Liên Thông", "00118", "Phường Bồ Đề, Thành phố Hà Nội"),
    (5, "24", "MULTI_LEVEL", "Trường Phổ thông liên cấp Sông Thương", "07210", "Phường Bắc Giang, Tỉnh Bắc Ninh"),
    (6, "79", "MULTI_LEVEL", "Trường Phổ thông liên cấp Bến Nghé", "26740", "Phường Sài Gòn, Thành phố Hồ Chí Minh"),
    (7, "01", "PRESCHOOL", "Trường Mầm non Liên Thông", "00025", "Phường Giảng Võ, Thành phố Hà Nội"),
    (8, "01", "CONTINUING", "Trung tâm Giáo dục thường xuyên Liên Thông", "00004", "Phường Ba Đình, Thành phố Hà Nội"),
    (9, "38", "MULTI_LEVEL", "Trường Phổ thông liên cấp Hàm Rồng", "14758", "Phường Hàm Rồng, Tỉnh Thanh Hóa"),
)  # fmt: skip
CODES = {serial: f"{province}{DIGIT_BY_KIND[kind]}{serial:05d}" for serial, province, kind, *_ in INSTITUTIONS}
OTHER_SCHOOL, SCHOOL_24, SCHOOL_79, SCHOOL_38 = CODES[2], CODES[5], CODES[6], CODES[9]
CODE_BY_GROUP = {"PRESCHOOL": CODES[7], "UNIVERSITY": CODES[3], "VOCATIONAL": CODES[4], "CONTINUING": CODES[8]}

GUARDIANS_BY_PERSONA = {
    "child-7": ("MOTHER", PERSONAS["parent"].identity),
    "child-15": ("MOTHER", PERSONAS["parent"].identity),
    "twin-a": ("FATHER", RELATIVES["father of the twins"]),
    "twin-b": ("FATHER", RELATIVES["father of the twins"]),
    "unlinked": ("MOTHER", RELATIVES["mother of unlinked"]),
    "mismatched": ("MOTHER", RELATIVES["mother of mismatched"]),
    "split-commune": ("FATHER", RELATIVES["father of split-commune"]),
    "code-24": ("MOTHER", RELATIVES["mother of code-24"]),
}
TWINS = (
    ("PERMANENT", "34", "12454", "Thôn Đông", "2013-06-15", "2025-08-14"),
    ("PERMANENT", "01", "00097", "Số 5, tổ dân phố 5", "2025-08-15", NULL),
)
# kind, province and unit by the codes of the first day, address, first and last day
RESIDENCE_BY_PERSONA: dict[str, tuple[tuple[str, str, str, str, str, str], ...]] = {
    "graduate": (
        ("PERMANENT", "38", "14755", "Số 4, đường Trần Phú", "2003-06-01", "2019-02-28"),
        ("PERMANENT", "01", "00031", "Số 27, phố Giảng Võ", "2019-03-01", NULL),
        ("TEMPORARY", "79", "26740", "Số 9, đường Lê Lợi", "2025-09-15", NULL),
    ),
    "parent": (("PERMANENT", "01", "00004", "Số 12, phố Trúc Bạch", "2010-08-01", NULL),),
    "child-7": (("PERMANENT", "01", "00004", "Số 12, phố Trúc Bạch", "2020-03-01", NULL),),
    "child-15": (("PERMANENT", "01", "00004", "Số 12, phố Trúc Bạch", "2011-03-25", NULL),),
    "independent": (("PERMANENT", "79", "26743", "Số 88, đường Hùng Vương", "2007-10-05", NULL),),
    "unlinked": (("PERMANENT", "79", "26740", "Số 3, đường Nguyễn Du", "2010-11-20", NULL),),
    "two-records": (
        ("PERMANENT", "38", "14755", "Thôn Đông", "2008-02-01", NULL),
        ("TEMPORARY", "01", "00118", "Số 6, tổ dân phố 5", "2026-09-01", NULL),
    ),
    "twin-a": TWINS,
    "twin-b": TWINS,
    "split-commune": (("PERMANENT", "01", "00007", "Số 31, phố Đội Cấn", "2009-11-01", NULL),),
    "code-24": (
        ("PERMANENT", "24", "07210", "Số 16, đường Hùng Vương", "2009-09-10", "2025-08-31"),
        ("PERMANENT", "24", "07228", "Số 2, đường Lê Lợi", "2025-09-01", NULL),
    ),
    "revoked": (("PERMANENT", "01", "00118", "Số 40, đường Ngọc Thụy", "2001-04-10", NULL),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonaPlaces:
    """The institutions of a persona: one for all grades from 1 to 12, and the personas' ones for the rest."""

    school: str

    def institution(self, group: str, other: int = 0) -> str:
        """Return its code; a persona never transferred, so `other` makes no difference."""
        return CODE_BY_GROUP.get(group, self.school)


def institution_lines() -> list[str]:
    return [
        f"{CODES[serial]}\t{name}\t{kind}\tPUBLIC\t{unit}\t{province}\t{address}\t1998-09-01\t{NULL}"
        for serial, province, kind, name, unit, address in INSTITUTIONS
    ]


def persona_batch() -> Batch:
    """Return the lines of all personas but their institutions, by table."""
    batch: Batch = {table: [] for table in TABLES_BY_LEARNER}
    identities = [persona.identity for persona in PERSONAS.values() if persona.identity]
    batch["citizens"] = [citizen_line(_person(identity)) for identity in (*identities, *RELATIVES.values())]
    for learner in _learners():
        schooling = _schooling_words(learner.code)
        batch["learners"].append(learner_line(learner))
        batch["enrolments"] += enrolment_lines(learner.code, learner.career, learner.places, schooling)
        batch["credentials"] += credential_lines(learner, _credential_words(learner.code))
    batch["guardianships"] = list(_guardianship_lines())
    batch["residence_periods"] = list(_residence_lines())
    return batch


def _learners() -> Iterator[GeneratedLearner]:
    finished = replace(career("INDEPENDENT", 2008, 0), status="GRADUATED")
    college = career("COLLEGE", 2008, 0)
    first_year = replace(college, stages=college.stages[-1:], awards=())
    general, vocational = PERSONAS["two-records"].sector_codes
    ways = {
        "graduate": (career("ACADEMIC", 2003, 0), SCHOOL_CODE),
        "child-7": (career("ACADEMIC", 2020, 0), SCHOOL_CODE),
        "child-15": (career("ACADEMIC", 2011, 0), SCHOOL_CODE),
        "independent": (career("INDEPENDENT", 2007, 0), SCHOOL_79),
        "unlinked": (career("ACADEMIC", 2010, 0), SCHOOL_79),
        "mismatched": (career("ACADEMIC", 2012, 0), OTHER_SCHOOL),
        "twin-a": (career("ACADEMIC", 2013, 0), OTHER_SCHOOL),
        "twin-b": (career("ACADEMIC", 2013, 0), OTHER_SCHOOL),
        "split-commune": (career("ACADEMIC", 2009, 0), OTHER_SCHOOL),
        "code-24": (career("ACADEMIC", 2009, 0), SCHOOL_24),
        "revoked": (career("ACADEMIC", 2001, 0), OTHER_SCHOOL),
    }
    for name, (way, school) in ways.items():
        yield _learner(name, PERSONAS[name].sector_codes[0], way, school)
    yield _learner("two-records", general, finished, SCHOOL_38)
    yield _learner("two-records", vocational, first_year, SCHOOL_38)


def _learner(name: str, code: str, way: Career, school: str) -> GeneratedLearner:
    identity = PERSONAS[name].identity
    if identity is None:
        raise LookupError(f"persona `{name}` is no citizen")
    person, link_state = _person(identity), "UNLINKED" if name == "unlinked" else "VERIFIED"
    if code == MISMATCHED_CODE:
        other_name, other_day = MISMATCHED_RECORD
        person, link_state = replace(person, full_name=other_name, birth_date=other_day.isoformat()), "MISMATCHED"
    person = replace(person, **RECORD_CONFLICTS.get(code, {}))  # type: ignore[arg-type]
    places = PersonaPlaces(school)
    institution = None if way.status == "INDEPENDENT" else places.institution(way.group)
    province = (institution or school)[:2]
    return GeneratedLearner(code, link_state, person, way, province, institution, places, _record_words(code))


def _record_words(code: str) -> Words:
    """Return the words of a record: no disability, no poverty, a telephone number of its own."""
    return (*[WORD - 1] * 8, 0, int(code[-3:]), 0, *[WORD - 1] * 5)


def _schooling_words(code: str) -> Words:
    """Return the words of a schooling without transfer and measures, with marks from 7 to 8."""
    serial = int(code[-2:])
    return (*[WORD - 1] * 11, 20_000 + serial * 1000, 50_000, serial, serial * 999, WORD - 1)


def _credential_words(code: str) -> Words:
    """Return the words of valid diplomas, but for the certificate of `graduate` and the third diploma of `revoked`."""
    certified = 0 if code in PERSONAS["graduate"].sector_codes else WORD - 1
    third = REVOKED - 1 if code in PERSONAS["revoked"].sector_codes else WORD - 1
    serial = int(code[-2:])
    return (
        certified,
        WORD // 2,
        serial * 3000,
        0,
        *(serial * step for step in (3, 5, 7)),
        0,
        0,
        WORD - 1,
        WORD - 1,
        third,
        *[WORD - 1] * 2,
        0,
        0,
    )


def _person(identity: Identity) -> Person:
    return Person(
        identity.citizen_id,
        identity.full_name.split()[0],
        identity.full_name,
        identity.birth_date.isoformat(),
        identity.sex,
        "Kinh",
        "Không",
        identity.citizen_id[1:3],
    )


def _guardianship_lines() -> Iterator[str]:
    for name, (kind, guardian) in GUARDIANS_BY_PERSONA.items():
        child = PERSONAS[name].identity
        if child and guardian:
            born = child.birth_date.isoformat()
            until = eighteenth_birthday(born)
            yield f"GP{name}\t{guardian.citizen_id}\t{child.citizen_id}\t{kind}\t{born}\t{until}"


def _residence_lines() -> Iterator[str]:
    for name, periods in RESIDENCE_BY_PERSONA.items():
        for position, (kind, province, unit, address, first, last) in enumerate(periods):
            key = PERSONAS[name].person_key
            yield f"RP{name}-{position}\t{key}\t{kind}\t{unit}\t{province}\t{address}\t{first}\t{last}"
