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
        ("079-003-000001", True),
        ("HS079003-000001/2026", True),
        ("2026/079.0030.00001", True),
        ("0 7 9 0 0 3 0 0 0 0 0 1", True),
        ("%30%37%39%30%30%33%30%30%30%30%30%31", True),
        ("%2530%2537%2539003000001", True),
        ("case+079+003+000001", True),
        ("\\u0030\\u0037\\u0039003000001", True),
        ("\\u{30}79003000001 \\u{FFFFFF}", True),
        ("٠٧٩-٠٠٣-٠٠٠٠٠١", True),
        ("079----003----000001", True),
        ("%u0030%u0037%u0039003000001", True),
        ("\\x30\\x37\\x39003000001", True),
        ("&#48;&#55;&#x39;003000001", True),
        ("079-003-00000", False),
        ("from 2026-09-01 00:00", False),
        ("2026-00001234", False),
        ("%zz % 12", False),
        ("H26-20261121-00000017", False),
        ("H26.001.2026", False),
        ("12345678", False),
        ("", False),
    ],
)
def test_nine_digits_in_a_row_may_be_a_number(text: str, may: bool) -> None:
    assert may_hold_a_number(text) is may
