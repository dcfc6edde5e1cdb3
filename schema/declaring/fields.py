"""The declarations of the schema: `column`, `identifier`, `edge`, `answer`, `pages`, `root`, `local`, `handwritten`.

Each returns a Strawberry field that carries its declaration (engine/declarations.py) and, generated from it, a tag with
its category for gateways. The functions that Strawberry sees only give the arguments their types: what runs is
installed when the schema is built (schema/build.py), for both executors from the same declaration.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.federation.schema_directives import Tag

from engine.declarations import (
    METADATA_KEY,
    Answer,
    Column,
    Concerns,
    Declaration,
    Edge,
    Filter,
    Handwritten,
    Identifier,
    Local,
    Pages,
    Part,
    RecordType,
    Root,
    Sort,
    Test,
)
from resolvers.answers.inputs import with_inputs

RECORD_TYPE = "__lienthong_record_type__"
"""Where `of_record` writes the record behind a type: on its class, which the built schema knows."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field: its type, what it means in both languages, and its default if it has one."""

    type: Any
    description: str
    default: Any = inspect.Parameter.empty
    name: str | None = None


def of_record(record: str, key: str, category: str, tag: tuple[str, str] | None = None) -> Callable[[type], type]:
    """Say that a type shows a canonical record whose rows may be known of under `category`."""

    def register(cls: type) -> type:
        setattr(cls, RECORD_TYPE, RecordType(record, key, category, tag))
        return cls

    return register


def column(category: str, description: str, *, of: str | None = None) -> Any:
    """Declare a value of the record: the column `of`, or the one with the field's own name."""
    return _Named(lambda name: Column(category, of or name), description)


def identifier(category: str, kind: str, key: str) -> Any:
    """Declare the global id."""
    text = (
        "Mã định danh toàn cục, riêng cho từng ứng dụng khách | "
        "Global id, opaque and particular to the client it is given to."
    )
    return _field(Identifier(category, key, kind), text)


def edge(
    record: str,
    *,
    key: str,
    by: str,
    category: str,
    description: str,
    many: bool = False,
    where: tuple[Test, ...] = (),
    order: tuple[Sort, ...] = (),
    filters: Mapping[str, tuple[Filter, Argument]] | None = None,
) -> Any:
    """Declare the way to other records, `filters` being its arguments."""
    filters = filters or {}
    tests = tuple(test for test, _ in filters.values())
    arguments = {name: argument for name, (_, argument) in filters.items()}
    return _field(Edge(category, record, key, by, many, where, order, tests), description, arguments)


def answer(
    function: Callable[..., Any],
    *,
    needs: Sequence[str],
    category: str,
    description: str,
    may_lack: Sequence[str] = (),
    arguments: Mapping[str, Argument] | None = None,
    about: str | None = None,
    question: Callable[[Mapping[str, Any], Any], Any] | None = None,
) -> Any:
    """Declare a value computed from columns that the caller need not be allowed to read.

    Where an input is missing the answer is null with a reason and the function is not called, but for the needs in
    `may_lack` (resolvers/answers/inputs.py): of these the function itself says what they mean.
    One with arguments names its subject's column, and what its arguments come to ask (engine/declarations.py).
    """
    needed = tuple(dict.fromkeys(needs if about is None else (*needs, about)))
    checked = with_inputs(function, needed, may_lack, question)
    return _field(Answer(category, checked, needed, about, question, tuple(may_lack)), description, arguments)


def pages(declaration: Pages, *, description: str, arguments: Mapping[str, Argument]) -> Any:
    """Declare a Relay connection."""
    return _field(declaration, description, arguments)


def root(
    select: Callable[..., Any],
    *,
    category: str,
    description: str,
    many: bool = False,
    apart: bool = False,
    grouped: bool = False,
    arguments: Mapping[str, Argument] | None = None,
    deprecated: str | None = None,
) -> Any:
    """Declare where a query enters. `deprecated`: why, and what to ask in its place."""
    return _field(Root(category, select, many, apart, grouped), description, arguments, deprecated)


def local(
    category: str,
    description: str,
    function: Callable[..., Any] | None = None,
    arguments: Mapping[str, Argument] | None = None,
) -> Any:
    """Declare a part of a value that is already there, or `function(value, asking, **arguments)` of it."""
    return _field(Local(category, function), description, arguments)


def handwritten(resolver: Callable[..., Any], *, category: str, concerns: Concerns | Part, description: str) -> Any:
    """Declare a field with its own resolver, and the persons concerned (resolvers/request/accounts.py)."""
    return strawberry.field(
        resolver=resolver,
        description=description,
        metadata={METADATA_KEY: Handwritten(category, concerns)},
        directives=_directives(category),
    )


def _directives(category: str) -> list[object]:
    """Return what gateways may filter and document by; why a tag and no @policy: docs/decisions/0009-federation.md."""
    return [Tag(name=category.replace(".", "/"))]


def _field(
    declaration: Declaration,
    description: str,
    arguments: Mapping[str, Argument] | None = None,
    deprecated: str | None = None,
) -> Any:
    return strawberry.field(
        resolver=_typed(arguments or {}),
        description=description,
        deprecation_reason=deprecated,
        metadata={METADATA_KEY: declaration},
        directives=_directives(declaration.category),
    )


def _typed(arguments: Mapping[str, Argument]) -> Callable[..., Any]:
    """Return a function whose signature tells Strawberry the arguments; the schema's build replaces what it does."""

    def declared(**_: Any) -> Any:
        raise NotImplementedError("the schema was not built by schema.build")

    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=argument.default,
            annotation=Annotated[
                argument.type, strawberry.argument(name=argument.name, description=argument.description)
            ],
        )
        for name, argument in arguments.items()
    ]
    declared.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    declared.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return declared


class _Named:
    """A column waits for the name it is assigned to."""

    def __init__(self, declare: Callable[[str], Declaration], description: str) -> None:
        self._declare = declare
        self._description = description

    def __set_name__(self, owner: type, name: str) -> None:
        setattr(owner, name, _field(self._declare(name), self._description))
