"""A withdrawal holds for the very next request on every replica: how a cache breaks it, and that ours does not."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import asyncpg
import httpx2
import pytest

from auth.agreements.grants import Grants
from auth.consent.consents import Consents
from auth.consent.history import Shown
from auth.consent.terms import Terms
from auth.crypto.keys import Key, Keys
from auth.principal import Grant, Jurisdiction
from auth.state.engine import migrated_engine
from resolvers.request.request import CONSENT
from tests.auth.recipients import app
from tests.journeys.deployment import CitizensIssuer, Deployment, Replica, deployment
from tests.oidc.provider import OpenIdProvider
from tests.servers import PostgreSQL, redis

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.anyio]

REVOCATIONS, WITHOUT_REDIS, AT_ONCE = 1_000, 200, 12
BORN = date(1990, 1, 1)
TERMS = Terms("employer", "diploma-verification", frozenset({"learner.record", "identity.name"}), date(2099, 12, 31))
SHOWN = Shown("vi", "Tôi đồng ý")
CHECK = "query ($n: String!) { learner(by: { citizenId: $n }) { fullName } }"
WITHDRAW = "mutation ($id: ID!) { withdrawConsent(id: $id) { effective } }"


@dataclass
class Seen:
    """What readers saw: under a consent that stands, and after its withdrawal was answered."""

    before: list[bool | None] = field(default_factory=list)
    after: list[bool | None] = field(default_factory=list)

    @property
    def leaks(self) -> int:
        return self.after.count(True)


Read = Callable[[], Awaitable[bool | None]]
"""Whether the data came; None: nothing was answered at all."""


async def revoked(
    grant: Callable[[], Awaitable[int]],
    withdraw: Callable[[int], Awaitable[None]],
    reads: Sequence[Read],
    seen: Seen,
) -> None:
    """Give a consent, read, withdraw it, and read again everywhere as soon as the withdrawal is answered."""
    consent = await grant()
    seen.before += await asyncio.gather(*(read() for read in reads))
    await withdraw(consent)
    seen.after += await asyncio.gather(*(read() for read in reads))


class Remembering:
    """What a replica would be that keeps consents for itself and hears of its own withdrawals only."""

    def __init__(self, consents: Consents) -> None:
        self._consents = consents
        self._kept: dict[Key, Mapping[Key, frozenset[str]]] = {}

    async def reads(self, subject: Key) -> bool:
        if subject not in self._kept:
            now = datetime.now(UTC)
            found = await self._consents.categories_by_subject([subject], TERMS.client_id, TERMS.purpose, now)
            self._kept[subject] = found
        return bool(self._kept[subject])

    async def withdraw(self, number: int, subject: Key) -> None:
        await self._consents.withdraw(number, subject, subject, datetime.now(UTC))
        self._kept.pop(subject, None)


async def test_replicas_with_a_cache_do_leak(fresh_database: Callable[[str], str]) -> None:
    async with _consents(fresh_database("withdrawal_cached"), bytes(range(32))) as consents:
        first, second = Remembering(consents), Remembering(consents)
        seen = Seen()
        for place in range(50):
            subject: Key = f"0010990{place:05d}"
            await revoked(
                lambda subject=subject: _given(consents, subject),  # type: ignore[misc]
                lambda number, subject=subject: first.withdraw(number, subject),  # type: ignore[misc]
                [lambda subject=subject, one=one: one.reads(subject) for one in (first, second)],  # type: ignore[misc]
                seen,
            )
    assert seen.before == [True] * 100
    assert seen.leaks == 50  # the replica that was not told, each time


@pytest.fixture(scope="module")
def redis_of_their_own() -> Iterator[tuple[str, Callable[[], None]]]:
    """A Redis and the way to stop it."""
    with ExitStack() as stack:
        url = stack.enter_context(redis())
        yield url, stack.close


@pytest.fixture(scope="module")
def three(
    tmp_path_factory: pytest.TempPathFactory,
    postgresql: PostgreSQL,
    redis_of_their_own: tuple[str, Callable[[], None]],
    oidc_provider: OpenIdProvider,
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("withdrawal")
    with deployment(folder, postgresql, redis_of_their_own[0], oidc_provider, replicas=3) as deployed:
        asyncio.run(_grant_to_employer(deployed))
        yield deployed


async def test_a_register_that_is_away_keeps_nobody_from_withdrawing(three: Deployment) -> None:
    person = (await _adults(three))[-1]
    async with (
        _consents(three.state_url, three.master) as consents,
        httpx2.AsyncClient(timeout=30) as client,
        _without_citizens(three),
    ):
        trial = Trial(three, consents, client, three.token("employer"))
        number = await _given(consents, person)
        await trial.withdraw(number, person, three.replicas[0])
        (consent,) = await consents.of_subject(person)
    assert consent.withdrawn_at is not None


async def test_no_replica_reads_what_was_withdrawn(
    three: Deployment, redis_of_their_own: tuple[str, Callable[[], None]]
) -> None:
    persons = await _adults(three)
    async with _consents(three.state_url, three.master) as consents, httpx2.AsyncClient(timeout=30) as client:
        trial = Trial(three, consents, client, three.token("employer"))
        with_redis = await trial.run(persons, REVOCATIONS)
        redis_of_their_own[1]()
        without = await trial.run(persons, WITHOUT_REDIS)
    print(f"\n{_figures(with_redis)}; without Redis {_figures(without)}")

    assert with_redis.before == [True] * (3 * REVOCATIONS)
    assert with_redis.after == [False] * (3 * REVOCATIONS)
    assert without.leaks == 0
    assert len(without.after) == 3 * WITHOUT_REDIS


class Trial:
    """Consents given beside the replicas, withdrawn by citizens at one replica, read by the employer at all three."""

    def __init__(self, deployed: Deployment, consents: Consents, client: "httpx2.AsyncClient", token: str) -> None:
        self._deployed = deployed
        self._consents = consents
        self._client = client
        self._token = token
        self._sealer = Keys(deployed.master).sealer(app(CitizensIssuer.CLIENT, CitizensIssuer.ISSUER))

    async def run(self, persons: Sequence[str], revocations: int) -> Seen:
        """Revoke so often, AT_ONCE at a time, each person being in one hand only."""
        seen, numbers = Seen(), itertools.count()

        async def worker(own: Sequence[str]) -> None:
            for person in itertools.cycle(own):
                turn = next(numbers)
                if turn >= revocations:
                    return
                await self._revoke(person, self._deployed.replicas[turn % 3], seen)

        await asyncio.gather(*(worker(persons[place::AT_ONCE]) for place in range(AT_ONCE)))
        return seen

    async def _revoke(self, person: str, at: Replica, seen: Seen) -> None:
        reads = [lambda replica=replica: self._reads(replica, person) for replica in self._deployed.replicas]
        await revoked(
            lambda: _given(self._consents, person), lambda number: self.withdraw(number, person, at), reads, seen
        )

    async def withdraw(self, number: int, person: str, at: Replica) -> None:
        """Withdraw as the citizen does, by the consent's id."""
        token = self._sealer.seal(CONSENT, (number, person))
        citizen = self._deployed.citizens.token(person)
        answer = await self._post(at, citizen, "self-service", WITHDRAW, {"id": token})
        assert answer.json()["data"] == {"withdrawConsent": {"effective": False}}, answer.text

    async def _reads(self, replica: Replica, person: str) -> bool | None:
        answer = await self._post(replica, self._token, TERMS.purpose, CHECK, {"n": person})
        data = answer.json().get("data")
        return None if data is None else data["learner"] is not None

    async def _post(
        self, replica: Replica, token: str, purpose: str, query: str, variables: Mapping[str, str]
    ) -> "httpx2.Response":
        headers = {"Authorization": f"Bearer {token}", "Purpose": purpose}
        return await self._client.post(
            f"{replica.url}/graphql", json={"query": query, "variables": variables}, headers=headers
        )


