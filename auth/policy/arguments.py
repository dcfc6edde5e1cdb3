"""With which arguments answers may be asked for each purpose: `policies/arguments.toml`, read and checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from msgspec.structs import asdict

from auth.argument_terms import ArgumentTerms
from auth.policy.decisions import Denial
from auth.policy.vocabulary import GeneralReason, PolicyInvalid
from reference.toml_table import BilingualTable, Names, Text, TOMLTable, content_of, named_table, validated
from reference.validity import in_force, overlap

FILE = "arguments.toml"
NOT_PERMITTED, EXHAUSTED = "ARGUMENT_NOT_PERMITTED", "ARGUMENTS_EXHAUSTED"


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
        return in_force(self.valid_from, self.valid_to, on)


@dataclass(frozen=True, slots=True)
class ArgumentPolicy:
    """All of them, and what is said of a question that is not answered, by the situation."""

    rules: tuple[ArgumentRule, ...]
    reasons: Mapping[str, GeneralReason]

    def rule(self, purpose: str, answer: str, on: date) -> ArgumentRule | None:
        """Return the one that an answer has for a purpose on a day."""
        found = (
            rule for rule in self.rules if rule.purpose == purpose and answer in rule.answers and rule.in_force(on)
        )
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
        obtain = {language: text.format(**said) for language, text in reason.text.items()}
        citation = reason.citation if rule is None else rule.citation
        return Denial(code, "" if rule is None else rule.id, citation, MappingProxyType(obtain))


class ArgumentTable(BilingualTable, frozen=True, kw_only=True):
    """An entry as the file has it; the terms are checked by ArgumentTerms."""

    name: str
    purpose: Text
    answers: Names
    distinct: int | None = None
    days: int | None = None
    values: dict[str, Any] | None = None
    citation: Text
    valid_from: date | None = None
    valid_to: date | None = None


class ArgumentReasons(TOMLTable, frozen=True, kw_only=True, rename="kebab"):
    """What is said of questions that are not answered, by situation."""

    not_permitted: GeneralReason
    not_named: GeneralReason
    exhausted: GeneralReason


def read_argument_policy(folder: Path, purposes: Mapping[str, object]) -> ArgumentPolicy:
    """Read the file of a policy folder. Raises PolicyInvalid naming the entry."""
    path = folder / FILE
    content = content_of(path, PolicyInvalid)
    named = {name: content.pop(name) for name in ArgumentReasons.__struct_encode_fields__ if name in content}
    reasons = asdict(validated(ArgumentReasons, named, FILE, PolicyInvalid))
    reasons = {name.replace("_", "-"): _checked(name.replace("_", "-"), reason) for name, reason in reasons.items()}
    rules = tuple(
        _rule(named_table(ArgumentTable, name, table, path, PolicyInvalid), purposes) for name, table in content.items()
    )
    for rule, other in _overlapping(rules):
        raise PolicyInvalid(
            f"{FILE}: {other.id}: `{rule.id}` already says so for an answer and purpose of the same days"
        )
    return ArgumentPolicy(rules, MappingProxyType(reasons))


def _checked(situation: str, reason: GeneralReason) -> GeneralReason:
    """Return the reason. Raises PolicyInvalid where its texts have other placeholders than are filled."""
    for language, text in reason.text.items():
        try:
            text.format(permitted="", distinct=0, days=0)
        except (KeyError, IndexError, ValueError) as error:
            raise PolicyInvalid(f"{FILE}, `{situation}`: `{language}` has braces around what is not known") from error
    return reason


def _rule(entry: ArgumentTable, purposes: Mapping[str, object]) -> ArgumentRule:
    where = f"{FILE}: {entry.name}"
    if entry.purpose not in purposes:
        raise PolicyInvalid(f"{where}: unknown purpose `{entry.purpose}`")
    stated = {"values": entry.values, "distinct": entry.distinct, "days": entry.days}
    try:
        terms = ArgumentTerms.parsed({key: value for key, value in stated.items() if value is not None})
    except ValueError as error:
        raise PolicyInvalid(f"{where}: {error}") from error
    of_file = entry.answers, terms, entry.citation, MappingProxyType(entry.text), entry.valid_from, entry.valid_to
    return ArgumentRule(entry.name, entry.purpose, *of_file)


def _overlapping(rules: Sequence[ArgumentRule]) -> Iterator[tuple[ArgumentRule, ArgumentRule]]:
    for at, rule in enumerate(rules):
        for other in rules[at + 1 :]:
            same_days = overlap((rule.valid_from, rule.valid_to), (other.valid_from, other.valid_to))
            if rule.purpose == other.purpose and set(rule.answers) & set(other.answers) and same_days:
                yield rule, other
