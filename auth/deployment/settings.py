"""What a deployment decides: its variables in one table, from which settings, messages and docs/operating.md follow."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import ValidationError

from auth.authentication.issuers import Issuer
from auth.crypto.keys import Keys
from auth.crypto.signing import SigningKey
from auth.deployment.forms import (
    DATABASE_URL,
    FOLDER,
    ISSUERS_FILE,
    NETWORKS,
    NUMBER,
    NUMBER_FROM_1,
    PROXY_HEADER,
    REDIS_URL,
    REQUIRED,
    SECONDS,
    SECRET,
    SECRETS,
    SHARE,
    SIGNING_KEY,
    SWITCH,
    TOML_FILE,
    Variable,
)
from auth.deployment.names import check_names, register_variables
from auth.errors import NotStarted
from auth.limits.address_quotas import AddressLimits
from auth.limits.addresses import PROXY_HEADERS
from auth.limits.harvest import STRANGERS_PER_DAY
from auth.limits.shared_state import CITIZEN_REQUESTS_PER_MINUTE
from auth.state.clock import MOST_SKEW_S
from runtime.watchdog import STALL_S

CHECKOUT = Path(__file__).parents[2]

VARIABLES: Mapping[str, Variable] = {
    "LIENTHONG_REGISTERS": Variable(
        "registers",
        "path of the registers' configuration; `registers.toml` of the checkout if absent",
        TOML_FILE,
        str(CHECKOUT / "registers.toml"),
    ),
    "LIENTHONG_STATE_URL": Variable(
        "state_url",
        "own state: `postgresql+asyncpg://…` or `sqlite+aiosqlite:///…` (one replica)",
        DATABASE_URL,
        REQUIRED,
    ),
    "LIENTHONG_MASTER_SECRET": Variable(
        "master_secret",
        "32 bytes in hexadecimal, from which all keys are derived; all replicas share it",
        SECRET,
        REQUIRED,
    ),
    "LIENTHONG_ISSUERS": Variable("issuers", "path of the issuers' configuration (below)", ISSUERS_FILE, REQUIRED),
    "LIENTHONG_REDIS_URL": Variable(
        "redis_url",
        "shared state of several replicas; without it quotas and reloads are this process's own",
        REDIS_URL,
        None,
    ),
    "LIENTHONG_EARLIER_SECRETS": Variable(
        "earlier_secrets", "earlier master secrets, the oldest first, separated by spaces", SECRETS, ""
    ),
    "LIENTHONG_SIGNING_KEY": Variable(
        "signing_key",
        "seed of the Ed25519 key that signs roots and receipts, 32 bytes in hexadecimal; "
        "derived from the master secret if absent",
        SIGNING_KEY,
        None,
    ),
    "LIENTHONG_POLICIES": Variable(
        "policies",
        "path of the policy folder; `policies/` of the checkout if absent",
        FOLDER,
        str(CHECKOUT / "policies"),
    ),
    "LIENTHONG_PLAN": Variable(
        "plan", "`off`: every query runs on the reference executor, slower and to the same effect", SWITCH, "on"
    ),
    "LIENTHONG_STRANGERS_PER_DAY": Variable(
        "strangers_per_day",
        f"how many questions a day about persons a citizen may ask in vain; {STRANGERS_PER_DAY} if absent",
        NUMBER,
        str(STRANGERS_PER_DAY),
    ),
    "LIENTHONG_CITIZEN_REQUESTS_PER_MINUTE": Variable(
        "citizen_requests_per_minute",
        f"requests a minute of one citizen by one app, weighed by cost; {CITIZEN_REQUESTS_PER_MINUTE} if absent",
        NUMBER_FROM_1,
        str(CITIZEN_REQUESTS_PER_MINUTE),
    ),
    "LIENTHONG_TRUSTED_PROXIES": Variable(
        "trusted_proxies",
        "networks of the proxies in front, separated by blanks or commas; absent: no header is believed",
        NETWORKS,
        "",
    ),
    "LIENTHONG_PROXY_HEADER": Variable(
        "proxy_header",
        "the header in which they state whom they speak for: `x-forwarded-for` (if absent) or `forwarded`",
        PROXY_HEADER,
        PROXY_HEADERS[0],
    ),
    "LIENTHONG_COALESCE": Variable("coalesce", "`off`: look-ups of concurrent requests are not merged", SWITCH, "on"),
    "LIENTHONG_WATCHDOG_S": Variable(
        "watchdog_s",
        f"seconds that the event loop may stand still before the process ends; {STALL_S:.0f} if absent",
        SECONDS,
        str(STALL_S),
    ),
    "LIENTHONG_CLOCK_SKEW_S": Variable(
        "clock_skew_s",
        "seconds by which the clock may differ from that of own state; beyond it `/readyz` is 503; "
        f"{MOST_SKEW_S:.0f} if absent",
        SECONDS,
        str(MOST_SKEW_S),
    ),
    "LIENTHONG_SHADOW": Variable(
        "shadow", "share of queries (0 to 1) that both executors run, differences logged without values", SHARE, "0"
    ),
}
REGISTER_VARIABLES = "LIENTHONG_REGISTER_<NAME>"
REGISTER_MEANING = "fills the placeholder `{name}` in that file: URLs, tokens, passwords"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment decides. `variables` fill the placeholders of the registers' configuration."""

    registers: Mapping[str, Any]
    variables: Mapping[str, str] = field(repr=False)
    state_url: str = field(repr=False)
    master_secret: bytes = field(repr=False)
    issuers: Sequence[Issuer]
    redis_url: str | None = field(default=None, repr=False)
    earlier_secrets: Sequence[bytes] = field(default=(), repr=False)
    """Master secrets of before, the oldest first: what is kept under them is still found."""
    signing_key: SigningKey | None = field(default=None, repr=False)
    """What signs roots and receipts; None: a key derived from the master secret."""
    policies: Path = CHECKOUT / "policies"
    plan: bool = True
    """Whether queries run breadth-first by a compiled plan; if not, all run on the reference executor."""
    shadow: float = 0.0
    """The share of planned queries that the reference executor runs too, to log where the two differ."""
    strangers_per_day: int = STRANGERS_PER_DAY
    """How many questions of a day about persons a citizen may ask in vain."""
    citizen_requests_per_minute: int = CITIZEN_REQUESTS_PER_MINUTE
    trusted_proxies: Sequence[str] = ()
    """Networks of those who are believed about where a request comes from."""
    proxy_header: str = PROXY_HEADERS[0]
    address_limits: AddressLimits = field(default_factory=AddressLimits)
    coalesce: bool = True
    """Whether look-ups of concurrent requests are merged into one call of their register."""
    watchdog_s: float = STALL_S
    """How long the event loop may stand still before a process of its own ends."""
    clock_skew_s: float = MOST_SKEW_S
    """By how much the clock may differ from that of our own state."""


