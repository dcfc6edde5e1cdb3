"""Permits that open nothing in a deployment, because none of its registers holds the fields."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLObjectType

from auth.policy.decisions import Holdings
from auth.policy.policy_set import PolicySet
from auth.policy.review.check import PolicyFinding, Severity
from connectors.holdings import absent_columns, unserved_records
from engine.catalogue import Catalogue
from resolvers.explain.read_from import read_from


def holdings_of(file: Path) -> Holdings:
    """Return what the registers of a configuration lack. Raises OSError, ValueError and RegistersInvalid."""
    config = tomllib.loads(file.read_text(encoding="utf-8"))
    return Holdings(unserved_records(config), absent_columns(config))


def fields_not_held(catalogue: Catalogue, holdings: Holdings) -> frozenset[str]:
    """Return the coordinates of fields that no register holds."""
    types = [type_ for type_ in catalogue.schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    return frozenset(
        catalogue.coordinate(type_.name, name)
        for type_ in types
        for name in catalogue.declarations(type_.name)
        for record, column in read_from(catalogue, type_.name, name)
        if record in holdings.unserved or (record, column) in holdings.absent
    )


def findings_not_held(catalogue: Catalogue, policies: PolicySet, holdings: Holdings) -> Iterator[PolicyFinding]:
    """Yield a warning for each rule whose permits of a category count for no field of the deployment."""
    not_held = fields_not_held(catalogue, holdings)
    fields_by_category: dict[str, set[str]] = {}
    for type_ in catalogue.schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, declaration in catalogue.declarations(type_.name).items():
                coordinate = catalogue.coordinate(type_.name, name)
                fields_by_category.setdefault(declaration.category, set()).add(coordinate)
    for category, fields in fields_by_category.items():
        if fields <= not_held:
            for rule in policies.rules.values():
                if category in rule.categories and not rule.forbids:
                    text = (
                        f"no configured register holds any field of `{category}`: what it permits of it does not count"
                    )
                    yield PolicyFinding(Severity.WARNING, rule.id, text)
