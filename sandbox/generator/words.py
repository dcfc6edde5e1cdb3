"""Chance without state: a keyed hash of (stream, index), so that any learner can be made without those before."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from hashlib import blake2b
from itertools import accumulate
from struct import Struct
from typing import TypeVar

T = TypeVar("T")
Words = tuple[int, ...]
"""Sixteen independent numbers, uniform in 0..65535."""

WORD = 1 << 16
_UNPACK = Struct("<16H").unpack


class Stream(IntEnum):
    """What the words decide: every room of the generator draws from its own streams."""

    ORIGIN = 1
    NUMBER = 2
    FAMILY = 3
    IDENTITY = 4
    RECORD = 5
    SCHOOLING = 6
    RESIDENCE = 7
    CREDENTIAL = 8
    INSTITUTION = 9
    PARENT = 10


def words_of(seed: int) -> Callable[[int, int], Words]:
    """Return the function from a stream and an index (below 2^64) to its words under this seed."""
    key = seed.to_bytes(8, "little")

    def words(stream: int, index: int) -> Words:
        return _UNPACK(blake2b((index << 8 | stream).to_bytes(9, "little"), digest_size=32, key=key).digest())

    return words


def spread(weight_by_value: Mapping[T, float]) -> list[T]:
    """Return a table of 65,536 entries in which every value's share is its weight: `table[word]` draws one."""
    total = sum(weight_by_value.values())
    table: list[T] = []
    for value, reached in zip(weight_by_value, accumulate(weight_by_value.values()), strict=True):
        table.extend([value] * (round(reached / total * WORD) - len(table)))
    return table


def picked(values: Sequence[T], word: int) -> T:
    """Return one of the values, each equally likely."""
    return values[word * len(values) >> 16]
