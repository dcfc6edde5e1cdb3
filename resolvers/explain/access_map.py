"""What policy would release of each field to the caller: under which facts, by which rule, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType

from auth.policy.conditions import Access, FactCondition, Release, release_of
from auth.policy.decisions import Denial
from auth.principal import Fact
from connectors.records import RECORDS
from engine.catalogue import Catalogue
from engine.declarations import Answer, Declaration, Pages
from reference.weighted_cache import ShelvedCache
from resolvers.explain.read_from import read_from
from resolvers.gate.prepared import PRINCIPAL
from resolvers.request.request import Request

ANY_FACT = Fact.SELF | Fact.GUARDIAN | Fact.CONSENT | Fact.JURISDICTION | Fact.CASE
LISTED_BY = Fact.SELF | Fact.GUARDIAN | Fact.JURISDICTION
"""Facts that bring a row into a list (resolvers/gate/admission.py): a consent brings nobody into one."""


@dataclass(frozen=True, slots=True)
class BilingualText:
    """The same in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class WayValue:
    """A smallest set of facts that is enough, and the law that says so."""

    facts: tuple[str, ...]
    unless: tuple[str, ...]
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

    arguments: tuple[PermittedArgumentValue, ...]
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
    ways: tuple[WayValue, ...]
    missing: MissingValue | None
    questions: QuestionsValue | None = None


@dataclass(frozen=True, slots=True)
class _Map:
    """Every coordinate of the schema, sorted, and the places of the answers that clients are told how to ask.

    It follows from one profile's decisions alone: requests share it, and nothing in it is of one of them.
    """

    accesses: tuple[FieldAccessValue, ...]
    answers: tuple[int, ...]

    @property
    def weight(self) -> int:
        """Bytes; fields of the same categories have the same ways and reasons."""
        return ACCESS_BYTES * len(self.accesses)


ACCESS_BYTES = 200
"""A coordinate with its share of the ways: 110 to 166 bytes measured over every asker of the policies."""

_MAPS = ShelvedCache[Catalogue, _Map](16_000_000, 4_000_000)
"""Maps under the decisions in whose memo they lie."""


def access_map(request: Request) -> Sequence[FieldAccessValue]:
    """Return every coordinate of the schema, sorted. No register is asked."""
    table, catalogue = request.table, request.catalogue
    known = _MAPS.get(table.holder, table.memo, catalogue)
    if known is None:
        made = _mapped(request)
        known = _MAPS.put(table.holder, table.memo, catalogue, made, made.weight)
    if not _counted(request):
        return known.accesses
    accesses = list(known.accesses)
    for place in known.answers:
        accesses[place] = _as_asked(request, accesses[place])
    return accesses


def _mapped(request: Request) -> _Map:
    catalogue = request.catalogue
    types = [type_ for type_ in catalogue.schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    found = {
        catalogue.coordinate(type_.name, name): (type_.name, name)
        for type_ in types
        for name in catalogue.declarations(type_.name)
    }
    fields = [found[coordinate] for coordinate in sorted(found)]
    answers = (place for place, field in enumerate(fields) if _is_asked(catalogue.declaration(*field)))
    return _Map(tuple(_shown(request, fields)), tuple(answers))


def field_accesses(request: Request, fields: Sequence[tuple[str, str]]) -> list[FieldAccessValue]:
    """Return the access to each (type, field), in their order."""
    accesses = _shown(request, fields)
    if not _counted(request):
        return accesses
    return [
        _as_asked(request, access) if _is_asked(request.catalogue.declaration(*field)) else access
        for access, field in zip(accesses, fields, strict=True)
    ]


def _counted(request: Request) -> bool:
    """Tell whether there are terms of how the caller may ask answers."""
    return request.questions is not None and not request.questions.free


def _is_asked(declaration: Declaration | None) -> bool:
    """Tell whether a field is an answer about somebody, which a client is told how to ask."""
    return isinstance(declaration, Answer) and declaration.about is not None


def _as_asked(request: Request, shown: FieldAccessValue) -> FieldAccessValue:
    """Return the access with how an answer may be asked; one that nothing says how to ask is denied."""
    asked = request.questions
    assert asked is not None
    agreed = asked.terms(shown.coordinate)
    if agreed is None:
        denied = shown.access == Access.DENIED.name
        return (
            shown if denied else replace(shown, access=Access.DENIED.name, ways=(), missing=_missing(asked.not_named))
        )
    terms, rule = agreed.terms, agreed.rule
    arguments = tuple(PermittedArgumentValue(name, list(values)) for name, values in sorted(terms.values.items()))
    citation = rule.citation if rule is not None else request.grant.citation if request.grant is not None else ""
    rule_id = None if rule is None else rule.id
    asked_with = QuestionsValue(arguments, terms.distinct, terms.days, rule_id, citation or None)
    return replace(shown, questions=asked_with)


def release_of_field(request: Request, typename: str, name: str) -> Release:
    """Return when the field may be released, its row included."""
    return release_of(request.table, *_question(request.catalogue, typename, name))


def not_held_field(request: Request, typename: str, name: str) -> Denial | None:
    """Return the denial of a field that no register of the deployment holds."""
    for record, column in read_from(request.catalogue, typename, name):
        denial = request.table.not_held(record, column)
        if denial is not None:
            return denial
    return None


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


def _shown(request: Request, fields: Sequence[tuple[str, str]]) -> list[FieldAccessValue]:
    """Return the access to each field by its categories; fields of the same are worked out once, and share it."""
    by_question: dict[tuple[tuple[str, ...], Fact], tuple[str, str, tuple[WayValue, ...], MissingValue | None]] = {}
    shown: list[FieldAccessValue] = []
    for typename, name in fields:
        not_held = not_held_field(request, typename, name)
        if not_held is not None:
            category = _question(request.catalogue, typename, name)[0][0]
            coordinate = request.catalogue.coordinate(typename, name)
            shown.append(FieldAccessValue(coordinate, category, Access.DENIED.name, (), _missing(not_held)))
            continue
        question = _question(request.catalogue, typename, name)
        if question not in by_question:
            release = release_of(request.table, *question)
            ways = tuple(_way(request, condition) for condition in release.conditions)
            missing = None if release.missing is None else _missing(release.missing)
            by_question[question] = question[0][0], release.access.name, ways, missing
        shown.append(FieldAccessValue(request.catalogue.coordinate(typename, name), *by_question[question]))
    return shown


def _way(request: Request, condition: FactCondition) -> WayValue:
    permit = condition.permit
    rule = request.policies.rules.get(permit.rule)  # None: taken out by a reload since
    obtain = None if rule is None else BilingualText(rule.obtain["vi"], rule.obtain["en"])
    return WayValue(
        _names(condition.present), _names(condition.absent), permit.rule, permit.basis, permit.citation, obtain
    )


def _missing(denial: Denial) -> MissingValue:
    obtain = BilingualText(denial.obtain["vi"], denial.obtain["en"])
    return MissingValue(denial.code, denial.rule or None, denial.citation, obtain)


def _names(facts: Fact) -> tuple[str, ...]:
    return tuple(str(fact.name) for fact in Fact if fact in facts)
