"""The root of a plan: where its rows enter, and the answer with its located errors put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLError, located_error

from engine.completion import ByKey
from engine.context import Run
from engine.declarations import Wanted
from engine.faults import unknown_type
from engine.gate import Row
from engine.outputs import BUBBLE, Bubbling, FieldError, Output, completed, null_error, part_of
from engine.plan import Constant, LocalField, PagesField, Plan, RootField, RootStep, RootVariant
from engine.run import firsts, key_of, lists_of, of_no_type, side_by_side, values_of

Found = tuple[Any, list[FieldError]]
"""The value of a root field, BUBBLE where it nulls the whole answer, and what went wrong from the field on."""


async def result_of(plan: Plan, run: Run) -> ExecutionResult:
    """Return the answer."""
    found = await side_by_side([_field(one, run) for one in plan.fields])
    data: dict[str, Any] | None = {}
    errors: list[GraphQLError] = []
    for one, (value, wrong) in zip(plan.fields, found, strict=True):
        errors.extend(located_error(error, list(nodes), path) for path, error, nodes in wrong)
        if value is BUBBLE:
            data = None
        elif data is not None:
            data[one.key] = value
    return ExecutionResult(data, errors or None)


async def _field(one: RootField, run: Run) -> Found:
    match one:
        case Constant():
            return one.value, []
        case RootStep():
            return await _entered(one, run)
        case PagesField():
            return _only(one, await one.step.open(one, (), run))
        case LocalField():
            return _local(one, run)


def _local(one: LocalField, run: Run) -> Found:
    errors: list[FieldError] = []
    path = (one.key,)
    try:
        found = part_of(one.part, None, run) if run.gate.permitted(one.category, one.part.attribute) else None
    except Exception as error:
        found = error
    try:
        return completed(one.part.output, found, run, errors, path), errors
    except Bubbling:
        return BUBBLE, errors


def _only(one: PagesField, found: ByKey) -> Found:
    """Return the connection of no parent."""
    if found.fault is not None:
        return _failed(one.output, (one.key,), found.fault)
    wrong = (found.errors or {}).get(None, [])
    return found.values[None], [((one.key, *path), error, nodes) for path, error, nodes in wrong]


def _failed(output: Output, path: tuple[str | int, ...], error: Exception) -> Found:
    return (BUBBLE if output.nonnull else None), [(path, error, output.nodes)]


async def _entered(one: RootStep, run: Run) -> Found:
    """Return the rows wanted, each in its place; `_entities` gives each representation an error of its own."""
    try:
        arguments = one.arguments.values(run.variables)
        if one.root is None:
            return await _placed(one, run.knowledge.represented(run.asking, arguments["representations"]), run)
        return await _placed(one, one.root.select(run.asking, **arguments), run)
    except Exception as error:
        return _failed(one.output, (one.key,), error)


async def _placed(one: RootStep, wanted: Sequence[Wanted | Exception], run: Run) -> Found:
    """Return the values of the keys in their order. Raises what went wrong first unless each key stands apart."""
    apart = one.root is None or one.root.apart
    keys_by_shape: dict[Any, dict[Any, None]] = {}
    for each in wanted:
        if isinstance(each, Wanted):
            keys_by_shape.setdefault(_shape(each), {}).update(dict.fromkeys(each.keys))
    groups = await side_by_side([_group(one, shape, tuple(keys), run) for shape, keys in keys_by_shape.items()])
    for group in () if apart else groups:
        if group.fault is not None or group.unknown:
            raise group.fault or unknown_type(next(iter(group.unknown.values())))
    found = await side_by_side([_objects(one, group, run) for group in groups])
    by_shape: Mapping[Any, ByKey] = dict(zip(keys_by_shape, found, strict=True))
    errors: list[FieldError] = []
    values: list[Any] = []
    for each in wanted:
        values += _several(one, each, by_shape, len(values), errors)
    if one.root is not None and not one.root.many:
        return (values[0] if values else None), errors
    return _list(one.output, values), errors


def _several(
    one: RootStep, wanted: Wanted | Exception, by_shape: Mapping[Any, ByKey], first: int, errors: list[FieldError]
) -> list[Any]:
    """Return the values of the keys wanted, whose places in the answer's list begin at `first`."""
    if isinstance(wanted, Exception):
        return [_single(one, ByKey(fault=wanted), None, first, errors)]
    group = by_shape[_shape(wanted)]
    if group.fault is None and not group.errors and not _item(one.output).nonnull:
        return list(map(group.values.get, wanted.keys))
    return [_single(one, group, key, at, errors) for at, key in enumerate(wanted.keys, first)]


