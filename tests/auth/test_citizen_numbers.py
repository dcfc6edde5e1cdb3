"""Nine digits in a row, or in threes, may be somebody's number, or most of it."""

import pytest

from auth.citizen_numbers import may_hold_a_number


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("001099012345", True),
        ("HS-001099012", True),
        ("a012345678b", True),
        ("001.099.012.345", True),
        ("of_001_099_012_345", True),
        ("001\u2013099\u2013012", True),
        ("⁰⁰¹⁰⁹⁹⁰¹²", True),
        ("H26-20261121-00000017", False),
        ("H26.001.2026", False),
        ("12345678", False),
        ("", False),
    ],
)
def test_nine_digits_in_a_row_may_be_a_number(text: str, may: bool) -> None:
    assert may_hold_a_number(text) is may
