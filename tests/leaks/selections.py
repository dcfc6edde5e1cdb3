"""Selections of everything: made from the catalogue, so that a new field is asked for without anybody saying so."""

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_required_argument

from engine.catalogue import Catalogue
from engine.declarations import Column, Declaration, Edge, Handwritten, Identifier, Pages

ALIAS = "x"
"""What leads a field's other name, as in `x_fullName`; in fragments of several types it is the type's name."""

ARGUMENTS = {
    "consentNotice": '(terms: {recipient: "employer", purpose: "diploma-verification", '
    'categories: ["identity.name", "credential", "credential.status"], until: "2090-01-01"})',
    "isAtLeast": "(years: 18)",
    "dataUsage": "(first: 1)",
    "identityMatch": '(name: "Nobody", birthDate: "1901-01-01")',
    "heldPermanentResidence": '(in: "01", monthsAtLeast: 1)',
}
VALUES = {
    "AdministrativeUnit": "{ code fullName asOf province { code } }",
    "Provenance": "{ register asOf }",
    "Consent": "{ recipient categories history { kind categories } }",
    "ConsentRequest": "{ recipient categories notice { text releases { coordinate values } } }",
    "ConsentNotice": "{ text releases { coordinate values } }",
    "RightsRequest": "{ kind state }",
    "Dossier": "{ number agency state procedure { code categories } }",
    "EmergencyNotice": "{ client reason state }",
    "Conflict": "{ coordinate registers { register asOf } }",
    "DataUsageConnection": "{ complete nodes { client released } }",
}
"""What is selected of types that show no record."""


class Selections:
    """The fields of record types, each with the `alias` and the `directives` that a path wants."""

    def __init__(self, catalogue: Catalogue, alias: str = "", directives: str = "") -> None:
        self.catalogue = catalogue
        self._alias = alias
        self._directives = directives

    def of(self, typename: str, depth: int, alias: str = "") -> str:
        """Return everything of a record type, with what lies behind its edges down to `depth`."""
        type_ = self.catalogue.schema.type_map[typename]
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            raise TypeError(f"`{typename}` has no fields")
        parts = ["__typename", *self._fields(typename, type_, type_.fields, depth, alias)]
        if isinstance(type_, GraphQLInterfaceType):
            parts += self._fragments(self.catalogue.concrete(type_), set(type_.fields), depth)
        return f"{{ {' '.join(parts)} }}"

    def fragments(self, depth: int, spread: Callable[[str, str], str] = "... on {} {}".format) -> str:
        """Return everything of every node type, each in a fragment, its fields led by the type's name."""
        types = self.catalogue.concrete(self.catalogue.schema.type_map["Node"])
        parts = [spread(type_.name, self.of(type_.name, depth, alias=type_.name)) for type_ in types]
        return f"{{ __typename id {' '.join(parts)} }}"

    def answers(self, typename: str) -> str:
        """Return a type's answers alone, with the id."""
        type_ = self.catalogue.schema.type_map[typename]
        assert isinstance(type_, GraphQLObjectType)
        names = [name for name in type_.fields if name not in _leaves_and_ways(self.catalogue, typename)]
        return f"{{ __typename {' '.join(self._fields(typename, type_, ['id', *names], 0))} }}"

    def _fragments(self, types: Iterable[GraphQLObjectType], known: set[str], depth: int) -> Iterable[str]:
        for type_ in types:
            own = self._fields(type_.name, type_, set(type_.fields) - known, depth)
            if parts := " ".join(own):
                yield f"... on {type_.name} {{ {parts} }}"

    def _fields(self, typename: str, type_: Any, names: Iterable[str], depth: int, alias: str = "") -> Iterable[str]:
        owner = self.catalogue.concrete(type_)[0].name
        for name in names:
            inner = self._inner(self.catalogue.declaration(owner, name), type_, name, depth)
            if inner is not None:
                arguments = ARGUMENTS.get(name, "")
                if not arguments and any(map(is_required_argument, type_.fields[name].args.values())):
                    raise LookupError(f"the leak matrix knows no arguments for `{typename}.{name}`")
                other = self._alias or alias
                called = f"{other}_{name}: " if other else ""
                yield f"{called}{name}{arguments} {self._directives} {inner}"

    def _inner(self, declaration: Declaration | None, type_: Any, name: str, depth: int) -> str | None:
        """Return what is selected of a field's value; None where the field lies too deep."""
        target = get_named_type(type_.fields[name].type).name
        match declaration:
            case Edge():
                return self.of(target, depth - 1) if depth else None
            case Pages():
                return self.connection(target, depth - 1) if depth else None
            case Handwritten():
                return VALUES[target]
            case None:
                raise LookupError(f"`{type_.name}.{name}` is not declared")
        return VALUES.get(target, "")

    def connection(self, typename: str, depth: int) -> str:
        """Return everything of a connection; its rows are asked for by `nodes` and by `edges`."""
        connection: Any = self.catalogue.schema.type_map[typename]
        row = get_named_type(connection.fields["nodes"].type).name
        nodes = f"nodes {self.of(row, depth)} edges {{ cursor node {self.of(row, 0)} }}"
        return f"{{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} {nodes} }}"


def _leaves_and_ways(catalogue: Catalogue, typename: str) -> set[str]:
    kinds = Column | Identifier | Edge | Pages | Handwritten
    return {name for name, one in catalogue.declarations(typename).items() if isinstance(one, kinds)}
