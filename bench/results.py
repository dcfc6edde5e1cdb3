"""What a measurement comes to: rows of a table, a picture of bars, and one JSON object for programs."""

import json
import os
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(slots=True)
class Results:
    """`ratio` maps each case to its figure; `better` says what a better figure is; `bars` are drawn to scale."""

    name: str
    better: str
    columns: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)
    ratio: dict[str, float] = field(default_factory=dict)
    bars: list[tuple[str, str, float]] = field(default_factory=list)
    unit: str = ""

    def as_json(self) -> str:
        """Return one line: the ratios, every row by column, and how busy the machine was."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        ratio = {case: round(figure, 3) for case, figure in self.ratio.items()}
        return json.dumps({"bench": self.name, "ratio": ratio, "rows": rows, "load_1min": round(os.getloadavg()[0], 2)})

    def show(self, console: Console) -> None:
        table = Table(*self.columns, title=f"bench {self.name}")
        for row in self.rows:
            table.add_row(*map(shown, row))
        console.print(table)
        for case, figure in self.ratio.items():
            console.print(f"{case}: {shown(figure)} ({self.better})")
        console.print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f}")

    def draw(self, path: Path) -> None:
        path.write_text(picture(f"{self.name} ({self.unit})", self.bars), encoding="utf-8")


def shown(value: Any) -> str:
    """Return a figure with three significant digits, anything else as it is."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing. On a machine that others use the least is the least disturbed."""

    median: float
    least: float
    most: float


def spread(values: Iterable[float]) -> Spread:
    """Raises ValueError without values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("nothing was measured")
    return Spread(statistics.median(ordered), ordered[0], ordered[-1])


def medians(rows: Iterable[Mapping[str, Any]], by: Callable[[Mapping[str, Any]], Any], value: str) -> dict[Any, float]:
    """Return the median of a value by group."""
    groups: dict[Any, list[float]] = {}
    for row in rows:
        groups.setdefault(by(row), []).append(row[value])
    return {group: statistics.median(values) for group, values in groups.items()}


_COLOURS = ("#00677d", "#b0722c", "#5f6b7a", "#8a4f7d", "#4f7a3a", "#9a3b3b")
_WIDTH, _LEFT, _BAR, _GAP = 760, 190, 18, 14


def picture(title: str, bars: Sequence[tuple[str, str, float]]) -> str:
    """Return an SVG of horizontal bars: (group, name, value), each group to its own scale."""
    colours = dict(zip(dict.fromkeys(name for _, name, _ in bars), _COLOURS * len(bars), strict=False))
    parts, y, group_before = [_text(8, 22, title, "font-weight:600;font-size:15px")], 40, None
    for group, name, value in bars:
        if group != group_before:
            y += _GAP
            parts.append(_text(8, y + 13, group, "font-weight:600"))
            group_before = group
        longest = max(other for of_group, _, other in bars if of_group == group) or 1.0
        width = (_WIDTH - _LEFT - 90) * value / longest
        parts.append(_text(64, y + 13, name, ""))
        parts.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 3}" fill="{colours[name]}"/>')
        parts.append(_text(round(_LEFT + width + 6), y + 13, shown(value), ""))
        y += _BAR
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 16}" role="img" '
        f'font-family="sans-serif" font-size="13" fill="#1c2733"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{body}</svg>\n'
    )


def _text(x: int, y: int, text: str, style: str) -> str:
    return f'<text x="{x}" y="{y}" style="{style}">{escape(text)}</text>'
