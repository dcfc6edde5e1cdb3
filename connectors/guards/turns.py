"""A bounded number of turns, handed on in the order they were asked for."""

import asyncio
from collections import deque


class TurnQueue:
    """At most `number` turns are out at a time.

    A turn that is free is taken without a coroutine: `if not turns.take(): await turns.wait()`, then `give_back`.
    """

    def __init__(self, number: int) -> None:
        self._free = number  # above zero only while nobody waits
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Return whether a turn was free; it is the caller's then."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Return when the caller has a turn; one who is cancelled has none."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was handed over in the same turn of the loop
                self.give_back()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def give_back(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
