"""Answers as they are declared, their inputs looked at first, for a caller of one day."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from engine.declarations import Answer
from resolvers.request.request import Request
from schema.build import build_schema

TODAY = date(2026, 11, 21)
CHANGE = date(2025, 7, 1)
ADULT = date(1990, 1, 1)
WHOLE, SPLIT, MERGED = "07201", "00007", "07210"
"""Before the change: a commune that went into MERGED whole, one that was split between 00008 and 00025."""
ENDED = "00010"
"""A commune of Hà Nội whose code ended before 30 June 2025."""
ASKING = cast(Request, SimpleNamespace(today=TODAY))
_, CATALOGUE = build_schema()


def answered(coordinate: str, needs: dict[str, Any], **arguments: Any) -> Any:
    """Return what the declared answer says."""
    declaration = CATALOGUE.declaration(*coordinate.split("."))
    assert isinstance(declaration, Answer)
    return declaration.function({"sector_code": "own", "person_key": "me", **needs}, ASKING, **arguments)


def period(
    code: str | None,
    start: date | None,
    end: date | None = None,
    kind: str | None = "PERMANENT",
    province: str | None = None,
) -> dict[str, Any]:
    return {"kind": kind, "unit_code": code, "province_code": province, "from_date": start, "to_date": end}
