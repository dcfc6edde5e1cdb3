"""The ways to read a tree. Each ends with the rows of every node by themselves, as the Gate masks them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson

from bench.subtree.trees import TreeNode

Row = Sequence[Any]
Rows = dict[TreeNode, list[Row]]
Fetch = Callable[[str, Sequence[int]], Awaitable[list[Row]]]
"""Runs a statement with one list of keys."""


async def levels(fetch: Fetch, tree: TreeNode, keys: Sequence[int]) -> Rows:
    """A statement for each node."""
    rows = await fetch(_level(tree), keys)
    found = {tree: rows}
    for child in tree.children:
        found |= await levels(fetch, child, _keys(rows, child)) if rows else {}
    return found


async def wider(fetch: Fetch, tree: TreeNode, keys: Sequence[int]) -> Rows:
    """A statement for each list; what a row has at most one of is joined to it."""
    wide = _wide(tree)
    found = wide.parts(await fetch(_statement(tree, None), keys))
    for child in wide.lists:
        found |= await wider(fetch, child, _keys(found[tree], child)) if found[tree] else {}
    return found


async def json(fetch: Fetch, tree: TreeNode, keys: Sequence[int]) -> Rows:
    """One statement, lists below as JSON: the database vouches for none of their types, and dates are text."""
    rows = await fetch(_statement(tree, "(select json_agg(json_build_array({row})) from {tables})"), keys)
    found = _taken_apart(tree, rows, lambda value: orjson.loads(value) if value else ())
    for node, below in found.items():
        for at in node.dates:
            for row in below:
                row[at] = row[at] and date.fromisoformat(row[at])  # type: ignore[index]
    return found


async def composites(fetch: Fetch, tree: TreeNode, keys: Sequence[int]) -> Rows:
    """One statement, lists below as arrays of composite values, in the wire's own types."""
    rows = await fetch(_statement(tree, "array(select row({row}) from {tables})"), keys)
    return _taken_apart(tree, rows, lambda value: value)


async def joined(fetch: Fetch, tree: TreeNode, keys: Sequence[int]) -> Rows:
    """One statement by left joins: a row repeats those above it, and lists side by side multiply."""
    rows = await fetch(_joins(tree), keys)
    found: Rows = {}
    start = 0
    for node in tree.nodes():
        key, own = itemgetter(start + node.columns.index("id")), slice(start, start + len(node.columns))
        found[node] = list({key(row): row[own] for row in rows}.values())
        start += len(node.columns)
    return found


VARIANTS = {"levels": levels, "wider": wider, "json": json, "composites": composites, "joined": joined}


@dataclass(frozen=True, slots=True)
class _Wide:
    """A node and those of which it has at most one, in one row of `tables`; `lists` are its other children."""

    nodes: tuple[TreeNode, ...]
    selected: str
    tables: str
    lists: tuple[TreeNode, ...]

    def parts(self, rows: Sequence[Row]) -> Rows:
        found, start = {}, 0
        for node in self.nodes:
            found[node] = list(map(itemgetter(slice(start, start + len(node.columns))), rows))
            start += len(node.columns)
        return found


@cache
def _wide(node: TreeNode) -> _Wide:
    singles = [child for child in node.children if child.is_single]
    joins = (
        f" left join {child.table} on {child.table}.id = {node.table}.{node.columns[child.at]}" for child in singles
    )
    selected = ", ".join(chain.from_iterable(part.selected() for part in (node, *singles)))
    lists = tuple(child for child in node.children if not child.is_single)
    return _Wide((node, *singles), selected, node.table + "".join(joins), lists)


def _keys(rows: Sequence[Row], child: TreeNode) -> list[int]:
    return list(map(int, dict.fromkeys(row[child.at] for row in rows)))


def _taken_apart(tree: TreeNode, rows: Sequence[Row], below: Callable[[Any], Sequence[Row]]) -> Rows:
    wide = _wide(tree)
    found = wide.parts(rows)
    for place, child in enumerate(wide.lists, sum(len(node.columns) for node in wide.nodes)):
        found |= _wide(child).parts(list(chain.from_iterable(below(row[place]) for row in rows)))
    return found


@cache
def _level(node: TreeNode) -> str:
    return f"select {', '.join(node.selected())} from {node.table} where {node.by} = any($1::text::int[]) order by id"  # noqa: S608  # of our own words


@cache
def _statement(tree: TreeNode, as_list: str | None) -> str:
    """Return the statement for the wide root, with each list of it by the template, or without (None)."""
    wide = _wide(tree)
    selected = [wide.selected]
    for child in wide.lists if as_list else ():
        where = f"{child.table}.{child.by} = {tree.table}.{tree.columns[child.at]}"
        below = _wide(child)
        selected.append(str(as_list).format(row=below.selected, tables=f"{below.tables} where {where}"))
    where = f"{tree.table}.{tree.by} = any($1::text::int[]) order by {tree.table}.id"
    return f"select {', '.join(selected)} from {wide.tables} where {where}"  # noqa: S608  # of our own words


@cache
def _joins(tree: TreeNode) -> str:
    nodes = tree.nodes()
    alias = {node: f"t{number}" for number, node in enumerate(nodes)}
    selected = [column.replace(f"{node.table}.", f"{alias[node]}.") for node in nodes for column in node.selected()]
    tables = f"{tree.table} t0"
    for parent in nodes:
        for child in parent.children:
            above = f"{alias[parent]}.{parent.columns[child.at]}"
            tables += f" left join {child.table} {alias[child]} on {alias[child]}.{child.by} = {above}"
    return f"select {', '.join(selected)} from {tables} where t0.{tree.by} = any($1::text::int[]) order by t0.id"  # noqa: S608  # of our own words
