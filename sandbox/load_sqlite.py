"""The synthetic registers into SQLite files, one a register: written under other names, renamed when complete."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from sandbox.generator.batches import batches
from sandbox.generator.batches import institution_lines as generated_institution_lines
from sandbox.generator.schooling import NULL
from sandbox.generator.world import World
from sandbox.persona_records import institution_lines, persona_batch
from sandbox.registers import REGISTER_BY_TABLE, REGISTERS, TABLES, filled_columns

Report = Callable[[str, int, int], None]
"""Told what is being done, how far, of how much."""


def register_file(folder: Path, register: str) -> Path:
    return folder / f"{register}.sqlite"


def write_files(folder: Path, world: World, report: Report) -> None:
    """Write the three files, in place of any earlier ones."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = {register: folder / f".{register}.unfinished" for register in REGISTERS}
    for path in unfinished.values():
        path.unlink(missing_ok=True)
    with ExitStack() as stack:
        connections = {
            register: stack.enter_context(closing(sqlite3.connect(path))) for register, path in unfinished.items()
        }
        for register, connection in connections.items():
            _create(connection, register)
        _fill(connections, world, report)
        for register, connection in connections.items():
            _finish(connection, register)
    for register, path in unfinished.items():
        path.replace(register_file(folder, register))


def _create(connection: sqlite3.Connection, register: str) -> None:
    # safe: an unfinished file is thrown away
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384")
    for table in REGISTERS[register].sorted_tables:
        connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
    connection.execute("BEGIN")


def _fill(connections: Mapping[str, sqlite3.Connection], world: World, report: Report) -> None:
    insert(connections, {"institutions": [*institution_lines(), *generated_institution_lines(world)]})
    insert(connections, persona_batch())
    done = 0
    report("learners", done, world.learners)
    for batch in batches(world, 0, world.learners):
        insert(connections, batch)
        done += len(batch["learners"])
        report("learners", done, world.learners)


def insert(connections: Mapping[str, sqlite3.Connection], batch: Mapping[str, Iterable[str]]) -> None:
    """Insert lines by table into the connection of its register; SQLite's affinities turn texts into numbers."""
    for table, lines in batch.items():
        columns = filled_columns(table)
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        connections[REGISTER_BY_TABLE[table]].executemany(statement, map(_values, lines))


def _values(line: str) -> list[str | None]:
    return [None if value == NULL else value for value in line.split("\t")]


def _finish(connection: sqlite3.Connection, register: str) -> None:
    for table in REGISTERS[register].sorted_tables:
        for index in sorted(TABLES[table.name].indexes, key=lambda index: str(index.name)):
            connection.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
    connection.execute("ANALYZE")
    connection.commit()
