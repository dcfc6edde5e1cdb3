"""A small request over registers in memory: one caller, the committed policies, and a note of every question asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from auth.policy.policy_set import PolicySet
from auth.principal import Jurisdiction, PrincipalKind
from connectors.errors import SourceUnavailable
from connectors.memory import MemorySource
from connectors.registry import sources_by_record
from connectors.source import Count, Key, Lookup, Page, Row
from engine.gate import OutputColumn, RowQuery
from reference.vietnam_time import VIETNAM
from resolvers.gate.admission import Admission
from resolvers.gate.caller import Caller
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.facts import FactLoader
from resolvers.gate.gate import RequestGate
from tests.auth.policies import COMMITTED, KIND_BY_ROLE, profile

POLICIES = PolicySet.load(COMMITTED)
NOW = datetime(2026, 11, 21, 9, tzinfo=VIETNAM)
NOWHERE = Jurisdiction()
ADULT, CHILD = date(1990, 5, 1), date(2016, 5, 1)


def learner(code: str, person: str | None, province: str = "01", school: str = "T1", **more: Any) -> dict[str, Any]:
    given = {"sector_code": code, "person_key": person, "province_code": province, "institution_code": school}
    return {"link_state": "VERIFIED", "full_name": f"name of {code}", "birth_date": ADULT, **given, **more}


def guardianship(guardian: str, child: str, start: date | None = None, end: date | None = None) -> dict[str, Any]:
    given = {"guardian_key": guardian, "child_key": child, "valid_from": start, "valid_to": end}
    return {"id": f"{guardian} {child} {start}", "kind": "MOTHER", **given}


def citizen(person: str, born: date | None = ADULT) -> dict[str, Any]:
    return {
        "person_key": person,
        "full_name": f"name of {person}",
        "birth_date": born,
        "religion": f"faith of {person}",
    }


LEARNERS = (
    learner("own", "me"),
    learner("unlinked", "me", link_state="UNLINKED"),
    learner("mismatched", "me", link_state="MISMATCHED"),
    learner("childs", "child", "24", "T2", birth_date=CHILD),
    learner("strangers", "stranger", "24", "T2"),
    learner("twos", "two", "01", "T1"),
    learner("twos other", "two", "24", "T2"),
)
ROWS = {
    "learner": LEARNERS,
    "citizen": (citizen("me"), citizen("child", CHILD), citizen("stranger"), citizen("two")),
    "guardianship": (guardianship("me", "child"),),
    "enrolment": tuple(
        {"id": f"{row['sector_code']} {n}", "learner_code": row["sector_code"], "average_mark": 5.0 + n}
        for row in LEARNERS
        for n in (1, 2)
    ),
}


class Noting:
    """A register in memory that notes what it is asked; `away`: it does not answer."""

    def __init__(self, register: str, rows: Mapping[str, Sequence[Mapping[str, Any]]], away: bool = False) -> None:
        self._source = MemorySource(register, rows)
        self._away = away
        self.register = register
        self.asked: list[Lookup | Page | Count] = []

    async def rows(self, lookup: Lookup) -> Sequence[Row]:
        self._note(lookup)
        return await self._source.rows(lookup)

    async def page(self, page: Page) -> Sequence[Row]:
        self._note(page)
        return await self._source.page(page)

    async def counts(self, count: Count) -> Mapping[tuple[Any, ...], int]:
        self._note(count)
        return await self._source.counts(count)

    async def ready(self) -> None:
        await self._source.ready()

    async def close(self) -> None:
        await self._source.close()

    def _note(self, question: Lookup | Page | Count) -> None:
        self.asked.append(question)
        if self._away:
            raise SourceUnavailable(self.register, "no answer in time")


class Agreed:
    """Consents given once: categories by person."""

    def __init__(self, categories: Mapping[str, frozenset[str]]) -> None:
        self._categories = categories
        self.asked: list[set[Key]] = []
        """Of whom, call by call."""

    async def categories_by_subject(
        self, subjects: Sequence[Key], client_id: str, purpose: str, at: datetime, pseudonyms: Any = None
    ) -> Mapping[Key, frozenset[str]]:
        self.asked.append(set(subjects))
        return {one: self._categories[str(one)] for one in subjects if one in self._categories}


@dataclass
class Asked:
    """One request: its Gate, and what the Gate asked and disclosed."""

    role: str
    purpose: str
    assurance: int = 0
    person: str | None = None
    jurisdiction: Jurisdiction = NOWHERE
    consents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: ROWS)
    away: frozenset[str] = frozenset()
    policies: PolicySet = POLICIES

    def __post_init__(self) -> None:
        kind = KIND_BY_ROLE.get(self.role, PrincipalKind.CLIENT)
        self.caller = caller = Caller(kind, f"a-{self.role}", self.purpose, self.person, self.jurisdiction, NOW)
        registers = ("education", "credentials", "population")
        self.sources = {name: Noting(name, self.rows, name in self.away) for name in registers}
        self.table = self.policies.table(profile(self.role, self.purpose, self.assurance), NOW.date())
        by_record = sources_by_record({}, self.sources)
        self.agreed = Agreed(self.consents)
        self.fact_loader = FactLoader(caller, by_record, self.agreed, self.table)
        self.admission = Admission(caller, self.fact_loader)
        self.disclosure = Disclosure()
        self.gate = RequestGate(by_record, self.table, self.fact_loader, self.admission, self.disclosure)

    @property
    def questions(self) -> list[Lookup | Page | Count]:
        return [question for source in self.sources.values() for question in source.asked]

    async def looked_up(self, ask: RowQuery, *keys: Any) -> list[list[Any]]:
        """Return for each row handed up its key and the values of the ask's slots."""
        prepared = self.gate.prepare(ask)
        rows = await self.gate.lookup(prepared, keys)
        return [[row[0], *(None if at is None else row[at] for at in prepared.positions)] for row in rows]

    @property
    def denials(self) -> dict[tuple[str, str], int]:
        """The number of rows by coordinate and code, whatever the rule."""
        rows: Counter[tuple[str, str]] = Counter()
        for (coordinate, denial), count in self.disclosure.denials.items():
            rows[coordinate, denial.code] += count
        return dict(rows)


def citizen_asking(person: str | None = "me", assurance: int = 2, **more: Any) -> Asked:
    return Asked("citizen", "self-service", assurance, person, **more)


def learner_ask(*slots: tuple[str, str], by: str = "sector_code", direct: bool = True) -> RowQuery:
    """Return an ask for learners; a slot is (column, category)."""
    wanted = tuple(OutputColumn(column, category, f"Learner.{column}") for column, category in slots)
    return RowQuery("learner", by, "learner.record", "Query.learner", wanted, direct=direct)
