"""What an operation has released and denied: the matter of `extensions.access` and of the audit entry."""

from collections import Counter
from collections.abc import Iterable

from auth.decisions import Denial
from connectors.source import Key


class Disclosure:
    """Coordinates released and denied, and the subjects whose rows were read."""

    def __init__(self) -> None:
        self.released: set[str] = set()
        self.denials: Counter[tuple[str, Denial]] = Counter()
        self.rules: set[tuple[str, str]] = set()
        self.subjects: set[Key] = set()
        self.rows = 0
        self.withheld: tuple[str, str, str] | None = None
        """Coordinate, code and rule, where what was read is not answered after all."""
        self.misses = 0
        """Keys of persons or learners that found nobody, or nobody to be known of."""

    def withhold(self, code: str, rule: str) -> None:
        """Note that the whole answer is kept back: nothing counts as released."""
        self.released.clear()
        self.withheld = ("Query", code, rule)

    def deny(self, denials: Iterable[tuple[str, Denial]], parents: int) -> None:
        """Note that each coordinate was denied for so many rows that the caller may know of."""
        if parents:
            for coordinate_and_reason in denials:
                self.denials[coordinate_and_reason] += parents
