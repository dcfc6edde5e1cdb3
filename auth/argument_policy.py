"""With which arguments answers may be asked for each purpose: `policies/arguments.toml`, read and checked."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from auth.argument_terms import ArgumentTerms
from auth.decisions import Denial
from auth.policy_vocabulary import LANGUAGES, GeneralReason, PolicyInvalid

FILE = "arguments.toml"
NOT_PERMITTED, EXHAUSTED = "ARGUMENT_NOT_PERMITTED", "ARGUMENTS_EXHAUSTED"
_TEXTS = ("citation", *LANGUAGES)
_DATES = ("valid_from", "valid_to")
_RULE = {"purpose", "answers", "values", "distinct", "days", *_TEXTS, *_DATES}
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
    try:
        tables = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolicyInvalid(f"{FILE}: cannot be read: {error}") from error
    reasons = {name: _reason(name, tables.pop(name, None)) for name in _REASONS}
    rules = tuple(_rule(name, table, purposes) for name, table in tables.items())
    for one, other in _overlapping(rules):
        raise PolicyInvalid(
            f"{FILE}: {other.id}: `{one.id}` already says so for an answer and purpose of the same days"
        )
    return ArgumentPolicy(rules, MappingProxyType(reasons))


def _reason(name: str, table: object) -> GeneralReason:
    if not isinstance(table, dict) or table.keys() != set(_TEXTS):
        raise PolicyInvalid(f"{FILE}: {name}: must have {', '.join(_TEXTS)} and nothing else")
    texts = _texts(name, table)
    said: dict[str, Any] = {"permitted": "", "distinct": 0, "days": 0}
    for language in LANGUAGES:
        try:
            texts[language].format(**said)
        except (KeyError, IndexError, ValueError) as error:
            raise PolicyInvalid(f"{FILE}: {name}: `{language}` has braces around what is not known") from error
    return GeneralReason(texts["citation"], MappingProxyType({language: texts[language] for language in LANGUAGES}))


def _rule(name: str, table: object, purposes: Mapping[str, object]) -> ArgumentRule:
    if not isinstance(table, dict) or (unknown := table.keys() - _RULE):
        raise PolicyInvalid(f"{FILE}: {name}: {f'unknown `{min(unknown)}`' if isinstance(table, dict) else 'no table'}")
    if table.get("purpose") not in purposes:
        raise PolicyInvalid(f"{FILE}: {name}: unknown purpose `{table.get('purpose')}`")
    answers = table.get("answers")
    if not isinstance(answers, list) or not answers or not all(isinstance(one, str) for one in answers):
        raise PolicyInvalid(f"{FILE}: {name}: `answers` must be a list of schema coordinates")
    texts = _texts(name, table)
    terms = {key: table[key] for key in ("values", "distinct", "days") if key in table}
    try:
        parsed = ArgumentTerms.parsed(terms)
    except ValueError as error:
        raise PolicyInvalid(f"{FILE}: {name}: {error}") from error
    begins, ends = (_day(name, key, table.get(key)) for key in _DATES)
    text = MappingProxyType({language: texts[language] for language in LANGUAGES})
    return ArgumentRule(name, table["purpose"], tuple(answers), parsed, texts["citation"], text, begins, ends)


def _texts(name: str, table: Mapping[str, Any]) -> Mapping[str, str]:
    texts = {key: table.get(key) for key in _TEXTS}
    for key, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise PolicyInvalid(f"{FILE}: {name}: `{key}` must be a text")
    return texts  # type: ignore[return-value]


def _day(name: str, key: str, value: object) -> date | None:
    if value is not None and type(value) is not date:
        raise PolicyInvalid(f"{FILE}: {name}: `{key}` must be a date such as 2026-01-31")
    return value


def _overlapping(rules: Sequence[ArgumentRule]) -> Iterator[tuple[ArgumentRule, ArgumentRule]]:
    for at, one in enumerate(rules):
        for other in rules[at + 1 :]:
            apart = (one.valid_to or date.max) < (other.valid_from or date.min)
            apart = apart or (other.valid_to or date.max) < (one.valid_from or date.min)
            if one.purpose == other.purpose and set(one.answers) & set(other.answers) and not apart:
                yield one, other
