"""Assertions that could hold for a wrong reason: an alternative, or a statement about all members of nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _assertions(function: Function) -> Iterator[ast.expr]:
    """Yield what the function asserts, the parts of a conjunction by themselves."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            is_conjunction = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
            yield from node.test.values if is_conjunction else (node.test,)  # type: ignore[attr-defined]


def _quantified(asserted: ast.expr) -> ast.expr | None:
    """Return the iterable of `all(... for ... in iterable)` and of `not any(...)`; None for other expressions."""
    name = "all"
    if isinstance(asserted, ast.UnaryOp) and isinstance(asserted.op, ast.Not):
        asserted, name = asserted.operand, "any"
    match asserted:
        case ast.Call(func=ast.Name(id=called), args=[ast.GeneratorExp(generators=[first, *_])]) if called == name:
            return first.iter
    return None


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _has_members(iterable: ast.expr) -> bool:
    """Return whether the iterable is a literal with members, a range, or built from a constant."""
    match iterable:
        case ast.Tuple() | ast.List() | ast.Set():
            return bool(iterable.elts)
        case ast.Call(func=ast.Name(id="range")):
            return True
    return any(name.isupper() for name in _names(iterable))


def _faults(source: str) -> list[int]:
    """Return the lines of assertions that may hold for a wrong reason.

    `all` and `not any` need an iterable with members, or another assertion of the function about the same value.
    """
    faults = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, Function):
            continue
        asserted = list(_assertions(function))
        stated = set[str]().union(*(_names(each) for each in asserted if _quantified(each) is None))
        for each in asserted:
            iterable = _quantified(each)
            is_alternative = isinstance(each, ast.BoolOp) and isinstance(each.op, ast.Or)
            if is_alternative or (
                iterable is not None and not _has_members(iterable) and not _names(iterable) & stated
            ):
                faults.append(each.lineno)
    return sorted(set(faults))


@pytest.mark.parametrize(
    "body",
    [
        "assert a or b",
        "assert all(row.valid for row in rows)",
        "assert found and all(row.valid for row in rows)",
        "assert not any(secret in text for secret in secrets)",
        "assert all(row for row in ())",
    ],
)
def test_an_assertion_that_may_hold_for_a_wrong_reason_is_found(body: str) -> None:
    assert _faults(f"def test() -> None:\n    {body}\n") == [2]


@pytest.mark.parametrize(
    "body",
    [
        "assert a and b",
        "assert all(row.valid for row in rows)\n    assert len(rows) == 3",
        "assert rows and all(row.valid for row in rows)",
        "assert not any(secret in text for secret in (NAME, NUMBER))",
        "assert not any(table.never(name) for name in POLICIES.categories)",
    ],
)
def test_other_assertions_are_let_be(body: str) -> None:
    assert _faults(f"def test() -> None:\n    {body}\n") == []


def test_no_test_asserts_an_alternative_or_a_statement_about_nothing() -> None:
    faults = {str(path.relative_to(TESTS)): _faults(path.read_text("utf-8")) for path in TESTS.rglob("*.py")}
    assert len(faults) > 200
    assert {path: lines for path, lines in faults.items() if lines} == {}
