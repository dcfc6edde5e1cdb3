"""The registers of a deployment: their configuration read, checked and turned into sources."""

import asyncio
import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.composition.composed import Composed
from connectors.composition.overlapping import Overlapping
from connectors.composition.settings import Service, served_by, services
from connectors.errors import RecordSettingInvalid, RegistersInvalid, SourceContractBroken, SourceUnavailable
from connectors.guards.checked import Checked
from connectors.guards.resilience import Resilient, SourceLimits
from connectors.records import RECORDS, Record
from connectors.rest import RestSource
from connectors.source import ColumnOrder, Source
from connectors.sql.mapping import MappedRecord, mapped_records
from connectors.sql.postgresql.database import PostgreSQLDatabase
from connectors.sql.sql_source import Database, SqlSource
from connectors.sql.sqlite import SQLiteDatabase
from reference.web_addresses import address_fault

_log = structlog.get_logger(__name__)

PLACEHOLDER = re.compile(r"\{(\w+)\}")
PASSWORD = re.compile(r"://[^/@:]*:([^/@]*)@")
COMMON = {"kind", "url", "normalised", "pool", "deadline_s", "breaker", "retries"}
SETTINGS_BY_KIND = {
    "sql": COMMON | {"records", "lists"},
    "rest": COMMON | {"token", "batch", "plain_http_hosts", "records"},
}


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
    for register in sorted(known - sources.keys()):
        raise RegistersInvalid(register, "is not configured")
    return sources


def sources_by_record(config: Mapping[str, Any], sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return the source of each record: its register's own, or one for all registers that serve it.

    Raises RecordSettingInvalid where these cannot be put together.
    """
    by_record: dict[str, Source] = {}
    for name, service in services(config).items():
        parts = [sources[register] for register in service.registers]
        if len(parts) == 1:
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
    kind = section.get("kind")
    if kind not in SETTINGS_BY_KIND:
        raise RegistersInvalid(register, f"`kind` must be one of {', '.join(SETTINGS_BY_KIND)}")
    for word in section:
        if word not in SETTINGS_BY_KIND[kind]:
            raise RegistersInvalid(register, f"`{word}` is not a setting of a {kind} register")
    limits = _limits(register, section)
    if kind == "rest":
        _check_records(register, section, served)
        return Resilient(Checked(_rest_source(register, section, variables, limits)), limits)
    records = mapped_records(register, section.get("records", {}), served, shared)
    database = _database(register, section, variables, records, limits)
    source = SqlSource(register, records, database, _flag(register, section, "normalised"))
    return Resilient(Checked(source, typed=database.typed), limits)


def _check_records(register: str, section: Mapping[str, Any], served: Sequence[str]) -> None:
    """Raise RegistersInvalid where a register behind REST names other records than those it has to serve."""
    if "records" in section and sorted(_texts(register, section, "records")) != sorted(served):
        raise RegistersInvalid(register, f"`records` must name the records that it serves ({', '.join(served)})")


def _rest_source(
    register: str, section: Mapping[str, Any], variables: Mapping[str, str], limits: SourceLimits
) -> RestSource:
    url = _filled(register, section, "url", variables)
    if fault := address_fault(url, _texts(register, section, "plain_http_hosts")):
        raise RegistersInvalid(register, f"`url` {fault}")
    if not PLACEHOLDER.fullmatch(str(section.get("token", ""))):
        raise RegistersInvalid(
            register, "`token` must be a placeholder: secrets are not written into the configuration"
        )
    return RestSource(
        register,
        url,
        _filled(register, section, "token", variables),
        batch=_number(register, section, "batch", 500, whole=True),
        calls=limits.calls,
        deadline_s=limits.deadline_s,
        normalised=_flag(register, section, "normalised"),
    )


def _database(
    register: str,
    section: Mapping[str, Any],
    variables: Mapping[str, str],
    records: Mapping[str, MappedRecord],
    limits: SourceLimits,
) -> Database:
    password = PASSWORD.search(_text(register, section, "url"))
    if password and not PLACEHOLDER.fullmatch(password[1]):
        raise RegistersInvalid(register, "the password in `url` must be a placeholder: secrets are not written there")
    url = _url(register, _filled(register, section, "url", variables))
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


def _limits(register: str, section: Mapping[str, Any]) -> SourceLimits:
    unset = SourceLimits()
    breaker = _table(register, section, "breaker", {"failures", "reset_s"})
    retries = _table(register, section, "retries", {"attempts", "budget"})
    return SourceLimits(
        calls=_number(register, section, "pool", unset.calls, whole=True),
        lists=_number(register, section, "lists", unset.lists, whole=True),
        deadline_s=_number(register, section, "deadline_s", unset.deadline_s),
        failures=_number(register, breaker, "failures", unset.failures, whole=True),
        reset_s=_number(register, breaker, "reset_s", unset.reset_s),
        attempts=_number(register, retries, "attempts", unset.attempts, whole=True),
        budget=_number(register, retries, "budget", unset.budget),
    )


def _table(register: str, section: Mapping[str, Any], name: str, settings: set[str]) -> Mapping[str, Any]:
    table = section.get(name, {})
    if not isinstance(table, Mapping) or not settings.issuperset(table):
        raise RegistersInvalid(register, f"`{name}` must be a table of {', '.join(sorted(settings))}")
    return table


def _number(register: str, section: Mapping[str, Any], name: str, unset: Any, *, whole: bool = False) -> Any:
    number = section.get(name, unset)
    if type(number) not in ((int,) if whole else (int, float)) or number <= 0:
        raise RegistersInvalid(register, f"`{name}` must be a {'whole ' if whole else ''}number above zero")
    return number


def _flag(register: str, section: Mapping[str, Any], name: str) -> bool:
    flag = section.get(name, False)
    if not isinstance(flag, bool):
        raise RegistersInvalid(register, f"`{name}` must be true or false")
    return flag


def _texts(register: str, section: Mapping[str, Any], name: str) -> list[str]:
    texts = section.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise RegistersInvalid(register, f"`{name}` must be a list of texts")
    return texts


def _text(register: str, section: Mapping[str, Any], name: str) -> str:
    text = section.get(name)
    if not isinstance(text, str) or not text:
        raise RegistersInvalid(register, f"has no `{name}`")
    return text


def _filled(register: str, section: Mapping[str, Any], name: str, variables: Mapping[str, str]) -> str:
    def variable(found: re.Match[str]) -> str:
        if not variables.get(found[1]):
            raise RegistersInvalid(register, f"`{name}` needs `{found[1]}`, which is not set")
        return variables[found[1]]

    return PLACEHOLDER.sub(variable, _text(register, section, name))
