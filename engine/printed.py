"""A plan as people and machines read it: its steps, registers, columns and decisions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.context import Run
from engine.declarations import Wanted
from engine.gate import Prepared
from engine.plan import AnswerField, EdgeField, Level, Levels, LocalField, PagesField, Plan, RootStep, RootVariant

Step = dict[str, Any]


def described(plan: Plan, run: Run) -> list[Step]:
    """Return the steps of a plan as nested mappings. Nothing is read; roots are asked which rows they want.

    A step has `field`, `asks` (record, register, by, columns, decisions by coordinate), and `then`, its own steps.
    """
    return [step for one in plan.fields for step in _root(one, run)]


def as_text(steps: Sequence[Step], depth: int = 0) -> str:
    """Return the steps as an indented outline."""
    return "\n".join(line for step in steps for line in _lines(step, depth))


def _lines(step: Step, depth: int) -> Iterator[str]:
    asks = step.get("asks")
    indent = "  " * depth
    if asks is None:
        yield f"{indent}{step['field']}: {step['note']}"
    else:
        yield f"{indent}{step['field']}: {asks['record']} of {asks['register']} by {asks['by']}{_note(step)}"
        yield f"{indent}    columns: {', '.join(asks['columns'])}"
        for decision, coordinates in asks["decisions"].items():
            yield f"{indent}    {decision}: {', '.join(coordinates)}"
    if step.get("then"):
        yield as_text(step["then"], depth + 1)


def _note(step: Step) -> str:
    return f" ({step['note']})" if step.get("note") else ""


def _root(one: Any, run: Run) -> Iterator[Step]:
    match one:
        case LocalField():
            yield {"field": one.key, "note": "computed, reads nothing"}
        case PagesField():
            yield _pages(one, run, f"Query.{one.key}")
        case RootStep():
            for branch in _branches(one, run):
                yield _asked(one.coordinate, branch.prepared, branch.levels[()], run)


def _branches(one: RootStep, run: Run) -> list[RootVariant]:
    arguments = one.arguments.values(run.variables)
    if one.root is None:
        wanted = run.knowledge.represented(run.asking, arguments["representations"])
    else:
        wanted = one.root.select(run.asking, **arguments)
    shapes = dict.fromkeys((rows.typename, rows.by) for rows in wanted if isinstance(rows, Wanted))
    return [one.branch(Wanted(typename, by, ()), run.gate.prepare) for typename, by in shapes]


def _asked(field: str, prepared: Prepared, levels: Levels, run: Run, note: str = "") -> Step:
    return {"field": field, "note": note, "asks": _asks(prepared), "then": list(_steps(levels, run))}


def _asks(prepared: Prepared) -> Mapping[str, Any]:
    decisions: dict[str, list[str]] = {}
    for slot, decision in zip(prepared.ask.slots, prepared.decisions(), strict=True):
        coordinates = decisions.setdefault(decision if decision in ("always", "never") else f"if {decision}", [])
        if slot.coordinate not in coordinates:
            coordinates.append(slot.coordinate)
    return {
        "record": prepared.ask.record,
        "register": prepared.register,
        "by": prepared.ask.by,
        "columns": list(prepared.columns),
        "decisions": decisions,
    }


def _steps(levels: Levels, run: Run) -> Iterator[Step]:
    for level in levels.by_tag.values():
        yield from _of_level(level, run)


def _of_level(level: Level, run: Run) -> Iterator[Step]:
    for one in level.waits:
        match one:
            case EdgeField():
                step = one.step
                note = "many" if step.edge.many else "at most one"
                yield _asked(step.coordinate, step.prepared, step.levels, run, f"{note} for each key, in one batch")
            case PagesField():
                yield _pages(one, run, one.step.coordinate)
            case AnswerField():
                for behind in one.behind:
                    asks = _asks(behind.prepared)
                    yield {"field": one.coordinate, "note": "for an answer, in one batch", "asks": asks, "then": []}


def _pages(one: PagesField, run: Run, field: str) -> Step:
    step = one.step
    position = run.knowledge.position(run.asking, step.coordinate, step.pages, step.arguments.values(run.variables))
    branch = step.branch(position, run.gate.prepare)
    note = f"first {position.first}{' of each key' if one.position is not None else ''}"
    note += ", counted" if step.counted else ""
    if not step.paged:
        note = f"counted{' for each key' if one.position is not None else ''}, no row read"
    then = [found for levels in branch.levels.values() for found in _steps(levels, run)]
    return {"field": field, "note": note, "asks": _asks(branch.prepared), "then": then}
