"""`extensions.access`: what was denied, why, by which law, and how access can be obtained."""

from typing import Any

from auth.principal import Grant
from resolvers.disclosure import Disclosure


def access_of(disclosure: Disclosure, purpose: str, grant: Grant | None, language: str) -> dict[str, Any]:
    """Return the purpose, a client's agreement, and the denials by coordinate, one for each coordinate and reason."""
    denials = [
        {
            "coordinate": coordinate,
            "code": denial.code,
            "rule": denial.rule or None,
            "citation": denial.citation,
            "obtain": denial.obtain[language],
            "count": count,
        }
        for (coordinate, denial), count in disclosure.denials.items()
    ]
    agreement = {} if grant is None else {"agreement": {"number": grant.agreement, "citation": grant.citation}}
    denials.sort(key=lambda one: (str(one["coordinate"]), str(one["code"])))
    return {"purpose": purpose, **agreement, "denials": denials}


def language_of(accept_language: str | None) -> str:
    """Return "en" where the caller prefers English to Vietnamese, else "vi" (RFC 9110 section 12.5.4)."""
    if not accept_language:
        return "vi"
    ranked: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((float(weight or 1), tag[:2].lower()))
        except ValueError:
            continue
    known = [entry for entry in ranked if entry[1] in ("vi", "en")]
    return max(known, key=lambda entry: entry[0])[1] if known else "vi"
