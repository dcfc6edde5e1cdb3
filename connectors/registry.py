"""The registers of a deployment: their configuration read, checked and turned into sources."""

import asyncio
import re
from collections.abc import Container, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from msgspec import field
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.composition.composed import Composed
from connectors.composition.overlapping import Overlapping
from connectors.composition.settings import Service, served_by, services
from connectors.errors import RecordSettingInvalid, RegistersInvalid, SourceContractBroken, SourceUnavailable
from connectors.guards.checked import Checked
from connectors.guards.resilience import Resilient, SourceLimits
from connectors.record import Record
from connectors.records import RECORDS
from connectors.rest import RestSource
from connectors.source import ColumnOrder, Source
from connectors.sql.mapping import MappedRecord, mapped_records
from connectors.sql.postgresql.database import PostgreSQLDatabase
from connectors.sql.sql_source import Database, SqlSource
from connectors.sql.sqlite import SQLiteDatabase
from connectors.unserved import Unserved
from reference.toml_table import Number, Positive, Text, TOMLTable, validated
from reference.web_addresses import address_fault

_log = structlog.get_logger(__name__)

PLACEHOLDER = re.compile(r"\{(\w+)\}")
PASSWORD = re.compile(r"://[^/@:]*:([^/@]*)@")
_UNSET = SourceLimits()


class BreakerTable(TOMLTable, frozen=True, kw_only=True):
    failures: Number = _UNSET.failures
    reset_s: Positive = _UNSET.reset_s


class RetriesTable(TOMLTable, frozen=True, kw_only=True):
    attempts: Number = _UNSET.attempts
    budget: Positive = _UNSET.budget


class RegisterTable(TOMLTable, frozen=True, kw_only=True):
    """What may be said of every register."""

    kind: str
    url: Text
    normalised: bool = False
    pool: Number = _UNSET.calls
    lists: Number = _UNSET.lists
    deadline_s: Positive = _UNSET.deadline_s
    breaker: BreakerTable = BreakerTable()
    retries: RetriesTable = RetriesTable()
    required: bool = False

    @property
    def limits(self) -> SourceLimits:
        """The limits of the register's source."""
        return SourceLimits(
            calls=self.pool,
            lists=self.lists,
            deadline_s=self.deadline_s,
            failures=self.breaker.failures,
            reset_s=self.breaker.reset_s,
            attempts=self.retries.attempts,
            budget=self.retries.budget,
        )


class SqlTable(RegisterTable, frozen=True, kw_only=True):
    records: dict[str, dict[str, Any]] = field(default_factory=dict)


class RestTable(RegisterTable, frozen=True, kw_only=True):
    token: Text
    batch: Number = 500
    plain_http_hosts: tuple[Text, ...] = ()
    records: tuple[Text, ...] | None = None


KINDS: Mapping[str, type[RegisterTable]] = {"sql": SqlTable, "rest": RestTable}


def open_sources(config: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Source]:
    """Return a source for each register of the configuration, by name; connections open when first needed.

    `variables` fill the `{placeholders}`; secrets come by no other way. Raises RegistersInvalid.
    """
    serving = services(config)
    known = {register for service in serving.values() for register in service.registers}
    shared = {name for name, service in serving.items() if len(service.registers) > 1}
    sources: dict[str, Source] = {}
    for register, section in config.get("registers", {}).items():
        if register not in known:
            raise RegistersInvalid(register, f"no record belongs to it ({', '.join(sorted(known))})")
        sources[register] = _source(register, section, variables, served_by(register, serving), shared)
    return sources


