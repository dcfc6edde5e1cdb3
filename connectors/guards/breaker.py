"""A circuit breaker: after several failures in a row nothing is asked for a while, then one call tries."""

from collections.abc import Callable


class Breaker:
    """Closed until `failures` in a row; then open for `reset_s`; then one call at a time tries until one succeeds.

    The caller says how each admitted call ended, exactly once: `succeeded`, `failed`, or `abandoned` where nothing was
    learnt about the register. `now` is monotonic, in seconds.
    """

    def __init__(self, failures: int, reset_s: float, now: Callable[[], float]) -> None:
        self._limit, self._reset_s, self._now = failures, reset_s, now
        self._failures = 0
        self._opened_at: float | None = None
        self._is_trying = False

    def admits(self) -> bool:
        """Return whether a call may be made; True counts as that call's beginning."""
        if self.is_open():
            return False
        self._is_trying = self._opened_at is not None
        return True

    def is_open(self) -> bool:
        if self._opened_at is None:
            return False
        return self._is_trying or self._now() - self._opened_at < self._reset_s

    def succeeded(self) -> None:
        self._failures, self._opened_at, self._is_trying = 0, None, False

    def failed(self) -> None:
        self._failures += 1
        self._is_trying = False
        if self._failures >= self._limit:
            self._opened_at = self._now()

    def abandoned(self) -> None:
        self._is_trying = False


class RetryBudget:
    """A bucket of retries: every call adds `ratio` of one, up to `most`; it begins with a single one.

    So a register that fails for everybody gets hardly more than the calls it got before.
    """

    def __init__(self, ratio: float, most: float = 10.0) -> None:
        self._ratio, self._most = ratio, most
        self._retries = 1.0

    def earn(self) -> None:
        if self._retries < self._most:
            self._retries = min(self._most, self._retries + self._ratio)

    def spend(self) -> bool:
        """Return whether there was a retry left, and take it."""
        if self._retries < 1.0:
            return False
        self._retries -= 1.0
        return True
