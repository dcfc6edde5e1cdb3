"""Installations that differ in their keys and collations are walked without a row lost, repeated or mistaken."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import NotOffered, RecordSettingInvalid, RegistersInvalid
from connectors.source import EVERYTHING, Condition, Count, Lookup, Order, Page, Source
from tests.connectors.composition.installations import UNION, EveryRecord, configured, opened

pytestmark = pytest.mark.anyio

KEY_PREFIXES: dict[str, dict[str, Any]] = {
    name: {
        "learner": {"key_prefixes": {"sector_code": prefix}},
        "enrolment": {"key_prefixes": {"id": prefix, "learner_code": prefix}},
    }
    for name, prefix in (("north", "N-"), ("south", "S-"))
}
NUMBERED: dict[str, Any] = {
    **KEY_PREFIXES,
    "south": {
        name: {**mapping, "types": dict.fromkeys(mapping["key_prefixes"], "integer")}
        for name, mapping in KEY_PREFIXES["south"].items()
    },
}
LEARNERS = "CREATE TABLE learners (sector_code {key}, person_key text, link_state text, citizen_id text, "
LEARNERS += "full_name text{collation}, birth_date text, sex text, ethnicity text, nationality text, disability text, "
LEARNERS += "poor_household boolean, phone text, email text, institution_code text, province_code text, status text, "
LEARNERS += "as_of text)"
NAMES: dict[str, list[tuple[str, str | None]]] = {
    "north": [("7", "an"), ("8", "Binh"), ("10", "cuc"), ("11", "Dung")],
    "south": [("7", "An"), ("9", "binh"), ("10", "Cuc"), ("12", "dung"), ("13", None)],
}


def installation(folder: Path, name: str, key: str = "text", collation: str = "") -> str:
    path = folder / f"{name}.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(LEARNERS.format(key=key, collation=collation))
        for table in ("institutions", "enrolments"):
            connection.execute(f"CREATE TABLE {table} (id {key}, learner_code {key})")
        for code, full_name in NAMES[name]:
            connection.execute("INSERT INTO learners (sector_code, full_name) VALUES (?, ?)", (code, full_name))
            connection.execute("INSERT INTO enrolments VALUES (?, ?)", (code, code))
    connection.close()
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def urls(tmp_path: Path) -> dict[str, str]:
    south = installation(tmp_path, "south", key="integer", collation=" COLLATE NOCASE")
    return {"north": installation(tmp_path, "north"), "south": south}


async def walked(source: Source, order: tuple[Order, ...], limit: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    after = None
    columns = tuple(term.column for term in order)
    while rows := await source.page(Page("learner", columns, EVERYTHING, (), order, limit, after)):
        found += map(tuple, rows)
        after = tuple(rows[-1])
        assert len(found) <= 9, "a page came again"
    return found


BY_NAME = [
    ("An", "S-7"),
    ("Binh", "N-8"),
    ("Cuc", "S-10"),
    ("Dung", "N-11"),
    ("an", "N-7"),
    ("binh", "S-9"),
    ("cuc", "N-10"),
    ("dung", "S-12"),
    (None, "S-13"),
]


async def test_lists_go_over_both_whatever_their_collations(urls: dict[str, str]) -> None:
    learners = opened(configured(urls, UNION, NUMBERED))["learner"]
    for limit in (1, 2, 4, 20):
        assert await walked(learners, (Order("full_name"), Order("sector_code")), limit) == BY_NAME
        down = await walked(learners, (Order("full_name", True), Order("sector_code", True)), limit)
        assert down == [*reversed(BY_NAME[:-1]), BY_NAME[-1]]
        assert await walked(learners, (Order("sector_code"),), limit) == sorted((code,) for _, code in BY_NAME)
    await learners.close()


async def test_the_same_key_in_both_is_two_learners(urls: dict[str, str]) -> None:
    source = EveryRecord(opened(configured(urls, UNION, NUMBERED)))
    columns = ("sector_code", "full_name")
    asked = Lookup("learner", "sector_code", ("N-7", "S-7", "7", "S-007", "N-9", "X-7"), columns)
    assert sorted(map(tuple, await source.rows(asked))) == [("N-7", "an"), ("S-7", "An")]
    enrolled = await source.rows(Lookup("enrolment", "learner_code", ("S-7",), ("learner_code", "id")))
    assert list(map(tuple, enrolled)) == [("S-7", "S-7")]
    where = (Condition("sector_code", "in", ("S-7", "N-8")),)
    assert await source.counts(Count("learner", EVERYTHING, where, ("sector_code",))) == {("S-7",): 1, ("N-8",): 1}
    await source.close()


def test_keys_of_unlike_orders_do_not_start(urls: dict[str, str]) -> None:
    mapped = {"south": {"learner": {"types": {"sector_code": "integer"}}}}
    with pytest.raises(RecordSettingInvalid) as invalid:
        opened(configured(urls, UNION, mapped))
    assert str(invalid.value) == (
        "record `learner`: registers order its key `sector_code` differently (`north` by code point, "
        "`south` by number): a `key_prefixes` entry ends that"
    )


def test_a_prefix_that_one_record_of_a_learner_lacks_does_not_start(urls: dict[str, str]) -> None:
    mapped = {**NUMBERED, "south": {**NUMBERED["south"], "enrolment": {"types": {"learner_code": "integer"}}}}
    with pytest.raises(RegistersInvalid) as invalid:
        opened(configured(urls, UNION, mapped))
    assert str(invalid.value) == (
        "register `south`: record `enrolment`: column `learner_code` needs the prefix that the key has in record "
        "`learner`, and no other"
    )


async def test_a_column_that_one_installation_does_not_have_can_be_ordered_by(urls: dict[str, str]) -> None:
    mapped = {
        "north": {
            **NUMBERED["north"],
            "learner": {**NUMBERED["north"]["learner"], "constants": {"full_name": "binh"}},
        },
        "south": NUMBERED["south"],
    }
    learners = opened(configured(urls, UNION, mapped))["learner"]
    expected = [
        ("An", "S-7"),
        ("Cuc", "S-10"),
        *(("binh", f"N-{code}") for code in (10, 11, 7, 8)),
        ("binh", "S-9"),
        ("dung", "S-12"),
        (None, "S-13"),
    ]
    for limit in (1, 2, 4):
        assert await walked(learners, (Order("full_name"), Order("sector_code")), limit) == expected
    await learners.close()


async def test_a_register_behind_rest_makes_lists_impossible_and_no_gap(urls: dict[str, str]) -> None:
    config = configured(
        urls,
        {
            "learner": {"registers": ["north", "far"]},
            "institution": {"registers": ["south"]},
            "enrolment": {"registers": ["south"]},
        },
        NUMBERED,
    )
    for name, records in (("north", ["learner"]), ("south", ["institution", "enrolment"])):
        sections = config["registers"][name]["records"]
        config["registers"][name]["records"] = {record: sections[record] for record in records}
    config["registers"]["far"] = {**config["registers"]["population"], "records": ["learner"]}
    learners = opened(config)["learner"]
    with pytest.raises(NotOffered):
        await learners.page(Page("learner", ("sector_code",), EVERYTHING, (), (Order("sector_code"),), 1))
    await learners.close()
