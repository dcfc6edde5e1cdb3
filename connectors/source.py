"""What the Gate may ask of a register, and what every connector promises in return."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Literal, NamedTuple, Protocol

Key = str | int
Row = Sequence[Any]
"""The values of one row in the order of the columns asked for; any sequence that unpacks."""

Operator = Literal["=", "in", "<", "<=", ">", ">=", "starts-with"]


class Condition(NamedTuple):
    """A row meets it where `column` compares so with `value`. A null meets no condition. For `in`, a tuple."""

    column: str
    operator: Operator
    value: Any


Conditions = tuple[Condition, ...]
"""All of them must be met."""

Alternatives = tuple[Conditions, ...]
"""At least one of them must be met: () admits nothing, ((),) admits everything."""

EVERYTHING: Alternatives = ((),)


class Order(NamedTuple):
    """Rows by `column`; nulls last either way."""

    column: str
    descending: bool = False


class ColumnOrder(Enum):
    """How a register compares the values of a column where it orders rows by it."""

    CODE_POINT = "code point"
    NUMBER = "number"
    DATE = "date"
    OWN = "its own"  # unlike any other register's


class Lookup(NamedTuple):
    """All rows of `record` whose column `by` is one of `keys` and which meet `where`.

    `keys` are distinct and not empty; `columns` holds `by`. Rows of one key come in `order`, keys in any order.
    """

    record: str
    by: str
    keys: tuple[Key, ...]
    columns: tuple[str, ...]
    where: Conditions = ()
    order: tuple[Order, ...] = ()


class Page(NamedTuple):
    """The first `limit` rows of `record` after a position, among those that `within` admits and that meet `where`.

    `order` ends with the record's key, so that a position is unique; `after` holds the position's values in that order.
    With `by` and `keys`: the first `limit` rows for each key, with `by` among the columns.
    """

    record: str
    columns: tuple[str, ...]
    within: Alternatives
    where: Conditions
    order: tuple[Order, ...]
    limit: int
    after: tuple[Any, ...] | None = None
    by: str | None = None
    keys: tuple[Key, ...] = ()


class Count(NamedTuple):
    """How many rows of `record` are admitted, for each distinct tuple of `group_by` (one group, (), without)."""

    record: str
    within: Alternatives
    where: Conditions
    group_by: tuple[str, ...] = ()

    @property
    def of_no_rows(self) -> Mapping[tuple[Any, ...], int]:
        """What is counted where no row is admitted: no group, or none in the one group that there is."""
        return {} if self.group_by else {(): 0}


class Source(Protocol):
    """One register. It knows no GraphQL, nobody who asks, and keeps no row after answering.

    Every method raises SourceUnavailable where no answer came in time and SourceContractBroken where the register
    answered with something that was not asked for (another key, a wrong number of columns, a value of a wrong kind).
    Nothing else leaves a source.
    """

    @property
    def register(self) -> str: ...

    async def rows(self, lookup: Lookup) -> Sequence[Row]: ...

    async def page(self, page: Page) -> Sequence[Row]: ...

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]: ...

    async def ready(self) -> None:
        """Return when the register answers as it is configured.

        Raises SourceUnavailable when it does not answer, SourceContractBroken where its tables do not fit.
        """
        ...

    async def close(self) -> None: ...
