"""What two executors must have in common for one operation, said without any value."""

from typing import Any

import orjson
from graphql import ExecutionResult

from resolvers.gate.disclosure import Disclosure

Path = tuple[str | int, ...]


def differences(
    reference: ExecutionResult, told: Disclosure, planned: ExecutionResult, disclosed: Disclosure
) -> list[str]:
    """Return where the plan differs from the reference: data byte by byte, nulled positions, denials, releases.

    An executor may report more or fewer errors below a position that is null already, and after a null has risen it
    may or may not have looked at what is gone (GraphQL specification, section 6.4.4): then disclosures may differ.
    """
    found = []
    if orjson.dumps(reference.data) != orjson.dumps(planned.data):
        found.append(f"data at {'.'.join(_first_difference(reference.data, planned.data))}")
    where, there = nulled(reference), nulled(planned)
    found += [f"an error at {_without_indices(path)}" for path in where ^ there]
    if None not in where and not any(_has_risen(reference, error.path) for error in reference.errors or ()):
        found += _disclosure_differences(told, disclosed)
    return found


def nulled(result: ExecutionResult) -> set[Path | None]:
    """Return where errors have left a null: the error's own place, or the one above it that may be null."""
    return {null_at(result.data, tuple(error.path or ())) for error in result.errors or ()}


def null_at(data: Any, path: Path) -> Path | None:
    """Return the first null on the path; None where there is none."""
    for at, key in enumerate(path):
        if data is None:
            return path[:at]
        data = data[key]
    return path if data is None else None


def _has_risen(result: ExecutionResult, path: Any) -> bool:
    return null_at(result.data, tuple(path or ())) != tuple(path or ())


def _disclosure_differences(told: Disclosure, disclosed: Disclosure) -> list[str]:
    keys = told.denials.keys() | disclosed.denials.keys()
    found = [
        f"denial of {key[0]}: {told.denials.get(key, 0)} and {disclosed.denials.get(key, 0)}"
        for key in sorted(keys, key=lambda key: key[0])
        if told.denials.get(key, 0) != disclosed.denials.get(key, 0)
    ]
    for name, ours, theirs in (
        ("unanswered", told.unanswered, disclosed.unanswered),
        ("source", told.sources, disclosed.sources),
    ):
        found += [
            f"{name} {' '.join(key)}" for key in sorted(ours.keys() | theirs.keys()) if ours.get(key) != theirs.get(key)
        ]
    found += [f"release of {coordinate}" for coordinate in sorted(told.released ^ disclosed.released)]
    return found + [name for name in ("subjects", "rules", "rows") if getattr(told, name) != getattr(disclosed, name)]


def _first_difference(one: Any, other: Any) -> list[str]:
    """Return the response keys down to the first place where the two differ."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        for key in one:
            if orjson.dumps(one[key]) != orjson.dumps(other[key]):
                return [key, *_first_difference(one[key], other[key])]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for mine, theirs in zip(one, other, strict=True):
            if orjson.dumps(mine) != orjson.dumps(theirs):
                return _first_difference(mine, theirs)
    return []


def _without_indices(path: Path | None) -> str:
    return ".".join(str(part) for part in path or () if isinstance(part, str)) or "the root"
