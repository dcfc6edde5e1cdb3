"""Caches of bounded weight: each holder makes room among what is its own."""

import gc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reference.weighted_cache import ShelvedCache, WeightedCache


def cache(room: int = 100, share: int = 50) -> WeightedCache[str, str]:
    return WeightedCache(room, share)


def test_what_was_used_longest_ago_makes_room() -> None:
    held = cache()
    for key in "abcde":
        held.put("one", key, key.upper(), 10)
    assert held.get("one", "a") == "A"
    held.put("one", "f", "F", 10)
    assert [held.get("one", key) for key in "abcdef"] == ["A", None, "C", "D", "E", "F"]


def test_a_flood_evicts_what_is_the_flooders_own() -> None:
    held = cache(room=100, share=100)
    for key in "abc":
        held.put("quiet", key, key, 10)
    for number in range(1_000):
        held.put("flooder", f"{number}", "", 10)
    assert [held.get("quiet", key) for key in "abc"] == ["a", "b", "c"]
    assert held.weight == 100


def test_what_two_hold_is_kept_once_and_stays_for_the_other() -> None:
    held = cache()
    held.put("one", "shared", "S", 30)
    assert held.get("two", "shared") == "S"
    assert held.weight == 30
    held.put("one", "x", "X", 30)
    assert held.get("two", "shared") == "S"


def test_what_is_heavier_than_a_share_is_not_kept() -> None:
    held = cache()
    assert held.put("one", "a", "A", 51) == "A"
    assert (len(held), held.weight) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 30), st.integers(1, 60), st.booleans())))
def test_no_share_and_no_room_is_ever_exceeded(steps: list[tuple[str, int, int, bool]]) -> None:
    dropped: list[int] = []
    held = WeightedCache[int, int](100, 50, lambda key, _: dropped.append(key))
    weights: dict[int, int] = {}
    for holder, key, weight, put in steps:
        if put and weight <= 50 and key not in weights:
            weights[key] = weight
        value = held.put(holder, key, key, weights.get(key, weight)) if put else held.get(holder, key)
        assert value in (key, None)
        for gone in dropped:
            weights.pop(gone, None)
        dropped.clear()
        assert held.weight == sum(weights.values()) <= 100
        assert all(share <= 50 for share in held._weights.values())
        assert held._shelves.keys() == held._weights.keys()


def test_shelves_of_one_memo_clear_nothing_of_one_another() -> None:
    memo: dict[Any, Any] = {}
    first, second = ShelvedCache[str, str](20, 20), ShelvedCache[str, str](1_000, 1_000)
    second.put("one", memo, "kept", "K", 10)
    for number in range(50):
        first.put("one", memo, f"{number}", "", 10)
    assert (len(first), second.get("one", memo, "kept")) == (2, "K")
    assert [key for key in (f"{number}" for number in range(50)) if first.get("one", memo, key) is not None] == [
        "48",
        "49",
    ]


def test_what_lies_in_a_memo_goes_with_it() -> None:
    held = ShelvedCache[str, object](100, 100)
    memo: dict[Any, Any] = {}
    held.put("one", memo, "a", object(), 100)
    del memo
    gc.collect()
    other: dict[Any, Any] = {}
    held.put("one", other, "b", "B", 100)
    assert held.get("one", other, "b") == "B"
