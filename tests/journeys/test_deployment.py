"""Two replicas of a deployment on real servers: what they share, how they change policy, and how they stop."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import asyncpg
import httpx2
import pytest

from tests.journeys.callers import number
from tests.journeys.deployment import PER_MINUTE, Deployment, deployment
from tests.oidc.provider import OpenIdProvider
from tests.servers import PostgreSQL

pytestmark = pytest.mark.servers

LOOK_UP = "query ($n: [String!]!) { learnersByCitizenIds(citizenIds: $n) { fullName residencePeriods { fromDate } } }"


@pytest.fixture(scope="module")
def deployed(
    tmp_path_factory: pytest.TempPathFactory,
    postgresql: PostgreSQL,
    redis_url: str,
    oidc_provider: OpenIdProvider,
) -> Iterator[Deployment]:
    with deployment(tmp_path_factory.mktemp("deployment"), postgresql, redis_url, oidc_provider) as replicas:
        yield replicas


def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    """Return once the condition holds; it must within the time."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_agency_with_the_providers_token_is_answered_by_either_replica(deployed: Deployment) -> None:
    token = deployed.token("exam-office")
    answers = [replica.ask(token, LOOK_UP, n=[number("graduate"), "001299999999"]) for replica in deployed.replicas]
    (first, nobody), second = answers[0].json()["data"]["learnersByCitizenIds"], answers[1].json()["data"]
    assert first["fullName"] == "Nguyễn Minh Quân"
    assert len(first["residencePeriods"]) == 3
    assert nobody is None
    assert second["learnersByCitizenIds"] == [first, None]


def test_a_client_without_a_grant_is_refused(deployed: Deployment) -> None:
    answer = deployed.replicas[0].ask(deployed.token("police"), "{ __typename }")
    assert answer.json()["errors"][0]["extensions"]["code"] == "PURPOSE_NOT_GRANTED"


def test_the_providers_new_key_is_taken_without_a_restart(deployed: Deployment) -> None:
    deployed.provider.add_signing_key()
    fresh = deployed.provider.token("exam-office", "lienthong")
    assert deployed.replicas[0].ask(fresh, "{ __typename }").json()["data"] == {"__typename": "Query"}


def test_quotas_are_counted_over_all_replicas(deployed: Deployment) -> None:
    token = deployed.token("school")
    statuses = [deployed.replicas[turn % 2].ask(token, "{ __typename }") for turn in range(PER_MINUTE + 10)]
    refused = [answer for answer in statuses if "RATE_LIMITED" in answer.text]
    assert len(refused) >= 9  # the window slides: one may have become free meanwhile
    assert "retry-after" in refused[0].headers


def test_a_new_policy_reaches_every_replica_and_an_invalid_one_none(deployed: Deployment) -> None:
    first, second = deployed.replicas
    before = first.ready()["policy"]
    rules = deployed.policies / "examinations.cedar"
    sound = rules.read_text(encoding="utf-8")

    rules.write_text(sound.replace('@citation("', '@citation("Amended: '), encoding="utf-8")
    first.process.send_signal(signal.SIGHUP)
    until(lambda: first.ready()["policy"] == second.ready()["policy"] != before)
    amended = second.ready()["policy"]

    rules.write_text("permit (principal, action, resource);", encoding="utf-8")
    first.process.send_signal(signal.SIGHUP)
    until(lambda: "policies not reloaded" in first.log.read_text())
    assert {replica.ready()["policy"] for replica in deployed.replicas} == {amended}
    rules.write_text(sound, encoding="utf-8")


@asynccontextmanager
async def _held(deployed: Deployment, database: str, table: str) -> AsyncIterator[None]:
    """Nobody reads the table inside the block."""
    connection = await asyncpg.connect(deployed.postgresql.database_url(database).replace("+asyncpg", ""))
    async with connection.transaction():
        await connection.execute(f"lock table {table} in access exclusive mode")
        yield
    await connection.close()


def test_a_register_that_is_away_nulls_its_own_fields_only(deployed: Deployment) -> None:
    async def ask() -> httpx2.Response:
        async with _held(deployed, "population", "residence_periods"):
            return await asyncio.to_thread(
                deployed.replicas[0].ask, deployed.token("exam-office"), LOOK_UP, n=[number("graduate")]
            )

    body = asyncio.run(ask()).json()
    assert body["data"]["learnersByCitizenIds"] == [{"fullName": "Nguyễn Minh Quân", "residencePeriods": None}]
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "SOURCE_UNAVAILABLE", "register": "population"}
    assert error["path"] == ["learnersByCitizenIds", 0, "residencePeriods"]


def test_without_an_audit_record_nothing_is_answered(deployed: Deployment) -> None:
    async def ask() -> httpx2.Response:
        async with _held(deployed, "state", "audit_entries"):
            return await asyncio.to_thread(
                deployed.replicas[0].ask, deployed.token("exam-office"), LOOK_UP, 20, n=[number("graduate")]
            )

    answer = asyncio.run(ask())
    assert answer.json()["errors"][0]["extensions"]["code"] == "AUDIT_UNAVAILABLE"
    assert "Nguyễn" not in answer.text


def test_a_replica_told_to_stop_answers_what_it_has_begun(deployed: Deployment) -> None:
    """Last: it stops a replica."""
    replica = deployed.replicas[1]

    async def ask() -> httpx2.Response:
        with ThreadPoolExecutor(1) as pool:
            async with _held(deployed, "education", "learners"):
                answer = pool.submit(replica.ask, deployed.token("exam-office"), LOOK_UP, n=[number("graduate")])
                await asyncio.sleep(0.5)
                replica.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.5)
            return await asyncio.wrap_future(answer)

    assert asyncio.run(ask()).json()["data"]["learnersByCitizenIds"][0]["fullName"] == "Nguyễn Minh Quân"
    assert replica.process.wait(20) in (0, -signal.SIGTERM)
