"""A small world of registers: ten persons, thirteen learners, every value a canary where its type allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy.schema import CreateTable

from connectors.record import PERIOD_OF, Kind
from connectors.records import RECORDS
from connectors.subjects import PERSON
from reference.units import units
from sandbox.registers import REGISTERS, filled_columns
from tests.leaks.canaries import (
    ADULT_BIRTHS,
    CHILD_BIRTHS,
    FAR_FUTURE,
    RESIDENCE_ENDS,
    RESIDENCE_STARTS,
    UNITS_ARE_LISTED,
    Canaries,
)

Row = dict[str, Any]

PERSONS = {
    "an": ADULT_BIRTHS,  # signs in; has one verified record, and two more that only claim to be hers
    "child": CHILD_BIRTHS,  # hers, a minor
    "ward": CHILD_BIRTHS,  # a minor whose guardian she was
    "grown": ADULT_BIRTHS,  # her child, of age, though the register still names her
    "other": ADULT_BIRTHS,  # the child's other parent, no learner
    "stranger": ADULT_BIRTHS,
    "two": ADULT_BIRTHS,  # has two records, in two provinces
    "consented": ADULT_BIRTHS,
    "garbled": ADULT_BIRTHS,  # of whom both registers hold values that cannot be read
    "twin": ADULT_BIRTHS,  # whose code is that of an's own record but for its case
}
# learner: person, state of the link, province, institution
LEARNERS = {
    "self": ("an", "VERIFIED", "01", "near"),
    "unlinked": ("an", "UNLINKED", "01", "near"),
    "mismatched": ("an", "MISMATCHED", "24", "far"),
    "child": ("child", "VERIFIED", "24", "far"),
    "ward": ("ward", "VERIFIED", "24", "far"),
    "grown": ("grown", "VERIFIED", "01", "near"),
    "stranger": ("stranger", "VERIFIED", "24", "far"),
    "two-a": ("two", "VERIFIED", "01", "near"),
    "two-b": ("two", "VERIFIED", "24", "far"),
    "consented": ("consented", "VERIFIED", "24", "far"),
    "garbled": ("garbled", "VERIFIED", "24", "far"),
    "twin": ("twin", "VERIFIED", "24", "far"),
    "lost": ("lost", "VERIFIED", "24", "far"),  # its person is not in the population register
}
# guardian, child, and whether it still lasts
GUARDIANSHIPS = (("an", "child", True), ("other", "child", True), ("an", "ward", False), ("an", "grown", True))
INSTITUTIONS = {"near": "01", "far": "24"}
VOCABULARIES = frozenset(
    {"link_state", "status", "sex", "kind", "ownership", "level", "conduct", "form", "classification"}
    | {"unit_code", "province_code", "birth_province_code"}
)
"""Columns whose values are of a closed list and so cannot be unique."""


GARBLED = {
    "learner": ("birth_date", "sex"),
    "enrolment": ("started_on", "level"),
    "credential": ("issued_on", "status"),
    "citizen": ("birth_date",),
    "residence_period": ("to_date",),
}
"""Columns of the garbled person's rows that hold what no column of their kind may."""


class Unreadable(str):
    """What a register stores past the kind of its column: shown to nobody, whatever policy says."""

    __slots__ = ()


@dataclass(frozen=True)
class World:
    """Rows by record. Learners and persons also have names, for people to read."""

    rows: dict[str, list[Row]]
    names: dict[tuple[str, Any], str]

    def row(self, record: str, key: Any) -> Row | None:
        """Return the row with this key; the principal's own row is its person."""
        return self._by_key.get((record, key)) if record != "principal" else {"person_key": key}

    def learner(self, name: str) -> Row:
        return next(row for row in self.rows["learner"] if self.names["learner", row["sector_code"]] == name)

    def person(self, name: str) -> Any:
        """Return the key of the person."""
        return next(key for (kind, key), full_name in self.names.items() if kind == PERSON and full_name == name)

    def subject(self, record: str, row: Row) -> str | None:
        """Return whom a row is about, "learner self" or "person an"; None where it is about nobody."""
        if record == "principal":
            return f"person {self.names[PERSON, row['person_key']]}"
        subject = RECORDS[record].subject
        return None if subject is None else f"{subject.kind} {self.names[subject.kind, row[subject.column]]}"

    def values(self) -> Iterable[tuple[str, Row, str, str]]:
        """Yield (record, row, column, canary) for every value about somebody that can be told from all others."""
        for record, rows in self.rows.items():
            for name, kind in RECORDS[record].columns.items():
                searchable = kind in (Kind.TEXT, Kind.KEY, Kind.DATE) and name not in VOCABULARIES
                for row in rows if RECORDS[record].subject and name != "institution_code" else ():
                    if row[name] is not None and (searchable or isinstance(row[name], Unreadable)):
                        yield record, row, name, str(row[name])

    @cached_property
    def _by_key(self) -> dict[tuple[str, Any], Row]:
        return {(record, row[RECORDS[record].key]): row for record, rows in self.rows.items() for row in rows}


