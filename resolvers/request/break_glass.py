"""Break-glass access: its conditions, the reason, and the emergency use that is stored before any answer."""

import re
from dataclasses import replace
from unicodedata import category
from urllib.parse import unquote

from auth.citizen_numbers import may_hold_a_number
from auth.emergencies import EmergencyUse
from auth.errors import Refused, StateUnavailable
from reference.normal_form import nfc, nfkc
from resolvers.request.access import AccessContext
from resolvers.request.accounts import entry_of
from resolvers.request.error_codes import code_of
from resolvers.request.request import Request

SHORTEST, LONGEST = 10, 500
MOST_SUBJECTS = 10
"""Persons and learners asked about in one operation: an emergency is about few, and about those who can be named."""

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")


def with_break_glass(access: AccessContext, header: str | None) -> AccessContext:
    """Return the access context with break-glass access if the request states a reason.

    `header` is UTF-8, percent-encoded where it is not ASCII. Raises Refused where the agreement does not allow it, and
    for a reason that is too short, too long, or holds what may be somebody's number.
    """
    if header is None:
        return access
    if access.grant is None or not access.grant.emergency:
        raise Refused("no agreement of this client allows `Break-Glass` for this purpose", "EMERGENCY_NOT_GRANTED")
    reason = _reason(header)
    return replace(access, profile=replace(access.profile, emergency=True), emergency_reason=reason)


async def keep_emergency_use(request: Request, access: AccessContext) -> None:
    """Store the use durably. Does nothing for a request without break-glass access.

    Raises Refused for too many subjects, StateUnavailable where it cannot be kept: then nothing counts as released.
    """
    disclosure = request.disclosure
    if access.emergency_reason is None:
        return
    hidden = None if access.grant is None else access.grant.hidden
    use = EmergencyUse(
        request.principal.client_id,
        request.purpose,
        request.now,
        request.request_id,
        access.emergency_reason,
        None if hidden is None else hidden.until,
    )
    try:
        # kept before it is refused too: a refusal is an answer
        unanswered = ("Query", "STATE_UNAVAILABLE", "break-glass")  # as far as it goes until the entry is written
        with request.services.audit.noting(entry_of(request, (), (unanswered,), rows=0)):
            await request.services.emergencies.record(use, disclosure.subjects)
        # those who are not there count like those who are, or the limit would tell which
        if len(disclosure.subjects) + disclosure.misses > MOST_SUBJECTS:
            raise Refused(f"an emergency may be about {MOST_SUBJECTS} keys at most", "EMERGENCY_TOO_WIDE")
    except (Refused, StateUnavailable) as error:
        disclosure.withhold(code_of(error), "break-glass")
        raise


def _reason(header: str) -> str:
    try:
        # a server hands headers up as Latin-1, whatever was sent
        text = unquote(header.encode("latin-1").decode(), errors="strict")
    except UnicodeError:
        raise Refused("`Break-Glass` must be UTF-8, percent-encoded") from None
    reason = nfc(text).strip()
    if not SHORTEST <= len(reason) <= LONGEST or any(category(letter)[0] == "C" for letter in reason):
        raise Refused(f"`Break-Glass` must say why in {SHORTEST} to {LONGEST} characters, in one line")
    if may_hold_a_number(_BETWEEN_DIGITS.sub("", nfkc(reason))):
        raise Refused("`Break-Glass` must hold nobody's number")
    return reason
