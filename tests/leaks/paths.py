"""Every way to a record: the operations of one caller, and how each answer is to be walked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.crypto.sealing import Sealer
from engine.catalogue import Catalogue
from resolvers.request.request import NODE
from tests.leaks.oracle import Oracle
from tests.leaks.selections import ALIAS, Selections
from tests.leaks.walk import Walk

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """What is asked by one path, and the check of what comes back."""

    path: str
    query: str
    check: Callable[[Walk, Data], None]
    variables: Mapping[str, Any] = field(default_factory=dict)


ROOTS_WITH_RECORDS = frozenset(
    {"me", "learner", "learnersByCitizenIds", "learnerRecordsByCitizenIds", "learners"}
    | {"institution", "institutions", "node", "nodes", "_entities"}
)
"""The roots that lead to records; a new one needs a path here."""
ROOTS_WITHOUT_RECORDS = frozenset(
    {
        "administrativeUnit",
        "administrativeUnits",
        "learnerCounts",
        "rightsQueue",
        "auditEntries",
        "minimisationReport",
        "alarms",
        "myDossiers",
        "emergencyReadings",
        "myConsents",
        "explain",
        "accessMap",
        "limits",
        "_service",
    }
)
"""Public reference data, aggregates without persons, consents without values, policy and the schema itself."""

ROWS_AT_ONCE = 34
LEARNERS_AT_ONCE = 1
"""What one operation may cost has a limit."""


class Paths:
    """The operations of one caller over the whole world."""

    def __init__(self, oracle: Oracle, sealer: Sealer) -> None:
        self._oracle = oracle
        self._world = oracle.world
        self._catalogue: Catalogue = oracle.catalogue
        self._sealer = sealer
        self._plain = Selections(self._catalogue)

    def all(self) -> Iterator[Operation]:
        yield self._learners_by("direct by sectorCode", "sectorCode", lambda row: row["sector_code"])
        yield self._learners_by("direct by id", "id", lambda row: self._id("Learner", row["sector_code"]))
        yield from self._deep()
        yield self._by_citizen_ids()
        yield self._records_by_citizen_ids()
        yield self._own()
        yield self._list("list", self._plain, 1)
        yield self._list("list, aliased", Selections(self._catalogue, ALIAS), 1)
        yield self._institutions()
        yield self._institution()
        yield from self._nodes("nodes", self._plain.fragments(1))
        yield from self._nodes(
            "nodes, directives",
            Selections(self._catalogue, directives="@include(if: $x)").fragments(0),
            "$x: Boolean!",
        )
        yield from self._named_fragments()
        yield self._interfaces()
        yield self._node()
        yield from self._entities()
        yield from self._answers()

    def _id(self, kind: str, key: Any) -> str:
        return self._sealer.seal(NODE, (kind, key))

    def _learners_by(self, path: str, name: str, value: Callable[[Data], Any]) -> Operation:
        """Every learner by an alias of one root, down to the edges of the edges."""
        rows = self._world.rows["learner"]
        parts = [
            f'l{n}: learner(by: {{{name}: "{value(row)}"}}) {self._plain.of("Learner", 0)}'
            for n, row in enumerate(rows)
        ]
        expected = [row["sector_code"] for row in rows if self._oracle.sees("Learner", row)]
        return Operation(path, f"{{ {' '.join(parts)} }}", _rows("Learner", expected))

    def _deep(self) -> Iterator[Operation]:
        """Every learner with everything behind, three edges down."""
        query = (
            f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename ... on Learner {self._plain.of('Learner', 3)} }} }}"
        )
        codes = [row["sector_code"] for row in self._world.rows["learner"]]
        for start in range(0, len(codes), LEARNERS_AT_ONCE):
            part = codes[start : start + LEARNERS_AT_ONCE]
            expected = [code for code in part if self._visible("Learner", code)]
            ids = [self._id("Learner", code) for code in part]
            yield Operation("edges", query, _list_of("nodes", "Learner", expected), {"ids": ids})

    def _by_citizen_ids(self) -> Operation:
        rows = [row for row in self._world.rows["learner"] if row["link_state"] == "VERIFIED"]
        by_number = {row["citizen_id"]: row["sector_code"] for row in reversed(rows)}
        visible = [row["sector_code"] for row in rows if self._oracle.sees("Learner", row)]
        # of two records one is shown: the one with the smaller code, both having the same status
        expected = [
            min(c for c in visible if self._number(c) == number)
            for number in by_number
            if number in map(self._number, visible)
        ]
        found = self._plain.of("Learner", 1)
        query = f"query($numbers: [String!]!) {{ learnersByCitizenIds(citizenIds: $numbers) {found} }}"
        numbers = [row["citizen_id"] for row in self._world.rows["learner"]]
        return Operation(
            "by citizen numbers",
            query,
            _list_of("learnersByCitizenIds", "Learner", expected),
            {"numbers": list(dict.fromkeys(numbers))},
        )

    def _records_by_citizen_ids(self) -> Operation:
        rows = [row for row in self._world.rows["learner"] if row["link_state"] == "VERIFIED"]
        numbers = list(dict.fromkeys(row["citizen_id"] for row in self._world.rows["learner"]))
        visible = sorted(row["sector_code"] for row in rows if self._oracle.sees("Learner", row))
        expected = [[code for code in visible if self._number(code) == number] for number in numbers]
        found = self._plain.of("Learner", 1)
        query = f"query($numbers: [String!]!) {{ learnerRecordsByCitizenIds(citizenIds: $numbers) {found} }}"

        def check(walk: Walk, data: Data) -> None:
            for records, codes in zip(data["learnerRecordsByCitizenIds"], expected, strict=True):
                walk.expect(records, "Learner", codes)

        return Operation("records by citizen numbers", query, check, {"numbers": numbers})

    def _number(self, code: str) -> str:
        row = self._world.row("learner", code)
        assert row is not None
        return str(row["citizen_id"])

    def _own(self) -> Operation:
        person = self._oracle.caller.person

        def check(walk: Walk, data: Data) -> None:
            if data["me"] is not None:
                assert person is not None, "somebody who is no citizen is `me`"
                row = {"person_key": self._world.person(person)}
                if not self._oracle.sees("Me", row):
                    walk.leaks.append("me")
                walk.fields("Me", row, data["me"])

        return Operation("me", f"{{ me {self._plain.of('Me', 3)} }}", check)

    def _list(self, path: str, selections: Selections, depth: int) -> Operation:
        connection = selections.connection("LearnerConnection", depth)
        return Operation(
            path,
            f"{{ learners(first: 50) {connection} }}",
            lambda walk, data: walk.connection(data["learners"], self._oracle.listed()),
        )

    def _institutions(self) -> Operation:
        codes = [row["code"] for row in self._world.rows["institution"]]
        query = f"{{ institutions(first: 20) {self._plain.connection('InstitutionConnection', 1)} }}"
        return Operation("under institutions", query, lambda walk, data: walk.connection(data["institutions"], codes))

    def _institution(self) -> Operation:
        code = self._world.rows["institution"][0]["code"]
        query = f'{{ institution(code: "{code}") {self._plain.of("Institution", 2)} }}'
        return Operation("under an institution", query, _rows("Institution", [code]))

    def _everything(self) -> list[tuple[str, Any]]:
        """Return the (kind, key) of every row there is."""
        types = self._catalogue.record_types
        return [
            (kind, row[types[kind].key])
            for kind in self._catalogue.node_keys
            for row in self._world.rows[types[kind].record]
        ]

    def _parts(self) -> Iterator[tuple[list[tuple[str, Any]], list[Any]]]:
        """Yield all rows in parts, no larger than what one operation may cost, each with the keys of those visible."""
        everything = self._everything()
        for start in range(0, len(everything), ROWS_AT_ONCE):
            part = everything[start : start + ROWS_AT_ONCE]
            yield part, [key for kind, key in part if self._visible(kind, key)]

    def _visible(self, kind: str, key: Any) -> bool:
        row = self._world.row(self._catalogue.record_types[kind].record, key)
        return row is not None and self._oracle.sees(kind, row)

    def _nodes(self, path: str, selection: str, declared: str = "", more: str = "") -> Iterator[Operation]:
        declared = ", ".join(filter(None, ("$ids: [ID!]!", declared)))
        query = f"query({declared}) {{ nodes(ids: $ids) {selection} }} {more}"
        for part, visible in self._parts():
            variables: dict[str, Any] = {"ids": [self._id(kind, key) for kind, key in part]}
            if "$x" in declared:
                variables["x"] = True
            yield Operation(path, query, _list_of("nodes", "rows", visible), variables)

    def _named_fragments(self) -> Iterator[Operation]:
        fragments: list[str] = []

        def spread(name: str, selection: str) -> str:
            fragments.append(f"fragment Of{name} on {name} {selection}")
            return f"...Of{name}"

        selection = self._plain.fragments(0, spread)
        return self._nodes("nodes, named fragments", selection, more=" ".join(fragments))

    def _interfaces(self) -> Operation:
        inner = self._plain.of("Credential", 1)
        rows = self._world.rows["credential"]
        expected = [row["id"] for row in rows if self._oracle.sees("Credential", row)]
        query = (
            f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename ... on Node {{ ... on Credential {inner} }} }} }}"
        )
        ids = [self._id("Credential", row["id"]) for row in rows]
        return Operation("interface", query, _list_of("nodes", "Credential", expected), {"ids": ids})

    def _node(self) -> Operation:
        rows = self._everything()[::3][:30]
        parts = [f'n{n}: node(id: "{self._id(kind, key)}") {{ __typename id }}' for n, (kind, key) in enumerate(rows)]
        expected = [key for kind, key in rows if self._visible(kind, key)]
        return Operation("node", f"{{ {' '.join(parts)} }}", _rows("rows", expected))

    def _entities(self) -> Iterator[Operation]:
        union: Any = self._catalogue.schema.type_map["_Entity"]
        fragments = " ".join(f"... on {one.name} {self._plain.of(one.name, 0, alias=one.name)}" for one in union.types)
        query = f"query($of: [_Any!]!) {{ _entities(representations: $of) {{ __typename {fragments} }} }}"
        concrete = {"Credential": "Diploma"}
        for part, visible in self._parts():
            of = [{"__typename": concrete.get(kind, kind), "id": self._id(kind, key)} for kind, key in part]
            yield Operation("_entities", query, _list_of("_entities", "rows", visible), {"of": of})

    def _answers(self) -> Iterator[Operation]:
        kinds = [kind for kind in self._catalogue.node_keys if kind != "Credential"]
        fragments = " ".join(f"... on {kind} {self._plain.answers(kind)}" for kind in kinds)
        return self._nodes("answers alone", f"{{ __typename id {fragments} }}")


def _rows(typename: str, expected: Sequence[Any]) -> Callable[[Walk, Data], None]:
    """Check an answer whose roots are aliases of single rows."""
    return lambda walk, data: walk.expect(list(data.values()), typename, expected)


def _list_of(root: str, typename: str, expected: Sequence[Any]) -> Callable[[Walk, Data], None]:
    return lambda walk, data: walk.expect(data[root], typename, expected)
