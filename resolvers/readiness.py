"""Whether this replica should be sent requests: found out by the ways that requests go, at most once a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import Context
from typing import Any, NamedTuple

import structlog

from auth.agreements.grants import Grants
from auth.audit.record import Audit
from auth.errors import AuditUnavailable, SharedStateUnavailable, StateUnavailable
from auth.limits.shared_state import SharedState
from auth.state.clock import MOST_SKEW_S, Clock
from connectors.errors import SourceError, SourceUnavailable
from connectors.source import Source
from reference.vietnam_time import today

LASTS_S = 1.0
"""How long a report is given to whoever asks."""
ANSWER_S = 2.0
"""What has not answered by then is unavailable; it is waited for all the same, and asked no second time meanwhile."""
NEEDED = ("state", "clock")
"""What must be well beside the required registers: another register away nulls its own fields, Redis stops agencies."""

_log = structlog.get_logger(__name__)


class Report(NamedTuple):
    """What was found; `body` is what the one who asks is told."""

    ready: bool
    body: Mapping[str, Any]


class Readiness:
    """Looks once for all who ask at the same time, and remembers for a second what it saw."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        grants: Grants,
        audit: Audit,
        clock: Clock,
        shared: SharedState,
        most_skew_s: float = MOST_SKEW_S,
        required: Collection[str] = (),
    ) -> None:
        self._grants, self._audit, self._clock, self._shared = grants, audit, clock, shared
        self._most_skew_s = most_skew_s
        self._needed = (*NEEDED, *(f"register {name}" for name in required))
        self._looks: dict[str, Callable[[], Awaitable[str]]] = {
            "state": self._state,
            "clock": self._skew,
            "shared state": self._shared_state,
            **{f"register {name}": lambda source=source: _register(source) for name, source in sources.items()},  # type: ignore[misc]
        }
        self._looking: dict[str, asyncio.Task[str]] = {}
        self._report: asyncio.Task[Report] | None = None
        self._reported_at = 0.0

    async def report(self, policy: str) -> Report:
        """Return how things stand; `policy` is the version in force, which is told with it."""
        if self._report is None or (self._report.done() and time.monotonic() - self._reported_at >= LASTS_S):
            self._report = asyncio.create_task(self._found(), name="readiness", context=Context())
        ready, body = await asyncio.shield(self._report)
        return Report(ready, {**body, "policy": policy})

    async def close(self) -> None:
        """End what is still being waited for."""
        running = [*self._looking.values(), *([self._report] if self._report else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _found(self) -> Report:
        for name, look in self._looks.items():
            if name not in self._looking or self._looking[name].done():
                self._looking[name] = asyncio.create_task(_word(name, look), name=f"look at {name}")
        await asyncio.wait(self._looking.values(), timeout=ANSWER_S)
        words = {name: task.result() if task.done() else "unavailable" for name, task in self._looking.items()}
        self._reported_at = time.monotonic()
        ready = all(words[name] == "ready" for name in self._needed)
        registers = {name.removeprefix("register "): words[name] for name in words if name.startswith("register ")}
        why = [f"{name}: {word}" for name, word in words.items() if word != "ready"]
        told = {"state": words["state"], "clock": words["clock"], "sharedState": words["shared state"]}
        return Report(ready, {"ready": ready, **told, "registers": registers, "why": why})

    async def _state(self) -> str:
        """Read what every request of a client reads, and stand in the queue of what is put on record."""
        await asyncio.gather(self._grants.of("", today()), self._audit.ready())
        return "ready"

    async def _skew(self) -> str:
        ahead_s = await self._clock.ahead_s()
        if abs(ahead_s) <= self._most_skew_s:
            return "ready"
        return f"{abs(ahead_s):.1f} s {'ahead of' if ahead_s > 0 else 'behind'} the database's"

    async def _shared_state(self) -> str:
        await self._shared.ready()
        return "ready"


async def _register(source: Source) -> str:
    try:
        await source.ready()
    except SourceUnavailable:
        return "unavailable"
    except SourceError:  # what does not fit is in the log
        return "unfit"
    return "ready"


async def _word(name: str, look: Callable[[], Awaitable[str]]) -> str:
    """Return what was found; whatever goes wrong is a finding, never an error of who asked."""
    try:
        return await look()
    except (StateUnavailable, AuditUnavailable, SharedStateUnavailable):
        return "unavailable"
    except Exception as error:
        _log.error("readiness not found out", of=name, error=type(error).__name__)
        return "unavailable"
