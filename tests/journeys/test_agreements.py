"""An officer suspends a data-sharing agreement, and the next request under it is refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from commands.agreements import main
from sandbox.serve import AGREEMENTS
from tests.journeys.callers import Callers, number

ASK = "query ($n: String!) { learner(by: { citizenId: $n }) { status birthDate } }"
NUMBER = "07/2026/TTCS-BHXH"


def test_a_suspension_stops_the_client_at_once_and_ends_as_fast(served: Callers) -> None:
    def asked() -> tuple[int, str | None]:
        answer = served.ask("social-insurance", ASK, {"n": number("graduate")})
        return answer.status, answer.errors[0]["extensions"]["code"] if answer.errors else None

    state = ["--state", f"sqlite+aiosqlite:///{served.data}/state.sqlite"]
    assert asked() == (200, None)
    assert main(["suspend", NUMBER, "--why", "an inspection", *state]) == 0
    assert asked() == (403, "AGREEMENT_SUSPENDED")
    assert main(["resume", NUMBER, *state]) == 0
    assert asked() == (200, None)


@contextmanager
def agreed(served: Callers, covers: str, instead: str, folder: Path) -> Iterator[None]:
    """Other places in the sandbox's agreements, until the end of the block."""
    written = AGREEMENTS.read_text(encoding="utf-8")
    assert written.count(covers) == 1
    other, state = folder / "agreements.toml", ["--state", f"sqlite+aiosqlite:///{served.data}/state.sqlite"]
    other.write_text(written.replace(covers, instead), encoding="utf-8")
    assert main(["load", str(other), *state]) == 0
    try:
        yield
    finally:
        assert main(["load", str(AGREEMENTS), *state]) == 0


NAMES = """query { older: learner(by: { sectorCode: "0199000004" }) { fullName }
  younger: learner(by: { sectorCode: "0199000003" }) { fullName } }"""
LIST = "{ learners(first: 5) { totalCount nodes { fullName } } }"
COVERS = 'covers.institutions = ["01500001"]'


def test_a_cohort_narrows_what_a_school_may_read_and_lists_nobody(served: Callers, tmp_path: Path) -> None:
    cohort = '{ school_year = "2026-2027", level = "UPPER_SECONDARY", grade = 10 }'
    with agreed(served, COVERS, f"{COVERS}\ncovers.cohorts = [{cohort}]", tmp_path):
        assert served.ask("school", NAMES).data == {"older": {"fullName": "Phạm Ngọc Diệp"}, "younger": None}
        refused = served.ask("school", LIST)
        assert refused.errors[0]["extensions"]["code"] == "LIST_NOT_IN_AGREEMENT"
        assert refused.data in ({"learners": None}, None)
    assert served.ask("school", NAMES).data["younger"] == {"fullName": "Phạm Gia Bảo"}


def test_a_commune_covers_the_learners_of_its_schools(served: Callers, tmp_path: Path) -> None:
    there = served.ask(None, '{ institution(code: "01500001") { unitCode } }').data["institution"]["unitCode"]
    listed = served.ask("school", LIST).data["learners"]
    elsewhere = "00004" if there != "00004" else "00008"
    with agreed(served, COVERS, f'covers.communes = ["{there}"]', tmp_path):
        assert served.ask("school", NAMES).data["younger"] == {"fullName": "Phạm Gia Bảo"}
        assert served.ask("school", LIST).data["learners"]["totalCount"] >= listed["totalCount"]
    with agreed(served, COVERS, f'covers.communes = ["{elsewhere}"]', tmp_path):
        assert served.ask("school", NAMES).data == {"older": None, "younger": None}


def test_the_answer_and_the_record_name_the_agreement(served: Callers) -> None:
    answer = served.ask("social-insurance", ASK, {"n": number("graduate")})
    assert answer.denied() == {"Learner.birthDate": "ROLE_NOT_PERMITTED"}
    citation = "Law 91/2025/QH15 art. 19(1); Decree 278/2025/NĐ-CP"
    assert answer.body["extensions"]["access"]["agreement"] == {"number": NUMBER, "citation": citation}
    with sqlite3.connect(served.data / "state.sqlite") as connection:
        bodies = [orjson.loads(body) for (body,) in connection.execute("select body from audit_entries")]
    connection.close()
    by_client = {body["client_id"]: body["agreement"] for body in bodies}
    assert by_client["social-insurance"] == NUMBER
