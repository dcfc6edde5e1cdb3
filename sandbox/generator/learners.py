"""Learners: where they live and learn, how their record is linked with the population register, and its line."""

from dataclasses import dataclass, replace

from sandbox.generator.careers import Career, career, paths
from sandbox.generator.people import Child, Person, full_name_of
from sandbox.generator.provinces import successor
from sandbox.generator.schooling import NULL, SchoolPlaces, Schools
from sandbox.generator.words import WORD, Stream, Words, picked
from sandbox.generator.world import World, days_of

UNLINKED, MISMATCHED = round(0.15 * WORD), round(0.152 * WORD)
MOVED = round(0.08 * WORD)
DELAYED = round(0.02 * WORD)
LAST_YEAR_OF_DELAY = 2019  # the birth year of the youngest who can have repeated a grade
DISABLED, POOR = round(0.01 * WORD), round(0.035 * WORD)
DISABILITIES = ("Khuyết tật vận động", "Khuyết tật nghe, nói", "Khuyết tật nhìn", "Khuyết tật trí tuệ")


@dataclass(slots=True)
class GeneratedLearner:
    """A learner's record; `registered` is the person as the education register has them."""

    code: str
    link_state: str
    registered: Person
    career: Career
    province: str
    institution: str | None
    places: Schools
    words: Words


def learner(world: World, child: Child) -> GeneratedLearner:
    words = world.words(Stream.RECORD, child.index)
    province = successor(child.person.birth_province)
    if province not in world.served or words[4] < MOVED:
        province = world.arrivals[words[5]]
    delay = 1 if words[7] < DELAYED and child.birth_year <= LAST_YEAR_OF_DELAY else 0
    way = career(paths(child.birth_year)[words[6]], child.birth_year, delay)
    places = SchoolPlaces(world, province, world.words(Stream.SCHOOLING, child.index))
    institution = None if way.status == "INDEPENDENT" else places.institution(way.group)
    link_state = "UNLINKED" if words[0] < UNLINKED else "MISMATCHED" if words[0] < MISMATCHED else "VERIFIED"
    registered = _confused(child, words) if link_state == "MISMATCHED" else child.person
    code = f"{child.person.birth_province}{child.index:08d}"
    return GeneratedLearner(
        code, link_state, registered, way, institution[:2] if institution else province, institution, places, words
    )


def _confused(child: Child, words: Words) -> Person:
    """Return the person of a record whose link leads to someone else: another name and birthday."""
    person = child.person
    full_name = full_name_of(person.family_name, person.sex, child.birth_year, words[12:15])
    other_year = child.birth_year - 1 - words[15] % 2
    return replace(person, full_name=full_name, birth_date=picked(days_of(other_year), words[11]))


def learner_line(learner: GeneratedLearner) -> str:
    person, words = learner.registered, learner.words
    number = NULL if learner.link_state == "UNLINKED" else person.citizen_id
    disability = picked(DISABILITIES, words[2]) if words[1] < DISABLED else NULL
    poor = "1" if words[3] < POOR else "0"
    adult = learner.career.group in ("UNIVERSITY", "VOCATIONAL")
    email = f"nh{learner.code}@hocvien.example" if adult else NULL  # RFC 2606: no such domain
    phone = f"0100{words[8] % 1000:03d}{words[9] % 1000:03d}" if words[10] < WORD * 3 // 4 else NULL
    return "\t".join(
        (
            learner.code,
            number,
            learner.link_state,
            number,
            person.full_name,
            person.birth_date,
            person.sex,
            person.ethnicity,
            "VN",
            disability,
            poor,
            phone,  # prefix 0100: not assigned to anybody
            email,
            learner.institution or NULL,
            learner.province,
            learner.career.status,
        )
    )


def citizen_line(person: Person) -> str:
    number = person.citizen_id
    return (
        f"{number}\t{number}\t{person.full_name}\t{person.birth_date}\t{person.sex}\t{person.ethnicity}"
        f"\t{person.religion}\tVN\t{number[:3]}"
    )
