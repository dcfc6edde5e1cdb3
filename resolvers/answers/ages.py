"""Answers about age."""

from typing import Any

from auth.errors import Refused
from resolvers.request import Request
from resolvers.standing import age

OLDEST_ASKED = 150


def is_at_least(needs: dict[str, Any], request: Request, years: int) -> bool | None:
    """Return whether the person has completed so many years of age today, in Vietnam; None: birth date unknown."""
    if not 0 <= years <= OLDEST_ASKED:
        raise Refused(f"`years` must be between 0 and {OLDEST_ASKED}, not {years}")
    born = needs["birth_date"]
    return None if born is None else age(born, request.today) >= years
