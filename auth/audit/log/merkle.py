"""Merkle trees over a log: roots, inclusion and consistency proofs (RFC 9162, section 2.1).

A tree is grown from what one of its earlier sizes has left behind, its peaks: the roots of the largest complete
subtrees, at most one for each bit of the size. All that is proved about later leaves follows from those and the leaves.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(peaks: Sequence[bytes]) -> bytes:
    """Return the root of the tree that has these peaks, the largest subtree first."""
    if not peaks:
        return EMPTY_ROOT
    *left, root = peaks
    for peak in reversed(left):
        root = node_hash(peak, root)
    return root


class Frontier:
    """The size and the peaks of a tree that grows: enough for its root, and no more than 64 hashes."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Raises ValueError where a tree of that size has not so many peaks."""
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self.peaks)}")

    def grow(self, leaf: bytes) -> None:
        node = leaf_hash(leaf)
        below = self.size
        while below & 1:
            node = node_hash(self.peaks.pop(), node)
            below >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        return root_of(self.peaks)


class Tree:
    """A tree of which the peaks at an earlier size and all later leaves are known."""

    def __init__(self, known: Frontier, leaves: Iterable[bytes]) -> None:
        self.known_size = known.size
        # the root of each complete subtree, by the leaf it begins with and its size
        self._complete: dict[tuple[int, int], bytes] = {}
        start = 0
        for peak in known.peaks:
            width = 1 << (known.size - start).bit_length() - 1
            self._complete[start, width] = peak
            start += width
        self.size = start
        for leaf in leaves:
            self._complete[self.size, 1] = leaf_hash(leaf)
            self.size += 1

    def root(self, size: int) -> bytes:
        """Return the root at that size; `known_size` and later sizes are possible."""
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return what proves that the leaf at `index`, one of the later ones, is in the tree of that size."""
        return self._path(index, 0, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return what proves that the tree of size `first`, at least `known_size`, is how that of `second` began."""
        return self._subproof(first, 0, second, True) if 0 < first < second else []

    def _subtree(self, start: int, end: int) -> bytes:
        width = end - start
        root = self._complete.get((start, width))
        if root is None:
            middle = start + _split(width)
            root = node_hash(self._subtree(start, middle), self._subtree(middle, end))
            if width & (width - 1) == 0:
                self._complete[start, width] = root
        return root

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._subtree(middle, end)]
        return [*self._path(index, middle, end), self._subtree(start, middle)]

    def _subproof(self, first: int, start: int, end: int, whole: bool) -> list[bytes]:
        if first == end:
            return [] if whole else [self._subtree(start, end)]
        middle = start + _split(end - start)
        if first <= middle:
            return [*self._subproof(first, start, middle, whole), self._subtree(middle, end)]
        return [*self._subproof(first, middle, end, False), self._subtree(start, middle)]


def _split(width: int) -> int:
    """Return the largest power of two below the width."""
    return 1 << (width - 1).bit_length() - 1


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the proof shows the leaf at `index` in the tree of that root and size (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            position, last = _above_a_right_child(position, last)
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def extends(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the proof shows that the second tree began as the first (RFC 9162, 2.1.4.2)."""
    if not 0 < first < second:
        return first == second and first_root == second_root and not proof
    hashes = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not hashes:
        return False
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    older = newer = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            position, last = _above_a_right_child(position, last)
        else:
            newer = node_hash(newer, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root


def _above_a_right_child(position: int, last: int) -> tuple[int, int]:
    """Return the position of the walk after the levels at which a last leaf has no sibling."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last
