"""Queries by chance: deep, with fragments, aliases, duplicates, variables, directives, pages and entities."""

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from auth.crypto.sealing import Sealer
from engine.catalogue import Catalogue
from engine.declarations import Handwritten
from resolvers.request.request import NODE
from sandbox.personas import PERSONAS
from tests.differential.registers import rows_by_record

DIRECTIVES = (*[""] * 12, "@skip(if: $no)", "@include(if: $yes)", "@skip(if: true)", "@include(if: $no) @skip(if: $no)")
DATES = ("2024-02-29", "2025-06-30", "2025-07-01", "2026-11-21")
NOT_ASKED = frozenset({"_service", "__typename"})


@dataclass
class Query:
    """The text of a query and its variables."""

    text: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


class Queries:
    """One query after another, the same for the same chance; ids are those of one client."""

    def __init__(self, chance: random.Random, catalogue: Catalogue, sealer: Sealer, asker: str) -> None:
        self._chance = chance
        self._catalogue = catalogue
        self._schema: GraphQLSchema = catalogue.schema
        self._sealer = sealer
        self._persona = PERSONAS.get(asker)
        self._start()

    def _start(self) -> None:
        self._query = Query()
        self._declared: list[str] = ["$yes: Boolean! = true", "$no: Boolean = false"]
        self._fragments: dict[str, str] = {}
        self._budget = self._chance.choice((6, 15, 30, 60))

    def next(self) -> Query:
        """Return a query that is valid except where two fields of one name are in each other's way."""
        self._start()
        root = self._schema.query_type
        assert root is not None
        names = [name for name in root.fields if self._is_asked(root, name)]
        if self._persona is not None:  # lists and one's own records lead to the most rows
            names += ["me", "learners"] * 4 if self._persona.identity else ["learners", "learnersByCitizenIds"] * 4
        fields = [self._field(root, name, depth=self._chance.randint(2, 5)) for name in self._some(names, 3)]
        used = "a0: __typename @include(if: $yes) @skip(if: $no)"
        for name in ("yes", "no"):
            if self._chance.random() < 0.5:
                self._query.variables[name] = self._chance.random() < 0.5
        text = f"query Asked({', '.join(self._declared)}) {{ {' '.join([*fields, used])} }}"
        self._query.text = " ".join([text, *self._fragments.values()])
        return self._query

    def _some(self, names: list[str], most: int) -> list[str]:
        return self._chance.choices(names, k=self._chance.randint(1, most)) if names else []

    def _is_asked(self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str) -> bool:
        handwritten = isinstance(self._catalogue.declaration(type_.name, name), Handwritten)
        return name not in NOT_ASKED and not handwritten

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        """Return what is selected of a type, at least its name's own."""
        chosen = [] if self._chance.random() < 0.8 else [self._chance.choice(("__typename", "t: __typename"))]
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            for concrete in self._chance.sample(
                self._schema.get_possible_types(type_), k=min(2, len(self._schema.get_possible_types(type_)))
            ):
                chosen.append(
                    f"... on {concrete.name} {self._directive()} {{ {self._selection(concrete, depth - 1)} }}"
                )
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            names = [name for name in type_.fields if self._is_asked(type_, name)]
            for name in self._some(names, 5):
                composite = is_composite_type(get_named_type(type_.fields[name].type))
                if not composite or (depth > 0 and self._budget > 0):
                    chosen.append(self._wrapped(type_, self._field(type_, name, depth - 1), depth))
        return " ".join(chosen or ["__typename"])

    def _wrapped(self, type_: GraphQLNamedType, text: str, depth: int) -> str:
        """Return a field as it is, twice, or in a fragment."""
        choice = self._chance.random()
        if choice < 0.06:
            return f"{text} {text}"
        if choice < 0.14:
            return f"... {self._directive()} {{ {text} }}"
        if choice < 0.2:
            return f"... on {type_.name} {{ {text} {self._selection(type_, depth - 2)} }}"
        if choice < 0.28:
            name = f"F{len(self._fragments)}"
            self._fragments[name] = f"fragment {name} on {type_.name} {{ {text} }}"
            return f"...{name} {self._directive()} ...{name}"
        return text

    def _directive(self) -> str:
        return self._chance.choice(DIRECTIVES)

    def _field(self, type_: GraphQLObjectType | GraphQLInterfaceType, name: str, depth: int) -> str:
        self._budget -= 1
        definition = type_.fields[name]
        arguments = self._arguments(type_, name, definition.args)
        alias = f"{name}{self._budget % 97}_: " if arguments or self._chance.random() < 0.15 else ""
        returned = get_named_type(definition.type)
        below = f"{{ {self._selection(returned, depth)} }}" if is_composite_type(returned) else ""
        return f"{alias}{name}{arguments} {self._directive()} {below}"

    def _arguments(self, type_: GraphQLNamedType, name: str, arguments: dict[str, GraphQLArgument]) -> str:
        given = []
        for argument_name, argument in arguments.items():
            required = isinstance(argument.type, GraphQLNonNull)
            if required or self._chance.random() < 0.45:
                value = self._value(argument.type, f"{type_.name}.{name}", argument_name)
                given.append(f"{argument_name}: {self._given(argument, value)}")
        return f"({', '.join(given)})" if given else ""

    def _given(self, argument: GraphQLArgument, value: Any) -> str:
        """Return the value as a literal, or as a variable that has it, by itself or by default, or nothing."""
        choice = self._chance.random()
        if choice < 0.5 and not _is_opaque(argument.type):
            return literal(argument.type, value)
        name = f"v{len(self._declared)}"
        if choice < 0.6 and not _is_opaque(argument.type):
            self._declared.append(f"${name}: {argument.type} = {literal(argument.type, value)}")
            return f"${name}"
        self._declared.append(f"${name}: {argument.type}")
        if choice < 0.95 or isinstance(argument.type, GraphQLNonNull):
            self._query.variables[name] = value
        return f"${name}"

    def _value(self, type_: GraphQLInputType, coordinate: str, name: str) -> Any:
        """Return a value as JSON has it, enum members by their names."""
        inner = get_nullable_type(type_)
        if is_list_type(inner):
            return [self._value(inner.of_type, coordinate, name) for _ in range(self._chance.randint(0, 4))]
        if isinstance(inner, GraphQLEnumType):
            return self._chance.choice(list(inner.values))
        if isinstance(inner, GraphQLInputObjectType):
            names = list(inner.fields)
            chosen = self._chance.sample(names, k=1 if inner.name == "LearnerBy" else self._chance.randint(0, 2))
            return {one: self._value(inner.fields[one].type, coordinate, one) for one in chosen}
        return self._scalar(inner.name, coordinate, name)  # type: ignore[union-attr]

    def _scalar(self, scalar: str, coordinate: str, name: str) -> Any:
        chance = self._chance
        match scalar, name:
            case "Int", "first":
                return chance.choice((0, 1, 2, 3, 5, 30, 501))
            case "Int", _:
                return chance.choice((0, 1, 12, 18, 24, 2000))
            case "Date", _:
                return chance.choice(DATES)
            case "_Any", _:
                return self._representation()
            case _, "id" | "ids":
                return self._id(chance.choice(list(self._catalogue.node_keys))) if chance.random() < 0.9 else "no id"
            case _, "sectorCode":
                return self._of("learner", "sector_code")
            case _, "citizenId" | "citizenIds":
                return chance.choice((self._of("citizen", "citizen_id"), "001099999999", "short"))
            case _, "after":
                return self._cursor(coordinate)
            case _, "code" | "institutionCode" if "nstitution" in coordinate or name == "institutionCode":
                return chance.choice((self._of("institution", "code"), "00000000"))
            case _, "nameStartsWith":
                return chance.choice(("T", "Ng", "Phạm", ""))
        return chance.choice(("01", "24", "79", "00007", "00025", "99", "x"))

    def _of(self, record: str, column: str) -> Any:
        identity = self._persona.identity if self._persona else None
        if identity is not None and self._chance.random() < 0.5:  # one's own, where the record has such
            own = [row for row in rows_by_record()[record] if identity.citizen_id in row.values()]
            if own:
                return self._chance.choice(own)[column]
        return self._chance.choice(rows_by_record()[record])[column]

    def _id(self, kind: str) -> str:
        return self._sealer.seal(
            NODE, (kind, self._of(self._catalogue.record_types[kind].record, self._catalogue.node_keys[kind]))
        )

    def _representation(self) -> Any:
        kind = self._chance.choice(list(self._catalogue.node_keys))
        if kind == "Institution" and self._chance.random() < 0.5:
            return {"__typename": kind, "code": self._of("institution", "code")}
        typename = self._chance.choice(("Diploma", "Certificate")) if kind == "Credential" else kind
        return {"__typename": typename, "id": self._id(kind) if self._chance.random() < 0.9 else "no id"}

    def _cursor(self, coordinate: str) -> str:
        if self._chance.random() < 0.3:
            return "no cursor"
        record, column = ("institution", "code") if coordinate == "Query.institutions" else ("learner", "sector_code")
        return self._sealer.seal(f"cursor {coordinate} ", (self._of(record, column),))


def _is_opaque(type_: GraphQLInputType) -> bool:
    return get_named_type(type_).name == "_Any"


def literal(type_: GraphQLInputType, value: Any) -> str:
    """Return a value as a document spells it."""
    inner = get_nullable_type(type_)
    if is_list_type(inner):
        return f"[{', '.join(literal(inner.of_type, one) for one in value)}]"
    if isinstance(inner, GraphQLEnumType):
        return str(value)
    if isinstance(inner, GraphQLInputObjectType):
        return f"{{{', '.join(f'{name}: {literal(inner.fields[name].type, one)}' for name, one in value.items())}}}"
    return f'"{value}"' if isinstance(value, str) else str(value)
