"""Which old commune went where: the package's list, measured against its coordinates and cleaned (decision 0002)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import asin, cos, radians, sin, sqrt
from sqlite3 import Row
from typing import Self

from reference.designations import own_name_of
from reference.normal_form import nfc, nfd

EARTH_RADIUS_KM = 6371.0088

Position = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class OldCommune:
    code: str
    full_name: str
    name: str
    district: str
    district_code: str
    province: str
    position: Position

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return the commune of a row of the package's old list; `name` is its bare name."""
        named = (row["wardCode"], published_name(row["ward"]), bare_name(row["ward"]))
        place = (row["district"], row["districtCode"], row["province"])
        return cls(*named, *place, (row["wardLat"], row["wardLon"]))


@dataclass(frozen=True, slots=True)
class NewCommune:
    code: str
    full_name: str
    name: str
    position: Position

    @classmethod
    def of(cls, row: Row) -> Self:
        name = row["ward"]
        return cls(row["wardCode"], published_name(name), bare_name(name), (row["wardLat"], row["wardLon"]))


@dataclass(frozen=True, slots=True)
class Succession:
    """One listed pair. `gap_km`: from the old commune to the new unit, or to a commune that moved whole into it.

    Evidence: `d` another commune of the old district moved whole into the new unit, `n` same name, `c` same code.
    """

    old: OldCommune
    new: NewCommune
    whole: bool
    gap_km: float
    evidence: str
    nearest_namesake: Self | None = None

    @property
    def faulty(self) -> bool:
        """Tell whether the pair was listed for a namesake: one no farther away, and no neighbour went there."""
        namesake = self.nearest_namesake
        return namesake is not None and namesake.gap_km <= self.gap_km and "d" not in self.evidence


def published_name(text: str) -> str:
    """Return the name in NFC, its designation spelled in one way (five towns have `Thị Trấn`)."""
    return nfc(" ".join(text.split())).replace("Thị Trấn ", "Thị trấn ")


def bare_name(text: str) -> str:
    """Return the name without designation, accents, case and spaces: no more than the package's matching sees."""
    own = own_name_of(published_name(text)).casefold().replace("đ", "d")
    return "".join(character for character in nfd(own) if character.isalnum())


def successions(pairs: Iterable[tuple[OldCommune, NewCommune]]) -> list[Succession]:
    """Return the listed pairs, each measured and with the nearest namesake listed for the same new unit."""
    listed = list(pairs)
    destinations = Counter(old.code for old, _ in listed)
    moved_whole: dict[str, list[OldCommune]] = defaultdict(list)
    for old, new in listed:
        if destinations[old.code] == 1:
            moved_whole[new.code].append(old)
    measured: dict[str, list[Succession]] = defaultdict(list)
    for old, new in listed:
        neighbours = [other for other in moved_whole[new.code] if other is not old]
        measured[new.code].append(
            Succession(
                old, new, destinations[old.code] == 1, gap_km(old, new, neighbours), evidence(old, new, neighbours)
            )
        )
    return [with_namesake(pair, among) for among in measured.values() for pair in among]


def with_namesake(pair: Succession, among: Sequence[Succession]) -> Succession:
    namesakes = [
        other
        for other in among
        if other.old.name == pair.old.name and other.old.district_code != pair.old.district_code
    ]
    return replace(pair, nearest_namesake=min(namesakes, key=lambda other: other.gap_km, default=None))


def gap_km(old: OldCommune, new: NewCommune, neighbours: Iterable[OldCommune]) -> float:
    """Return the shorter way of two, since the package's own position of a new unit is sometimes a namesake's."""
    return min(distance_km(old.position, there) for there in (new.position, *(near.position for near in neighbours)))


def evidence(old: OldCommune, new: NewCommune, neighbours: Iterable[OldCommune]) -> str:
    same_district = any(other.district_code == old.district_code for other in neighbours)
    return "d" * same_district + "n" * (old.name == new.name) + "c" * (old.code == new.code)


def distance_km(here: Position, there: Position) -> float:
    """Return the great-circle distance (haversine)."""
    latitude, longitude, other_latitude, other_longitude = map(radians, (*here, *there))
    half_chord = (
        sin((other_latitude - latitude) / 2) ** 2
        + cos(latitude) * cos(other_latitude) * sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half_chord))


def sorted_out(listed: Iterable[Succession]) -> tuple[list[Succession], list[Succession]]:
    """Return the pairs that are kept and those that are faulty. Raises ValueError if a commune is left nowhere."""
    kept: list[Succession] = []
    faulty: list[Succession] = []
    for pair in listed:
        (faulty if pair.faulty else kept).append(pair)
    if nowhere := {pair.old.code for pair in faulty} - {pair.old.code for pair in kept}:
        raise ValueError(f"every candidate was dropped of {sorted(nowhere)}")
    return kept, faulty


def cut_by_distance(
    listed: Iterable[Succession], faulty: Sequence[Succession], limit_km: float
) -> tuple[int, int, int]:
    """Return what a cut at the package's own positions would drop, how much of it wrongly, and what it would miss."""
    far = [pair for pair in listed if not pair.whole and distance_km(pair.old.position, pair.new.position) > limit_km]
    wrongly = sum(pair not in faulty for pair in far)
    return len(far), wrongly, sum(pair not in far for pair in faulty)
