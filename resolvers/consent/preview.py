"""What a consent would release: decided by the recipient's own decision table, shown with what the citizen may see.

The coordinates come from the table that the recipient gets, under the fact that these categories are consented to. The
values come from the citizen's own reading of the same fields, by the citizen's own Gate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from inspect import isawaitable
from typing import Any

from graphql import execute, parse

from connectors.source import Key
from engine.leaves import ReferenceExecutor
from resolvers.consent.offers import Offer
from resolvers.consent.releases import IDENTITY, LEARNER, Tree, every, released
from resolvers.request.memo import Memo
from resolvers.request.request import Request


@dataclass(frozen=True, slots=True)
class ReleasedValue:
    """A coordinate that the consent opens, and what stands there now; None where that depends on who asks and how."""

    coordinate: str
    category: str
    values: list[str] | None


async def preview(request: Request, offer: Offer, subject: Key) -> list[ReleasedValue]:
    """Return what the recipient would get of the subject by this consent, by coordinate."""
    trees = released(request.catalogue, offer.table(request), offer.terms.categories)
    answer = await _read(request, subject, trees)
    values: dict[str, list[str]] = {}
    for coordinate, value in _values(answer, trees):
        if value not in values.setdefault(coordinate, []):
            values[coordinate].append(value)
    fields = {field.coordinate: field for field in every(trees)}
    return [
        ReleasedValue(coordinate, field.category, values.get(coordinate, []) if field.valued else None)
        for coordinate, field in sorted(fields.items())
    ]


async def _read(request: Request, subject: Key, trees: Tree) -> Any:
    """Return the fields as the citizen sees them: an operation of the citizen's own, on the same Gate and record."""
    learners = f"learners {{ {_selection({LEARNER: trees.get(LEARNER, ())})} }}"
    identity = _selection({IDENTITY: trees.get(IDENTITY, ())})
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {IDENTITY} {{ {identity} {learners} }} }} }}"
    result = execute(
        request.catalogue.schema,
        parse(document),
        context_value=replace(request, memo=Memo()),
        variable_values={"id": request.global_id(IDENTITY, subject)},
        executor_class=ReferenceExecutor,
    )
    answered = await result if isawaitable(result) else result
    for error in answered.errors or ():
        raise error.original_error or error
    return (answered.data or {}).get("node")


def _selection(tree: Tree) -> str:
    parts = ["__typename"]
    for typename, fields in tree.items():
        selected = [
            f"{field.name} {{ {_selection(field.behind)} }}" if field.behind else field.name
            for field in fields
            if field.valued or field.behind
        ]
        if selected:
            parts.append(f"... on {typename} {{ {' '.join(selected)} }}")
    return " ".join(parts)


def _values(answer: Any, trees: Tree) -> Iterator[tuple[str, str]]:
    """Yield the value at each coordinate, in the order of the answer."""
    if answer is None:
        return
    yield from _of_row(answer, {IDENTITY: trees.get(IDENTITY, ())})
    for row in answer.get("learners") or ():
        yield from _of_row(row, {LEARNER: trees.get(LEARNER, ())})


def _of_row(row: Mapping[str, Any], tree: Tree) -> Iterator[tuple[str, str]]:
    for field in tree.get(row["__typename"], ()):
        value = row.get(field.name)
        if field.behind:
            for inner in value if isinstance(value, list) else [value]:
                if inner is not None:
                    yield from _of_row(inner, field.behind)
        elif field.valued and value is not None:
            yield field.coordinate, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)
