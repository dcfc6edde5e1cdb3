"""Which variables of ours an environment may hold: one that nobody reads is a mistake that must not stay unseen."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from auth.errors import NotStarted

PREFIX = "LIENTHONG_"
REGISTER = "LIENTHONG_REGISTER_"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")  # as in connectors/registry.py
_INJECTED = re.compile(
    r"(?P<service>[A-Z0-9_]+?)_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
"""What Kubernetes puts into every pod for each service of its namespace."""


def check_names(environment: Mapping[str, str], known: Collection[str]) -> None:
    """Raise NotStarted for a variable of ours that is none of the known ones, nor a register's, nor of Kubernetes."""
    for name in sorted(environment):
        read = name in known or name.startswith(REGISTER)
        if name.startswith(PREFIX) and not read and not _injected(name, environment):
            raise NotStarted(f"{name} is not a setting: docs/operating.md lists them")


def register_variables(environment: Mapping[str, str], registers: Mapping[str, Any]) -> dict[str, str]:
    """Return what fills the placeholders of the registers' configuration, by placeholder.

    Raises NotStarted for a placeholder without a variable, and for a variable without a placeholder.
    """
    placeholders = {name for text in _filled(registers) for name in _PLACEHOLDER.findall(text)}
    given = {
        name.removeprefix(REGISTER).lower(): value
        for name, value in environment.items()
        if name.startswith(REGISTER) and not _injected(name, environment)
    }
    for name in sorted(given.keys() - placeholders):
        raise NotStarted(f"{REGISTER}{name.upper()} must fill a placeholder: the registers have no `{{{name}}}`")
    for name in sorted(placeholders):
        if not given.get(name):
            raise NotStarted(f"{REGISTER}{name.upper()} is not set: it must fill the registers' `{{{name}}}`")
    return given


def _injected(name: str, environment: Mapping[str, str]) -> bool:
    """Tell whether Kubernetes has set it: for the service `lienthong`, or for one whose address is there as well."""
    match = _INJECTED.fullmatch(name)
    if match is None:
        return False
    service = match["service"]
    return service == "LIENTHONG" or (
        f"{service}_SERVICE_HOST" in environment and f"{service}_SERVICE_PORT" in environment
    )


def _filled(registers: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of the configuration in which placeholders are filled."""
    sections = registers.get("registers")
    for section in sections.values() if isinstance(sections, Mapping) else ():
        if isinstance(section, Mapping):
            yield from (section[name] for name in ("url", "token") if isinstance(section.get(name), str))
