"""Which register of a record has which rows: by the prefix of a key, or by the value of a column."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from connectors.source import Alternatives, Condition, Conditions, Key


@dataclass(frozen=True, slots=True)
class Route:
    """The register of each value of `column`.

    With `by_prefix`, `registers` maps prefixes and the longest one decides; else it maps values. `otherwise` has the
    rows of all other values, None where any register may have them.
    """

    column: str
    registers: Mapping[str, str]
    otherwise: str | None = None
    by_prefix: bool = True
    _lengths: tuple[int, ...] = field(init=False, compare=False, repr=False, default=())
    """Of the prefixes, longest first: a look into a table for each is less work than to try every prefix."""

    def __post_init__(self) -> None:
        if self.by_prefix:
            object.__setattr__(self, "_lengths", tuple(sorted(set(map(len, self.registers)), reverse=True)))

    def register_of(self, value: Any) -> str | None:
        """Return the register that has the rows of this value, None where any may have them."""
        if type(value) is not str:
            return None
        if not self.by_prefix:
            return self.registers.get(value, self.otherwise)
        for length in self._lengths:
            register = self.registers.get(value[:length])
            if register is not None:
                return register
        return self.otherwise

    def split(self, keys: tuple[Key, ...], registers: Iterable[str]) -> dict[str, tuple[Key, ...]]:
        """Return the keys that each of these registers may have, without registers that have none."""
        asked: dict[str, list[Key]] = {name: [] for name in registers}
        for key in keys:
            register = self.register_of(key)
            if register is None:
                for own in asked.values():
                    own.append(key)
            elif register in asked:
                asked[register].append(key)
        return {name: tuple(own) for name, own in asked.items() if own}

    def of_conditions(self, where: Conditions, within: Alternatives = ((),)) -> Set[str] | None:
        """Return the registers that can have rows which are admitted, None where any can.

        Alternatives count only if every one of them pins the column: one that does not admits rows of any register.
        """
        narrowed = [found for condition in where if (found := self._of_condition(condition)) is not None]
        alternatives = [self.of_conditions(conditions) for conditions in within if conditions] if all(within) else []
        if alternatives and None not in alternatives:
            narrowed.append(frozenset().union(*(registers for registers in alternatives if registers is not None)))
        return frozenset.intersection(*map(frozenset, narrowed)) if narrowed else None

    def _of_condition(self, condition: Condition) -> Set[str] | None:
        if condition.column != self.column or condition.operator not in ("=", "in"):
            return None
        return self._of_values(condition.value if condition.operator == "in" else (condition.value,))

    def _of_values(self, values: Iterable[Any]) -> Set[str] | None:
        registers = set()
        for value in values:
            register = self.register_of(value)
            if register is None:
                return None
            registers.add(register)
        return registers
