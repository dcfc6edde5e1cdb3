"""Changes of access between two policy sets: by category, listed by schema coordinates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from graphql import GraphQLObjectType
from rich.table import Table

from auth.policy.profiles import ANY_CLIENT
from auth.policy.review.comparison import Change, Direction
from schema.build import build_schema

ALWAYS = "always"
_STYLE = MappingProxyType({Direction.GAINED: "red", Direction.LOST: "green"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that a role's purpose gains or loses under some facts, at these assurance levels."""

    direction: Direction
    role: str
    purpose: str
    levels: tuple[int, ...]
    client: str
    facts: str
    coordinate: str
    category: str
    rule: str


@cache
def coordinates_by_category() -> Mapping[str, Sequence[str]]:
    """Return the coordinates of the schema whose values each category releases, sorted."""
    _, catalogue = build_schema()
    found: dict[str, set[str]] = {}
    for type_ in catalogue.schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, declaration in catalogue.declarations(type_.name).items():
                found.setdefault(declaration.category, set()).add(catalogue.coordinate(type_.name, name))
    return {category: sorted(coordinates) for category, coordinates in found.items()}


def field_changes(changes: Iterable[Change]) -> Iterator[FieldChange]:
    """Yield a line for each field, the levels of a citizen or client joined; `-` where the schema has none of them."""
    levels: dict[tuple[Direction, str, str, str, str, str, str], list[int]] = {}
    for change in changes:
        asker = change.asker
        key = (
            change.direction,
            asker.role,
            asker.purpose_words,
            asker.client,
            change.facts or ALWAYS,
            change.category,
            change.rule,
        )
        levels.setdefault(key, []).append(asker.assurance)
    for (direction, role, purpose, client, facts, category, rule), at in levels.items():
        for coordinate in coordinates_by_category().get(category, ("-",)):
            yield FieldChange(direction, role, purpose, tuple(at), client, facts, coordinate, category, rule)


def text_table(lines: Iterable[FieldChange], not_held: Set[str] = frozenset()) -> Table:
    """Return the changes as a table, field by field; of fields that no register holds it is said that they are not."""
    table = Table()
    for name in ("", "role", "purpose", "level", "facts", "field", "category", "rule"):
        table.add_column(name, overflow="fold")
    for line in lines:
        role = line.role if line.client == ANY_CLIENT else f"{line.role} ({line.client})"
        levels = " ".join(map(str, line.levels))
        field = f"{line.coordinate} (not held)" if line.coordinate in not_held else line.coordinate
        words = (role, line.purpose, levels, line.facts, field, line.category, line.rule)
        table.add_row(line.direction.value, *words, style=_STYLE[line.direction])
    return table
