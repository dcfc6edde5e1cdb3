"""A memory of bounded weight, divided among those who fill it: nobody evicts what is somebody else's fair share."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, MutableMapping
from itertools import count
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import ReferenceType, ref

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Entry(Generic[V]):
    """A value, its weight, and the holder and insertion count of its last use."""

    __slots__ = ("holder", "insertion", "value", "weight")

    def __init__(self, value: V, weight: int) -> None:
        self.value, self.weight = value, weight
        self.holder: str | None = None
        self.insertion = 0


class WeightedCache(Generic[K, V]):
    """Values with weights in bytes; `room` for all holders together, `share` for one at most.

    What several holders use is kept once and counts for each of them. Uses between two insertions are not told apart:
    a hit costs one look. Where all room is taken, the holder who has most gives up what it used longest ago: somebody
    who floods the cache evicts what is its own.
    May be shared between threads.
    """

    def __init__(self, room: int, share: int, dropped: Callable[[K, V], None] | None = None) -> None:
        """`dropped` is called with each evicted key and value, under the cache's lock."""
        self.room, self.share = room, share
        self._dropped = dropped
        self._values: dict[K, _Entry[V]] = {}
        self._insertions = 0
        self._holders: dict[K, set[str]] = {}
        self._shelves: dict[str, OrderedDict[K, None]] = {}
        self._weights: dict[str, int] = {}
        self._weight = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    @property
    def weight(self) -> int:
        """The weight of all values."""
        return self._weight

    def get(self, holder: str, key: K) -> V | None:
        """Return the value, from now on held by this holder too."""
        entry = self._values.get(key)
        if entry is None:
            return None
        if entry.insertion != self._insertions or entry.holder != holder:
            self._use(holder, key, entry)
        return entry.value

    def _use(self, holder: str, key: K, entry: _Entry[V]) -> None:
        with self._lock:
            if self._values.get(key) is not entry:
                return  # gone meanwhile
            shelf = self._shelves.get(holder)
            if shelf is not None and key in shelf:
                shelf.move_to_end(key)
            else:
                self._hold(holder, key, entry.weight)
            entry.holder, entry.insertion = holder, self._insertions

    def put(self, holder: str, key: K, value: V, weight: int) -> V:
        """Keep the value unless it is heavier than a share; return the one that is kept, which may be another's."""
        with self._lock:
            entry = self._values.get(key)
            if entry is None:
                if weight > self.share:
                    return value
                entry = self._values[key] = _Entry(value, weight)
                self._weight += weight
                self._insertions += 1
            if holder not in self._holders.get(key, ()):
                self._hold(holder, key, entry.weight)
            while self._weight > self.room:
                self._give_up(max(self._weights, key=self._weights.__getitem__))
            return entry.value

    def _hold(self, holder: str, key: K, weight: int) -> None:
        self._shelves.setdefault(holder, OrderedDict())[key] = None
        self._holders.setdefault(key, set()).add(holder)
        self._weights[holder] = self._weights.get(holder, 0) + weight
        while self._weights[holder] > self.share:
            self._give_up(holder)

    def _give_up(self, holder: str) -> None:
        """Take the value that a holder used longest ago from it; it goes where nobody else holds it."""
        key, _ = self._shelves[holder].popitem(last=False)
        weight = self._values[key].weight
        self._weights[holder] -= weight
        if not self._shelves[holder]:
            del self._shelves[holder], self._weights[holder]
        self._holders[key].discard(holder)
        if not self._holders[key]:
            entry = self._values.pop(key)
            del self._holders[key]
            self._weight -= weight
            if self._dropped is not None:
                self._dropped(key, entry.value)


class _Shelf(Generic[K, V]):
    """The values of one memo."""

    __slots__ = ("__weakref__", "number", "values")
    numbers = count()

    def __init__(self) -> None:
        self.number = next(self.numbers)
        self.values: dict[K, _Entry[V]] = {}


class ShelvedCache(Generic[K, V]):
    """As WeightedCache, but a value lies in a memo of its owner and goes when the owner goes.

    Each cache has a shelf of its own in a memo: caches that share a memo clear nothing of one another.
    """

    def __init__(self, room: int, share: int) -> None:
        self._lately: WeightedCache[tuple[int, K], ReferenceType[_Shelf[K, V]]] = WeightedCache(
            room, share, self._taken_off
        )

    def __len__(self) -> int:
        return len(self._lately)

    @property
    def weight(self) -> int:
        return self._lately.weight

    def get(self, holder: str, memo: MutableMapping[Any, Any], key: K) -> V | None:
        shelf: _Shelf[K, V] | None = memo.get(self)
        if shelf is None or (entry := shelf.values.get(key)) is None:
            return None
        lately = self._lately
        if entry.insertion != lately._insertions or entry.holder != holder:
            lately.get(holder, (shelf.number, key))
            entry.insertion, entry.holder = lately._insertions, holder
        return entry.value

    def put(self, holder: str, memo: MutableMapping[Any, Any], key: K, value: V, weight: int) -> V:
        """Keep the value unless it is heavier than a share; return it."""
        if weight <= self._lately.share:
            shelf: _Shelf[K, V] = memo.setdefault(self, _Shelf())
            shelf.values[key] = _Entry(value, weight)
            self._lately.put(holder, (shelf.number, key), ref(shelf), weight)
        return value

    @staticmethod
    def _taken_off(key: tuple[int, K], owner: ReferenceType[_Shelf[K, V]]) -> None:
        shelf = owner()
        if shelf is not None:
            shelf.values.pop(key[1], None)
