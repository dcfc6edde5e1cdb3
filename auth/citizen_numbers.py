"""What may hold a citizen number where none may stand: case numbers, reasons, names of operations, URLs."""

import re
from html import unescape
from itertools import accumulate
from urllib.parse import unquote_plus

from reference.normal_form import nfkc

_LIKE_A_NUMBER = re.compile(r"\d{9}|(?<!\d)\d{3}([\W_]+)\d{3}(?:\1\d{3}){1,2}(?!\d)")
_GROUPS = re.compile(r"\d+(?:[\W_]{1,8}\d+)+")
_SUSPECT = re.compile(r"[%\\&]|(?:\d\D*){9}")
"""What a text of ASCII that holds a number has: nine digits somewhere, or an escape."""
_ESCAPE = re.compile(r"[\\%]u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})|\\x([0-9A-Fa-f]{2})")
_DIGITS = 12
_PROVINCES = range(1, 97)
"""The first three digits of a citizen number (Circular 59/2021/TT-BCA, annex I)."""
_LAYERS = 3
"""How often a text may be percent-encoded and still be read."""


def may_hold_a_number(text: str) -> bool:
    """Tell whether nine digits stand in a row or in threes, or twelve in any groups that begin like a citizen number.

    The text is looked at as it is and as it reads when percent-encoding, `\\u` escapes and those of HTML are undone. A
    citizen number has twelve digits. Fewer are enough: one that was cut still says when and where somebody was born,
    and the numbers of before had nine. Digits of any script and raised ones count.
    """
    if text.isascii() and not _SUSPECT.search(text):
        return False
    return any(_holds(nfkc(reading)) for reading in _readings(text))


def _readings(text: str) -> set[str]:
    """Return the text and what it decodes to, layer by layer."""
    readings = {text}
    for _ in range(_LAYERS):
        text = unescape(_ESCAPE.sub(_character, unquote_plus(_ESCAPE.sub(_character, text))))
        if text in readings:
            break
        readings.add(text)
    return readings


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2] or escape[3], 16)
    return chr(code) if code <= 0x10FFFF else escape[0]


def _holds(text: str) -> bool:
    if _LIKE_A_NUMBER.search(text):
        return True
    return any(_holds_groups(re.findall(r"\d+", run)) for run in (match[0] for match in _GROUPS.finditer(text)))


def _holds_groups(groups: list[str]) -> bool:
    """Tell whether some of the groups, side by side, have twelve digits of which the first three name a province."""
    for first in range(len(groups)):
        near = groups[first : first + _DIGITS]
        if _DIGITS in accumulate(map(len, near)) and int("".join(near)[:3]) in _PROVINCES:
            return True
    return False
