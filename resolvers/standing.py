"""How the caller stands to the subjects of rows: the facts, loaded in one batch per kind for the whole operation."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from auth.principal import Fact, Jurisdiction, PrincipalKind
from connectors.records import SubjectKind
from connectors.source import Condition, Key, Lookup, Source

VERIFIED = Condition("link_state", "=", "VERIFIED")
LEARNER_FACTS = ("sector_code", "person_key", "link_state", "province_code", "institution_code")
AGE_OF_MAJORITY = 18  # Civil Code 2015 art. 20
NO_CONSENT: frozenset[str] = frozenset()
NOTHING, COVERED = Fact(0), Fact.JURISDICTION


class Standing(NamedTuple):
    """The facts about one subject, the categories consented to, and the person behind (None: not verified)."""

    facts: Fact
    consents: frozenset[str]
    person_key: Key | None


STRANGER = Standing(Fact(0), NO_CONSENT, None)


class ConsentReader(Protocol):
    """Where consents are read, anew for each request."""

    async def categories_by_subject(
        self, subjects: Sequence[Key], client_id: str, purpose: str, at: datetime
    ) -> Mapping[Key, frozenset[str]]: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as facts depend on it."""

    kind: PrincipalKind
    client_id: str
    purpose: str
    person_key: Key | None
    jurisdiction: Jurisdiction
    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()


class Standings:
    """The standings of one operation's subjects. Facts that cannot be loaded raise; they are never assumed."""

    def __init__(self, caller: Caller, education: Source, population: Source, consents: ConsentReader) -> None:
        self._caller = caller
        self._education = education
        self._population = population
        self._consents = consents
        self._by_learner: dict[Key, Standing] = {}
        self._by_person: dict[Key, Standing] = {}
        self._children: asyncio.Task[frozenset[Key]] | None = None
        self._consents_by_person: dict[Key, frozenset[str]] = {}

    async def of(self, kind: SubjectKind, keys: Iterable[Key]) -> Mapping[Key, Standing]:
        """Return the standing for each key; a key of nobody known stands as a stranger."""
        known = self._by_learner if kind is SubjectKind.LEARNER else self._by_person
        missing = tuple({key for key in keys if key is not None and key not in known})
        if missing:
            if kind is SubjectKind.LEARNER:
                lookup = Lookup("learner", "sector_code", missing, LEARNER_FACTS)
                await self.learn(await self._education.rows(lookup))
            else:
                await self._learn_persons(missing)
            for key in missing:
                known.setdefault(key, STRANGER)
        return known

    async def learn(self, learners: Iterable[Sequence[Any]]) -> None:
        """Take note of learners' rows, in the columns of LEARNER_FACTS."""
        known = self._by_learner
        new = [row for row in learners if row[0] not in known]
        if not new:
            return
        verified = VERIFIED.value
        present = tuple({row[1] for row in new if row[2] == verified and row[1] is not None})
        consents = await self._consents_of(present)
        relations = await self._relations_to(present)
        covers = self._caller.jurisdiction.covers
        for code, person, state, province, institution in new:
            person = person if state == verified else None
            facts = COVERED if covers(province, institution) else NOTHING
            if person in relations:
                facts |= relations[person]
            known[code] = Standing(facts, NO_CONSENT if person is None else consents.get(person, NO_CONSENT), person)

    async def _learn_persons(self, keys: tuple[Key, ...]) -> None:
        consents = await self._consents_of(keys)
        relations = await self._relations_to(keys)
        covered = await self._covered(keys)
        for key in keys:
            facts = COVERED if key in covered else NOTHING
            if key in relations:
                facts |= relations[key]
            self._by_person[key] = Standing(facts, consents.get(key, NO_CONSENT), key)

    async def _covered(self, persons: tuple[Key, ...]) -> frozenset[Key]:
        """Return the persons in the caller's jurisdiction: all, or those with a verified learner in it."""
        jurisdiction = self._caller.jurisdiction
        if jurisdiction.country:
            return frozenset(persons)
        if not (jurisdiction.provinces or jurisdiction.institutions):
            return frozenset()
        columns = ("person_key", "province_code", "institution_code")
        rows = await self._education.rows(Lookup("learner", "person_key", persons, columns, (VERIFIED,)))
        return frozenset(person for person, province, institution in rows if jurisdiction.covers(province, institution))

    async def _relations_to(self, persons: tuple[Key, ...]) -> Mapping[Key | None, Fact]:
        """Return SELF and GUARDIAN for the persons a citizen is or is responsible for."""
        caller = self._caller
        if caller.kind is not PrincipalKind.CITIZEN or caller.person_key is None:
            return {}
        relations: dict[Key | None, Fact] = {caller.person_key: Fact.SELF}
        if any(person != caller.person_key for person in persons):
            relations.update((child, Fact.GUARDIAN) for child in await self.children())
        return relations

    async def _consents_of(self, persons: tuple[Key, ...]) -> Mapping[Key, frozenset[str]]:
        caller = self._caller
        if caller.kind is not PrincipalKind.CLIENT:
            return {}
        known = self._consents_by_person
        new = tuple([person for person in persons if person not in known])
        if new:
            given = await self._consents.categories_by_subject(new, caller.client_id, caller.purpose, caller.now)
            for person in new:
                known[person] = given.get(person, NO_CONSENT)
        return known

    async def children(self) -> frozenset[Key]:
        """Return the minors whose guardian the citizen is today, asked once for the operation."""
        if self._children is None:
            self._children = asyncio.ensure_future(self._load_children())
        return await asyncio.shield(self._children)

    async def _load_children(self) -> frozenset[Key]:
        caller = self._caller
        assert caller.person_key is not None
        columns = ("guardian_key", "child_key", "valid_from", "valid_to")
        rows = await self._population.rows(Lookup("guardianship", "guardian_key", (caller.person_key,), columns))
        valid = {
            child
            for _, child, start, end in rows
            if (start is None or start <= caller.today) and (end is None or caller.today < end)
        }
        if not valid:
            return frozenset()
        citizens = Lookup("citizen", "person_key", tuple(valid), ("person_key", "birth_date"))
        return frozenset(
            child
            for child, born in await self._population.rows(citizens)
            if born is not None and age(born, caller.today) < AGE_OF_MAJORITY
        )


def age(born: date, today: date) -> int:
    """Return the completed years of age; a birthday on 29 February counts on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
