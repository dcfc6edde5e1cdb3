"""Turns are never more than their number, in the order asked for, and none is lost with a caller who leaves."""

import asyncio

import pytest

from connectors.guards.turns import TurnQueue

pytestmark = pytest.mark.anyio


async def _turn(turns: TurnQueue, name: str, order: list[str]) -> None:
    if not turns.take():
        await turns.wait()
    order.append(name)


async def test_turns_are_handed_on_in_the_order_asked_for() -> None:
    turns, order = TurnQueue(1), list[str]()
    waiting = [asyncio.create_task(_turn(turns, name, order)) for name in "abc"]
    await asyncio.sleep(0)
    assert order == ["a"]
    turns.give_back()
    assert not turns.take()  # it is b's already
    await waiting[1]
    turns.give_back()
    await waiting[2]
    assert order == ["a", "b", "c"]


async def test_one_who_left_while_waiting_takes_no_turn() -> None:
    turns, order = TurnQueue(1), list[str]()
    assert turns.take()
    first, second = (asyncio.create_task(_turn(turns, name, order)) for name in "ab")
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    turns.give_back()
    await second
    assert order == ["b"]


async def test_a_turn_handed_to_one_who_is_leaving_goes_to_the_next() -> None:
    turns, order = TurnQueue(1), list[str]()
    assert turns.take()
    first, second = (asyncio.create_task(_turn(turns, name, order)) for name in "ab")
    await asyncio.sleep(0)
    turns.give_back()
    first.cancel()
    await second
    turns.give_back()
    assert order == ["b"]
    assert turns.take()


async def test_one_cancelled_before_the_turn_is_handed_on_is_passed_over() -> None:
    turns, order = TurnQueue(1), list[str]()
    assert turns.take()
    first, second = (asyncio.create_task(_turn(turns, name, order)) for name in "ab")
    await asyncio.sleep(0)
    first.cancel()
    turns.give_back()
    await asyncio.gather(first, second, return_exceptions=True)
    assert order == ["b"]
