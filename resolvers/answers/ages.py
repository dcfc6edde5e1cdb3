"""Answers about age."""

from collections.abc import Mapping
from typing import Any

from auth.errors import Refused
from reference.ages import age
from resolvers.request import Request

OLDEST_ASKED = 150


def is_at_least(needs: dict[str, Any], request: Request, years: int) -> bool | None:
    """Return whether the person has completed so many years of age today, in Vietnam; None: birth date unknown."""
    _check(years)
    born = needs["birth_date"]
    return None if born is None else age(born, request.today) >= years


def age_asked(arguments: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    """Return what is asked: the same age on another day is another question, the answer turns on the birthday."""
    _check(arguments["years"])
    return {"years": arguments["years"], "on": request.today}


def _check(years: int) -> None:
    if not 0 <= years <= OLDEST_ASKED:
        raise Refused(f"`years` must be between 0 and {OLDEST_ASKED}, not {years}")
