"""Doubles: keys that nobody has, read in place of somebody who is not there, or time would tell."""

from collections.abc import Iterable, Sequence
from typing import Any

from connectors.record import Record
from connectors.source import Key


class Doubles:
    """Those of one operation."""

    def __init__(self) -> None:
        self._by_token: dict[Any, Key] = {}

    def of(self, tokens: Iterable[Any]) -> list[Key]:
        """Return keys that nobody has, one for each token and always the same one for it."""
        known = self._by_token
        return [known.setdefault(token, f"-{len(known) + 1}") for token in tokens]


def nowhere(holder: Record, keys: Iterable[Key]) -> Iterable[Sequence[Any]]:
    """Return rows of subjects who are not there, in the holder's columns of facts."""
    nothing = (None,) * (len(holder.fact_columns) - 1)
    return ((key, *nothing) for key in keys)
