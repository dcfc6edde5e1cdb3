"""The server says how it is, logs without personal values, and limits how often one may ask."""

import json
import re

import httpx2
import pytest

from sandbox.personas import PERSONAS
from tests.journeys.callers import Callers, number

pytestmark = pytest.mark.servers


def test_health_readiness_and_schema_are_served(served: Callers) -> None:
    assert httpx2.get(f"{served.url}/healthz").json() == {"status": "alive"}
    ready = httpx2.get(f"{served.url}/readyz").json()
    assert ready["registers"] == {"education": "ready", "credentials": "ready", "population": "ready"}
    assert "type Learner" in httpx2.get(f"{served.url}/schema.graphql").text


def test_every_answer_has_its_request_id_and_quota(served: Callers) -> None:
    answer = served.ask("graduate", "{ me { identity { fullName } } }")
    assert answer.headers["x-request-id"] == answer.body["extensions"]["requestId"]
    assert re.match(r'"per-minute";r=\d+;t=\d+', answer.headers["ratelimit"])


def test_the_log_is_json_and_holds_no_personal_value(served: Callers) -> None:
    """Runs after questions that failed in every way of this folder as well: the log is of the whole session."""
    query = "query ($n: String!) { learner(by: { citizenId: $n }) { fullName isAtLeast(years: 400) } }"
    served.ask("exam-office", query, {"n": number("graduate")})
    served.ask("graduate", "{ me { identity { fullName citizenId } } }")
    log = (served.data / "log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"answered"} <= {line["event"] for line in lines}
    personal = [one.identity for one in PERSONAS.values() if one.identity]
    for identity in personal:
        assert identity.citizen_id not in log
        assert identity.full_name not in log
    assert not re.search(r"\b\d{12}\b", log)


def test_a_citizen_who_asks_too_often_is_told_when_to_return(served: Callers) -> None:
    answers = (served.ask("independent", "{ __typename }") for _ in range(130))
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.errors[0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(refused.headers["retry-after"]) >= 1
    assert served.ask("twin-b", "{ __typename }").status == 200
