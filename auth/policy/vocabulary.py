"""The words of policy, read from the .toml files: categories, purposes, roles, legal bases, general denials."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from reference.toml_table import BilingualTable, Names, Text, TOMLTable, content_of, entries_of, validated

LANGUAGES = ("vi", "en")


class PolicyInvalid(Exception):
    """A policy folder that may not be used. The message names the file, and the rule or entry."""


class Category(BilingualTable, frozen=True, kw_only=True):
    """What a field releases; `existence` marks the gate of a whole row."""

    name: str
    sensitive: bool
    existence: bool = False


class Purpose(BilingualTable, frozen=True, kw_only=True):
    """Why an operation is asked; `alternative`: what one who refuses consent does instead, where consent is asked."""

    name: str
    alternative: BilingualTable | None = None


class Role(BilingualTable, frozen=True, kw_only=True):
    """Who asks, and for which purposes it may ask at all; `agency` marks a state body."""

    name: str
    agency: bool
    purposes: Names


class LegalBasis(BilingualTable, frozen=True, kw_only=True):
    """The ground in law that a rule stands on."""

    name: str
    citation: Text


class GeneralReason(BilingualTable, frozen=True, kw_only=True):
    """The citation and the way to access, by language, of a denial that no single rule explains."""

    citation: Text


class ReasonByCaller(GeneralReason, frozen=True, kw_only=True):
    """A general reason, and the one that state bodies are owed instead."""

    agency: GeneralReason


class GeneralDenials(TOMLTable, frozen=True, kw_only=True, rename="upper"):
    """General reasons by the code of their denial."""

    authentication_required: GeneralReason
    grant_expired: GeneralReason
    not_held: GeneralReason
    not_in_agreement: GeneralReason
    role_not_permitted: ReasonByCaller


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
    purposes = entries_of(folder / "purposes.toml", Purpose, PolicyInvalid)
    roles = entries_of(folder / "roles.toml", Role, PolicyInvalid)
    for role in roles.values():
        if unknown := set(role.purposes) - purposes.keys():
            raise PolicyInvalid(f"roles.toml: {role.name}: unknown purpose `{min(unknown)}`")
    denials = folder / "denials.toml"
    return Vocabulary(
        categories=MappingProxyType(entries_of(folder / "categories.toml", Category, PolicyInvalid)),
        purposes=MappingProxyType(purposes),
        roles=MappingProxyType(roles),
        legal_bases=MappingProxyType(entries_of(folder / "legal_bases.toml", LegalBasis, PolicyInvalid)),
        denials=validated(GeneralDenials, content_of(denials, PolicyInvalid), denials.name, PolicyInvalid),
    )
