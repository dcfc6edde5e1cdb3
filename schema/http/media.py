"""Media types of GraphQL over HTTP: which one the caller accepts, and whether a body is JSON in UTF-8.

Source: https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types; RFC 9110 sections 8.3 and 12.5.1.
"""

from collections.abc import Mapping

from schema.http.preferences import preferences, range_of

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"

_SPECIFICITY = {"*/*": 1, "application/*": 2}
_MOSTLY_SENT = frozenset({JSON, "*/*"})
"""Values of Accept that need no weighing."""


def accepted(header: str | None) -> str | None:
    """Return the media type to answer in; None where neither is acceptable. JSON for whoever states no preference."""
    if header is None or header in _MOSTLY_SENT or not header.strip():
        return JSON
    weights = {media: _weight(header, media) for media in (JSON, GRAPHQL)}
    best = GRAPHQL if weights[GRAPHQL] > weights[JSON] or _prefers_graphql(header, weights) else JSON
    return best if weights[best] > 0 else None


def is_json(header: str | None) -> bool:
    """Tell whether a body of this Content-Type is JSON in UTF-8, the encoding of JSON (RFC 8259 section 8.1)."""
    if header == JSON:
        return True
    media, parameters = range_of(header or "")
    return media == JSON and parameters.get("charset", "utf-8").lower() == "utf-8"


def _prefers_graphql(header: str, weights: Mapping[str, float]) -> bool:
    """Of equal weights the newer media type is taken where it is named."""
    named = any(media == GRAPHQL for media, _ in preferences(header))
    return named and weights[GRAPHQL] == weights[JSON]


def _weight(header: str, media: str) -> float:
    """Return the weight that the most specific range covering the media type gives it; 0 if none covers it."""
    best = (0, 0.0)
    for accepted_range, weight in preferences(header):
        specificity = 3 if accepted_range == media else _SPECIFICITY.get(accepted_range, 0)
        if specificity and specificity >= best[0]:
            best = (specificity, weight)
    return best[1]
