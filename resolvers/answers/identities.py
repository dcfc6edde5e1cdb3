"""Whether somebody is the person whom the caller already knows by name and date of birth."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from auth.errors import Refused
from engine.declarations import Unknown
from reference.ages import first_day, last_day
from reference.normal_form import nfc, nfd
from resolvers.answers.reasons import PRECISION
from resolvers.request.request import Request

MATCH, NO_MATCH = "MATCH", "NO_MATCH"
LONGEST_NAME = 200
TONES = "\u0300\u0301\u0303\u0309\u0323"
"""The five tones that are written, as combining marks: huyền, sắc, ngã, hỏi, nặng."""


def identity_match(needs: Mapping[str, Any], _request: Request, name: str, birth_date: date) -> str | Unknown:
    """Return MATCH where both are as the population register has them, else NO_MATCH, never which of them differs.

    Unknown where the name is, and the date lies in the year or the month that is all the register has.
    """
    born = needs["birth_period"]
    same = written_alike(needs["full_name"]) == written_alike(_checked(name))
    if not (same and first_day(born) <= birth_date <= last_day(born)):
        return NO_MATCH
    return MATCH if first_day(born) == last_day(born) else PRECISION


def learner_match(needs: Mapping[str, Any], request: Request, name: str, birth_date: date) -> str | Unknown:
    """Return the same of the citizen behind a learner."""
    return identity_match(needs["identity"][0], request, name, birth_date)


def match_asked(arguments: Mapping[str, Any], _request: Request) -> Mapping[str, Any]:
    """Return what is asked: the name as it is compared, and the date."""
    return {"name": written_alike(_checked(arguments["name"])), "birth_date": arguments["birth_date"]}


def written_alike(name: str) -> str:
    """Return the name as names are compared: letters and tones count, case, spaces and encoding do not.

    Nor does over which vowel of a word its tone is written: `Hoà` and `Hòa` are the same name in two spellings.
    """
    return " ".join(_word(word) for word in nfd(name.casefold()).split())


def _word(word: str) -> str:
    letters = "".join(letter for letter in word if letter not in TONES)
    return nfc(letters) + "".join(letter for letter in word if letter in TONES)


def _checked(name: str) -> str:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Refused(f"`name` must have 1 to {LONGEST_NAME} letters")
    return name
