"""The `records` section of the configuration: which registers serve a record, where that is not its own one alone."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from connectors.composition.route import Route
from connectors.errors import RecordSettingInvalid
from connectors.records import RECORDS, Kind, Record

SETTINGS = {"registers", "keys", "route"}
PREFIX = re.compile(r"[!-~]{1,20}")


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
    if not isinstance(section, Mapping) or not SETTINGS.issuperset(section):
        raise RecordSettingInvalid(record.name, f"has settings other than {', '.join(sorted(SETTINGS))}")
    registers = section.get("registers")
    if not isinstance(registers, list) or not registers or not all(type(name) is str for name in registers):
        raise RecordSettingInvalid(record.name, "`registers` must be a list of registers")
    if len(set(registers)) != len(registers):
        raise RecordSettingInvalid(record.name, "`registers` names a register twice")
    for name in registers:
        if name not in configured:
            raise RecordSettingInvalid(record.name, f"`registers` names `{name}`, which is not configured")
    keys = section.get("keys", "disjoint")
    if keys not in ("disjoint", "overlapping"):
        raise RecordSettingInvalid(record.name, "`keys` must be `disjoint` or `overlapping`")
    if len(registers) == 1 and ("route" in section or "keys" in section):
        raise RecordSettingInvalid(record.name, "`route` and `keys` are for records of several registers")
    if keys == "overlapping" and "route" in section:
        raise RecordSettingInvalid(record.name, "a route says which register has a key: its keys cannot be overlapping")
    route = _route(record, section["route"], registers) if "route" in section else None
    return Service(tuple(registers), keys == "overlapping", route)


def _route(record: Record, table: object, registers: Sequence[str]) -> Route:
    if not isinstance(table, Mapping) or not {"column", "prefixes", "values", "otherwise"}.issuperset(table):
        raise RecordSettingInvalid(record.name, "`route` must be a table of column, prefixes or values, otherwise")
    column = table.get("column")
    if record.columns.get(str(column)) not in (Kind.KEY, Kind.TEXT):
        raise RecordSettingInvalid(record.name, f"`route` names `{column}`, which is no column of texts or keys")
    if ("prefixes" in table) == ("values" in table):
        raise RecordSettingInvalid(record.name, "`route` must have either `prefixes` or `values`")
    by_prefix, otherwise = "prefixes" in table, table.get("otherwise")
    by_value = table["prefixes" if by_prefix else "values"]
    if not isinstance(by_value, Mapping) or not by_value:
        raise RecordSettingInvalid(record.name, "`route` must map each prefix or value to a register")
    if by_prefix and not all(PREFIX.fullmatch(prefix) for prefix in by_value):
        raise RecordSettingInvalid(record.name, "a prefix of `route` is 1 to 20 characters of ASCII without blanks")
    named = {*map(str, by_value.values()), *([] if otherwise is None else [str(otherwise)])}
    _check_registers(record, named, registers)
    return Route(str(column), dict(by_value), otherwise, by_prefix)


def _check_registers(record: Record, named: Set[str], registers: Sequence[str]) -> None:
    for name in sorted(named - set(registers)):
        raise RecordSettingInvalid(record.name, f"`route` names `{name}`, which is not one of its `registers`")
    for name in registers:
        if name not in named:
            raise RecordSettingInvalid(record.name, f"`route` leaves no row to `{name}`")
