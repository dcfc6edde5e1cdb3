"""What a record declares of subjects: whose rows it has, whose facts it holds, and how they are related."""

from dataclasses import dataclass

PERSON = "person"
"""The kind of subjects whose key is the population register's key of a person."""

VERIFIED = "VERIFIED"
"""The state of a link to a person that may be followed; of every other state the person is not known."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The column that identifies a row's subject. `kind`: the name of the record that holds its facts, or PERSON."""

    kind: str
    column: str


@dataclass(frozen=True, slots=True)
class CohortColumns:
    """The enrolments of subjects: rows of `record` whose column `by` is the subject's key."""

    record: str
    by: str
    school_year: str
    level: str
    grade: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.by, self.school_year, self.level, self.grade)


@dataclass(frozen=True, slots=True)
class Holds:
    """A record that holds the facts of its subjects: one row each, identified by the record's key.

    `existence` is the category under which a row may be known of. `person` is the person behind a subject where the
    column `link` is VERIFIED; `identifiers` are other columns that lead from a person to rows. A record without
    `province` or `institution` lies in no place of that kind.
    """

    existence: str
    person: str
    link: str
    province: str | None = None
    institution: str | None = None
    identifiers: tuple[str, ...] = ()
    cohorts: CohortColumns | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the facts, in the order in which facts are read, without the record's key."""
        places = (self.province, self.institution)
        return (self.person, self.link, *(column for column in places if column is not None))

    @property
    def reverse(self) -> tuple[str, ...]:
        """The columns that lead from a person to rows; these are that person's only where the link is verified."""
        return (self.person, *self.identifiers)


@dataclass(frozen=True, slots=True)
class GuardianshipColumns:
    """Who is the guardian of whom, from a day and until before a day; null: without such a limit.

    `existence` is the category under which a guardianship may be known of.
    """

    existence: str
    guardian: str
    child: str
    start: str
    end: str
