"""Weighted lists in request headers: `Accept`, `Accept-Language` (RFC 9110 section 12.4.2)."""

from collections.abc import Iterator, Mapping

MOST = 50
"""Ranges of one header that are looked at; browsers send about ten."""


def preferences(header: str) -> Iterator[tuple[str, float]]:
    """Yield each range in lower case with its weight from 0, which excludes it, to 1."""
    for part in header.split(",", MOST)[:MOST]:
        named, parameters = range_of(part)
        yield named, _weight(parameters.get("q", "1"))


def range_of(part: str) -> tuple[str, Mapping[str, str]]:
    """Return the range, in lower case, and its parameters by their names."""
    named, *parameters = part.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return named.strip().lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return min(weight, 1.0) if weight > 0 else 0.0
