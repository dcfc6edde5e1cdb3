"""The table that a data-protection officer reads: roles, purposes and categories, and the facts that open each cell."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TextIO

from rich.table import Table
from rich.text import Text

from auth.policy.conditions import Access, Release, release_of
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import ReviewedCaller, askers
from auth.policy.vocabulary import Category
from auth.principal import Fact

COLUMNS = (
    *("role", "purpose", "assurance", "emergency", "client"),
    *("category", "sensitive", "access", "facts", "rules", "denial"),
)

FACT_TEXTS: Mapping[Fact, tuple[str, str]] = MappingProxyType(
    {
        Fact.SELF: ("chính là người đó", "the citizen who asks is that person"),
        Fact.GUARDIAN: ("là cha, mẹ hoặc người giám hộ", "the citizen who asks is that child's parent or guardian"),
        Fact.CONSENT: ("người đó đã đồng ý", "that person agreed, for this client, purpose and category"),
        Fact.JURISDICTION: ("thuộc phạm vi được giao", "the person or institution is covered by the client's grant"),
        Fact.CASE: ("có hồ sơ đang giải quyết", "the client has an open dossier of that person"),
    }
)
"""What each fact means, in Vietnamese and in English."""

_STYLE_BY_ACCESS = MappingProxyType({Access.ALLOWED: "green", Access.CONDITIONAL: "yellow", Access.DENIED: "dim"})


@dataclass(frozen=True, slots=True)
class Cell:
    """When one category is released to one asker."""

    asker: ReviewedCaller
    category: Category
    release: Release

    @property
    def facts(self) -> tuple[str, ...]:
        """The smallest sets of facts, in words; none where the answer is always or never."""
        conditional = self.release.access is Access.CONDITIONAL
        return tuple(condition.words() for condition in self.release.conditions) if conditional else ()

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(condition.permit.rule for condition in self.release.conditions))

    @property
    def denial(self) -> str:
        """What is missing: a code, and the rule that it comes from."""
        missing = self.release.missing
        return "" if missing is None else f"{missing.code} {missing.rule}".strip()


def cells(policies: PolicySet, on: date, role: str | None = None) -> list[Cell]:
    """Return the cells of a day column by column: every asker of the role, or of all, with every category."""
    return [
        Cell(asker, category, release_of(policies.table(asker.profile, on), [category.name]))
        for asker in askers(policies)
        if role in (None, asker.role)
        for category in policies.categories.values()
    ]


def by_asker(every: Iterable[Cell]) -> dict[ReviewedCaller, dict[str, Cell]]:
    """Return the cells by asker, and below by the name of their category, in order."""
    columns: dict[ReviewedCaller, dict[str, Cell]] = {}
    for cell in every:
        columns.setdefault(cell.asker, {})[cell.category.name] = cell
    return columns


def write_csv(every: Iterable[Cell], out: TextIO) -> None:
    """Write one line for each cell; several sets of facts, or rules, are divided by ` or `."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cell in every:
        asker = cell.asker
        emergency, sensitive = ("yes" if so else "no" for so in (asker.emergency, cell.category.sensitive))
        words = (cell.release.access.value, " or ".join(cell.facts), " or ".join(cell.rules), cell.denial)
        who = (asker.role, asker.purpose, asker.assurance, emergency, asker.client)
        writer.writerow((*who, cell.category.name, sensitive, *words))


def text_tables(policies: PolicySet, every: Iterable[Cell]) -> Iterator[Table]:
    """Yield a table for each role: its purposes across, the categories down, sensitive ones marked."""
    columns = by_asker(every)
    for role in dict.fromkeys(asker.role for asker in columns):
        words = policies.roles[role].text
        table = Table(title=f"{role}: {words['vi']} | {words['en']}", title_justify="left", title_style="bold")
        table.add_column("category")
        own = [asker for asker in columns if asker.role == role]
        for asker in own:
            table.add_column(asker.words().removeprefix(f"{role}, "))
        for category in policies.categories.values():
            name = Text(f"{category.name} *" if category.sensitive else category.name)
            table.add_row(name, *(_shown(columns[asker][category.name]) for asker in own))
        yield table


def _shown(cell: Cell) -> Text:
    access = cell.release.access
    words = Text(" or ".join(cell.facts) or access.value, style=_STYLE_BY_ACCESS[access])
    return words.append(f"\n{', '.join(cell.rules)}", style="dim") if cell.rules else words
