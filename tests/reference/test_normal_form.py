"""Normal forms cost what a text is long, whatever it holds."""

from unicodedata import combining, is_normalized, normalize  # noqa: TID251

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.normal_form import JOINER, MOST_MARKS, is_nfc, nfc, nfd, nfkc, stream_safe

ACUTE, DOT_BELOW = "\u0301", "\u0323"
TIBETAN_II = "\u0f73"
"""A letter of class 0 that decomposes into two marks."""


def longest_row(text: str) -> int:
    """Return the longest row of marks that a normaliser sorts."""
    longest = row = 0
    for character in normalize("NFKD", text):
        row = row + 1 if combining(character) else 0
        longest = max(longest, row)
    return longest


@pytest.mark.parametrize("marks", [ACUTE * 2_000, (ACUTE + DOT_BELOW) * 1_000, TIBETAN_II * 1_000, "\uff9e" * 2_000])
def test_no_row_of_marks_is_longer_than_thirty(marks: str) -> None:
    assert longest_row(stream_safe("a" + marks)) <= MOST_MARKS


def test_a_long_row_is_broken_by_the_joiner() -> None:
    assert stream_safe("a" + ACUTE * 61) == "a" + ACUTE * 30 + JOINER + ACUTE * 30 + JOINER + ACUTE


@pytest.mark.parametrize("at", range(40))
def test_a_long_row_is_found_wherever_it_stands(at: int) -> None:
    assert stream_safe("x" * at + ACUTE * 31 + "y" * 40) == "x" * at + ACUTE * 30 + JOINER + ACUTE + "y" * 40


@given(st.text(max_size=MOST_MARKS))
def test_texts_of_people_are_as_the_standard_normalises_them(text: str) -> None:
    assert (nfc(text), nfd(text), nfkc(text)) == tuple(normalize(form, text) for form in ("NFC", "NFD", "NFKC"))


@given(st.text(alphabet=st.sampled_from("aế\u0e01\u0e48\u4e2d" + ACUTE + DOT_BELOW + TIBETAN_II), max_size=200))
def test_safe_texts_stay_safe_and_normal(text: str) -> None:
    assert longest_row(nfc(text)) <= MOST_MARKS + 2  # those of the letter before the row
    assert is_normalized("NFC", nfc(text))
    assert nfc(nfc(text)) == nfc(text)
    if is_nfc(text):
        assert nfc(text) == text


def test_vietnamese_is_known_to_be_normal_at_a_look() -> None:
    assert is_nfc("Nguyễn Thị Ánh Tuyết\n" * 100)
    assert not is_nfc(normalize("NFD", "Nguyễn Thị Ánh Tuyết\n" * 100))
    assert not is_nfc("a" + ACUTE * 60_000)
