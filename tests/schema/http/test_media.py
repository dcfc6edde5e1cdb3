"""Which media type is answered, and which body is read."""

import pytest

from schema.http.media import GRAPHQL, JSON, accepted, is_json


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"{JSON};q=0, */*;q=0.1", GRAPHQL),
        (f"{JSON};charset=utf-8", JSON),
        ("APPLICATION/JSON", JSON),
        (f"text/html, */*;q=0.8, {GRAPHQL};q=0.9", GRAPHQL),
        ("text/html", None),
        (f"{JSON};q=0", None),
        (f"{JSON};q=much", None),
        (";;,,=", None),
    ],
)
def test_accept_is_negotiated(accept: str | None, media: str | None) -> None:
    assert accepted(accept) == media


@pytest.mark.parametrize("header", [JSON, "Application/JSON ; Charset=UTF-8", f'{JSON};charset="utf-8"'])
def test_json_in_utf8_is_read(header: str) -> None:
    assert is_json(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        f"{JSON};charset=iso-8859-1",
        "application/jsonp",
        "text/plain, application/json",
    ],
)
def test_nothing_else_is(header: str | None) -> None:
    assert not is_json(header)
