"""The `records` section of the configuration: which registers serve a record, where that is not its own one alone."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from msgspec import Meta

from connectors.composition.route import Route
from connectors.errors import RecordSettingInvalid
from connectors.record import Kind, Record
from connectors.records import RECORDS
from reference.toml_table import Names, Text, TOMLTable, validated

PREFIX = re.compile(r"[!-~]{1,20}")


class RouteTable(TOMLTable, frozen=True, kw_only=True):
    column: Text
    prefixes: Annotated[dict[str, Text], Meta(min_length=1)] | None = None
    values: Annotated[dict[str, Text], Meta(min_length=1)] | None = None
    otherwise: Text | None = None


class ServiceTable(TOMLTable, frozen=True, kw_only=True):
    registers: Names
    keys: Annotated[str, Meta(pattern="^(disjoint|overlapping)$")] | None = None
    route: RouteTable | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """The registers that serve a record, the first one canonical, and the route to each one's rows."""

    registers: tuple[str, ...]
    overlap: bool = False
    route: Route | None = None


def services(config: Mapping[str, Any]) -> dict[str, Service]:
    """Return by record who serves it; raises RecordSettingInvalid."""
    sections = config.get("records", {})
    if not isinstance(sections, Mapping):
        raise RecordSettingInvalid("records", "must be a table of records")
    for name in sections:
        if name not in RECORDS:
            raise RecordSettingInvalid(name, f"there is no such record ({', '.join(RECORDS)})")
    configured = config.get("registers", {})
    return {name: _service(record, sections.get(name), configured) for name, record in RECORDS.items()}


def served_by(register: str, services: Mapping[str, Service]) -> tuple[str, ...]:
    """Return the records that a register serves."""
    return tuple(name for name, service in services.items() if register in service.registers)


def _service(record: Record, section: object, configured: Mapping[str, Any]) -> Service:
    if section is None:
        return Service((record.register,))
    table = validated(ServiceTable, section, "", partial(RecordSettingInvalid, record.name))
    registers = table.registers
    if len(set(registers)) != len(registers):
        raise RecordSettingInvalid(record.name, "`registers` names a register twice")
    for name in registers:
        if name not in configured:
            raise RecordSettingInvalid(record.name, f"`registers` names `{name}`, which is not configured")
    if len(registers) == 1 and (table.route is not None or table.keys is not None):
        raise RecordSettingInvalid(record.name, "`route` and `keys` are for records of several registers")
    overlap = table.keys == "overlapping"
    if overlap and table.route is not None:
        raise RecordSettingInvalid(record.name, "a route says which register has a key: its keys cannot be overlapping")
    return Service(registers, overlap, None if table.route is None else _route(record, table.route, registers))


def _route(record: Record, table: RouteTable, registers: Sequence[str]) -> Route:
    column, otherwise = table.column, table.otherwise
    if record.columns.get(column) not in (Kind.KEY, Kind.TEXT):
        raise RecordSettingInvalid(record.name, f"`route` names `{column}`, which is no column of texts or keys")
    by_value = table.values if table.prefixes is None else table.prefixes
    if by_value is None or (table.prefixes is not None and table.values is not None):
        raise RecordSettingInvalid(record.name, "`route` must have either `prefixes` or `values`")
    by_prefix = table.prefixes is not None
    if by_prefix and not all(PREFIX.fullmatch(prefix) for prefix in by_value):
        raise RecordSettingInvalid(record.name, "a prefix of `route` is 1 to 20 characters of ASCII without blanks")
    named = {*by_value.values(), *([] if otherwise is None else [otherwise])}
    _check_registers(record, named, registers)
    return Route(column, by_value, otherwise, by_prefix)


def _check_registers(record: Record, named: Set[str], registers: Sequence[str]) -> None:
    for name in sorted(named - set(registers)):
        raise RecordSettingInvalid(record.name, f"`route` names `{name}`, which is not one of its `registers`")
    for name in registers:
        if name not in named:
            raise RecordSettingInvalid(record.name, f"`route` leaves no row to `{name}`")
