"""Root fields of a plan, and the response with its located errors."""

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
"""The value of a root field and its errors. BUBBLE nulls the whole response."""


async def result_of(plan: Plan, run: Run) -> ExecutionResult:
    """Return the response."""
    results = await side_by_side([_field(root_field, run) for root_field in plan.fields])
    data: dict[str, Any] | None = {}
    errors: list[GraphQLError] = []
    for root_field, (value, wrong) in zip(plan.fields, results, strict=True):
        errors.extend(located_error(error, list(nodes), path) for path, error, nodes in wrong)
        if value is BUBBLE:
            data = None
        elif data is not None:
            data[root_field.key] = value
    return ExecutionResult(data, errors or None)


async def _field(root_field: RootField, run: Run) -> Found:
    match root_field:
        case Constant():
            return root_field.value, []
        case RootStep():
            return await _entered(root_field, run)
        case PagesField():
            return _only(root_field, await root_field.step.open(root_field, (), run))
        case LocalField():
            return _local(root_field, run)


def _local(local: LocalField, run: Run) -> Found:
    errors: list[FieldError] = []
    path = (local.key,)
    try:
        value = part_of(local.part, None, run) if run.gate.permitted(local.category, local.part.attribute) else None
    except Exception as error:
        value = error
    try:
        return completed(local.part.output, value, run, errors, path), errors
    except Bubbling:
        return BUBBLE, errors


def _only(pages_field: PagesField, connections: ByKey) -> Found:
    """Return a connection at the root, which has no parent row."""
    if connections.fault is not None:
        return _failed(pages_field.output, (pages_field.key,), connections.fault)
    wrong = (connections.errors or {}).get(None, [])
    return connections.values[None], [((pages_field.key, *path), error, nodes) for path, error, nodes in wrong]


def _failed(output: Output, path: tuple[str | int, ...], error: Exception) -> Found:
    return (BUBBLE if output.nonnull else None), [(path, error, output.nodes)]


async def _entered(step: RootStep, run: Run) -> Found:
    """Return the rows that the root field selects. In `_entities` each representation has its own error."""
    try:
        arguments = step.arguments.values(run.variables)
        if step.root is None:
            return await _placed(step, run.knowledge.represented(run.asking, arguments["representations"]), run)
        return await _placed(step, step.root.select(run.asking, **arguments), run)
    except Exception as error:
        return _failed(step.output, (step.key,), error)


async def _placed(step: RootStep, wanted: Sequence[Wanted | Exception], run: Run) -> Found:
    """Return the values of the keys in order. Raises the first fault unless each key may fail by itself."""
    apart = step.root is None or step.root.apart
    keys_by_shape: dict[Any, dict[Any, None]] = {}
    for each in wanted:
        if isinstance(each, Wanted):
            keys_by_shape.setdefault(_shape(each), {}).update(dict.fromkeys(each.keys))
    groups = await side_by_side([_group(step, shape, tuple(keys), run) for shape, keys in keys_by_shape.items()])
    for group in () if apart else groups:
        if group.fault is not None or group.unknown:
            raise group.fault or unknown_type(next(iter(group.unknown.values())))
    objects = await side_by_side([_objects(step, group, run) for group in groups])
    by_shape: Mapping[Any, ByKey] = dict(zip(keys_by_shape, objects, strict=True))
    errors: list[FieldError] = []
    values: list[Any] = []
    for each in wanted:
        values += _several(step, each, by_shape, len(values), errors)
    if step.root is not None and not step.root.many:
        return (values[0] if values else None), errors
    return _list(step.output, values), errors


def _several(
    step: RootStep, wanted: Wanted | Exception, by_shape: Mapping[Any, ByKey], first: int, errors: list[FieldError]
) -> list[Any]:
    """Return the values of the wanted keys. `first` is the index of the first one in the response list."""
    if isinstance(wanted, Exception):
        return [_single(step, ByKey(fault=wanted), None, first, errors)]
    group = by_shape[_shape(wanted)]
    if group.fault is None and not group.errors and not _item(step.output).nonnull:
        return list(map(group.values.get, wanted.keys))
    return [_single(step, group, key, at, errors) for at, key in enumerate(wanted.keys, first)]


def _item(output: Output) -> Output:
    return output if output.item is None else output.item


def _single(step: RootStep, group: ByKey, key: Any, at: int, errors: list[FieldError]) -> Any:
    output = _item(step.output)
    path: tuple[str | int, ...] = (step.key, at) if step.root is None or step.root.many else (step.key,)
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
    """Return the list, or what replaces it if a non-null item is null."""
    if BUBBLE not in values:
        return values
    return BUBBLE if output.nonnull else None


def _shape(wanted: Wanted) -> Any:
    return wanted.typename, wanted.by, wanted.where, wanted.order


@dataclass(slots=True)
class _Group:
    """The rows of the keys of one shape (the first of each key, or all for a grouped root), or their fault.

    `unknown` has the tags that name no type, by key.
    """

    branch: RootVariant | None = None
    keys: Sequence[Any] = ()
    rows: Sequence[Row] = ()
    unknown: Mapping[Any, Any] = field(default_factory=dict)
    fault: Exception | None = None


async def _group(step: RootStep, shape: Any, keys: tuple[Any, ...], run: Run) -> _Group:
    typename, by, where, order = shape
    present = keys if None not in keys else tuple(key for key in keys if key is not None)
    if not present:
        return _Group()
    try:
        branch = step.made.get((typename, by))
        if branch is None:
            branch = step.made[typename, by] = step.branch(Wanted(typename, by, ()), run.gate.prepare)
        rows = await run.gate.lookup(branch.prepared, present, where, order)
        if not _is_grouped(step):
            rows = firsts(rows)
        unasked = set(map(key_of, rows)).difference(present)
        if unasked:
            raise KeyError(unasked.pop())
    except Exception as error:
        return _Group(fault=error)
    unknown = of_no_type(branch.levels[()], rows)
    return _Group(branch, present, [row for row in rows if row[0] not in unknown] if unknown else rows, unknown)


def _is_grouped(step: RootStep) -> bool:
    return step.root is not None and step.root.grouped


async def _objects(step: RootStep, group: _Group, run: Run) -> ByKey:
    if group.fault is not None or group.branch is None:
        return ByKey(fault=group.fault)
    try:
        objects, errors = await values_of(group.branch.levels[()], group.rows, run)
    except Exception as error:
        return ByKey(fault=error)
    if _is_grouped(step):
        return lists_of(_item(step.output), group.keys, group.rows, objects, errors)
    values = dict(zip(map(key_of, group.rows), objects, strict=True))
    wrong = {group.rows[index][0]: row_errors for index, row_errors in (errors or {}).items()}
    wrong.update({key: [((), unknown_type(tag), step.output.nodes)] for key, tag in group.unknown.items()})
    return ByKey(values, wrong)
