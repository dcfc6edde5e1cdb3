"""Roots and proofs as in RFC 9162, whatever earlier size a tree is grown from."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.audit.log.merkle import EMPTY_ROOT, Frontier, Tree, extends, includes, leaf_hash, node_hash, root_of

# the eight leaves and the roots that Certificate Transparency's implementations test each other with
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def _frontier(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    for leaf in leaves:
        frontier.grow(leaf)
    return frontier


def _naive_root(leaves: list[bytes]) -> bytes:
    """Return the root by RFC 9162's definition, 2.1.1, word for word."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(_naive_root(leaves[:split]), _naive_root(leaves[split:]))


def test_roots_are_those_of_certificate_transparency() -> None:
    assert {size: _frontier(LEAVES[:size]).root().hex() for size in ROOTS} == ROOTS
    assert Frontier().root() == root_of([]) == EMPTY_ROOT


leaves_and_known = st.integers(1, 70).flatmap(
    lambda size: st.tuples(st.just([bytes([number]) for number in range(size)]), st.integers(0, size))
)


@given(leaves_and_known)
def test_a_tree_grown_from_peaks_has_the_roots_of_the_whole(drawn: tuple[list[bytes], int]) -> None:
    leaves, known = drawn
    tree = Tree(_frontier(leaves[:known]), leaves[known:])

    sizes = range(known, len(leaves) + 1)
    assert [tree.root(size) for size in sizes] == [_naive_root(leaves[:size]) for size in sizes]
    assert _frontier(leaves).root() == _naive_root(leaves)


@given(leaves_and_known, st.data())
def test_a_leaf_proves_itself_at_its_place_in_its_tree_and_nowhere_else(
    drawn: tuple[list[bytes], int], data: st.DataObject
) -> None:
    leaves, known = drawn
    known = min(known, len(leaves) - 1)
    index = data.draw(st.integers(known, len(leaves) - 1))
    size = data.draw(st.integers(index + 1, len(leaves)))
    proof = Tree(_frontier(leaves[:known]), leaves[known:]).inclusion(index, size)
    root = _naive_root(leaves[:size])

    assert includes(root, size, index, leaves[index], proof)
    assert not includes(root, size, index, b"another", proof)
    assert not includes(root, size, index, leaves[index], [*proof, root])
    assert not includes(root, size, size, leaves[index], proof)
    assert not includes(sha256(root).digest(), size, index, leaves[index], proof)
    assert not any(includes(root, size, other, leaves[index], proof) for other in range(size) if other != index)
    if proof:
        assert not includes(root, size, index, leaves[index], proof[:-1])
        assert not includes(root, size, index, leaves[index], [*proof[:-1], bytes(32)])


@given(leaves_and_known, st.data())
def test_a_tree_proves_how_it_began_and_no_other_beginning(drawn: tuple[list[bytes], int], data: st.DataObject) -> None:
    leaves, known = drawn
    first = data.draw(st.integers(max(known, 1), len(leaves)))
    second = data.draw(st.integers(first, len(leaves)))
    proof = Tree(_frontier(leaves[:known]), leaves[known:]).consistency(first, second)
    roots = _naive_root(leaves[:first]), _naive_root(leaves[:second])

    assert extends(first, roots[0], second, roots[1], proof)
    assert not extends(first, bytes(32), second, roots[1], proof)
    assert not extends(first, roots[0], second, bytes(32), proof)
    assert not extends(first, roots[0], second, roots[1], [*proof, bytes(32)])
    if first < second:
        assert not extends(second, roots[1], first, roots[0], proof)
        assert not extends(first, roots[0], second, roots[1], proof[:-1])


def test_peaks_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 6 leaves has 2 peaks, not 1"):
        Frontier(6, [bytes(32)])