def made_world() -> World:
    new = Canaries()
    codes = iter(unit.code for unit in units(UNITS_ARE_LISTED, province_code="01"))
    key = {name: new.citizen_number() for name in (*PERSONS, "lost")}
    number = {name: new.citizen_number() for name in key}
    institution = {name: new.text() for name in INSTITUTIONS}
    code = {name: new.text() for name in LEARNERS}
    code["twin"] = code["self"].lower()
    rows: dict[str, list[Row]] = {record: [] for record in RECORDS}
    for name, province in INSTITUTIONS.items():
        given = {"code": institution[name], "kind": "PRIMARY", "ownership": "PUBLIC", "unit_code": "00004"}
        rows["institution"].append(new.row("institution", **given, province_code=province))
    for name, (person, state, province, school) in LEARNERS.items():
        claimed = number[person] if state == "VERIFIED" else new.citizen_number()
        given = {"sector_code": code[name], "person_key": key[person], "link_state": state, "citizen_id": claimed}
        given |= {
            "institution_code": institution[school],
            "province_code": province,
            "status": "STUDYING",
            "sex": "FEMALE",
        }
        born = new.day(PERSONS.get(person, ADULT_BIRTHS))
        rows["learner"].append(new.row("learner", **given, birth_date=born))
        rows["enrolment"] += _enrolments(new, code[name], institution[school])
        rows["credential"] += _credentials(new, code[name], institution[school])
    for name, births in PERSONS.items():
        given = {"person_key": key[name], "citizen_id": number[name], "sex": "MALE", "birth_province_code": "024"}
        rows["citizen"].append(new.row("citizen", **given, birth_date=new.day(births)))
        rows["residence_period"] += _periods(new, key[name], codes)
    for guardian, child, lasts in GUARDIANSHIPS:
        given = {"guardian_key": key[guardian], "child_key": key[child], "kind": "MOTHER"}
        rows["guardianship"].append(new.row("guardianship", **given, valid_to=new.day(*[FAR_FUTURE] * lasts)))
    _garble(new, rows, {code["garbled"], key["garbled"]})
    names = {("learner", code[name]): name for name in LEARNERS}
    names |= {(PERSON, key[name]): name for name in key}
    return World(rows, names)


def _garble(new: Canaries, rows: dict[str, list[Row]], subjects: set[str]) -> None:
    """Put into the rows of these subjects what cannot be read, each time a canary."""
    for record, columns in GARBLED.items():
        subject = RECORDS[record].subject
        assert subject is not None
        for row in rows[record]:
            if row[subject.column] in subjects:
                row.update({column: Unreadable(new.text()) for column in columns})
                row.update({name: row[date] for name, date in PERIOD_OF.items() if name in row})


def _enrolments(new: Canaries, learner: str, institution: str) -> list[Row]:
    given = {"learner_code": learner, "institution_code": institution, "status": "ACTIVE", "conduct": "GOOD"}
    return [new.row("enrolment", **given, level=level) for level in ("PRIMARY", "LOWER_SECONDARY")]


def _credentials(new: Canaries, learner: str, institution: str) -> list[Row]:
    given = {"learner_code": learner, "institution_code": institution, "status": "ISSUED", "classification": "GOOD"}
    kinds = (("DIPLOMA", "BACHELOR"), ("CERTIFICATE", "LANGUAGE"))
    return [new.row("credential", **given, form=form, kind=kind) for form, kind in kinds]


def _periods(new: Canaries, person: str, codes: Iterable[str]) -> list[Row]:
    lives = {"kind": "PERMANENT", "unit_code": next(iter(codes)), "province_code": "01", "to_date": None}
    lived = {
        "kind": "TEMPORARY",
        "unit_code": next(iter(codes)),
        "province_code": "01",
        "to_date": new.day(RESIDENCE_ENDS),
    }
    return [
        new.row("residence_period", person_key=person, from_date=new.day(RESIDENCE_STARTS), **lives),
        new.row("residence_period", person_key=person, from_date=UNITS_ARE_LISTED, **lived),
    ]


LOOSE = "learner_code TEXT COLLATE NOCASE"


def _readable(value: Any) -> Any:
    return None if isinstance(value, Unreadable) else value


def _store_unreadable(connection: sqlalchemy.Connection, table: str, row: Row) -> None:
    """Write what the types of the table's columns would not let through."""
    key = RECORDS[table.removesuffix("s")].key
    for column, value in row.items():
        if isinstance(value, Unreadable) and column not in PERIOD_OF:
            statement = f"UPDATE {table} SET {column} = :stored WHERE {key} = :key"  # noqa: S608
            connection.execute(sqlalchemy.text(statement), {"stored": str(value), "key": row[key]})


def write_registers(world: World, folder: Path) -> dict[str, Any]:
    """Write the world into one SQLite file a register, and return the registers' configuration."""
    config: dict[str, Any] = {}
    for register, metadata in REGISTERS.items():
        path = folder / f"{register}.sqlite"
        engine = sqlalchemy.create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                definition = str(CreateTable(table).compile(engine))
                # a register may compare loosely: rows of one learner then come for another
                connection.execute(sqlalchemy.text(definition.replace("learner_code TEXT", LOOSE)))
            for table in metadata.sorted_tables:
                rows = world.rows[table.name.removesuffix("s")]
                columns = filled_columns(table.name)  # the time as of which a row holds has a default
                readable = [{name: _readable(row[name]) for name in columns} for row in rows]
                connection.execute(table.insert(), readable)
                for row in rows:
                    _store_unreadable(connection, table.name, row)
        engine.dispose()
        records = {table.name.removesuffix("s"): {"table": table.name} for table in metadata.sorted_tables}
        # a slow machine must not look like a register that is away
        config[register] = {
            "kind": "sql",
            "url": f"sqlite+aiosqlite:///{path}",
            "deadline_s": 30.0,
            "records": records,
        }
    return {"registers": config}
