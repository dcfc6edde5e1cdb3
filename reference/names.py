"""How often Vietnamese names, ethnic groups and religions occur, for the synthetic registers."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import Literal

from reference.tables import rows_of

Sex = Literal["MALE", "FEMALE"]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Values, NFC, with their cumulative shares: 0 to 1, also the `cum_weights` of `random.choices`."""

    values: tuple[str, ...]
    cumulative: tuple[float, ...]

    def at(self, share: float) -> str:
        """Return the value at a share in [0, 1), such as `random.random()` gives."""
        return self.values[bisect_right(self.cumulative, share)]

    def share_of(self, value: str) -> float:
        """Return how often the value occurs, 0 for one that is not here."""
        shares = zip(self.values, self.cumulative, (0.0, *self.cumulative), strict=False)
        return sum(upto - before for other, upto, before in shares if other == value)


@dataclass(frozen=True, slots=True)
class PersonalNames:
    """The names after the family name, of one sex and generation; an empty middle name is none."""

    first_middle: Frequencies
    second_middle: Frequencies
    given: Frequencies

    def drawn(self, draw: Callable[[], float]) -> str:
        """Return middle and given names, as in `Thị Thanh Hương`, by three draws from [0, 1); no word twice."""
        words = [names.at(draw()) for names in (self.first_middle, self.second_middle, self.given)]
        return " ".join(dict.fromkeys(filter(None, words)))


@cache
def family_names() -> Frequencies:
    return frequencies((name, float(weight)) for name, weight, _ in rows_of("family_names"))


@lru_cache(maxsize=512)
def personal_names(sex: Sex, birth_year: int) -> PersonalNames:
    """Return the names given to that sex in that year."""
    first, second = (_middle_names(sex, birth_year, position) for position in "12")
    return PersonalNames(first, second, _given(sex, birth_year))


@cache
def ethnic_groups() -> Frequencies:
    """Return the 54 groups by their share in the census of 2019."""
    return frequencies((name, float(people)) for name, people in rows_of("ethnic_groups"))


@cache
def religions() -> Frequencies:
    """Return the religions declared in the census of 2019, `Không` for none."""
    return frequencies((name, float(people)) for name, people in rows_of("religions"))


def frequencies(weights: Iterable[tuple[str, float]]) -> Frequencies:
    values, each = zip(*weights, strict=True)
    total = sum(each)
    return Frequencies(values, (*(upto / total for upto in list(accumulate(each))[:-1]), 1.0))


def _middle_names(sex: Sex, birth_year: int, position: str) -> Frequencies:
    return frequencies(
        (name, float(weight))
        for of_sex, born_from, born_to, at, name, weight, _ in rows_of("middle_names")
        if of_sex == sex and at == position and _within(birth_year, born_from, born_to)
    )


def _given(sex: Sex, birth_year: int) -> Frequencies:
    return frequencies(
        (name, float(weight))
        for of_sex, born_from, born_to, name, weight, _ in rows_of("given_names")
        if of_sex == sex and _within(birth_year, born_from, born_to)
    )


def _within(year: int, first: str, last: str) -> bool:
    return (not first or int(first) <= year) and (not last or year <= int(last))
