"""The queries by hand with our duties: what a server takes that must know who asks, and account for what it answers.

`python -m bench.peers.duties SETTINGS PORT`. Before the data: the token, the client's grants, the quota. After it: the
persons' pseudonyms and consents, the harvest guard, a durable audit entry; all by the parts that our server uses.
Nothing is decided: no policy, mask, plan, check of a register's answer, limit of a document or log line.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import asyncpg

from auth.audit.log.chain import Entry
from auth.crypto.keys import Pseudonyms
from bench.peers.ceiling import Ceiling, Scope, Variables
from bench.peers.product import application, database_of, serve
from reference.vietnam_time import VIETNAM
from resolvers.request.access import AccessContext
from schema.operations.admittance import admitted
from schema.operations.operation import Services


class Dutiful(Ceiling):
    """An ASGI application; its parts are those of the server that the settings describe."""

    def __init__(self, settings_file: Path) -> None:
        self._composed = application(settings_file)
        super().__init__(database_of(settings_file))

    async def _opened(self, stack: AsyncExitStack) -> asyncpg.Pool:
        await stack.enter_async_context(self._composed.router.lifespan_context(self._composed))
        return await super()._opened(stack)

    async def _data(self, scope: Scope, query: str, variables: Variables) -> Any:
        services: Services = self._composed.state.services
        headers = {name: value.decode() for name, value in scope["headers"]}
        now = datetime.now(VIETNAM)
        access, _ = await admitted(services, bytes, headers.get(b"authorization"), headers.get(b"purpose"), None, now)
        answer = await super()._data(scope, query, variables)
        await _account(services, access, now, query, [str(key) for key in _learners(answer)])
        return answer


async def _account(
    services: Services, access: AccessContext, now: datetime, query: str, persons: Sequence[str]
) -> None:
    """Learn what the persons have consented to, count them and put the reading on record."""
    client_id, purpose, grant = access.principal.client_id, access.profile.purpose, access.grant
    pseudonyms = Pseudonyms(services.keys)
    consents = services.openings.state.consents
    consented = await consents.categories_by_subject(persons, client_id, purpose, now, pseudonyms)
    subjects = pseudonyms.of(persons)
    if grant is not None:
        await services.harvest.charge(grant, subjects, (), now.date())
    entry = Entry(
        at=now,
        request_id=blake2b(digest_size=16).hexdigest(),
        client_id=client_id,
        principal_kind=access.principal.kind,
        purpose=purpose,
        case=None,
        operation_hash=blake2b(query.encode(), digest_size=16).hexdigest(),
        operation_name=None,
        released=("Learner.fullName",),
        denied=(),
        subjects=subjects,
        rows=len(persons),
        rules=tuple(sorted(set().union(*consented.values()))),
        bases=(),
        latency_us=0,
        agreement=grant.agreement if grant else None,
    )
    await services.audit.record(entry)


def _learners(answer: Mapping[str, Any]) -> Sequence[int]:
    """Return the keys of the learners in an answer to one of the three queries."""
    (found,) = answer.values()
    return [learner["id"] for learner in (found if isinstance(found, list) else [found] if found else [])]


def main() -> None:
    serve(Dutiful(Path(sys.argv[1])), int(sys.argv[2]))


if __name__ == "__main__":
    main()
