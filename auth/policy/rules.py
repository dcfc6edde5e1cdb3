"""Rules read from the .cedar files, and everything that must hold of them before one is used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import cedarpy
from cedarpy import pst

from auth.policy.vocabulary import PolicyInvalid, Vocabulary
from reference.validity import in_force

REQUIRED = ("id", "basis", "citation", "obtain_vi", "obtain_en")
DATES = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Rule:
    """One permit or forbid with its annotations; in force from `valid_from` to `valid_to`, both days included."""

    id: str
    basis: str
    citation: str
    obtain: Mapping[str, str]  # by language
    valid_from: date | None
    valid_to: date | None
    forbids: bool
    categories: frozenset[str]  # the ones that its text names
    cedar: pst.Template

    def in_force(self, on: date) -> bool:
        return in_force(self.valid_from, self.valid_to, on)


def read_rules(folder: Path, vocabulary: Vocabulary) -> Mapping[str, Rule]:
    """Read every .cedar file of a policy folder, by rule id. Raises PolicyInvalid naming file and rule."""
    schema = _schema(folder)
    file_by_id: dict[str, str] = {}
    rules: dict[str, Rule] = {}
    for path in sorted(folder.glob("*.cedar")):
        for rule in _rules_of_file(path, schema, vocabulary):
            if rule.id in rules:
                raise PolicyInvalid(f"{path.name}: {rule.id}: this id is already used in {file_by_id[rule.id]}")
            rules[rule.id] = rule
            file_by_id[rule.id] = path.name
    if not rules:
        raise PolicyInvalid("*.cedar: no rule found")
    return MappingProxyType(rules)


def _schema(folder: Path) -> cedarpy.Schema:
    paths = sorted(folder.glob("*.cedarschema"))
    if len(paths) != 1:
        raise PolicyInvalid("*.cedarschema: there must be exactly one")
    try:
        return cedarpy.Schema.from_str(paths[0].read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolicyInvalid(f"{paths[0].name}: {error}") from error


def _rules_of_file(path: Path, schema: cedarpy.Schema, vocabulary: Vocabulary) -> Iterator[Rule]:
    try:
        text = path.read_text(encoding="utf-8")
        parsed = cedarpy.policies_to_pst(text)
    except (OSError, ValueError) as error:
        raise PolicyInvalid(f"{path.name}: {error}") from error
    if parsed.templates:
        raise PolicyInvalid(f"{path.name}: a rule may not have slots")
    _check_types(path, text, schema)
    for position, template in enumerate(parsed.static_policies.values(), start=1):
        yield _rule(path.name, position, template, vocabulary)


def _check_types(path: Path, text: str, schema: cedarpy.Schema) -> None:
    """Validate strictly against the schema: Cedar's validator has no other mode in this library."""
    checked = cedarpy.validate_policies(text, schema)
    if not checked.validation_passed:
        error = checked.errors[0]
        rule = checked.id_annotations_by_policy_id.get(error.policy_id, error.policy_id)
        raise PolicyInvalid(f"{path.name}: {rule}: {error.error}")


def _rule(file: str, position: int, template: pst.Template, vocabulary: Vocabulary) -> Rule:
    notes = template.annotations
    where = f"{file}: {notes.get('id') or f'rule {position}'}"
    _check_annotations(where, notes, vocabulary)
    valid_from, valid_to = (_day(where, name, notes.get(name)) for name in DATES)
    if valid_from and valid_to and valid_to < valid_from:
        raise PolicyInvalid(f"{where}: @valid_to is before @valid_from")
    return Rule(
        id=notes["id"],
        basis=notes["basis"],
        citation=notes["citation"],
        obtain=MappingProxyType({"vi": notes["obtain_vi"], "en": notes["obtain_en"]}),
        valid_from=valid_from,
        valid_to=valid_to,
        forbids=template.effect == "forbid",
        categories=_named_categories(where, template, vocabulary),
        # Cedar numbers rules by position; under its own id, a decision names the rule that made it
        cedar=replace(template, id=notes["id"]),
    )


def _check_annotations(where: str, notes: Mapping[str, str], vocabulary: Vocabulary) -> None:
    for name in REQUIRED:
        if not notes.get(name, "").strip():
            raise PolicyInvalid(f"{where}: @{name} is missing")
    # a misspelt @valid_to would otherwise leave a rule in force for ever
    if unknown := notes.keys() - {*REQUIRED, *DATES}:
        raise PolicyInvalid(f"{where}: unknown annotation @{min(unknown)}")
    if notes["basis"] not in vocabulary.legal_bases:
        raise PolicyInvalid(f"{where}: @basis names no legal basis: `{notes['basis']}`")


def _day(where: str, name: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise PolicyInvalid(f"{where}: @{name} must be a date such as 2026-01-31, not `{text}`") from error


def _named_categories(where: str, template: pst.Template, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the categories that a rule names, having checked every name in it against the .toml files."""
    known = {"Category": vocabulary.categories, "Purpose": vocabulary.purposes, "Role": vocabulary.roles}
    named = pst.entity_uids(template)
    for entity in sorted(named, key=lambda entity: entity.id):
        kind = entity.type.basename
        if kind in known and entity.id not in known[kind]:
            raise PolicyInvalid(f"{where}: unknown {kind.lower()} `{entity.id}`")
    return frozenset(entity.id for entity in named if entity.type.basename == "Category")
