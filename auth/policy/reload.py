"""When the rules change while the server runs: told by a signal, or by another replica."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from auth.errors import SharedStateUnavailable
from auth.limits.shared_state import SharedState
from auth.policy.policy_set import Policies, PolicyInvalid

_log = structlog.get_logger(__name__)


@contextmanager
def reloads_on_signal(policies: Policies, shared: SharedState) -> Iterator[None]:
    """On SIGHUP read the policies again and tell the other replicas; an invalid set changes nothing."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        if _reloaded(policies):
            with suppress(SharedStateUnavailable):  # the log has it; others read the folder when they are told again
                await shared.publish_policy(policies.version)

    def start() -> None:
        task = loop.create_task(reload(), name="policy reload")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_signal_handler(signal.SIGHUP, start)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def _reloaded(policies: Policies) -> bool:
    try:
        policies.reload()
    except PolicyInvalid as error:
        _log.error("policies not reloaded", reason=str(error))
        return False
    _log.info("policies reloaded", version=policies.version)
    return True


async def follow(policies: Policies, shared: SharedState) -> None:
    """Read the policies again whenever another replica says that their version has changed."""
    async for version in shared.policy_versions():
        if version != policies.version:
            _reloaded(policies)
