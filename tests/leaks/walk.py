"""A walk over an answer: every value in it is held against the world and the oracle."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from auth.crypto.sealing import Sealer
from engine.declarations import Answer, Column, Declaration, Edge, Identifier, Pages
from resolvers.request.request import NODE
from tests.leaks.canaries import TODAY
from tests.leaks.oracle import Oracle
from tests.leaks.selections import ALIAS
from tests.leaks.world import Row, Unreadable

Node = Mapping[str, Any]


class Walk:
    """`leaks`: what was shown and must not be. `losses`: what may be shown and was not. Both name places and subjects.

    The harness knows the master secret: it opens the `id` of each node to learn which row it shows.
    """

    def __init__(self, oracle: Oracle, sealer: Sealer, path: str) -> None:
        self._oracle = oracle
        self._sealer = sealer
        self._path = path
        self.leaks: list[str] = []
        self.losses: list[str] = []
        self.asked: set[str] = set()
        self.shown: set[str] = set()

    def expect(self, nodes: Sequence[Node | None], typename: str, keys: Sequence[Any]) -> None:
        """Check that a list shows exactly the rows of these keys, and of each row what may be shown."""
        found = [self.node(node) for node in nodes if node is not None]
        self._compare(f"{self._path}: {typename}", found, keys)

    def node(self, node: Node) -> Any:
        """Check one node and return its key."""
        typename = node["__typename"]
        record = self._oracle.catalogue.record_types[typename].record
        token = next(node[name] for name in ("id", f"{ALIAS}_id", f"{typename}_id") if name in node)
        opened = self._sealer.open(token, NODE)
        assert isinstance(opened, tuple)
        kind, key = opened
        row = self._oracle.world.row(record, key)
        assert row is not None, f"an id of kind {kind} names no row"
        if not self._oracle.sees(typename, row):
            self._leak(typename, "a row", row)
        self.fields(typename, row, node)
        return key

    def fields(self, typename: str, row: Row, node: Node) -> None:
        """Check each field of a node that shows the row."""
        for response_key, value in node.items():
            name = response_key.rpartition("_")[2]
            declaration = self._oracle.catalogue.declaration(typename, name)
            if declaration is None:
                continue
            self.asked.add(f"{typename}.{name}")
            if value is not None:
                self.shown.add(f"{typename}.{name}")
            if not self._oracle.releases(typename, row, declaration.category):
                if value not in (None, []) and not isinstance(declaration, Pages):
                    self._leak(typename, name, row)
                continue
            self._field(typename, name, declaration, row, value)

    def _field(self, typename: str, name: str, declaration: Declaration, row: Row, value: Any) -> None:
        match declaration:
            case Column() | Answer() if self._needs_unreadable(declaration, row):
                if value is not None:
                    self._leak(typename, name, row)
            case Column():
                if value != _json(row[declaration.column]):
                    (self._lose if value is None else self._leak)(typename, name, row)
            case Identifier():
                if value is None:
                    self._lose(typename, name, row)
            case Edge():
                self._edge(typename, name, declaration, row, value)
            case Pages():
                self.connection(value, self._oracle.listed(row["code"]))
            case Answer() if name == "isAtLeast":
                known = row if row.get("link_state", "VERIFIED") != "VERIFIED" else self._citizen(row)
                if value is not (known and known["birth_date"] <= TODAY.replace(year=TODAY.year - 18)):
                    self._lose(typename, name, row)
            case Answer() if name == "identityMatch":
                if value != ("NO_MATCH" if self._citizen(row) else None):
                    self._lose(typename, name, row)

    def _citizen(self, row: Row) -> Row | None:
        """Return the citizen behind a learner or citizen; None: not linked, nobody there, or not readable."""
        if row.get("link_state", "VERIFIED") != "VERIFIED":
            return None
        citizen = self._oracle.world.row("citizen", row["person_key"])
        return None if any(isinstance(value, Unreadable) for value in (citizen or {}).values()) else citizen

    def _needs_unreadable(self, declaration: Column | Answer, row: Row) -> bool:
        needs = declaration.needs if isinstance(declaration, Answer) else (declaration.column,)
        return any(isinstance(row.get(need), Unreadable) for need in needs)

    def _edge(self, typename: str, name: str, edge: Edge, row: Row, value: Any) -> None:
        target = self._oracle.catalogue.returned(typename, name)
        concrete = target.name if target.name in self._oracle.catalogue.record_types else ""
        nodes = [value] if isinstance(value, dict) else value or []
        found = [self.node(node) for node in nodes]
        self._compare(f"{self._path}: {typename}.{name}", found, self._oracle.behind(typename, row, edge, concrete))

    def connection(self, value: Node | None, keys: Sequence[Any]) -> None:
        """Check a connection whose first page has room for all of these rows."""
        if value is None:
            if keys:
                self.losses.append(f"{self._path}: a whole list")
            return
        self.expect(value["nodes"], "nodes", keys)
        self.expect([edge["node"] for edge in value["edges"]], "edges", keys)
        if value["totalCount"] != len(keys) or value["pageInfo"]["hasNextPage"]:
            self.leaks.append(f"{self._path}: a total of {value['totalCount']} rows instead of {len(keys)}")

    def _compare(self, where: str, found: Sequence[Any], expected: Sequence[Any]) -> None:
        if more := set(found) - set(expected):
            self.leaks.append(f"{where}: {len(more)} rows too many")
        if missing := set(expected) - set(found):
            self.losses.append(f"{where}: {len(missing)} rows missing")

    def _leak(self, typename: str, name: str, row: Row) -> None:
        self.leaks.append(self._named(typename, name, row))

    def _lose(self, typename: str, name: str, row: Row) -> None:
        self.losses.append(self._named(typename, name, row))

    def _named(self, typename: str, name: str, row: Row) -> str:
        record = self._oracle.catalogue.record_types[typename].record
        return f"{self._path}: {typename}.{name} of {self._oracle.world.subject(record, row)}"


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
