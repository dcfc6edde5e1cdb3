"""Disputed fields: whether another register contradicts a value, and the values that may replace it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from auth.errors import Refused
from connectors.source import Key
from engine.declarations import Column
from engine.gate import OutputColumn, RowQuery
from reference.iso_dates import day_spelt
from reference.normal_form import nfc
from resolvers.answers.conflicts import COMPARED, differ
from resolvers.request.request import Request

LONGEST_VALUE = 200
SEXES = ("MALE", "FEMALE")
_EXISTENCE = {"learner": "learner.record", "citizen": "identity.record"}
_NO_DISPUTE = "`coordinate` is not a field on which the registers disagree about this record"


async def disputed(request: Request, field: str, kind: str, key: Key, proposed: str) -> str:
    """Return the proposed value, checked, for a field of a record on which another register disagrees.

    Values are read as the citizen may read them. Raises Refused where the field is not one that both registers hold,
    is not of this record, is not contradicted, or cannot have the value.
    """
    column = _compared(request, field, kind)
    mine, person = await _side(request, kind, key, column)
    others = await _others(request, kind, person, column)
    if not any(differ(mine, other) for other in others):
        raise Refused(_NO_DISPUTE)
    value = _value(mine, proposed)
    if not differ(mine, date.fromisoformat(value) if isinstance(mine, date) else value):
        raise Refused("`proposedValue` is what the register has already")
    return value


def _compared(request: Request, field: str, kind: str) -> Column:
    typename, _, name = field.partition(".")
    declaration = request.catalogue.declaration(typename, name) if typename in ("Learner", "CitizenIdentity") else None
    if not isinstance(declaration, Column) or declaration.column not in COMPARED:
        raise Refused("`coordinate` must be a field of `Learner` or `CitizenIdentity` that both registers hold")
    if typename != kind:
        raise Refused("`coordinate` is not a field of the type of `record`")
    return declaration


async def _side(request: Request, kind: str, key: Key, column: Column) -> tuple[Any, Key | None]:
    """Return the record's own value and the person behind it."""
    record, by = ("learner", "sector_code") if kind == "Learner" else ("citizen", "person_key")
    ((value, person),) = await _rows(request, record, by, key, column) or [(None, None)]
    return value, person


async def _others(request: Request, kind: str, person: Key | None, column: Column) -> Sequence[Any]:
    """Return the other register's values about the person: of a learner the citizen's, of a citizen the learners'."""
    if person is None:
        return ()
    record = "citizen" if kind == "Learner" else "learner"
    return [value for value, _ in await _rows(request, record, "person_key", person, column)]


async def _rows(request: Request, record: str, by: str, key: Key, column: Column) -> list[tuple[Any, Any]]:
    slots = (
        OutputColumn(column.column, column.category, request.coordinate),
        OutputColumn("person_key", "identity.record", request.coordinate),
    )
    prepared = request.gate.prepare(RowQuery(record, by, _EXISTENCE[record], request.coordinate, slots))
    value, person = prepared.positions
    rows = await request.gate.lookup(prepared, [key])
    places = (value, person)
    known = [[_readable(None if place is None else row[place]) for place in places] for row in rows]
    return [(of_column, of_person) for of_column, of_person in known]


def _readable(value: Any) -> Any:
    """Return the value; what cannot be read is what may be corrected, and contradicts nothing."""
    return None if isinstance(value, Exception) else value


def _value(present: Any, proposed: str) -> str:
    """Return the proposed value in the form of the present one."""
    text = nfc(" ".join(proposed.split()))
    if not 1 <= len(text) <= LONGEST_VALUE:
        raise Refused(f"`proposedValue` must be a text of 1 to {LONGEST_VALUE} characters")
    if isinstance(present, date):
        try:
            return day_spelt(text).isoformat()
        except ValueError:
            raise Refused("`proposedValue` must be a date as 2026-11-21") from None
    if present in SEXES and text not in SEXES:
        raise Refused(f"`proposedValue` must be one of {', '.join(SEXES)}")
    return text
