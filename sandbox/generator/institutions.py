"""Institutions: about one per 540 learners, in as many provinces as so many can serve at every school level."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from types import MappingProxyType

from reference.units import Unit, unit_at
from sandbox.generator.provinces import FIRST_DAY_OF_34, communes, population, predecessors
from sandbox.generator.words import Words, picked, spread

LEARNERS_PER_INSTITUTION = 540
INSTITUTIONS_PER_PROVINCE = 6  # a province joins when there are so many institutions for each
SCHOOL_KINDS = ("PRESCHOOL", "PRIMARY", "LOWER_SECONDARY", "UPPER_SECONDARY")
CAPITAL = "01"
CAPITAL_KINDS = (*SCHOOL_KINDS, "UNIVERSITY", "VOCATIONAL", "CONTINUING")
FIRST_SERIAL = 100  # those before are the personas' institutions

KINDS = MappingProxyType(
    {
        "PRESCHOOL": 300, "PRIMARY": 270, "LOWER_SECONDARY": 200, "UPPER_SECONDARY": 70, "MULTI_LEVEL": 90,
        "VOCATIONAL": 25, "UNIVERSITY": 12, "CONTINUING": 23,
    }
)  # fmt: skip
GROUPS_BY_KIND = MappingProxyType(
    {
        "MULTI_LEVEL": ("PRIMARY", "LOWER_SECONDARY", "UPPER_SECONDARY"),
        **{kind: (kind,) for kind in KINDS if kind != "MULTI_LEVEL"},
    }
)
DIGIT_BY_KIND = MappingProxyType({kind: str(digit) for digit, kind in enumerate(KINDS, 1)})
DESIGNATION_BY_KIND = MappingProxyType(
    {
        "PRESCHOOL": "Trường Mầm non", "PRIMARY": "Trường Tiểu học", "LOWER_SECONDARY": "Trường THCS",
        "UPPER_SECONDARY": "Trường THPT", "MULTI_LEVEL": "Trường Phổ thông liên cấp",
        "VOCATIONAL": "Trường Cao đẳng nghề", "UNIVERSITY": "Trường Đại học",
        "CONTINUING": "Trung tâm Giáo dục thường xuyên",
    }
)  # fmt: skip
FLOWERS = ("Hoa Sen", "Hoa Mai", "Hoa Hồng", "Sơn Ca", "Họa Mi", "Tuổi Thơ", "Ánh Dương", "Măng Non", "Hướng Dương")
EPONYMS = (
    "Nguyễn Trãi", "Lê Quý Đôn", "Chu Văn An", "Trần Hưng Đạo", "Nguyễn Du", "Lê Lợi", "Quang Trung", "Kim Đồng",
    "Nguyễn Huệ", "Phan Bội Châu", "Phan Châu Trinh", "Võ Thị Sáu", "Trần Phú", "Lý Thường Kiệt", "Hai Bà Trưng",
    "Nguyễn Bỉnh Khiêm", "Lương Thế Vinh", "Nguyễn Đình Chiểu", "Hoàng Hoa Thám", "Lê Hồng Phong", "Ngô Quyền",
)  # fmt: skip
FIELDS = ("Kinh tế", "Sư phạm", "Bách khoa", "Nông Lâm", "Y Dược", "Khoa học", "Công nghệ", "Ngoại ngữ", "Luật")


@dataclass(frozen=True, slots=True)
class GeneratedInstitution:
    """One institution of today's list; `serial` is counted over the whole country."""

    serial: int
    province_code: str
    kind: str

    @property
    def code(self) -> str:
        return f"{self.province_code}{DIGIT_BY_KIND[self.kind]}{self.serial:05d}"


def provinces_served(institutions: int) -> tuple[str, ...]:
    """Return the most populous provinces that so many institutions can serve, the capital always among them."""
    served = min(max(institutions // INSTITUTIONS_PER_PROVINCE, 1), len(predecessors()))
    ranked = sorted(predecessors(), key=lambda code: (code != CAPITAL, -population(code), code))
    return tuple(ranked[:served])


@cache
def institutions(learners: int, seed: int) -> tuple[GeneratedInstitution, ...]:
    """Return the institutions of so many learners: at least one for every group, none when there are no learners."""
    if learners == 0:
        return ()
    wanted = max(-(-learners // LEARNERS_PER_INSTITUTION), len(CAPITAL_KINDS))
    served = provinces_served(wanted)
    needed = [(province, kind) for province in served for kind in _needed_kinds(province)]
    further = islice(_further(served, seed), max(wanted - len(needed), 0))
    places = sorted([*needed, *further], key=lambda place: place[0])
    return tuple(GeneratedInstitution(serial, *place) for serial, place in enumerate(places, FIRST_SERIAL))


def _needed_kinds(province: str) -> tuple[str, ...]:
    return CAPITAL_KINDS if province == CAPITAL else SCHOOL_KINDS


def _further(served: tuple[str, ...], seed: int) -> Iterator[tuple[str, str]]:
    """Yield provinces in proportion to their people, for ever, with a kind each."""
    kinds = spread(KINDS)
    due = dict.fromkeys(served, 0.0)
    total = sum(population(province) for province in served)
    for number in count():
        for province in served:
            due[province] += population(province) / total
        province = max(due, key=lambda code: due[code])
        due[province] -= 1
        yield province, kinds[(number * 40503 + seed) & 0xFFFF]


def codes_by_place(institutions: tuple[GeneratedInstitution, ...]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the codes by (province, group of levels): where none teaches a group, those of the whole country."""
    there: dict[tuple[str, str], list[str]] = defaultdict(list)
    anywhere: dict[str, list[str]] = defaultdict(list)
    for institution in institutions:
        for group in GROUPS_BY_KIND[institution.kind]:
            there[institution.province_code, group].append(institution.code)
            anywhere[group].append(institution.code)
    provinces = {institution.province_code for institution in institutions}
    return MappingProxyType(
        {
            (place, group): tuple(there[place, group] or codes)
            for place in provinces
            for group, codes in anywhere.items()
        }
    )


def institution_line(institution: GeneratedInstitution, words: Words) -> str:
    """Return the institution's line in the register."""
    unit_code = picked(communes(institution.province_code, FIRST_DAY_OF_34), words[0])
    unit = unit_at(unit_code, FIRST_DAY_OF_34)
    province = unit_at(institution.province_code, FIRST_DAY_OF_34)
    if unit is None or province is None:
        raise LookupError("an institution's unit is not in the table of units")
    ownership = "PRIVATE" if words[1] < (0.2 if institution.kind == "PRESCHOOL" else 0.06) * 65536 else "PUBLIC"
    return "\t".join(
        (
            institution.code,
            _name(institution.kind, unit, province, words),
            institution.kind,
            ownership,
            unit_code,
            institution.province_code,
            f"{unit.full_name}, {province.full_name}",
            f"{1955 + words[2] % 65}-09-01",
            r"\N",
        )
    )


def _name(kind: str, unit: Unit, province: Unit, words: Words) -> str:
    designation = DESIGNATION_BY_KIND[kind]
    if kind == "CONTINUING":
        return f"{designation} {unit.name}"
    if kind in ("UNIVERSITY", "VOCATIONAL"):
        return f"{designation} {picked(FIELDS, words[3])} {province.name}"
    if words[4] < 30000:
        return f"{designation} {unit.name}"
    return f"{designation} {picked(FLOWERS if kind == 'PRESCHOOL' else EPONYMS, words[3])}"