def settings_from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of a deployment, from the variables of the table.

    Raises NotStarted, which names the variable and what it should be, never what it is.
    """
    check_names(environment, VARIABLES.keys())
    values = {variable.field: setting(name, environment) for name, variable in VARIABLES.items()}
    _check_secrets(values["master_secret"], values["earlier_secrets"])
    variables = register_variables(environment, values["registers"])
    return Settings(variables=variables, **values)


def setting(name: str, environment: Mapping[str, str] = os.environ) -> Any:
    """Return what one variable of the table says. An empty one counts as absent. Raises NotStarted as above."""
    variable = VARIABLES[name]
    text = environment.get(name) or variable.otherwise
    if text is REQUIRED:
        raise NotStarted(f"{name} is not set: it must be {variable.form.wanted}")
    return None if text is None else _parsed(name, variable, str(text))


def record_secrets(environment: Mapping[str, str] = os.environ) -> tuple[Keys, SigningKey | None]:
    """Return what commands check the audit record with. Raises NotStarted as above."""
    names = "LIENTHONG_MASTER_SECRET", "LIENTHONG_EARLIER_SECRETS", "LIENTHONG_SIGNING_KEY"
    master, earlier, signing = (setting(name, environment) for name in names)
    _check_secrets(master, earlier)
    return Keys(master, earlier), signing


def _parsed(name: str, variable: Variable, text: str) -> Any:
    try:
        return variable.form.parsed(text)
    except NotStarted as error:
        raise NotStarted(f"{name} must be {variable.form.wanted}: {error}") from None
    except (ValueError, TypeError, ValidationError):
        raise NotStarted(f"{name} must be {variable.form.wanted}") from None


def _check_secrets(master: bytes, earlier: Sequence[bytes]) -> None:
    try:
        Keys(master, earlier)
    except ValueError:
        wanted = "other secrets than LIENTHONG_MASTER_SECRET, each once and at most 15"
        raise NotStarted(f"LIENTHONG_EARLIER_SECRETS must be {wanted}") from None
