"""The statements that reached the registers' databases, read as what they fetched."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from engine.declarations import Answer, Column, Edge, Identifier, Pages
from tests.leaks.oracle import Oracle

SELECT = re.compile(r"SELECT (?P<columns>.*?)\s+FROM (?P<table>\w+)s\b(?P<rest>.*)", re.DOTALL)
NAME = re.compile(r"AS (\w+)")
"""Every column is named as in the canonical record: two of them may be read from one of the table's."""
STANDING = {
    "learner": {"sector_code", "person_key", "link_state", "province_code", "institution_code"},
    "guardianship": {"guardian_key", "child_key", "valid_from", "valid_to"},
    "citizen": {"person_key", "birth_period"},
}
"""What the Gate itself must know to tell how a caller stands to somebody; birth dates only for citizens' children."""
ITS_OWN = {
    "institution": {"code"},
    "learner": {*STANDING["learner"], "citizen_id"},
    "enrolment": {"id", "learner_code"},
    "credential": {"id", "learner_code", "form"},
    "citizen": {"person_key"},
    "guardianship": {"id", "guardian_key", "child_key"},
    "residence_period": {"id", "person_key"},
}
"""Keys by which rows are asked for, and the column that tells a diploma from a certificate."""
COMPUTED = {"rows_in_group", "place_in_key"}


@dataclass(frozen=True)
class Fetched:
    """The columns of one record that a statement fetched, by which path, and the rest of the statement's text."""

    path: str
    record: str
    columns: set[str]
    rest: str

    @property
    def is_for_facts(self) -> bool:
        """Whether it fetched no more than the Gate itself must know."""
        return self.columns <= STANDING.get(self.record, set())


def fetched(path: str, statements: Iterable[str]) -> list[Fetched]:
    """Return what the statements fetched; whether tables have the columns configured is asked for without any row."""
    of_rows = [statement for statement in statements if "table_xinfo" not in statement]
    found = [match for statement in of_rows if (match := SELECT.match(statement))]
    assert len(found) == len(of_rows)
    return [Fetched(path, one["table"], set(NAME.findall(one["columns"])) - COMPUTED, one["rest"]) for one in found]


def readable(oracle: Oracle) -> dict[str, set[str]]:
    """Return by record the columns that some row may show, or some answer may be computed from."""
    columns: dict[str, set[str]] = defaultdict(set)
    catalogue = oracle.catalogue
    for typename, record_type in catalogue.record_types.items():
        for type_ in catalogue.concrete(catalogue.schema.type_map[typename]):
            for declaration in catalogue.declarations(type_.name).values():
                if not oracle.ever(declaration.category) or not oracle.ever(record_type.category):
                    continue
                match declaration:
                    case Column() | Identifier():
                        columns[record_type.record].add(declaration.column)
                    case Edge() | Pages() if declaration.key is not None:
                        columns[record_type.record].add(declaration.key)
                    case Answer():
                        for need in declaration.needs:
                            edge_name, _, column = need.partition(".")
                            record = record_type.record
                            if column:
                                edge = catalogue.declaration(type_.name, catalogue.field_of(type_.name, edge_name))
                                assert isinstance(edge, Edge)
                                record = edge.record
                            columns[record].add(column or need)
    return columns
