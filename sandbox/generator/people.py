"""People: learners in pairs that may be siblings, and who is responsible for them while they are minors."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from reference.names import Sex
from sandbox.generator.careers import TODAY
from sandbox.generator.numbers import (
    FATHER,
    GUARDIAN,
    LEARNER,
    MOTHER,
    SLOTS,
    citizen_number,
    drawn_province,
    drawn_year,
)
from sandbox.generator.provinces import POPULATION
from sandbox.generator.words import WORD, Stream, Words, picked
from sandbox.generator.world import World, days_of, given_name_tables

BOYS = round(0.515 * WORD)
SIBLINGS = round(0.7 * WORD)
MOTHER_ALONE, OTHER_GUARDIAN = round(0.07 * WORD), round(0.09 * WORD)
PARENT_BORN_ELSEWHERE = round(0.2 * WORD)
FIRST_YEAR_WITH_GUARDIAN = TODAY.year - 20  # guardianships that ended a little while ago are still in the register
PROVINCES = tuple(POPULATION)
POSITION = {province: position for position, province in enumerate(PROVINCES)}


@dataclass(slots=True)
class Person:
    """A citizen as the population register has them; `birth_province` by its two digits before July 2025."""

    citizen_id: str
    family_name: str
    full_name: str
    birth_date: str
    sex: Sex
    ethnicity: str
    religion: str
    birth_province: str

    @property
    def birth_year(self) -> int:
        return int(self.birth_date[:4])


@dataclass(slots=True)
class Child:
    """A learner as a person, with the index that decides all the rest of them."""

    index: int
    person: Person
    birth_year: int
    slot_words: Words


@dataclass(slots=True)
class Family:
    """One or two siblings, and the guardians by kind (FATHER, MOTHER, GUARDIAN) where any of them has or had one."""

    children: list[Child]
    guardians: list[tuple[str, Person]]


def families(world: World, pair: int) -> Iterator[Family]:
    """Yield the families of the learners 2 x pair and 2 x pair + 1: one where they are siblings, or two."""
    first = 2 * pair
    block, slot = divmod(first, SLOTS)
    origin = world.words(Stream.ORIGIN, slot // 2)
    province = drawn_province(world.birth_provinces, origin[0], block)
    indexes = [index for index in (first, first + 1) if index < world.learners]
    slot_words = [world.words(Stream.NUMBER, slot + place) for place in range(len(indexes))]
    years = [drawn_year(world.birth_years, words[0], block) for words in slot_words]
    members = list(zip(indexes, slot_words, years, strict=True))
    if len(members) == 2 and 1 <= abs(years[0] - years[1]) <= 9 and origin[1] < SIBLINGS:
        yield _family(world, province, sorted(members, key=lambda member: member[2]))
    else:
        for member in members:
            yield _family(world, province, [member])


def _family(world: World, province: str, members: list[tuple[int, Words, int]]) -> Family:
    """Return the family of members (index, words of the slot, birth year), the eldest first."""
    eldest, slot_words, year = members[0]
    words = world.words(Stream.FAMILY, eldest)
    name = world.family_names[words[0]]
    ethnicity, religion = world.ethnic_groups_by_province[province][words[1]], world.religions[words[2]]
    children = [
        Child(index, _child(world, index, born, province, (name, ethnicity, religion)), born, own_words)
        for index, own_words, born in members
    ]
    if members[-1][2] < FIRST_YEAR_WITH_GUARDIAN:
        return Family(children, [])
    parent_province = _parent_province(province, slot_words[1])
    drawn = world.words(Stream.PARENT, eldest)
    common = (parent_province, ethnicity, religion, eldest % SLOTS)
    father = year - 22 - slot_words[2] % 20
    mother = year - 20 - slot_words[3] % 15
    if MOTHER_ALONE <= words[3] < OTHER_GUARDIAN:
        grandmother = year - 48 - slot_words[4] % 12
        return Family(children, [("GUARDIAN", _adult(world, GUARDIAN, grandmother, None, drawn[6:], common))])
    guardians = [("MOTHER", _adult(world, MOTHER, mother, None, drawn[6:], common))]
    if words[3] >= MOTHER_ALONE:
        guardians.append(("FATHER", _adult(world, FATHER, father, name, drawn, common)))
    return Family(children, guardians)


def _child(world: World, index: int, year: int, province: str, inherited: tuple[str, str, str]) -> Person:
    words = world.words(Stream.IDENTITY, index)
    sex: Sex = "MALE" if words[0] < BOYS else "FEMALE"
    family_name, ethnicity, religion = inherited
    number = citizen_number(province, sex, year, LEARNER, index % SLOTS)
    full_name = full_name_of(family_name, sex, year, words[2:5])
    return Person(number, family_name, full_name, picked(days_of(year), words[1]), sex, ethnicity, religion, province)


def _adult(
    world: World, role: int, year: int, family_name: str | None, words: Words, common: tuple[str, str, str, int]
) -> Person:
    """Return a father, mother or other guardian; `common` is province, ethnicity, religion and slot."""
    province, ethnicity, religion, slot = common
    sex: Sex = "MALE" if role == FATHER else "FEMALE"
    own_family_name = family_name or world.family_names[words[4]]
    full_name = full_name_of(own_family_name, sex, year, words[1:4])
    birth_date = picked(days_of(year), words[0])
    number = citizen_number(province, sex, year, role, slot)
    return Person(number, own_family_name, full_name, birth_date, sex, ethnicity, religion, province)


def full_name_of(family_name: str, sex: Sex, birth_year: int, words: Words) -> str:
    """Return a full name by three words; no word of it comes twice."""
    first, second, given = (
        table[word >> 6] for table, word in zip(given_name_tables(sex, birth_year), words, strict=False)
    )
    if second and second not in (first, given):
        return f"{family_name} {first} {second} {given}"
    return f"{family_name} {first} {given}" if first != given else f"{family_name} {given}"


def _parent_province(province: str, word: int) -> str:
    """Return the parents' birth province: mostly the child's, else one as many places further for all of a slot."""
    if word >= PARENT_BORN_ELSEWHERE:
        return province
    return PROVINCES[(POSITION[province] + 1 + word % (len(PROVINCES) - 1)) % len(PROVINCES)]


@cache
def eighteenth_birthday(birth_date: str) -> str:
    """Return the day someone comes of age; those born on 29 February on 1 March."""
    year, day = int(birth_date[:4]) + 18, birth_date[4:]
    return f"{year}{day}" if day != "-02-29" else f"{year}-03-01"
