"""Whom clients have read about and missed in this process: what the shared state counts where there is one replica."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from math import ceil
from struct import Struct

from auth.errors import SharedStateUnavailable
from auth.keys import PSEUDONYM_BYTES
from auth.shared_state import WINDOW_S, Harvest

SUBJECTS_KEPT = 1_000_000
_LAST_BITS = Struct(f"={PSEUDONYM_BYTES - 8}xQ")
_KEPT_BITS = (1 << 60) - 1
"""What an integer of two digits holds in CPython: 32 bytes of memory."""

Place = tuple[date, str, str]
"""Day, client and purpose."""


class _Distinct:
    """Distinct digests by place, by 60 bits of each.

    Two of a million are taken for one in one case of two million; a number takes half the room of the bytes.
    """

    def __init__(self) -> None:
        self.known: dict[Place, set[int]] = {}
        self.kept = 0

    def add(self, place: Place, digests: Sequence[bytes]) -> tuple[int, int]:
        """Return how many there are now, and how many of these are new."""
        known = self.known.setdefault(place, set())
        before = len(known)
        known.update([bits & _KEPT_BITS for (bits,) in _LAST_BITS.iter_unpack(b"".join(digests))])
        self.kept += len(known) - before
        return len(known), len(known) - before

    def forget(self, places: Iterable[Place]) -> None:
        for place in places:
            self.kept -= len(self.known.pop(place, ()))


class Harvests:
    """Remembers the subjects and misses of two days, and how many misses there were in two months."""

    def __init__(self, kept: int = SUBJECTS_KEPT, now: Callable[[], float] = time.time) -> None:
        """`kept`: how many subjects and misses of all clients are remembered. `now`: seconds since 1970."""
        self._kept = kept
        self._now = now
        self._subjects, self._missed = _Distinct(), _Distinct()
        self._misses: Counter[Place] = Counter()
        self._misses_in_month: Counter[Place] = Counter()
        self._in_all: dict[tuple[date, str], tuple[int, int]] = {}
        self._free_at: dict[tuple[str, str], float] = {}
        """When what was read so far would have been read at the pace allowed."""

    def count(
        self,
        client_id: str,
        purpose: str,
        day: date,
        subjects: Sequence[bytes],
        misses: Sequence[bytes],
        per_minute: int,
    ) -> Harvest:
        """Count as `SharedState.harvested` says."""
        place = (day, client_id, purpose)
        if place not in self._subjects.known:
            self._forget_before(day - timedelta(days=1))
        now = self._now()
        free_at = max(now, self._free_at.get((client_id, purpose), now))
        wait_s = free_at - now - WINDOW_S if subjects else 0.0
        if wait_s > 0:
            return self._harvest(place, self._subjects.add(place, ())[0], ceil(wait_s), int(free_at - now))
        known, new = self._subjects.add(place, subjects)
        free_at += new * WINDOW_S / max(1, per_minute)
        self._free_at[client_id, purpose] = free_at
        missed = max(self._missed.add(place, misses)[1], 1) if misses else 0
        if self._subjects.kept + self._missed.kept > self._kept:
            # forgetting some would let them be read again and again
            raise SharedStateUnavailable("no more subjects can be remembered today")
        self._misses[place] += missed
        self._misses_in_month[day.replace(day=1), client_id, purpose] += missed
        found_in_all, missed_in_all = self._in_all.get((day, client_id), (0, 0))
        self._in_all[day, client_id] = found_in_all + new, missed_in_all + missed
        return self._harvest(place, known, ahead_s=int(free_at - now))

    def _harvest(self, place: Place, known: int, wait_s: int = 0, ahead_s: int = 0) -> Harvest:
        day, client_id, purpose = place
        in_month = self._misses_in_month[day.replace(day=1), client_id, purpose]
        in_all = self._in_all.get((day, client_id), (0, 0))
        return Harvest(known, self._misses[place], in_month, *in_all, wait_s, ahead_s)

    def _forget_before(self, day: date) -> None:
        gone = [place for place in self._subjects.known if place[0] < day]
        self._subjects.forget(gone)
        self._missed.forget(gone)
        for place in gone:
            self._misses.pop(place, None)
        for place in [place for place in self._misses_in_month if place[0] < day.replace(day=1)]:
            del self._misses_in_month[place]
        self._in_all = {of: numbers for of, numbers in self._in_all.items() if of[0] >= day}
        now = self._now()
        self._free_at = {of: free_at for of, free_at in self._free_at.items() if free_at > now}
