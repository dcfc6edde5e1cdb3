"""Breaking the glass: who may, with which words, and what is kept of it before anything is answered."""

import re
from dataclasses import replace
from unicodedata import category, normalize
from urllib.parse import unquote

from auth.emergencies import EmergencyUse
from auth.errors import Refused, StateUnavailable
from resolvers.mandate import Mandate
from resolvers.request import Request

SHORTEST, LONGEST = 10, 500
MOST_SUBJECTS = 10
"""Persons and learners in one operation: an emergency is about few, and about those who can be named."""

WITHHELD = "withheld"
"""In a request's memo: what the audit entry says instead of what was released (coordinate, code, rule)."""

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s.,/_-]+(?=\d)")
_LIKE_A_NUMBER = re.compile(r"\d{9}")


def broken(mandate: Mandate, header: str | None) -> Mandate:
    """Return the mandate with the glass broken where a reason is given.

    `header` is UTF-8, percent-encoded where it is not ASCII. Raises Refused where the agreement does not allow it, and
    for a reason that is too short, too long, or holds what may be somebody's number.
    """
    if header is None:
        return mandate
    if mandate.grant is None or not mandate.grant.emergency:
        raise Refused("no agreement of this client allows `Break-Glass` for this purpose", "EMERGENCY_NOT_GRANTED")
    reason = _reason(header)
    return replace(mandate, profile=replace(mandate.profile, emergency=True), reason=reason)


async def keep(request: Request, mandate: Mandate) -> None:
    """Return when the use is durable; nothing is done where the glass is whole.

    Raises Refused for too many subjects, StateUnavailable where it cannot be kept: then nothing counts as released.
    """
    disclosure = request.disclosure
    if mandate.reason is None or disclosure.withheld:
        return
    hidden = None if mandate.grant is None else mandate.grant.hidden
    use = EmergencyUse(
        request.principal.client_id,
        request.purpose,
        request.now,
        request.request_id,
        mandate.reason,
        None if hidden is None else hidden.until,
    )
    try:
        if len(disclosure.subjects) > MOST_SUBJECTS:
            raise Refused(
                f"an emergency may concern at most {MOST_SUBJECTS} persons in an operation", "EMERGENCY_TOO_WIDE"
            )
        await request.services.emergencies.record(use, disclosure.subjects)
    except (Refused, StateUnavailable) as error:
        code = error.code if isinstance(error, Refused) else "STATE_UNAVAILABLE"
        request.memo[WITHHELD] = ("Query", code, "break-glass")
        disclosure.released.clear()
        disclosure.withheld = True
        raise


def _reason(header: str) -> str:
    try:
        # a server hands headers up as Latin-1, whatever was sent
        text = unquote(header.encode("latin-1").decode(), errors="strict")
    except UnicodeError:
        raise Refused("`Break-Glass` must be UTF-8, percent-encoded") from None
    reason = normalize("NFC", text).strip()
    if not SHORTEST <= len(reason) <= LONGEST or any(category(letter)[0] == "C" for letter in reason):
        raise Refused(f"`Break-Glass` must say why in {SHORTEST} to {LONGEST} characters, in one line")
    if _LIKE_A_NUMBER.search(_BETWEEN_DIGITS.sub("", reason)):
        raise Refused("`Break-Glass` must hold nobody's number")
    return reason
