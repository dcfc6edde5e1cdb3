"""Answers about age."""

from collections.abc import Mapping
from typing import Any

from auth.errors import Refused
from connectors.records.citizens import CITIZEN
from connectors.records.learners import LEARNER
from engine.declarations import Sourced, Unknown
from reference.ages import is_at_least as at_least
from resolvers.answers.reasons import INPUT_MISSING, PRECISION
from resolvers.request.request import Request

OLDEST_ASKED = 150
EDUCATION, POPULATION = LEARNER.register, CITIZEN.register


def is_at_least(needs: Mapping[str, Any], request: Request, years: int) -> Sourced | Unknown:
    """Return whether the person has completed so many years of age today, in Vietnam.

    Unknown where only the year or the month of birth is known and leaves it open. The population register says when
    the person was born wherever the row leads there, else the sector's own record.
    """
    _check(years)
    citizen = next(iter(needs.get("identity") or ()), None)
    born = needs["birth_period"] if citizen is None else citizen["birth_period"]
    if born is None:
        return INPUT_MISSING
    reached = at_least(born, years, request.today)
    if reached is None:
        return PRECISION
    return Sourced(reached, EDUCATION if citizen is None else POPULATION)


def citizen_is_at_least(needs: Mapping[str, Any], request: Request, years: int) -> Sourced | Unknown:
    """Return the same of a row of the population register itself."""
    return is_at_least({"identity": [needs], "birth_period": None}, request, years)


def age_asked(arguments: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    """Return what is asked: the same age on another day is another question, the answer turns on the birthday."""
    _check(arguments["years"])
    return {"years": arguments["years"], "on": request.today}


def _check(years: int) -> None:
    if not 0 <= years <= OLDEST_ASKED:
        raise Refused(f"`years` must be between 0 and {OLDEST_ASKED}, not {years}")
