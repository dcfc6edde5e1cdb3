"""What policy would release of each field to the caller: under which facts, by which rule, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType

from auth.decisions import Denial
from auth.policy_conditions import Access, Condition, Release, release_of
from auth.principal import Fact
from connectors.records import RECORDS
from engine.catalogue import Catalogue
from engine.declarations import Answer, Declaration, Pages
from resolvers.prepared import PRINCIPAL
from resolvers.request import Request

ANY_FACT = Fact.SELF | Fact.GUARDIAN | Fact.CONSENT | Fact.JURISDICTION | Fact.CASE
LISTED_BY = Fact.SELF | Fact.GUARDIAN | Fact.JURISDICTION
"""Facts that bring a row into a list (resolvers/admission.py): a consent brings nobody into one."""


@dataclass(frozen=True, slots=True)
class BilingualText:
    """The same in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class WayValue:
    """A smallest set of facts that is enough, and the law that says so."""

    facts: list[str]
    unless: list[str]
    rule: str
    basis: str
    citation: str
    obtain: BilingualText | None


@dataclass(frozen=True, slots=True)
class MissingValue:
    """What is said where none of the facts holds; of a field that is never released, though all hold."""

    code: str
    rule: str | None
    citation: str
    obtain: BilingualText


@dataclass(frozen=True, slots=True)
class PermittedArgumentValue:
    """What one argument of an answer may be."""

    name: str
    values: list[Any]


@dataclass(frozen=True, slots=True)
class QuestionsValue:
    """How an answer with arguments may be asked by a client."""

    arguments: list[PermittedArgumentValue]
    distinct: int
    days: int
    rule: str | None
    citation: str | None


@dataclass(frozen=True, slots=True)
class FieldAccessValue:
    """One schema coordinate under the caller's profile."""

    coordinate: str
    category: str
    access: str
    ways: list[WayValue]
    missing: MissingValue | None
    questions: QuestionsValue | None = None


_MAP = "access map"


def access_map(request: Request) -> list[FieldAccessValue]:
    """Return every coordinate of the schema, sorted, worked out once in a request. No register is asked."""
    if _MAP not in request.memo:
        request.memo[_MAP] = _mapped(request)
    return request.memo[_MAP]  # type: ignore[no-any-return]


def _mapped(request: Request) -> list[FieldAccessValue]:
    types = [type_ for type_ in request.catalogue.schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    found = {
        request.catalogue.coordinate(type_.name, name): (type_.name, name)
        for type_ in types
        for name in request.catalogue.declarations(type_.name)
    }
    return field_accesses(request, [found[coordinate] for coordinate in sorted(found)])


def field_accesses(request: Request, fields: Sequence[tuple[str, str]]) -> list[FieldAccessValue]:
    """Return the access to each (type, field), in their order; fields of the same categories are worked out once."""
    release_by_question: dict[tuple[tuple[str, ...], Fact], Release] = {}
    accesses: list[FieldAccessValue] = []
    for typename, name in fields:
        question = _question(request.catalogue, typename, name)
        if question not in release_by_question:
            release_by_question[question] = release_of(request.table, *question)
        coordinate = request.catalogue.coordinate(typename, name)
        shown = _shown(request, coordinate, question[0][0], release_by_question[question])
        accesses.append(_as_asked(request, shown, request.catalogue.declaration(typename, name)))
    return accesses


def _as_asked(request: Request, shown: FieldAccessValue, declaration: Declaration | None) -> FieldAccessValue:
    """Return the access with how an answer may be asked; one that nothing says how to ask is denied."""
    asked = request.questions
    if asked is None or asked.free or not isinstance(declaration, Answer) or declaration.about is None:
        return shown
    agreed = asked.terms(shown.coordinate)
    if agreed is None:
        denied = shown.access == Access.DENIED.name
        return (
            shown if denied else replace(shown, access=Access.DENIED.name, ways=[], missing=_missing(asked.not_named))
        )
    terms, rule = agreed.terms, agreed.rule
    arguments = [PermittedArgumentValue(name, list(values)) for name, values in sorted(terms.values.items())]
    citation = rule.citation if rule is not None else request.grant.citation if request.grant is not None else ""
    rule_id = None if rule is None else rule.id
    asked_with = QuestionsValue(arguments, terms.distinct, terms.days, rule_id, citation or None)
    return replace(shown, questions=asked_with)


def release_of_field(request: Request, typename: str, name: str) -> Release:
    """Return when the field may be released, its row included."""
    return release_of(request.table, *_question(request.catalogue, typename, name))


def _question(catalogue: Catalogue, typename: str, name: str) -> tuple[tuple[str, ...], Fact]:
    """Return the categories on which a field depends, its own before that of its row, and which facts can hold."""
    declaration = catalogue.declaration(typename, name)
    assert declaration is not None
    record_type = catalogue.record_types.get(typename)
    categories = (declaration.category,) if record_type is None else (declaration.category, record_type.category)
    return tuple(dict.fromkeys(categories)), _possible(catalogue, typename, name, declaration)


def _possible(catalogue: Catalogue, typename: str, name: str, declaration: Declaration) -> Fact:
    if isinstance(declaration, Pages):
        return LISTED_BY if RECORDS[declaration.record].subject else Fact(0)
    if typename in catalogue.record_types:
        return _facts_about(catalogue.record_types[typename].record)
    # a root shows rows; whatever belongs to no row may stand in any
    returned: GraphQLNamedType = catalogue.returned(typename, name)
    shown = catalogue.record_types.get(returned.name)
    return ANY_FACT if shown is None else _facts_about(shown.record)


def _facts_about(record: str) -> Fact:
    if record == PRINCIPAL.name:
        return Fact.SELF
    return ANY_FACT if RECORDS[record].subject else Fact(0)


def _shown(request: Request, coordinate: str, category: str, release: Release) -> FieldAccessValue:
    ways = [_way(request, condition) for condition in release.conditions]
    missing = release.missing
    return FieldAccessValue(
        coordinate, category, release.access.name, ways, None if missing is None else _missing(missing)
    )


def _way(request: Request, condition: Condition) -> WayValue:
    permit = condition.permit
    rule = request.policies.rules.get(permit.rule)  # None: taken out by a reload since
    obtain = None if rule is None else BilingualText(rule.obtain["vi"], rule.obtain["en"])
    return WayValue(
        _names(condition.present), _names(condition.absent), permit.rule, permit.basis, permit.citation, obtain
    )


def _missing(denial: Denial) -> MissingValue:
    obtain = BilingualText(denial.obtain["vi"], denial.obtain["en"])
    return MissingValue(denial.code, denial.rule or None, denial.citation, obtain)


def _names(facts: Fact) -> list[str]:
    return [str(fact.name) for fact in Fact if fact in facts]
