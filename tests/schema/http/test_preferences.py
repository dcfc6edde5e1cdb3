"""Weighted headers: what is preferred, and what weight 0 excludes."""

import pytest

from schema.http.preferences import MOST, preferences
from schema.operations.access import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("EN-us", "en"),
        ("vi, en", "vi"),
        ("en, vi;q=0.9", "en"),
        ("en;q=0.8, vi-VN;q=0.9", "vi"),
        ("en ; q=0.5 , vi;q=0.4", "en"),
        ("fr", "vi"),
        ("en;q=0", "vi"),
        ("en;q=0, fr", "vi"),
        ("vi;q=0", "en"),
        ("vi;q=0, en;q=0", "vi"),
        ("*, vi;q=0.5", "en"),
        ("*", "vi"),
        ("english", "vi"),
        ("en;q=nan", "vi"),
        ("en;q=much", "vi"),
        (";;,,=", "vi"),
    ],
)
def test_english_is_spoken_to_whoever_prefers_it_to_vietnamese(header: str | None, language: str) -> None:
    assert language_of(header) == language


def test_weights_are_read_from_0_to_1_of_so_many_ranges() -> None:
    assert list(preferences("A;q=7,b;q=-1,c;q=0.25")) == [("a", 1.0), ("b", 0.0), ("c", 0.25)]
    assert len(list(preferences("a," * 100_000))) == MOST
