"""Days and instants as RFC 3339 spells them, and in no other of the spellings of ISO 8601."""

import re
from datetime import date, datetime

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)


def day_spelt(text: str) -> date:
    """Return the day. Raises ValueError, which does not say the text again, unless it is spelt as 2026-11-21.

    Python reads weeks (2010-W01-1) and digits alone (20100101) as well: one day must have one spelling.
    """
    return date.fromisoformat(_of_form(text, _DAY, "a day as 2026-11-21"))


def instant_spelt(text: str) -> datetime:
    """Return the instant, to the microsecond; without a zone where the text has none.

    Raises ValueError, which does not say the text again, unless it is spelt as 2026-11-21T08:00:00+07:00.
    """
    return datetime.fromisoformat(_of_form(text.upper(), _INSTANT, "a time as 2026-11-21T08:00:00+07:00"))


def _of_form(text: str, form: re.Pattern[str], expected: str) -> str:
    if not form.match(text):
        raise ValueError(f"it must be {expected}")
    return text
