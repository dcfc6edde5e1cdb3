"""What the three queries read, as trees of the peers' tables."""

from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True, slots=True, eq=False)
class TreeNode:
    """A table: the rows whose `by` is what the parent's column number `at` holds. `dates` are columns by number."""

    table: str
    by: str
    columns: tuple[str, ...]
    at: int = 0
    dates: tuple[int, ...] = ()
    children: tuple["TreeNode", ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether a parent has at most one."""
        return self.by == "id"

    def nodes(self) -> list["TreeNode"]:
        return [self, *chain.from_iterable(child.nodes() for child in self.children)]

    def selected(self) -> list[str]:
        """The columns, keys as text: the product hands them up so."""
        keys = {"id", self.by, *(self.columns[child.at] for child in self.children)}
        return [f"{self.table}.{name}::text" if name in keys else f"{self.table}.{name}" for name in self.columns]


def _institution(at: int, *columns: str) -> TreeNode:
    return TreeNode("institutions", "id", ("id", *columns), at)


_LEARNER = ("id", "citizen_id", "full_name", "birth_date", "gender", "province_code", "current_institution_id")
_ENROLMENT = ("learner_id", "id", "level", "grade", "school_year", "gpa", "institution_id")
_CREDENTIAL = ("learner_id", "id", "title", "serial")
_RESIDENCES = TreeNode(
    "residencies",
    "learner_id",
    ("learner_id", "id", "province_code", "ward_code", "from_date", "to_date"),
    dates=(4, 5),
)
_ENROLMENTS = TreeNode("enrolments", "learner_id", _ENROLMENT, children=(_institution(6, "name", "province_code"),))
_CREDENTIALS = TreeNode(
    "credentials",
    "learner_id",
    (*_CREDENTIAL, "issued_on", "institution_id"),
    dates=(4,),
    children=(_institution(5, "name"),),
)

TREES = {
    "q1": TreeNode(
        "learners",
        "id",
        (*_LEARNER, "ethnicity", "nationality"),
        children=(_ENROLMENTS, _CREDENTIALS, _RESIDENCES),
    ),
    "q1's enrolments": _ENROLMENTS,
    "q2": TreeNode(
        "learners",
        "id",
        (*_LEARNER, "status"),
        children=(_institution(6, "name"), TreeNode("credentials", "learner_id", _CREDENTIAL)),
    ),
    "q3": TreeNode("learners", "id", ("id", "citizen_id", "full_name"), children=(_RESIDENCES,)),
}
