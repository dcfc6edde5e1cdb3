"""`extensions.access`: what was denied, why, by which law, how access can be obtained, and what is not known."""

from typing import Any

from auth.principal import Grant
from resolvers.answers.reasons import WORDS
from resolvers.gate.disclosure import Disclosure
from schema.http.preferences import preferences


def access_of(disclosure: Disclosure, purpose: str, grant: Grant | None, language: str) -> dict[str, Any]:
    """Return the purpose, a client's agreement, and the denials by coordinate, one for each coordinate and reason.

    Where answers are null because something is not known, `unanswered` has as much of each coordinate and reason; where
    an answer may come from several registers, `answeredFrom` has which it came from.
    """
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
    return {"purpose": purpose, **agreement, "denials": denials, **_not_known(disclosure, language)}


def _not_known(disclosure: Disclosure, language: str) -> dict[str, Any]:
    """Return what is said of answers, left out where there is nothing to say."""
    if not disclosure.unanswered and not disclosure.sources:
        return {}
    unanswered = [
        {"coordinate": coordinate, "code": code, "message": WORDS[code][language], "count": count}
        for (coordinate, code), count in sorted(disclosure.unanswered.items())
    ]
    sources = [
        {"coordinate": coordinate, "register": register, "count": count}
        for (coordinate, register), count in sorted(disclosure.sources.items())
    ]
    said = {"unanswered": unanswered, "answeredFrom": sources}
    return {name: entries for name, entries in said.items() if entries}


def language_of(accept_language: str | None) -> str:
    """Return "en" where the caller prefers English to Vietnamese, else "vi" (RFC 9110 section 12.5.4)."""
    if not accept_language:
        return "vi"
    weights: dict[str, float] = {}
    for named, weight in preferences(accept_language):
        language = named.partition("-")[0]
        weights[language] = max(weight, weights.get(language, 0.0))
    vietnamese, english = (weights.get(language, weights.get("*", 0.0)) for language in ("vi", "en"))
    excluded = weights.get("vi") == 0 and weights.get("en") != 0
    return "en" if english > vietnamese or excluded else "vi"