def _item(output: Output) -> Output:
    return output if output.item is None else output.item


def _single(one: RootStep, group: ByKey, key: Any, at: int, errors: list[FieldError]) -> Any:
    output = _item(one.output)
    path: tuple[str | int, ...] = (one.key, at) if one.root is None or one.root.many else (one.key,)
    if group.fault is not None:
        errors.append((path, group.fault, output.nodes))
        return BUBBLE if output.nonnull else None
    wrong = (group.errors or {}).get(key, ())
    errors.extend(((*path, *under), error, nodes) for under, error, nodes in wrong)
    value = group.values.get(key)
    if output.nonnull and (value is None or value is BUBBLE):
        if not wrong:
            errors.append((path, null_error(output), output.nodes))
        return BUBBLE
    return None if value is BUBBLE else value


def _list(output: Output, values: list[Any]) -> Any:
    """Return the list; an item that may not be null nulls it."""
    if BUBBLE not in values:
        return values
    return BUBBLE if output.nonnull else None


def _shape(wanted: Wanted) -> Any:
    return wanted.typename, wanted.by, wanted.where, wanted.order


@dataclass(slots=True)
class _Group:
    """The first row of each key of one shape, or all of a grouped root's, or why they could not be had.

    And keys whose rows are of no type.
    """

    branch: RootVariant | None = None
    keys: Sequence[Any] = ()
    rows: Sequence[Row] = ()
    unknown: Mapping[Any, Any] = field(default_factory=dict)
    fault: Exception | None = None


async def _group(one: RootStep, shape: Any, keys: tuple[Any, ...], run: Run) -> _Group:
    typename, by, where, order = shape
    known = keys if None not in keys else tuple(key for key in keys if key is not None)
    if not known:
        return _Group()
    try:
        branch = one.made.get((typename, by))
        if branch is None:
            branch = one.made[typename, by] = one.branch(Wanted(typename, by, ()), run.gate.prepare)
        rows = await run.gate.lookup(branch.prepared, known, where, order)
        if not _is_grouped(one):
            rows = firsts(rows)
        unasked = set(map(key_of, rows)).difference(known)
        if unasked:
            raise KeyError(unasked.pop())
    except Exception as error:
        return _Group(fault=error)
    unknown = of_no_type(branch.levels[()], rows)
    return _Group(branch, known, [row for row in rows if row[0] not in unknown] if unknown else rows, unknown)


def _is_grouped(one: RootStep) -> bool:
    return one.root is not None and one.root.grouped


async def _objects(one: RootStep, group: _Group, run: Run) -> ByKey:
    if group.fault is not None or group.branch is None:
        return ByKey(fault=group.fault)
    try:
        objects, errors = await values_of(group.branch.levels[()], group.rows, run)
    except Exception as error:
        return ByKey(fault=error)
    if _is_grouped(one):
        return lists_of(_item(one.output), group.keys, group.rows, objects, errors)
    values = dict(zip(map(key_of, group.rows), objects, strict=True))
    wrong = {group.rows[index][0]: found for index, found in (errors or {}).items()}
    wrong.update({key: [((), unknown_type(tag), one.output.nodes)] for key, tag in group.unknown.items()})
    return ByKey(values, wrong)
