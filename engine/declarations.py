"""What a field is: the declarations that both executors read.

Every field of the schema carries exactly one of these. `category` names the data category under which its value is
released. Columns are named as in the canonical records; nothing here knows what they mean.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Protocol

METADATA_KEY = "lienthong"
"""Where a declaration lies in the metadata of a Strawberry field."""

Operator = Literal["=", "in", "<", "<=", ">", ">=", "starts-with"]

Test = tuple[str, Operator, Any]
"""A condition on a column: (column, operator, value)."""

Sort = tuple[str, bool]
"""A column and whether it descends."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value of the row."""

    category: str
    column: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """The global id: the row's key, sealed for the caller. `kind` is the type's name."""

    category: str
    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument that narrows the rows: refused where `category` may not be read.

    `check(value, today)` raises for a value that no row can have, before any is asked for.
    """

    argument: str
    column: str
    operator: Operator
    category: str
    check: Callable[[Any, Any], object] | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """The way to the rows of `record` whose column `by` is this row's column `key`; `many` of them or at most one."""

    category: str
    record: str
    key: str
    by: str
    many: bool
    where: tuple[Test, ...] = ()
    order: tuple[Sort, ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """What a function of an answer or of a part returns where it cannot tell: null, with the code of the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value and the register that it was taken from, where an answer may take it from several."""

    value: Any
    register: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A value computed from `needs`: own columns by name, or "edge.column" for columns behind an edge of the same type.

    `function(needs, asking, **arguments)` gets a mapping from each own need to its value and from each edge's name to
    the rows behind it (mappings), and is called only where `category` is permitted for the row. It may return Unknown,
    or Sourced; what it cannot tell is never a plain null, and never a "no". `may_lack`: the needs, and edges, of whose
    absence it makes sense itself; without any other it is not called.

    An answer with arguments says by which of its own needs, `about`, it is known whom it is about, and what it comes to
    be asked: `question(arguments, asking)`, the same for arguments that ask the same. Each question is admitted first.
    """

    category: str
    function: Callable[..., Any]
    needs: tuple[str, ...] = ()
    about: str | None = None
    question: Callable[[Mapping[str, Any], Any], Any] | None = None
    may_lack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """A Relay connection over the rows of `record` that the caller may know of.

    With `key` and `by`, those whose column `by` is this row's column `key`. `sorts` maps each value of the `orderBy`
    argument to (column, descending, category); `record_key` makes positions unique.
    """

    category: str
    record: str
    record_key: str
    filters: tuple[Filter, ...] = ()
    sorts: Mapping[str, tuple[str, bool, str]] = field(default_factory=dict)
    key: str | None = None
    by: str | None = None
    largest: int = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a root asks for: the rows of `typename` whose column `by` is one of `keys`.

    A key of None stands for a row that cannot be (an id of nothing known): it is answered as absent.
    """

    typename: str
    by: str
    keys: Sequence[Any]
    where: tuple[Test, ...] = ()
    order: tuple[Sort, ...] = ()


@dataclass(frozen=True, slots=True)
class Root:
    """Where a query enters: `select(asking, **arguments)` says which rows; of several rows of a key the first counts.

    `grouped`: all of them, in a list for each key.
    Whether a row may be known of is decided by its type's RecordType.category;
    `category` is what the field itself shows.

    `many`: a list with one place for each key, in their order, null where there is none. `apart`: a key that is
    refused, in place of which `select` gives the exception, or whose rows cannot be had nulls its own place alone.
    """

    category: str
    select: Callable[..., Sequence[Wanted | Exception]]
    many: bool
    apart: bool = False
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """A part of a value that is already there: an attribute, or a function of the value and the arguments."""

    category: str
    function: Callable[..., Any] | None = None


Concerns = Callable[[Any, Any, Mapping[str, Any]], Collection[Any]]
"""`concerns(value, asking, arguments)`: the keys of those whom an answer is about, arguments by their GraphQL names."""


class Part(Enum):
    """What is said of a field that shows a part of a value which has been accounted for where it was answered."""

    OF_ACCOUNTED = "a part of what is accounted for"


@dataclass(frozen=True, slots=True)
class Handwritten:
    """A resolver of its own (mutations, the caller's own log): never planned, accounted for as `concerns` says."""

    category: str
    concerns: Concerns | Part


Declaration = Column | Identifier | Edge | Answer | Pages | Root | Local | Handwritten


@dataclass(frozen=True, slots=True)
class RecordType:
    """Which record a GraphQL type shows, under which category a row may be known of at all, and how to tell its type.

    `tag` is (column, value): rows of an interface's record with that value are of this type.
    """

    record: str
    key: str
    category: str
    tag: tuple[str, str] | None = None


class RequestContext(Protocol):
    """What a root or an answer may know about the request."""

    @property
    def now(self) -> Any: ...

    def open_id(self, token: str, kinds: Sequence[str]) -> tuple[str, Any]: ...

    def global_id(self, kind: str, key: Any) -> str: ...

    async def admitted(
        self, coordinate: str, answer: Answer, arguments: Mapping[str, Any], subjects: Sequence[Any]
    ) -> Sequence[bool]:
        """Tell of each subject whether the answer may be given to these arguments; nothing is answered before."""
        ...

    def unanswered(self, coordinate: str, reason: str) -> None:
        """Note that a value is null because it is not known, and why."""
        ...

    def sourced(self, coordinate: str, register: str) -> None:
        """Note which register a value was taken from."""
        ...


NOTED = frozenset({Unknown, Sourced})
"""What is answered otherwise than it is returned."""


def plain_value(coordinate: str, value: Any, asking: RequestContext) -> Any:
    """Return what is answered: null for Unknown, the value of Sourced; why and from where is noted."""
    if value.__class__ is Unknown:
        asking.unanswered(coordinate, value.reason)
        return None
    if value.__class__ is Sourced:
        asking.sourced(coordinate, value.register)
        return value.value
    return value
