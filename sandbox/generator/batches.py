"""The generator's output: batches of lines for every table, in PostgreSQL's text COPY form.

A line holds the columns of `sandbox.registers.filled_columns` in their order, tabs between, `\\N` for null; no value
holds a tab, a line break or a backslash. Any range of learners can be made by itself, in memory that does not grow.
"""

from collections.abc import Iterator

from sandbox.generator.credentials import credential_lines
from sandbox.generator.institutions import institution_line
from sandbox.generator.learners import citizen_line, learner, learner_line
from sandbox.generator.people import Family, eighteenth_birthday, families
from sandbox.generator.residence import residence_lines
from sandbox.generator.schooling import enrolment_lines
from sandbox.generator.words import Stream
from sandbox.generator.world import World

Batch = dict[str, list[str]]
"""Lines by table."""

TABLES_BY_LEARNER = ("learners", "enrolments", "credentials", "citizens", "guardianships", "residence_periods")
LEARNERS_PER_BATCH = 5_000


def institution_lines(world: World) -> list[str]:
    return [
        institution_line(institution, world.words(Stream.INSTITUTION, institution.serial))
        for institution in world.institutions
    ]


def batches(world: World, first: int, after: int) -> Iterator[Batch]:
    """Yield all lines of the learners from an even index up to another, or up to the last learner."""
    for start in range(first, min(after, world.learners), LEARNERS_PER_BATCH):
        yield _batch(world, start, min(start + LEARNERS_PER_BATCH, after))


def _batch(world: World, first: int, after: int) -> Batch:
    batch: Batch = {table: [] for table in TABLES_BY_LEARNER}
    for pair in range(first // 2, (min(after, world.learners) + 1) // 2):
        for family in families(world, pair):
            _add(world, family, batch)
    return batch


def _add(world: World, family: Family, batch: Batch) -> None:
    batch["citizens"].extend(citizen_line(person) for _, person in family.guardians)
    for child in family.children:
        person, index = child.person, child.index
        made = learner(world, child)
        batch["learners"].append(learner_line(made))
        batch["citizens"].append(citizen_line(person))
        schooling = world.words(Stream.SCHOOLING, index)
        batch["enrolments"].extend(enrolment_lines(made.code, made.career, made.places, schooling))
        if made.career.awards or child.birth_year <= 2011:
            batch["credentials"].extend(credential_lines(made, world.words(Stream.CREDENTIAL, index)))
        residence = world.words(Stream.RESIDENCE, index)
        batch["residence_periods"].extend(residence_lines(index, made, person, residence))
        for position, (kind, guardian) in enumerate(family.guardians):
            until = eighteenth_birthday(person.birth_date)
            batch["guardianships"].append(
                f"G{index:08d}{position}\t{guardian.citizen_id}\t{person.citizen_id}\t{kind}\t{person.birth_date}\t{until}"
            )
