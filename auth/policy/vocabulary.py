"""The words of policy, read from the .toml files: categories, purposes, roles, legal bases, general denials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from auth.toml_table import TOMLTable

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


def entries(path: Path, read: Callable[[str, TOMLTable], _Read]) -> Mapping[str, _Read]:
    found = {}
    for name, entry in TOMLTable.of_file(path, PolicyInvalid).entries():
        found[name] = read(name, entry)
        entry.finish()
    return MappingProxyType(found)


def by_language(entry: TOMLTable) -> Mapping[str, str]:
    """Return the texts that an entry has in each language."""
    return MappingProxyType({language: entry.text(language) for language in LANGUAGES})


def _category(name: str, entry: TOMLTable) -> Category:
    return Category(name, by_language(entry), entry.flag("sensitive"), entry.flag("existence", default=False))


def _purpose(name: str, entry: TOMLTable) -> Purpose:
    alternative = entry.optional("alternative")
    if alternative is None:
        return Purpose(name, by_language(entry))
    purpose = Purpose(name, by_language(entry), by_language(alternative))
    alternative.finish()
    return purpose


def _role(name: str, entry: TOMLTable) -> Role:
    return Role(name, by_language(entry), entry.flag("agency"), entry.names("purposes"))


def _legal_basis(name: str, entry: TOMLTable) -> LegalBasis:
    return LegalBasis(name, by_language(entry), entry.text("citation"))


def _general_denials(path: Path) -> GeneralDenials:
    codes = TOMLTable.of_file(path, PolicyInvalid)
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


def _reason(entry: TOMLTable) -> GeneralReason:
    reason = GeneralReason(entry.text("citation"), by_language(entry))
    entry.finish()
    return reason
