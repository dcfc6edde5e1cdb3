"""The words of policy, read from the .toml files: categories, purposes, roles, legal bases, general denials."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

_Read = TypeVar("_Read")

LANGUAGES = ("vi", "en")


class PolicyInvalid(Exception):
    """A policy folder that may not be used. The message names the file, and the rule or entry."""


@dataclass(frozen=True, slots=True)
class Category:
    """What a field releases; `existence` marks the gate of a whole row."""

    name: str
    text: Mapping[str, str]  # by language
    sensitive: bool
    existence: bool


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why an operation is asked; `alternative`: what one who refuses consent does instead, where consent is asked."""

    name: str
    text: Mapping[str, str]
    alternative: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """Who asks, and for which purposes it may ask at all; `agency` marks a state body."""

    name: str
    text: Mapping[str, str]
    agency: bool
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The ground in law that a rule stands on."""

    name: str
    text: Mapping[str, str]
    citation: str


@dataclass(frozen=True, slots=True)
class GeneralReason:
    """The citation and the way to access of a denial that no single rule explains."""

    citation: str
    obtain: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GeneralDenials:
    """General reasons by situation; state bodies are owed another text than everybody else."""

    authentication_required: GeneralReason
    grant_expired: GeneralReason
    not_in_agreement: GeneralReason
    role_not_permitted: GeneralReason
    agency_not_permitted: GeneralReason


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All names that rules may use, each by name."""

    categories: Mapping[str, Category]
    purposes: Mapping[str, Purpose]
    roles: Mapping[str, Role]
    legal_bases: Mapping[str, LegalBasis]
    denials: GeneralDenials


class Entry:
    """One table of a .toml file; refuses what is missing, of another type, or not asked for."""

    def __init__(self, where: str, fields: object) -> None:
        if not isinstance(fields, dict):
            raise PolicyInvalid(f"{where}: must be a table")
        self._where = where
        self._fields: dict[str, Any] = dict(fields)

    def text(self, name: str) -> str:
        value = self._fields.pop(name, None)
        if not isinstance(value, str) or not value.strip():
            raise PolicyInvalid(f"{self._where}: `{name}` must be a text")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        value = self._fields.pop(name, default)
        if not isinstance(value, bool):
            raise PolicyInvalid(f"{self._where}: `{name}` must be true or false")
        return value

    def number(self, name: str) -> int:
        value = self._fields.pop(name, None)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise PolicyInvalid(f"{self._where}: `{name}` must be a number from 1 on")
        return value

    def day(self, name: str) -> date | None:
        value = self._fields.pop(name, None)
        if not (value is None or isinstance(value, date)):
            raise PolicyInvalid(f"{self._where}: `{name}` must be a date such as 2026-01-31")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        value = self._fields.pop(name, None)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise PolicyInvalid(f"{self._where}: `{name}` must be a list of names")
        return tuple(value)

    def by_language(self) -> Mapping[str, str]:
        return MappingProxyType({language: self.text(language) for language in LANGUAGES})

    def inner(self, name: str) -> "Entry":
        return Entry(f"{self._where}.{name}", self._fields.pop(name, None))

    def optional(self, name: str) -> "Entry | None":
        return self.inner(name) if name in self._fields else None

    def finish(self) -> None:
        if self._fields:
            raise PolicyInvalid(f"{self._where}: unknown `{next(iter(self._fields))}`")


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read the five .toml files of a policy folder. Raises PolicyInvalid."""
    purposes = entries(folder / "purposes.toml", _purpose)
    roles = entries(folder / "roles.toml", _role)
    for role in roles.values():
        if unknown := set(role.purposes) - purposes.keys():
            raise PolicyInvalid(f"roles.toml: {role.name}: unknown purpose `{min(unknown)}`")
    return Vocabulary(
        categories=entries(folder / "categories.toml", _category),
        purposes=purposes,
        roles=roles,
        legal_bases=entries(folder / "legal_bases.toml", _legal_basis),
        denials=_general_denials(folder / "denials.toml"),
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolicyInvalid(f"{path.name}: cannot be read: {error}") from error


def entries(path: Path, read: Callable[[str, Entry], _Read]) -> Mapping[str, _Read]:
    found = {}
    for name, fields in _table(path).items():
        entry = Entry(f"{path.name}: {name}", fields)
        found[name] = read(name, entry)
        entry.finish()
    return MappingProxyType(found)


def _category(name: str, entry: Entry) -> Category:
    return Category(name, entry.by_language(), entry.flag("sensitive"), entry.flag("existence", default=False))


def _purpose(name: str, entry: Entry) -> Purpose:
    alternative = entry.optional("alternative")
    if alternative is None:
        return Purpose(name, entry.by_language())
    purpose = Purpose(name, entry.by_language(), alternative.by_language())
    alternative.finish()
    return purpose


def _role(name: str, entry: Entry) -> Role:
    return Role(name, entry.by_language(), entry.flag("agency"), entry.names("purposes"))


def _legal_basis(name: str, entry: Entry) -> LegalBasis:
    return LegalBasis(name, entry.by_language(), entry.text("citation"))


def _general_denials(path: Path) -> GeneralDenials:
    codes = Entry(path.name, _table(path))
    not_permitted = codes.inner("ROLE_NOT_PERMITTED")
    denials = GeneralDenials(
        authentication_required=_reason(codes.inner("AUTHENTICATION_REQUIRED")),
        grant_expired=_reason(codes.inner("GRANT_EXPIRED")),
        not_in_agreement=_reason(codes.inner("NOT_IN_AGREEMENT")),
        agency_not_permitted=_reason(not_permitted.inner("agency")),
        role_not_permitted=_reason(not_permitted),
    )
    codes.finish()
    return denials


def _reason(entry: Entry) -> GeneralReason:
    reason = GeneralReason(entry.text("citation"), entry.by_language())
    entry.finish()
    return reason
