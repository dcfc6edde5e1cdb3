"""What the registers of a configuration hold of the canonical records, and which of them must be ready."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.composition.settings import services
from connectors.record import PERIOD_OF, Record
from connectors.records import RECORDS


def required_registers(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the registers without which a replica should get no requests."""
    return tuple(name for name, section in config.get("registers", {}).items() if section.get("required", False))


def unserved_records(config: Mapping[str, Any]) -> frozenset[str]:
    """Return the records that no register of the configuration serves."""
    configured = config.get("registers", {}).keys()
    return frozenset(name for name, service in services(config).items() if configured.isdisjoint(service.registers))


def absent_columns(config: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Return (record, column) of what every register of a record maps to `false`; its time is never among them.

    Of a register behind REST it is not known.
    """
    configured = config.get("registers", {})
    absent: set[tuple[str, str]] = set()
    for name, service in services(config).items():
        sections = [configured[register] for register in service.registers if register in configured]
        if sections and all(section.get("kind") == "sql" for section in sections):
            mappings = [section["records"][name] for section in sections]
            columns = set.intersection(*(set(_false(RECORDS[name], mapping)) for mapping in mappings))
            absent.update((name, column) for column in columns - {RECORDS[name].key, "as_of"})
    return frozenset(absent)


def _false(record: Record, mapping: Mapping[str, Any]) -> Iterator[str]:
    """Return the columns without a column of the register and without a constant; a period is its date's column."""
    columns, constants = mapping.get("columns", {}), mapping.get("constants", {})
    for name in record.columns:
        if columns.get(name, columns.get(PERIOD_OF.get(name, name))) is False and name not in constants:
            yield name