@asynccontextmanager
async def _consents(state_url: str, master: bytes) -> AsyncIterator[Consents]:
    engine = await migrated_engine(state_url)
    yield Consents(engine, Keys(master))
    await engine.dispose()


@asynccontextmanager
async def _without_citizens(deployed: Deployment) -> AsyncIterator[None]:
    """Nobody reads citizens of the population register inside the block."""
    connection = await asyncpg.connect(deployed.postgresql.database_url("population").replace("+asyncpg", ""))
    async with connection.transaction():
        await connection.execute("lock table citizens in access exclusive mode")
        yield
    await connection.close()


async def _given(consents: Consents, subject: Key) -> int:
    return (await consents.grant(subject, subject, BORN, TERMS, datetime.now(UTC), SHOWN)).id


async def _grant_to_employer(deployed: Deployment) -> None:
    engine = await migrated_engine(deployed.state_url)
    grant = Grant("employer", "employer", TERMS.purpose, Jurisdiction(), date(2026, 1, 1), None)
    many = 1_000_000  # each reading after a withdrawal finds nobody
    await Grants(engine).save(
        replace(grant, requests_per_minute=many, subjects_per_day=many, subjects_per_minute=many, misses_per_day=many)
    )
    await engine.dispose()


async def _adults(deployed: Deployment) -> list[str]:
    """Return learners of age whose link is verified: as many as keep each below a citizen's quota."""
    connection = await asyncpg.connect(deployed.postgresql.database_url("education").replace("+asyncpg", ""))
    rows = await connection.fetch(
        "select person_key from learners where link_state = 'VERIFIED' and birth_date < '2006-01-01' "
        "group by person_key having count(*) = 1 order by person_key limit 60"
    )
    await connection.close()
    return [row["person_key"] for row in rows]


def _figures(seen: Seen) -> str:
    unanswered = seen.after.count(None)
    return f"{len(seen.after)} reads after a withdrawal, {seen.leaks} leaks, {unanswered} not answered"
