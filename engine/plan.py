"""Plans: the tree of steps that a query is compiled into. A level holds the fields selected on one type."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, FieldNode, OperationDefinitionNode

from engine.arguments import Arguments
from engine.declarations import Answer, Edge, Pages, Root, Wanted
from engine.gate import Prepared, RowQuery
from engine.outputs import Output, OutputPart
from engine.paging import Position

Prepare = Callable[[RowQuery], Prepared]


class NotPlanned(Exception):
    """The operation must run on the reference executor; the message names the field."""


@dataclass(slots=True, eq=False)
class Constant:
    """A value that is equal in all rows: the name of the type, or the null of a column that is never permitted."""

    key: str
    value: str | None


@dataclass(slots=True, eq=False)
class ColumnField:
    """A column of the row. `position` None: never permitted."""

    key: str
    output: Output
    position: int | None


@dataclass(slots=True, eq=False)
class SealedField:
    """The global id, sealed from the record key at `position`."""

    key: str
    output: Output
    position: int | None
    kind: str


@dataclass(slots=True, eq=False)
class EdgeField:
    """A reference to other rows; `step` fetches them."""

    key: str
    output: Output
    position: int
    step: "EdgeStep"


@dataclass(slots=True, eq=False)
class AnswerField:
    """A value computed from the row's own columns, `own` (need, position), and from the dependency rows, `behind`."""

    key: str
    output: Output
    coordinate: str
    position: int
    answer: Answer
    arguments: Arguments
    own: tuple[tuple[str, int | None], ...]
    behind: "tuple[DependencyRows, ...]"


@dataclass(slots=True, eq=False)
class PagesField:
    """A connection of the row. `position` None: a connection at the root."""

    key: str
    output: Output
    position: int | None
    step: "PagesStep"


Field = Constant | ColumnField | SealedField | EdgeField | AnswerField | PagesField


@dataclass(slots=True, eq=False)
class DependencyRows:
    """The rows behind an edge that an answer needs. All aliases of the answer share them."""

    name: str
    edge: Edge
    position: int | None
    prepared: Prepared
    columns: tuple[tuple[str, int | None], ...]


@dataclass(slots=True, eq=False)
class EdgeStep:
    """One batch look-up: all rows behind an edge, for all rows of a level."""

    coordinate: str
    edge: Edge
    arguments: Arguments
    prepared: Prepared
    levels: "Levels"


@dataclass(slots=True, eq=False)
class RootVariant:
    """A query whose shape is known only at run time (its key column or its order), and the levels of its rows."""

    prepared: Prepared
    levels: "dict[tuple[str, ...], Levels]"
    cursor: tuple[int | None, ...] = ()


@dataclass(slots=True, eq=False)
class PagesStep:
    """A page of each parent's list. `branch(sort, order_category, prepare)` is compiled when a sort is first used."""

    coordinate: str
    pages: Pages
    arguments: Arguments
    connection: "tuple[ConnectionField, ...]"
    branch: Callable[[Position, Prepare], RootVariant]
    counted: bool
    paged: bool
    """Whether the selection asks for anything besides the number of rows."""
    open: Callable[..., Awaitable[Any]]
    """Reads the pages of parents (engine/connections.py)."""


@dataclass(slots=True, eq=False)
class ConnectionField:
    """A field of a connection, of its edges or of its page's ends: `attribute` as declared, or the type's name."""

    key: str
    output: Output
    attribute: str
    constant: str | None = None
    inner: "tuple[ConnectionField, ...]" = ()
    at: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Level:
    """The fields of one object type at one place of the response. `build` is generated (engine/builders.py)."""

    typename: str
    fields: tuple[Field, ...]
    build: Callable[..., list[dict[str, Any]] | None]
    units: tuple[tuple[EdgeField | AnswerField | PagesField, ...], ...]
    """Fields that need further rows, grouped by shared dependencies."""
    answers: tuple[AnswerField, ...]
    """Fields computed from the row alone."""
    waits: tuple[EdgeField | AnswerField | PagesField, ...]
    """The fields of `units` and `answers`, in the order of `build`'s argument `waited`."""


@dataclass(slots=True, eq=False)
class Levels:
    """The levels of the types that rows may have, by the value at `tag_position`; one level where it is None."""

    by_tag: dict[str | None, Level]
    tag_position: int | None


@dataclass(slots=True, eq=False)
class RootStep:
    """A root field that reads rows. `branch(wanted, prepare)` compiles a variant when a type and column first occur."""

    key: str
    output: Output
    coordinate: str
    root: Root | None
    """None: `_entities`."""
    arguments: Arguments
    branch: Callable[[Wanted, Prepare], RootVariant]
    made: dict[Any, RootVariant] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class LocalField:
    """A root field whose value needs no rows."""

    key: str
    part: OutputPart
    category: str


RootField = Constant | RootStep | PagesField | LocalField


@dataclass(slots=True, eq=False)
class Plan:
    """One operation under one profile's decisions and one choice of `@skip` and `@include`."""

    document: DocumentNode
    operation: OperationDefinitionNode
    fields: tuple[RootField, ...]
    nodes: Sequence[FieldNode] = ()
