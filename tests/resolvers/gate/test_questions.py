"""Questions put to answers: which a client may ask, how many, and what it is told of those that are not answered."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from auth.argument_terms import ArgumentTerms
from tests.leaks.oracles import BORN, LIVES_IN, NAME, PERSON, ROWS, TODAY, Deployment, deployment
from tests.leaks.trial import EXECUTORS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

AGES = "insurance-benefit"
RESIDENCES = "graduation-recognition"
LEARNER = '{ learner(by: {sectorCode: "%s"}) { %s } }'
NOT_PERMITTED, EXHAUSTED = "ARGUMENT_NOT_PERMITTED", "ARGUMENTS_EXHAUSTED"
AGE, RESIDENCE, MATCH = "Learner.isAtLeast", "Learner.heldPermanentResidence", "Learner.identityMatch"


@pytest.fixture(params=EXECUTORS)
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployment(tmp_path, request.param) as opened:
        await opened.agreed("social-insurance", AGES)
        await opened.agreed("provincial-department", RESIDENCES)
        yield opened


async def test_a_value_that_is_not_among_the_terms_is_denied_and_the_others_are_named(target: Deployment) -> None:
    told = await target.ask(AGES, LEARNER % ("one", "a: isAtLeast(years: 17) b: isAtLeast(years: 16)"))
    assert told.data == {"learner": {"a": None, "b": True}}
    assert told.denials == {(AGE, NOT_PERMITTED): 1}
    assert told.obtain == ["Ask with `years`: 6, 16, 18; for any other value, name it in the data-sharing agreement."]
    assert told.released == {AGE}


async def test_what_was_only_denied_is_not_on_record_as_released(target: Deployment) -> None:
    told = await target.ask(AGES, LEARNER % ("one", "status isAtLeast(years: 17)"))
    assert told.data == {"learner": {"status": "STUDYING", "isAtLeast": None}}
    assert told.released == {"Learner.status"}


async def test_nothing_is_said_of_questions_about_one_who_may_not_be_known_of(target: Deployment) -> None:
    asked = "isAtLeast(years: 17)"
    told = await target.ask(AGES, LEARNER % ("nobody", asked))
    assert (told.data, told.denials) == ({"learner": None}, {("Query.learner", "OUTSIDE_JURISDICTION"): 1})


async def test_the_inputs_of_a_question_that_is_denied_are_not_asked_for(target: Deployment) -> None:
    refused = f'heldPermanentResidence(in: "{LIVES_IN}", monthsAtLeast: 13)'
    before = len(target.asked_of["population"])
    assert (await target.ask(RESIDENCES, LEARNER % ("one", refused))).data == {
        "learner": {"heldPermanentResidence": None}
    }
    assert target.asked_of["population"][before:] == []
    await target.ask(RESIDENCES, LEARNER % ("one", refused.replace("13", "12")))
    assert [one.record for one in target.asked_of["population"][before:]] == ["residence_period"]


async def test_one_question_too_many_is_denied_for_its_rows_alone(target: Deployment) -> None:
    guesses = " ".join(f'g{n}: identityMatch(name: "{NAME}", birthDate: "2009-05-1{n}")' for n in range(3))
    assert (await target.ask(AGES, LEARNER % ("one", guesses))).denials == {(MATCH, EXHAUSTED): 1}
    asked = 'identityMatch(name: "x", birthDate: "2009-01-01")'
    query = f"query($r: [_Any!]!) {{ nodes: _entities(representations: $r) {{ ... on Learner {{ {asked} }} }} }}"
    told = await target.ask(AGES, query, r=[target.entity("one"), target.entity("alone")])
    assert told.data == {"nodes": [{"identityMatch": None}, {"identityMatch": None}]}
    assert told.denials == {(MATCH, EXHAUSTED): 1}
    assert told.unanswered == {(MATCH, "LINK_NOT_VERIFIED"): 1}
    assert told.released == {MATCH}


async def test_a_link_that_becomes_verified_renews_no_questions(target: Deployment) -> None:
    ages = [f"isAtLeast(years: {years})" for years in (6, 16, 18)]
    before = [await target.ask(AGES, LEARNER % ("alone", ages[0]), TODAY + timedelta(day)) for day in range(9)]
    linked = [{**row, "person_key": PERSON, "link_state": "VERIFIED"} for row in ROWS["learner"]]
    later = Deployment(target.executor, target.engines, rows={**ROWS, "learner": linked})

    day = TODAY + timedelta(9)
    told = await later.ask(AGES, LEARNER % ("alone", " ".join(f"a{n}: {age}" for n, age in enumerate(ages))), day)
    same = await later.ask(AGES, LEARNER % ("alone", ages[0]), TODAY)

    asked = sum(not one.denials for one in before)
    assert 0 < asked < 9  # as many as one client may ask about one person
    assert told.denials == {(AGE, EXHAUSTED): 3}
    assert same.denials == {}  # it was answered about the same learner, and is again


async def test_a_question_that_could_not_be_answered_was_asked_all_the_same(target: Deployment) -> None:
    guesses = " ".join(f'g{n}: identityMatch(name: "{NAME}", birthDate: "2009-05-1{n}")' for n in range(3))
    told = await target.ask(AGES, LEARNER % ("alone", guesses))
    assert told.data == {"learner": {"g0": None, "g1": None, "g2": None}}
    assert (told.unanswered, told.denials) == ({(MATCH, "LINK_NOT_VERIFIED"): 2}, {(MATCH, EXHAUSTED): 1})


async def test_a_row_that_stands_twice_at_a_place_is_denied_once(target: Deployment) -> None:
    selected = "identity { a: isAtLeast(years: 17) b: isAtLeast(years: 17) }"
    query = f"query($r: [_Any!]!) {{ nodes: _entities(representations: $r) {{ ... on Learner {{ {selected} }} }} }}"
    told = await target.ask(AGES, query, r=[target.entity("one"), target.entity("two")])
    assert told.data == {"nodes": [{"identity": {"a": None, "b": None}}] * 2}
    assert told.denials == {("CitizenIdentity.isAtLeast", NOT_PERMITTED): 2}  # one citizen, by two aliases


async def test_a_row_that_is_asked_for_twice_is_noted_once(target: Deployment) -> None:
    unborn = [{**row, "birth_date": None} for row in ROWS["citizen"]]
    numbered = [{**row, "citizen_id": row["person_key"]} for row in ROWS["learner"]]
    lacking = Deployment(target.executor, target.engines, rows={"learner": numbered, "citizen": unborn})
    query = f'{{ nodes: learnersByCitizenIds(citizenIds: ["{PERSON}", "{PERSON}"]) {{ isAtLeast(years: 16) }} }}'
    told = await lacking.ask(AGES, query)
    assert told.data == {"nodes": [{"isAtLeast": None}] * 2}
    assert told.unanswered == {(AGE, "INPUT_MISSING"): 1}


async def test_what_was_answered_may_be_asked_again(target: Deployment) -> None:
    asked = 'identityMatch(name: "%s", birthDate: "%s")'
    claims = [
        ("Trần Thị Hoà", BORN),
        *(("Trần Thị Hoà", f"2001-01-0{n}") for n in range(1, 4)),
        ("TRẦN  thị hòa", BORN),
    ]
    told = [await target.ask(AGES, LEARNER % ("one", asked % claim)) for claim in claims]
    answers = [one.data["learner"]["identityMatch"] for one in told]
    assert answers == ["MATCH", "NO_MATCH", None, None, "MATCH"]


async def test_the_same_question_by_many_aliases_is_counted_once(target: Deployment) -> None:
    statements: list[str] = []
    event.listen(target.engines[0].sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    by_aliases = " ".join(f"a{n}: isAtLeast(years: 16)" for n in range(150))
    query = f"query($r: [_Any!]!) {{ nodes: _entities(representations: $r) {{ ... on Learner {{ {by_aliases} }} }} }}"
    told = await target.ask(AGES, query, r=[target.entity("one"), target.entity("two"), target.entity("alone")])
    assert [set(node.values()) for node in told.data["nodes"]] == [{True}] * 3
    counting = [one.split(maxsplit=1)[0] for one in statements if "asked_arguments" in one]
    assert counting == ["SELECT", "INSERT"]


async def test_the_same_age_on_another_day_is_another_question(target: Deployment) -> None:
    query = LEARNER % ("one", "isAtLeast(years: 18)")
    told = [await target.ask(AGES, query, TODAY + timedelta(days)) for days in (0, 0, 1, 2, 3, 4, 365)]
    assert [one.data["learner"]["isAtLeast"] for one in told] == [False, False, False, False, False, None, True]


async def test_residence_in_a_time_that_is_over_is_one_question_on_any_day(target: Deployment) -> None:
    asked = f'heldPermanentResidence(in: "{LIVES_IN}", monthsAtLeast: 12, during: {{to: "2026-06-30"}})'
    told = [await target.ask(RESIDENCES, LEARNER % ("two", asked), TODAY + timedelta(days)) for days in range(6)]
    assert [one.data["learner"]["heldPermanentResidence"] for one in told] == [True] * 6


async def test_an_agreement_says_otherwise_than_policy(target: Deployment) -> None:
    await target.agreed("social-insurance", AGES, {AGE: ArgumentTerms({"years": (17,)}, 1, 30)})
    told = await target.ask(AGES, LEARNER % ("one", "a: isAtLeast(years: 17) b: isAtLeast(years: 18)"))
    assert told.data == {"learner": {"a": True, "b": None}}
    later = await target.ask(AGES, LEARNER % ("one", "isAtLeast(years: 17)"), TODAY + timedelta(29))
    assert later.denials == {(AGE, EXHAUSTED): 1}
    assert "1 different questions about this person within 30 days" in later.obtain[0]


async def test_an_answer_that_nothing_says_how_to_ask_is_denied(target: Deployment) -> None:
    await target.agreed("population-service", "residence-registration")
    await target.agreed("social-insurance", AGES, {})
    policy = target.policies.current.arguments
    without = type(policy)(tuple(one for one in policy.rules if one.id != "residence-age"), policy.reasons)
    target.policies.current.arguments = without
    told = await target.ask("residence-registration", LEARNER % ("one", "isAtLeast(years: 18)"))
    assert (told.data, told.denials) == ({"learner": {"isAtLeast": None}}, {(AGE, NOT_PERMITTED): 1})
    assert told.obtain == ["State in the data-sharing agreement with which values this may be asked for this purpose."]


async def test_a_question_that_makes_no_sense_is_an_error_and_is_not_counted(target: Deployment) -> None:
    asked = 'heldPermanentResidence(in: "99", monthsAtLeast: 12)'
    for _ in range(4):
        told = await target.ask(RESIDENCES, LEARNER % ("one", asked))
        assert told.errors == ["`in` is not the code of an administrative unit on that day"]
    told = await target.ask(RESIDENCES, LEARNER % ("one", asked.replace("99", LIVES_IN)))
    assert told.data == {"learner": {"heldPermanentResidence": True}}


async def test_citizens_ask_of_themselves_what_they_like(target: Deployment) -> None:
    ages = " ".join(f"a{n}: isAtLeast(years: {n})" for n in range(10, 25))
    told = await target.ask_as_citizen(f"{{ me {{ learners {{ {ages} }} }} }}")
    assert told.data["me"]["learners"][0] == {f"a{n}": n <= 17 for n in range(10, 25)}
    assert told.denials == {}


async def test_nothing_is_answered_that_cannot_be_counted(target: Deployment) -> None:
    async with target.engines[0].begin() as connection:
        refuse = "before insert on asked_arguments begin select raise(abort, 'the disk is full'); end"
        await connection.execute(text(f"create trigger full {refuse}"))
    told = await target.ask(AGES, LEARNER % ("one", "status isAtLeast(years: 18)"))
    assert told.data == {"learner": {"status": "STUDYING", "isAtLeast": None}}
    assert told.errors == ["what has been asked cannot be counted now"]
    assert told.released == {"Learner.status"}


def test_the_one_who_is_alone_shares_no_person_with_the_others() -> None:
    assert [row["person_key"] for row in ROWS["learner"]].count(None) == 1


ACCESS = "accessMap { coordinate access questions { arguments { name values } distinct days rule citation } }"


async def test_the_access_map_says_how_answers_may_be_asked(tmp_path: Path) -> None:
    async with deployment(tmp_path, "reference") as target:
        residence = ArgumentTerms({"in": ("01",), "during": (None,)}, 1, 30)
        await target.agreed("population-service", "residence-registration", {RESIDENCE: residence})
        told = await target.ask("residence-registration", f"{{ {ACCESS} }}")
        found = {one.pop("coordinate"): one for one in told.data["accessMap"]}
    assert found[RESIDENCE]["questions"] == {
        "arguments": [{"name": "during", "values": [None]}, {"name": "in", "values": ["01"]}],
        "distinct": 1,
        "days": 30,
        "rule": None,
        "citation": None,
    }
    assert found[AGE]["questions"]["arguments"] == [{"name": "years", "values": [14, 16, 18]}]
    assert found[AGE]["questions"]["rule"] == "residence-age"
    assert found[MATCH] == {"access": "DENIED", "questions": None}
    assert found["Learner.fullName"]["questions"] is None


async def test_citizens_are_not_told_how_to_ask(tmp_path: Path) -> None:
    async with deployment(tmp_path, "reference") as target:
        told = await target.ask_as_citizen(f"{{ {ACCESS} }}")
    questions = [field["questions"] for field in told.data["accessMap"]]
    assert len(questions) > 50
    assert questions == [None] * len(questions)
