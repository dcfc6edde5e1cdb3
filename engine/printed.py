"""Descriptions of plans for `explain`: steps, registers, columns and decisions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.context import Run
from engine.declarations import Wanted
from engine.gate import Prepared
from engine.plan import AnswerField, EdgeField, Level, Levels, LocalField, PagesField, Plan, RootStep, RootVariant

Step = dict[str, Any]


def described(plan: Plan, run: Run) -> list[Step]:
    """Return the steps of a plan as nested mappings. No rows are read; root fields only select their keys.

    A step has `field`, `asks` (record, register, by, columns, decisions by coordinate), and `then`, its own steps.
    """
    return [step for root_field in plan.fields for step in _root(root_field, run)]


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


def _root(root_field: Any, run: Run) -> Iterator[Step]:
    match root_field:
        case LocalField():
            yield {"field": root_field.key, "note": "computed, reads nothing"}
        case PagesField():
            yield _pages(root_field, run, f"Query.{root_field.key}")
        case RootStep():
            for branch in _branches(root_field, run):
                yield _asked(root_field.coordinate, branch.prepared, branch.levels[()], run)


def _branches(root_step: RootStep, run: Run) -> list[RootVariant]:
    arguments = root_step.arguments.values(run.variables)
    if root_step.root is None:
        wanted = run.knowledge.represented(run.asking, arguments["representations"])
    else:
        wanted = root_step.root.select(run.asking, **arguments)
    shapes = dict.fromkeys((rows.typename, rows.by) for rows in wanted if isinstance(rows, Wanted))
    return [root_step.branch(Wanted(typename, by, ()), run.gate.prepare) for typename, by in shapes]


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
    for field in level.waits:
        match field:
            case EdgeField():
                step = field.step
                note = "many" if step.edge.many else "at most one"
                yield _asked(step.coordinate, step.prepared, step.levels, run, f"{note} for each key, in one batch")
            case PagesField():
                yield _pages(field, run, field.step.coordinate)
            case AnswerField():
                for behind in field.behind:
                    asks = _asks(behind.prepared)
                    yield {"field": field.coordinate, "note": "for an answer, in one batch", "asks": asks, "then": []}


def _pages(pages_field: PagesField, run: Run, field: str) -> Step:
    step = pages_field.step
    position = run.knowledge.position(run.asking, step.coordinate, step.pages, step.arguments.values(run.variables))
    branch = step.branch(position, run.gate.prepare)
    note = f"first {position.first}{' of each key' if pages_field.position is not None else ''}"
    note += ", counted" if step.counted else ""
    if not step.paged:
        note = f"counted{' for each key' if pages_field.position is not None else ''}, no row read"
    then = [inner for levels in branch.levels.values() for inner in _steps(levels, run)]
    return {"field": field, "note": note, "asks": _asks(branch.prepared), "then": then}
