"""What may be released to whom, decided apart from the production path: hand-written facts and release tables."""

from typing import Any

from auth.principal import Fact
from connectors.records import RECORDS
from engine.catalogue import Catalogue
from engine.declarations import Column, Edge
from tests.auth.policy.test_release import PUBLIC, RELEASED
from tests.leaks.callers import Caller
from tests.leaks.world import Row, Unreadable, World

BEING_KNOWN = {"learner.record", "identity.record"}
"""Opened by a consent to anything."""

TO_PERSONS = "person_key"
"""The column that may be followed from or to a learner only where the link is verified."""


class Oracle:
    """The releases to one caller."""

    def __init__(self, caller: Caller, world: World, catalogue: Catalogue) -> None:
        self.caller = caller
        self.world = world
        self.catalogue = catalogue
        self._opened = [
            (needed, self._counting(needed, self._agreed(set(opened.split()))))
            for role, purpose, assurance, needed, opened in RELEASED
            if (role, purpose, assurance) == (caller.role, caller.purpose, caller.assurance)
        ]

    def _agreed(self, opened: set[str]) -> set[str]:
        """Return the categories without those that the agreement has no more, or never had."""
        within = opened - self.caller.expired
        return within if self.caller.listed is None else within & self.caller.listed

    def _counting(self, needed: Fact, opened: set[str]) -> set[str]:
        """Return the categories without those that the procedure of a dossier does not need."""
        return opened & self.caller.needed if Fact.CASE in needed else opened

    def permits(self, subject: str | None, category: str) -> bool:
        """Tell whether the category may be released about the subject ("learner self", "person an", None: nobody)."""
        facts = Fact(0)
        if subject is not None:
            facts = self.caller.facts.get(subject, self.caller.otherwise)
            consents = self.caller.consents.get(subject, set())
            if category in consents or (consents and category in BEING_KNOWN):
                facts |= Fact.CONSENT
        return self._under(facts, category)

    def ever(self, category: str) -> bool:
        """Tell whether the category may be released about anybody at all."""
        return category in PUBLIC.split() or any(category in opened for _, opened in self._opened)

    def _under(self, facts: Fact, category: str) -> bool:
        return category in PUBLIC.split() or any(
            needed in facts and category in opened for needed, opened in self._opened
        )

    def sees(self, typename: str, row: Row) -> bool:
        """Tell whether the row may be known of as this type."""
        record_type = self.catalogue.record_types[typename]
        return self.permits(self.world.subject(record_type.record, row), record_type.category)

    def releases(self, typename: str, row: Row, category: str) -> bool:
        """Tell whether a category of the row may be released."""
        return self.permits(self.world.subject(self.catalogue.record_types[typename].record, row), category)

    def behind(self, typename: str, row: Row, edge: Edge, target: str) -> list[Any]:
        """Return the keys of the rows that an edge leads to and that may be known of."""
        key = row[edge.key]
        if edge.record == "learner" and edge.by == TO_PERSONS:
            found = [other for other in self._linked("learner", edge.by, key) if other["link_state"] == "VERIFIED"]
        elif edge.key == TO_PERSONS and row.get("link_state", "VERIFIED") != "VERIFIED":
            found = []
        else:
            found = self._linked(edge.record, edge.by, key)
        return [other[RECORDS[edge.record].key] for other in found if self.sees(target, other)]

    def listed(self, institution: str | None = None) -> list[Any]:
        """Return the codes of the learners in this caller's lists, perhaps only those of one institution.

        Lists go by jurisdiction or relationship; a consent or a dossier brings nobody into one.
        """
        return [
            row["sector_code"]
            for row in self.world.rows["learner"]
            if institution in (None, row["institution_code"])
            and self._under(self._facts(row) & ~(Fact.CONSENT | Fact.CASE), "learner.record")
        ]

    def may_test(self, category: str) -> bool:
        """Tell whether lists may be narrowed or sorted by a category: it must be open for every row listed."""
        rows = [row for row in self.world.rows["learner"] if row["sector_code"] in self.listed()]
        return all(self._under(self._facts(row), category) for row in rows)

    def forbidden(self) -> set[str]:
        """Return the canaries that this caller must meet nowhere."""
        shown: set[str] = set()
        kept: set[str] = set()
        for record, row, column, canary in self.world.values():
            is_shown = self._shows(record, row, column) and not isinstance(row[column], Unreadable)
            (shown if is_shown else kept).add(canary)
        return kept - shown

    def _shows(self, record: str, row: Row, column: str) -> bool:
        return any(
            isinstance(declaration, Column)
            and declaration.column == column
            and self.sees(typename, row)
            and self.releases(typename, row, declaration.category)
            for typename, record_type in self.catalogue.record_types.items()
            if record_type.record == record
            for declaration in self.catalogue.declarations(typename).values()
        )

    def _facts(self, row: Row) -> Fact:
        subject = self.world.subject("learner", row)
        return self.caller.facts.get(str(subject), self.caller.otherwise)

    def _linked(self, record: str, by: str, key: Any) -> list[Row]:
        return [row for row in self.world.rows.get(record, ()) if row[by] == key]
