"""Documents, each parsed, held to the limits and validated once for its text."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    validate,
)

from auth.crypto.keys import Keys
from auth.errors import Refused
from engine.document_weight import document_weight, drop_tokens, nodes_of
from reference.weighted_cache import WeightedCache
from schema.documents.bounds import Places, hold_bounds, hold_defaults
from schema.documents.cost import defaults_of
from schema.documents.limits import Limits, hold, parsed
from schema.documents.literals import rules
from schema.documents.messages import said_again
from schema.documents.messages import without_values as without_values
from schema.documents.shape import Shape, checked
from schema.documents.skeleton import skeleton

MAX_ERRORS = 10
ROOM, SHARE = 32_000_000, 8_000_000
"""Bytes of documents, of all holders and of one."""
ERRORS_ROOM, ERRORS_SHARE = 4_000_000, 1_000_000
ERROR_BYTES = 1_500


class DocumentInvalid(Exception):
    """The document cannot be run; `errors` say why, without values."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = tuple(errors)


class Document:
    """A document that is within the limits and valid."""

    def __init__(self, ast: DocumentNode, shape: Shape, limits: Limits, places: Places) -> None:
        operations = [operation for operation in ast.definitions if isinstance(operation, OperationDefinitionNode)]
        self.ast = ast
        self.nodes = nodes_of(ast)
        self.shape = shape
        self._operations = {operation.name.value if operation.name else None: operation for operation in operations}
        self._defaults = {name: defaults_of(operation) for name, operation in self._operations.items()}
        self._places = {name: places.of(operation) for name, operation in self._operations.items()}
        self._limits = limits
        self._hash: str | None = None

    def hashed(self, keys: Keys) -> str:
        """Return what the audit record names the document by: the keyed hash of it without the values in it."""
        if self._hash is None:
            self._hash = keys.operation_hash(skeleton(self.ast))
        return self._hash

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation of this name, or the only one. Raises Refused where that tells of none."""
        if name is None and len(self._operations) == 1:
            return next(iter(self._operations.values()))
        if name is None or name not in self._operations:
            raise Refused("`operationName` must name one of the document's operations")
        return self._operations[name]

    def check_values(self, name: str | None, variables: Mapping[str, Any] | None) -> None:
        """Raise Refused for a text or list among the variables that is longer than it may be where it is used."""
        if variables:
            operation = self.operation(name)
            hold_bounds(self._places[operation.name.value if operation.name else None], variables)

    def check_defaults(self) -> None:
        """Raise Refused as `check_values` does, for what variables hold by default."""
        for name, operation in self._operations.items():
            hold_defaults(operation, self._places[name])

    def cost(self, name: str | None, variables: Mapping[str, Any] | None) -> float:
        """Return how many rows the operation is expected to read; variables need not be of their types yet."""
        operation = self.operation(name)
        own = operation.name.value if operation.name else None
        cost = self.shape.costs[own]
        return cost.of({**self._defaults[own], **(variables or {})}) if cost.terms else cost.fixed

    def check_cost(self, name: str | None, variables: Mapping[str, Any] | None) -> float:
        """Return the cost. Raises Refused if the operation costs too much with these variables."""
        cost = self.cost(name, variables)
        hold("cost", cost, self._limits.cost)
        return cost


class Documents:
    """Cache of validated documents and of the errors of invalid ones. Safe to share between threads."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits | None = None, room: int = ROOM, share: int = SHARE
    ) -> None:
        self._schema = schema
        self._limits = limits or Limits()
        self._valid = WeightedCache[bytes, Document](room, share)
        self._errors = WeightedCache[bytes, tuple[GraphQLError, ...]](ERRORS_ROOM, ERRORS_SHARE)

    @property
    def weight(self) -> int:
        """Bytes accounted for."""
        return self._valid.weight + self._errors.weight

    def get(self, text: str, holder: str = "") -> Document:
        """Return the document of a text. `holder`: whose share of the cache it takes. Raises DocumentInvalid."""
        key = blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
        document = self._valid.get(holder, key)
        if document is None:
            errors = self._errors.get(holder, key)
            if errors is None:
                document, errors = self._judged(text)
            if document is None:
                self._errors.put(holder, key, errors, ERROR_BYTES * len(errors))
                raise DocumentInvalid(errors)
            document = self._valid.put(holder, key, document, document_weight(document.nodes, len(text)))
        return document

    def _judged(self, text: str) -> tuple[Document | None, tuple[GraphQLError, ...]]:
        try:
            ast = parsed(text, self._limits)
            shape = checked(ast, self._schema, self._limits)
        except GraphQLSyntaxError as error:
            return None, (_coded(without_values(error), "GRAPHQL_PARSE_FAILED"),)
        except Refused as refused:
            return None, (_coded(GraphQLError(refused.message), refused.code),)
        places = Places()
        errors = validate(self._schema, ast, rules(places), MAX_ERRORS, hide_suggestions=True)
        if errors:
            return None, tuple(
                _coded(said_again(error, error.message), "GRAPHQL_VALIDATION_FAILED") for error in errors
            )
        drop_tokens(ast)
        document = Document(ast, shape, self._limits, places)
        try:
            document.check_defaults()
        except Refused as refused:
            return None, (_coded(GraphQLError(refused.message), refused.code),)
        return document, ()


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    """Return the error with its code, named as Apollo Server names it."""
    error.extensions = {"code": code}
    return error
