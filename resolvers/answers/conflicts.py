"""Values that the education and the population register both hold, compared: that they differ, never what they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.declarations import Unknown
from reference.normal_form import nfc
from resolvers.answers.provenance import ProvenanceValue
from resolvers.answers.reasons import PRECISION
from resolvers.request.request import Request

BIRTH_PERIOD = "birth_period"
COMPARED = ("full_name", "birth_date", "sex", "ethnicity", "nationality")
"""The columns that a learner's and a citizen's record share, under the same data category in each."""


@dataclass(frozen=True, slots=True)
class ConflictValue:
    """Two registers that differ on a field, and as of when each says so."""

    coordinate: str
    registers: list[ProvenanceValue]


def differ(one: Any, other: Any) -> bool:
    """Tell whether two registers' values contradict each other: one that is absent contradicts nothing.

    Texts are compared as people read them: in NFC, whatever their case and the width of their spaces.
    """
    return one is not None and other is not None and _comparable(one) != _comparable(other)


def _comparable(value: Any) -> Any:
    return nfc(" ".join(value.split()).casefold()) if isinstance(value, str) else value


def _is_less_exact(one: str, other: str) -> bool:
    """Tell whether one period of birth is the year or the month of the other."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) < len(longer) and longer.startswith(shorter)


def conflict_on(column: str, coordinate: str) -> Callable[[Mapping[str, Any], Request], ConflictValue | Unknown | None]:
    """Return the answer's function for one column: None where nothing differs.

    Unknown where one register knows a date more exactly than the other.
    """

    def conflict(needs: Mapping[str, Any], _request: Request) -> ConflictValue | Unknown | None:
        citizen = needs["identity"][0]
        if column == BIRTH_PERIOD and _is_less_exact(needs[column], citizen[column]):
            return PRECISION
        if not differ(needs[column], citizen[column]):
            return None
        sides = {"education": needs["as_of"], "population": citizen["as_of"]}
        return ConflictValue(coordinate, [ProvenanceValue(*side) for side in sides.items()])

    return conflict