def sources_by_record(config: Mapping[str, Any], sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return the source of each record: its register's own, one for all registers that serve it, or none's.

    Raises RecordSettingInvalid where these cannot be put together.
    """
    by_record: dict[str, Source] = {}
    for name, service in services(config).items():
        parts = [sources[register] for register in service.registers if register in sources]
        if not parts:
            by_record[name] = Unserved(service.registers[0])
        elif len(parts) == 1:
            by_record[name] = parts[0]
        elif service.overlap:
            by_record[name] = Overlapping(RECORDS[name], parts)
        else:
            orders = _agreed_orders(RECORDS[name], service, config)
            by_record[name] = Composed(RECORDS[name], parts, route=service.route, orders=orders)
    return by_record


def _agreed_orders(record: Record, service: Service, config: Mapping[str, Any]) -> Mapping[str, ColumnOrder]:
    """Return the orders that all registers have alike; none where one of them is behind REST and offers no lists."""
    sections = {name: config["registers"][name] for name in service.registers}
    if any(section["kind"] == "rest" for section in sections.values()):
        return {}
    mappings = {
        name: mapped_records(name, {record.name: section["records"][record.name]}, (record.name,), {record.name})
        for name, section in sections.items()
    }
    orders = {}
    for column in record.columns:
        own = {name: mapping[record.name].columns[column].order for name, mapping in mappings.items()}
        if len(set(own.values())) == 1:
            orders[column] = next(iter(own.values()))
        elif column == record.key:
            told = ", ".join(f"`{name}` by {order.value}" for name, order in own.items())
            raise RecordSettingInvalid(
                record.name,
                f"registers order its key `{column}` differently ({told}): a `key_prefixes` entry ends that",
            )
    return orders


async def refuse_misfits(sources: Mapping[str, Source]) -> None:
    """Raise RegistersInvalid where a register that answers is not as it is configured.

    One that is away is told of in the log, and looked at when it first answers.
    """
    names = list(sources)
    found = await asyncio.gather(*(sources[name].ready() for name in names), return_exceptions=True)
    for name, error in zip(names, found, strict=True):
        match error:
            case SourceContractBroken():
                raise RegistersInvalid(error.register, error.message)
            case SourceUnavailable():  # its words hold a code at most, never an address
                _log.warning("register away at the start", register=name, reason=error.message)
            case BaseException():
                raise error


def _source(
    register: str,
    section: Mapping[str, Any],
    variables: Mapping[str, str],
    served: Sequence[str],
    shared: Container[str],
) -> Source:
    table = _table(register, section)
    limits = table.limits
    if isinstance(table, RestTable):
        if table.records is not None and sorted(table.records) != sorted(served):
            raise RegistersInvalid(register, f"`records` must name the records that it serves ({', '.join(served)})")
        return Resilient(Checked(_rest_source(register, table, variables, limits)), limits)
    assert isinstance(table, SqlTable)
    records = mapped_records(register, table.records, served, shared)
    database = _database(register, table, variables, records, limits)
    return Resilient(Checked(SqlSource(register, records, database, table.normalised), typed=database.typed), limits)


def _table(register: str, section: object) -> RegisterTable:
    """Return the section as its kind has it. Raises RegistersInvalid."""
    error = partial(RegistersInvalid, register)
    kind = section.get("kind") if isinstance(section, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise error(f"`kind` must be one of {', '.join(KINDS)}")
    return validated(KINDS[kind], section, "", error)


def _rest_source(register: str, table: RestTable, variables: Mapping[str, str], limits: SourceLimits) -> RestSource:
    url = _filled(register, "url", table.url, variables)
    if fault := address_fault(url, table.plain_http_hosts):
        raise RegistersInvalid(register, f"`url` {fault}")
    if not PLACEHOLDER.fullmatch(table.token):
        raise RegistersInvalid(
            register, "`token` must be a placeholder: secrets are not written into the configuration"
        )
    return RestSource(
        register,
        url,
        _filled(register, "token", table.token, variables),
        batch=table.batch,
        calls=limits.calls,
        deadline_s=limits.deadline_s,
        normalised=table.normalised,
    )


def _database(
    register: str,
    table: SqlTable,
    variables: Mapping[str, str],
    records: Mapping[str, MappedRecord],
    limits: SourceLimits,
) -> Database:
    password = PASSWORD.search(table.url)
    if password and not PLACEHOLDER.fullmatch(password[1]):
        raise RegistersInvalid(register, "the password in `url` must be a placeholder: secrets are not written there")
    url = _url(register, _filled(register, "url", table.url, variables))
    if url.drivername == "postgresql+asyncpg":
        return PostgreSQLDatabase(register, url, records, limits)
    if url.drivername == "sqlite+aiosqlite":
        return SQLiteDatabase(register, url, records, limits)
    raise RegistersInvalid(register, "`url` must begin with `sqlite+aiosqlite:` or `postgresql+asyncpg:`")


def _url(register: str, text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        pass
    raise RegistersInvalid(register, "`url` is no database address")


def _filled(register: str, name: str, text: str, variables: Mapping[str, str]) -> str:
    def variable(found: re.Match[str]) -> str:
        if not variables.get(found[1]):
            raise RegistersInvalid(register, f"`{name}` needs `{found[1]}`, which is not set")
        return variables[found[1]]

    return PLACEHOLDER.sub(variable, text)
