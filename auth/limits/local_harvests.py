"""Whom clients have read about and missed in this process: what the shared state counts where there is one replica."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import ceil
from struct import Struct

from auth.crypto.keys import PSEUDONYM_BYTES
from auth.errors import SharedStateUnavailable
from auth.limits.shared_state import WINDOW_S, Harvest

SUBJECTS_KEPT = 1_000_000
MONTHS_KEPT = 200_000
"""Counts of a month's misses, of clients and citizens, that are remembered."""
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

    def number(self, place: Place) -> int:
        return len(self.known.get(place, ()))

    def new(self, place: Place, digests: Sequence[bytes]) -> set[int]:
        """Return the last bits of the digests that are not known at the place."""
        if not digests:
            return set()
        numbers = {bits & _KEPT_BITS for (bits,) in _LAST_BITS.iter_unpack(b"".join(digests))}
        return numbers.difference(self.known.get(place, ()))

    def add(self, place: Place, new: set[int]) -> None:
        if new:
            self.known.setdefault(place, set()).update(new)
            self.kept += len(new)

    def forget_before(self, day: date) -> None:
        self.known = {place: digests for place, digests in self.known.items() if place[0] >= day}
        self.kept = sum(map(len, self.known.values()))


class Harvests:
    """Remembers the subjects and misses of two days, and how many misses there were in two months.

    Looking writes nothing. What is kept of a day has a subject or a miss that is kept; a client's pace has a grant.
    """

    def __init__(
        self, kept: int = SUBJECTS_KEPT, now: Callable[[], float] = time.time, months_kept: int = MONTHS_KEPT
    ) -> None:
        """`kept`: how many subjects and misses of all clients are remembered. `now`: seconds since 1970."""
        self._kept = kept
        self._months_kept = months_kept
        self._now = now
        self._day = date.min
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
        if day > self._day:
            self._day = day
            self._forget_before(day - timedelta(days=1))
        now = self._now()
        free_at = max(now, self._free_at.get((client_id, purpose), now))
        wait_s = free_at - now - WINDOW_S if subjects else 0.0
        if wait_s > 0:
            return self._harvest(place, ceil(wait_s), int(free_at - now))
        if subjects or misses:
            new = self._remembered(place, subjects, misses)
            if new:
                free_at += new * WINDOW_S / max(1, per_minute)
                self._free_at[client_id, purpose] = free_at
        return self._harvest(place, ahead_s=int(free_at - now))

    def _remembered(self, place: Place, subjects: Sequence[bytes], misses: Sequence[bytes]) -> int:
        """Return how many of the subjects are new, all of them counted. Raises SharedStateUnavailable when full."""
        day, client_id, purpose = place
        found, tried = self._subjects.new(place, subjects), self._missed.new(place, misses)
        if self._subjects.kept + self._missed.kept + len(found) + len(tried) > self._kept:
            # forgetting some would let them be read again and again
            raise SharedStateUnavailable("no more subjects can be remembered today")
        self._subjects.add(place, found)
        self._missed.add(place, tried)
        missed = max(len(tried), 1) if misses else 0
        if missed:
            self._misses[place] += missed
            self._misses_in_month[day.replace(day=1), client_id, purpose] += missed
            self._bound_months()
        if found or missed:
            found_in_all, missed_in_all = self._in_all.get((day, client_id), (0, 0))
            self._in_all[day, client_id] = found_in_all + len(found), missed_in_all + missed
        return len(found)

    def _bound_months(self) -> None:
        """Forget the lower half when there are too many: who is near a limit of a month is in the upper one."""
        if len(self._misses_in_month) > self._months_kept:
            self._misses_in_month = Counter(dict(self._misses_in_month.most_common(self._months_kept // 2)))

    def _harvest(self, place: Place, wait_s: int = 0, ahead_s: int = 0) -> Harvest:
        day, client_id, purpose = place
        known = self._subjects.number(place)
        # `get`: a Counter makes a call of Python of every number that is not there
        in_month = self._misses_in_month
        missed_in_month = in_month.get((day.replace(day=1), client_id, purpose), 0) if in_month else 0
        found_in_all, missed_in_all = self._in_all.get((day, client_id), (0, 0))
        missed = self._misses.get(place, 0)
        return Harvest(known, missed, missed_in_month, found_in_all, missed_in_all, wait_s, ahead_s)

    def _forget_before(self, day: date) -> None:
        self._subjects.forget_before(day)
        self._missed.forget_before(day)
        month = day.replace(day=1)
        self._misses = Counter({place: misses for place, misses in self._misses.items() if place[0] >= day})
        in_month = {place: misses for place, misses in self._misses_in_month.items() if place[0] >= month}
        self._misses_in_month = Counter(in_month)
        self._in_all = {of: numbers for of, numbers in self._in_all.items() if of[0] >= day}
        now = self._now()
        self._free_at = {of: free_at for of, free_at in self._free_at.items() if free_at > now}
