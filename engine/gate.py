"""The door to the rows, as an executor sees it: what it asks, and what it gets."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.declarations import Sort, Test

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One value wanted of each row.

    `column` None asks only whether `category` is permitted for the row: True, or None. `tag`: wanted only of rows
    whose tag column has this value.
    """

    column: str | None
    category: str
    coordinate: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class RowQuery:
    """The shape of a batch: rows of `record` by the column `by`, known under `category`, reached by `coordinate`.

    `tested`: columns that the caller may narrow the rows by, each with its category; others have that of the ask.
    `direct`: the rows are asked for by their own key, so a key without a row is told from a denial by nobody.
    """

    record: str
    by: str
    category: str
    coordinate: str
    slots: tuple[OutputColumn, ...]
    tag: str | None = None
    direct: bool = False
    tested: tuple[tuple[str, str], ...] = ()


class Prepared(Protocol):
    """An Ask under one profile's decisions. `positions[i]` is where slot i lies in a row; None: never permitted."""

    @property
    def ask(self) -> RowQuery: ...

    @property
    def positions(self) -> tuple[int | None, ...]: ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are fetched."""
        ...

    @property
    def register(self) -> str:
        """Where they are fetched from, for people who read a plan."""
        ...

    def decisions(self) -> Sequence[str]:
        """Return how each slot is decided: "always", "never", or the facts on which it depends."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows there are by group. `exact`: the caller may read the rows; else the numbers need blurring.

    A number is None where it is kept back. They are counted when they are asked for.
    """

    exact: bool
    counted: Callable[[], Awaitable[Mapping[Any, int | None]]]


class Gate(Protocol):
    """Hands up rows that are already safe: the value at a position is null where the row's facts do not permit it.

    The first value of a row is that of the column `by`. Raises the register's error where it does not deliver.
    """

    @property
    def memo(self) -> MutableMapping[Any, Any]:
        """Room for what is derived from the profile's decisions alone; it goes when they go."""
        ...

    def prepare(self, ask: RowQuery) -> Prepared: ...

    def permitted(self, category: str, coordinate: str) -> bool:
        """Tell whether a category that belongs to no row is permitted; a denial is kept."""
        ...

    async def lookup(
        self, prepared: Prepared, keys: Sequence[Any], where: tuple[Test, ...] = (), order: tuple[Sort, ...] = ()
    ) -> Sequence[Row]: ...

    async def page(
        self,
        prepared: Prepared,
        sort: tuple[Sort, ...],
        tests: Sequence[tuple[Test, str]],
        after: tuple[Any, ...] | None,
        limit: int,
        keys: tuple[Any, ...] | None,
    ) -> tuple[Sequence[Row], frozenset[Any]]: ...

    async def tally(
        self, record: str, group_by: str, category: str, coordinate: str, read_by: tuple[str, ...]
    ) -> Tally | None:
        """Return numbers of rows by group; `read_by`: the categories under which the rows themselves tell the same."""
        ...

    async def count(
        self, ask: RowQuery, tests: Sequence[tuple[Test, str]], keys: tuple[Any, ...] | None, *, alone: bool = False
    ) -> Mapping[Any, int]:
        """Return the lengths of lists by key. `alone`: nothing else of them is asked for."""
        ...
