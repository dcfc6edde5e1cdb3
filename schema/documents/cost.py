"""How many rows a document is expected to read, as far as its text tells, the rest waiting for the variables."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLArgument,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_list_type,
    is_required_argument,
)

from resolvers.reference_executor.pages import DEFAULT_FIRST

PAGE_SIZE = "first"
MOST = 2**31
"""A number as good as any larger one: Int has 32 bits, the text of a literal may have thousands of digits."""

COST_OF_A_REQUEST = 1_000
"""What one request of a quota pays for; an operation that costs more counts as several."""

ROWS_BY_COORDINATE: Mapping[str, float] = MappingProxyType(
    {
        "DataUsage.proof": 10.0,
        "DataUsage.proofAfter": 10.0,
        "Query.accessMap": 5_000.0,
        "Query.explain": 2_000.0,
        "Query.minimisationReport": 5_000.0,
        "Query.alarms": 1_000.0,
        "_Service.sdl": 3_000.0,
        "ConsentNotice.text": 20.0,
    }
)
"""What costs more than it shows: proofs are looked up and hashed, maps and reports are worked out, the SDL is 90 kB."""

ROW_PRICE: Mapping[str, float] = MappingProxyType({"Query.nodes": 15.0})
"""What a row of a field costs beside 1: an id that is nobody's is an error of its own, made and written apart."""

LIST_ROWS: Mapping[str, int] = MappingProxyType(
    {
        # an old province has 548 communes and districts
        "Query.administrativeUnits": 550,
        "AdministrativeUnit.candidates": 20,
        # every coordinate of the schema, or those of an operation
        "Query.accessMap": 450,
        "Explanation.fields": 100,
        "ConsentNotice.releases": 100,
        "Explanation.errors": 10,
        "Explanation.calls": 3,
        "PermittedQuestions.arguments": 3,
        "FieldAccess.ways": 3,
        "AccessWay.facts": 2,
        "AccessWay.unless": 1,
        # a learner's years, and what is said of one use of data
        "Learner.enrolments": 10,
        "Learner.credentials": 5,
        "Learner.residencePeriods": 10,
        "CitizenIdentity.residencePeriods": 10,
        "CitizenIdentity.guardians": 3,
        "CitizenIdentity.learners": 2,
        "Me.learners": 2,
        "Me.children": 5,
        "Conflict.registers": 3,
        "DataUsage.fields": 10,
        "DataUsage.rules": 5,
        "DataUsage.denied": 5,
        "UsedField.rules": 3,
        "AuditEntry.denied": 5,
        # officers' reports
        "Query.minimisationReport": 200,
        "Query.alarms": 100,
        "Query.limits": 5,
        "ReaderUse.fields": 30,
        "Query.learnerCounts": 70,
        # what one person has gathered over the years
        "Me.consents": 50,
        "Consent.history": 10,
        "Me.consentRequests": 10,
        "Me.rightsRequests": 20,
        "RightsRequest.history": 5,
        "Me.dossiers": 20,
        "Me.notices": 20,
        "UsageProof.path": 40,
    }
)
"""Rows of lists without pages by what they hold; those of values alone are taken to hold ten unless they stand here."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of a list: those that the variable says (an Int, or one for each item of a list), else `otherwise`."""

    otherwise: int
    variable: str | None = None

    def of(self, variables: Mapping[str, Any]) -> int:
        match variables.get(self.variable) if self.variable else None:
            case list(items):
                return len(items)
            case bool():
                return self.otherwise
            case int(number) | float(number):
                return int(min(max(number, 1), MOST))  # nothing may lower the cost of the rest
        return self.otherwise


@dataclass(frozen=True, slots=True)
class Cost:
    """`fixed`, and for each term its size times what one of its rows costs."""

    fixed: float = 0.0
    terms: tuple[tuple[Size, "Cost"], ...] = ()

    def times(self, size: Size) -> "Cost":
        """Return what so many cost; worked out here and now where no variable says how many."""
        if size.variable is None and not self.terms:
            return Cost(self.fixed * size.otherwise)
        return Cost(terms=((size, self),))

    def of(self, variables: Mapping[str, Any]) -> float:
        if not self.terms:
            return self.fixed
        return self.fixed + sum(size.of(variables) * each.of(variables) for size, each in self.terms)


def requests_of(cost: float) -> int:
    """Return as how many requests of a quota an operation counts."""
    return max(1, math.ceil(cost / COST_OF_A_REQUEST))


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum."""
    fixed = 0.0
    terms: list[tuple[Size, Cost]] = []
    for cost in costs:
        fixed += cost.fixed
        terms.extend(cost.terms)
    return Cost(fixed, tuple(terms))


def size_of(field: GraphQLField, given: Sequence[ArgumentNode], page: Size | None, list_rows: int) -> Size:
    """Return the rows of a list: one for each key that it is asked for by, else of its own page or the connection's.

    Without either, `list_rows`.
    """
    arguments = {argument.name.value: argument.value for argument in given}
    for name, declared in field.args.items():
        if _names_rows(declared) and name in arguments:
            return _stated(arguments[name], 1)
    return page_of(field, given) or page or Size(list_rows)


def page_of(field: GraphQLField, given: Sequence[ArgumentNode]) -> Size | None:
    """Return the page size of a field that is read by pages; None for what is not."""
    if PAGE_SIZE not in field.args:
        return None
    stated = next((argument.value for argument in given if argument.name.value == PAGE_SIZE), None)
    return Size(DEFAULT_FIRST) if stated is None else _stated(stated, DEFAULT_FIRST)


def defaults_of(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Return the sizes that the operation's variables have by default."""
    defaults: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        match definition.default_value:
            case IntValueNode(value=text):
                defaults[definition.variable.name.value] = _number(text)
            case ListValueNode(values=items):
                defaults[definition.variable.name.value] = list(items)
    return defaults


def _names_rows(argument: GraphQLArgument) -> bool:
    """Tell a list of keys, which must be given, from a filter, which may be left out."""
    return is_required_argument(argument) and is_list_type(get_nullable_type(argument.type))


def _stated(value: ValueNode, otherwise: int) -> Size:
    match value:
        case VariableNode():
            return Size(otherwise, value.name.value)
        case ListValueNode():
            return Size(len(value.values))
        case IntValueNode():
            return Size(max(_number(value.value), 1))
    return Size(otherwise)


def _number(text: str) -> int:
    return int(text) if len(text) <= 10 else MOST
