"""Where people are born and live: the 63 provinces before 1 July 2025, the 34 since, and how many live in each."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from reference.units import candidates, units

LAST_DAY_OF_63 = date(2025, 6, 30)
FIRST_DAY_OF_34 = date(2025, 7, 1)

# Ten thousand inhabitants by province, rounded to what the population census of 2019 and later growth make plausible:
# a shape for shares, no statistic.
POPULATION = MappingProxyType(
    {
        "01": 860, "02": 90, "04": 54, "06": 33, "08": 82, "10": 78, "11": 64, "12": 48, "14": 130, "15": 86,
        "17": 88, "19": 135, "20": 80, "22": 138, "24": 194, "25": 153, "26": 121, "27": 152, "30": 200, "31": 211,
        "33": 130, "34": 189, "35": 89, "36": 188, "37": 102, "38": 374, "40": 344, "42": 132, "44": 92, "45": 66,
        "46": 117, "48": 125, "49": 153, "51": 126, "52": 151, "54": 88, "56": 126, "58": 61, "60": 126, "62": 59,
        "64": 161, "66": 193, "67": 68, "68": 135, "70": 104, "72": 119, "74": 282, "75": 331, "77": 119, "79": 948,
        "80": 174, "82": 179, "83": 130, "84": 102, "86": 103, "87": 160, "89": 191, "91": 176, "92": 126, "93": 73,
        "94": 120, "95": 93, "96": 121,
    }
)  # fmt: skip
NORTHERN_HIGHLANDS = frozenset({"02", "04", "06", "08", "10", "11", "12", "14", "15", "17", "20"})
CENTRAL_HIGHLANDS = frozenset({"62", "64", "66", "67", "68"})
MEKONG = frozenset({"80", "82", "83", "84", "86", "87", "89", "91", "92", "93", "94", "95", "96"})


@cache
def successor(old_province: str) -> str:
    """Return the code, valid since 1 July 2025, of the province that the old one became part of."""
    (province,) = candidates(old_province, LAST_DAY_OF_63, FIRST_DAY_OF_34)
    return province.code


@cache
def predecessors() -> Mapping[str, tuple[str, ...]]:
    """Return the old provinces of each of the 34."""
    by_successor: dict[str, list[str]] = defaultdict(list)
    for old in POPULATION:
        by_successor[successor(old)].append(old)
    return MappingProxyType({new: tuple(olds) for new, olds in by_successor.items()})


@cache
def population(province: str) -> int:
    """Return the inhabitants of one of the 34, in ten thousands."""
    return sum(POPULATION[old] for old in predecessors()[province])


@cache
def communes(province: str, as_of: date) -> tuple[str, ...]:
    """Return the codes of the communal units of a province on that day."""
    return tuple(unit.code for unit in units(as_of, province))
