"""With which arguments answers may be asked for each purpose: `policies/arguments.toml`, read and checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from auth.argument_terms import ArgumentTerms
from auth.policy.decisions import Denial
from auth.policy.vocabulary import GeneralReason, PolicyInvalid, by_language
from auth.toml_table import TOMLTable

FILE = "arguments.toml"
NOT_PERMITTED, EXHAUSTED = "ARGUMENT_NOT_PERMITTED", "ARGUMENTS_EXHAUSTED"
_REASONS = ("not-permitted", "not-named", "exhausted")


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """The terms of some answers (schema coordinates) for one purpose, in force as a rule is, and why so."""

    id: str
    purpose: str
    answers: tuple[str, ...]
    terms: ArgumentTerms
    citation: str
    text: Mapping[str, str]  # by language
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class ArgumentPolicy:
    """All of them, and what is said of a question that is not answered, by the situation."""

    rules: tuple[ArgumentRule, ...]
    reasons: Mapping[str, GeneralReason]

    def rule(self, purpose: str, answer: str, on: date) -> ArgumentRule | None:
        """Return the one that an answer has for a purpose on a day."""
        found = (one for one in self.rules if one.purpose == purpose and answer in one.answers and one.in_force(on))
        return next(found, None)

    def not_permitted(self, rule: ArgumentRule | None, terms: ArgumentTerms, argument: str) -> Denial:
        """Return the denial of a value of an argument; it names those that are permitted."""
        values = ", ".join(orjson.dumps(value).decode() for value in terms.values[argument])
        return self._denial(NOT_PERMITTED, "not-permitted", rule, permitted=f"`{argument}`: {values}")

    def not_named(self) -> Denial:
        """Return the denial of an answer that nothing says how to ask."""
        return self._denial(NOT_PERMITTED, "not-named", None)

    def exhausted(self, rule: ArgumentRule | None, terms: ArgumentTerms) -> Denial:
        """Return the denial of one question too many."""
        return self._denial(EXHAUSTED, "exhausted", rule, distinct=terms.distinct, days=terms.days)

    def _denial(self, code: str, situation: str, rule: ArgumentRule | None, **said: object) -> Denial:
        reason = self.reasons[situation]
        obtain = {language: text.format(**said) for language, text in reason.obtain.items()}
        citation = reason.citation if rule is None else rule.citation
        return Denial(code, "" if rule is None else rule.id, citation, MappingProxyType(obtain))


def read_argument_policy(folder: Path, purposes: Mapping[str, object]) -> ArgumentPolicy:
    """Read the file of a policy folder. Raises PolicyInvalid naming the entry."""
    table = TOMLTable.of_file(folder / FILE, PolicyInvalid)
    reasons = {name: _reason(table.inner(name)) for name in _REASONS}
    rules = tuple(_rule(name, entry, purposes) for name, entry in table.entries())
    for one, other in _overlapping(rules):
        raise PolicyInvalid(
            f"{FILE}: {other.id}: `{one.id}` already says so for an answer and purpose of the same days"
        )
    return ArgumentPolicy(rules, MappingProxyType(reasons))


def _reason(entry: TOMLTable) -> GeneralReason:
    reason = GeneralReason(entry.text("citation"), by_language(entry))
    entry.finish()
    said: dict[str, Any] = {"permitted": "", "distinct": 0, "days": 0}
    for language, text in reason.obtain.items():
        try:
            text.format(**said)
        except (KeyError, IndexError, ValueError) as error:
            raise entry.wrong(language, "has braces around what is not known") from error
    return reason


def _rule(name: str, entry: TOMLTable, purposes: Mapping[str, object]) -> ArgumentRule:
    purpose = entry.text("purpose")
    if purpose not in purposes:
        raise PolicyInvalid(f"{entry.where}: unknown purpose `{purpose}`")
    try:
        terms = ArgumentTerms.parsed(entry.given("values", "distinct", "days"))
    except ValueError as error:
        raise PolicyInvalid(f"{entry.where}: {error}") from error
    rule = ArgumentRule(
        id=name,
        purpose=purpose,
        answers=entry.names("answers"),
        terms=terms,
        citation=entry.text("citation"),
        text=by_language(entry),
        valid_from=entry.optional_day("valid_from"),
        valid_to=entry.optional_day("valid_to"),
    )
    entry.finish()
    return rule


def _overlapping(rules: Sequence[ArgumentRule]) -> Iterator[tuple[ArgumentRule, ArgumentRule]]:
    for at, one in enumerate(rules):
        for other in rules[at + 1 :]:
            apart = (one.valid_to or date.max) < (other.valid_from or date.min)
            apart = apart or (other.valid_to or date.max) < (one.valid_from or date.min)
            if one.purpose == other.purpose and set(one.answers) & set(other.answers) and not apart:
                yield one, other
