"""Unicode normal forms, in time that grows with the length of a text alone.

Normalising sorts the marks behind a letter, which takes time quadratic in their number: 60,000 of them stall the
interpreter for half a minute. Texts are therefore put into the Stream-Safe Text Format first, which no text of any
language is changed by. Source: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
"""

import re
from typing import Final, Literal
from unicodedata import combining, is_normalized, normalize  # noqa: TID251 - made safe here

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

MOST_MARKS: Final = 30
"""Marks in a row, as the Stream-Safe Text Format has it."""
JOINER: Final = "\u034f"
"""COMBINING GRAPHEME JOINER, which ends a row of marks."""

_BEYOND_LATIN = re.compile("[\u0300-\u1dff\u1f00-\U0010ffff]")
"""All marks are among these, and no letter of Vietnamese in NFC is."""
_LONG_ROW = re.compile(f"{_BEYOND_LATIN.pattern}{{{MOST_MARKS + 1}}}")


def nfc(text: str) -> str:
    """Return the text in NFC."""
    return _normal("NFC", text)


def nfd(text: str) -> str:
    """Return the text in NFD."""
    return _normal("NFD", text)


def nfkc(text: str) -> str:
    """Return the text in NFKC."""
    return _normal("NFKC", text)


def is_nfc(text: str) -> bool:
    """Tell whether `nfc` returns the text as it is; false also where only normalising would tell."""
    return text.isascii() or (not _may_have_a_long_row(text) and is_normalized("NFC", text))


def stream_safe(text: str) -> str:
    """Return the text with a joiner wherever more than 30 marks would follow one another."""
    if not _may_have_a_long_row(text):
        return text
    safe: list[str] = []
    row = 0
    for character in text:
        marks = [combining(part) != 0 for part in normalize("NFKD", character)]
        leading = marks.index(False) if False in marks else len(marks)
        if row + leading > MOST_MARKS:
            safe.append(JOINER)
            row = 0
        row = row + leading if leading == len(marks) else marks[::-1].index(False)
        safe.append(character)
    return "".join(safe)


def _normal(form: Form, text: str) -> str:
    return text if text.isascii() else normalize(form, stream_safe(text))


def _may_have_a_long_row(text: str) -> bool:
    # a row longer than 30 covers one of every 31 places: most texts are judged by a look at these
    return _BEYOND_LATIN.search(text[MOST_MARKS :: MOST_MARKS + 1]) is not None and _LONG_ROW.search(text) is not None
