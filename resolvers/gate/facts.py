"""How the caller stands to the subjects of rows: the facts, loaded in one batch per kind for the whole operation.

Consents are asked for last, and only of those subjects of whom they may still change what is decided.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Protocol

from auth.crypto.keys import Pseudonyms, learner_subject
from auth.principal import Fact, Jurisdiction, PrincipalKind
from connectors.faults import faultless
from connectors.records import SubjectKind
from connectors.source import Key, Lookup, Source
from reference.ages import AGE_OF_MAJORITY, is_at_least
from resolvers.gate.subjects import (
    LEARNER_FACTS,
    STRANGER,
    UNDECIDED,
    VERIFIED,
    KnownSubjects,
    SubjectFacts,
    readable_facts,
    undecided_standings,
)

COHORT_COLUMNS = ("learner_code", "school_year", "level", "grade")


class ConsentReader(Protocol):
    """Where consents are read, anew for each request."""

    async def categories_by_subject(
        self,
        subjects: Sequence[Key],
        client_id: str,
        purpose: str,
        at: datetime,
        pseudonyms: Pseudonyms | None = None,
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
    concerned: Callable[[Key], bool] | None = None
    """Whether the open dossier that a client has named is this person's; None: it has named none."""
    emergency: bool = False

    @property
    def today(self) -> date:
        return self.now.date()


class FactLoader:
    """The standings of one operation's subjects. Facts that cannot be loaded raise; they are never assumed."""

    def __init__(
        self,
        caller: Caller,
        sources: Mapping[str, Source],
        consents: ConsentReader,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        self._caller = caller
        self._sources = sources
        self._consents = consents
        self._pseudonyms = pseudonyms
        self._learners, self._persons = KnownSubjects(), KnownSubjects()
        self._children: asyncio.Task[frozenset[Key]] | None = None
        self._places: asyncio.Task[Jurisdiction] | None = None
        self._doubles: dict[Any, Key] = {}
        self._asked_for_consents: set[Key] = set()
        self._consents_by_person: dict[Key, frozenset[str]] = {}

    def accounts(self, kind: SubjectKind) -> Mapping[Key, Key]:
        """Return under which keys learners that are known here are accounted for; a person is nobody else.

        It is the verified person, else the learner's own key: who asks under it as the person finds both.
        """
        return self._learners.accounts if kind is SubjectKind.LEARNER else {}

    def doubles(self, tokens: Iterable[Any]) -> list[Key]:
        """Return keys that nobody has, one for each token and always the same one for it."""
        known = self._doubles
        return [known.setdefault(token, f"-{len(known) + 1}") for token in tokens]

    async def of(
        self, kind: SubjectKind, keys: Collection[Key], undecided: Set[int] = UNDECIDED, *, alike: bool = False
    ) -> Mapping[Key, SubjectFacts]:
        """Return the standing for each key; a key of nobody known stands as a stranger.

        `undecided`: the masks of facts under which consents matter; under others they may not have been asked for.
        `alike`: the same is read of whoever is not there as of somebody to whom the caller is a stranger.
        """
        known = self._learners if kind is SubjectKind.LEARNER else self._persons
        missing = tuple(set(keys).difference(known.standings, (None,)))
        if missing:
            if kind is SubjectKind.LEARNER:
                lookup = Lookup("learner", "sector_code", missing, LEARNER_FACTS)
                rows = readable_facts(await self._sources[lookup.record].rows(lookup))
                absent = set(missing).difference(map(itemgetter(0), rows)) if alike else ()
                await self.learn(rows, absent, alike=alike)
            else:
                await self._learn_persons(missing)
            known.standings.update(dict.fromkeys(set(missing).difference(known.standings), STRANGER))
        persons = known.to_ask(keys, undecided)
        if persons:
            known.hear(persons, await self._consents_of(set(persons.values())))
        return known.standings

    async def learn(
        self, learners: Iterable[Sequence[Any]], absent: Collection[Key] = (), *, alike: bool = False
    ) -> None:
        """Take note of learners' rows, in the columns of LEARNER_FACTS, and of codes that are `absent`.

        `alike`: where no verified person is known a double stands for one, of whom all is read that a person's facts
        would need.
        """
        known = self._learners.standings
        new = [row for row in learners if row[0] not in known] if known else list(learners)
        absent = [code for code in absent if code not in known]
        if not (new or absent):
            return
        codes, persons = _verified_persons(new)
        doubles: dict[Key, Key] = {}
        if alike and (absent or len(persons) < len(codes)):
            alone = [*absent, *(code for code in codes if code not in persons)]
            doubles = dict(zip(alone, self.doubles(("learner", code) for code in alone), strict=True))
        relations = await self._relations_to([*persons.values(), *doubles.values()])
        covered = await self._covered([*new, *_nowhere(absent)] if absent else new)
        if len(persons) < len(codes):
            self._learners.accounts.update((code, learner_subject(code)) for code in codes)
        self._learners.accounts.update(persons)
        self._learners.add(undecided_standings(codes, persons, covered, relations), persons, may_consent=self._may_hear)
        self._learners.add_doubles(doubles, may_consent=self._may_hear)

    async def _learn_persons(self, keys: tuple[Key, ...]) -> None:
        relations = await self._relations_to(keys)
        covered = await self._covered_persons(keys)
        themselves = dict(zip(keys, keys, strict=True))
        standings = undecided_standings(keys, themselves, covered, relations)
        self._persons.add(standings, themselves, may_consent=self._may_hear)

    @property
    def _may_hear(self) -> bool:
        """Whether anybody may have consented to anything: consents are given to clients."""
        return self._caller.kind is PrincipalKind.CLIENT

    async def _covered(self, learners: Iterable[Sequence[Any]]) -> frozenset[Key]:
        """Return the codes of the learners, rows in the columns of LEARNER_FACTS, in the caller's jurisdiction."""
        if self._caller.jurisdiction.country and not self._caller.jurisdiction.cohorts:
            return frozenset(map(itemgetter(0), learners))
        covers = (await self.places()).covers
        learners = list(learners)
        within = frozenset(code for code, _, _, province, institution in learners if covers(province, institution))
        cohorts = self._caller.jurisdiction.cohorts
        if not (cohorts and learners):
            return within
        # of all of them, and not of those within alone: how long it takes does not tell who is
        lookup = Lookup("enrolment", "learner_code", tuple(row[0] for row in learners), COHORT_COLUMNS)
        enrolments = faultless(await self._sources[lookup.record].rows(lookup))
        return within.intersection(
            code for code, *enrolment in enrolments if any(cohort.has(*enrolment) for cohort in cohorts)
        )

    async def _covered_persons(self, persons: tuple[Key, ...]) -> frozenset[Key]:
        """Return the persons in the caller's jurisdiction: all, or those with a verified learner in it."""
        jurisdiction = self._caller.jurisdiction
        if jurisdiction.country and not jurisdiction.cohorts:
            return frozenset(persons)
        if not jurisdiction.somewhere:
            return frozenset()
        lookup = Lookup("learner", "person_key", persons, LEARNER_FACTS, (VERIFIED,))
        learners = readable_facts(await self._sources[lookup.record].rows(lookup))
        alone = set(persons).difference(person for _, person, *_ in learners) if jurisdiction.cohorts else ()
        doubles = self.doubles(("person", person) for person in alone)
        covered = await self._covered([*learners, *_nowhere(doubles)])
        return frozenset(person for code, person, *_ in learners if code in covered)

    async def places(self) -> Jurisdiction:
        """Return the caller's jurisdiction, the institutions of its communes in their place, asked for once."""
        jurisdiction = self._caller.jurisdiction
        if not jurisdiction.communes:
            return jurisdiction
        if self._places is None:
            self._places = asyncio.ensure_future(self._load_places())
        return await asyncio.shield(self._places)

    async def _load_places(self) -> Jurisdiction:
        jurisdiction = self._caller.jurisdiction
        there = Lookup("institution", "unit_code", tuple(sorted(jurisdiction.communes)), ("unit_code", "code"))
        found = frozenset(code for _, code in faultless(await self._sources[there.record].rows(there)))
        return replace(jurisdiction, communes=frozenset(), institutions=jurisdiction.institutions | found)

    async def _relations_to(self, persons: Collection[Key]) -> Mapping[Key, int]:
        """Return SELF and GUARDIAN for the persons a citizen is or is responsible for, CASE for a dossier's subject."""
        caller = self._caller
        if caller.concerned is not None:
            return {person: int(Fact.CASE) for person in persons if caller.concerned(person)}
        if caller.kind is not PrincipalKind.CITIZEN or caller.person_key is None:
            return {}
        relations: dict[Key, int] = {caller.person_key: int(Fact.SELF)}
        if any(person != caller.person_key for person in persons):
            relations.update((child, int(Fact.GUARDIAN)) for child in await self.children())
        return relations

    async def _consents_of(self, persons: Set[Key]) -> Mapping[Key, frozenset[str]]:
        """Return what persons have consented to, these among them; somebody without consent is absent."""
        new = tuple(persons - self._asked_for_consents)
        if new:
            caller = self._caller
            given = await self._consents.categories_by_subject(
                new, caller.client_id, caller.purpose, caller.now, self._pseudonyms
            )
            self._asked_for_consents.update(new)
            self._consents_by_person.update(given)
        return self._consents_by_person

    async def children(self) -> frozenset[Key]:
        """Return the minors whose guardian the citizen is today, asked once for the operation."""
        if self._children is None:
            self._children = asyncio.ensure_future(self._load_children())
        return await asyncio.shield(self._children)

    async def _load_children(self) -> frozenset[Key]:
        caller = self._caller
        assert caller.person_key is not None
        columns = ("guardian_key", "child_key", "valid_from", "valid_to")
        guardianships = Lookup("guardianship", "guardian_key", (caller.person_key,), columns)
        rows = await self._sources[guardianships.record].rows(guardianships)
        valid = {
            child
            for _, child, start, end in faultless(rows)
            if (start is None or start <= caller.today) and (end is None or caller.today < end)
        }
        if not valid:
            return frozenset()
        citizens = Lookup("citizen", "person_key", tuple(valid), ("person_key", "birth_period"))
        return frozenset(
            child
            for child, born in faultless(await self._sources[citizens.record].rows(citizens))
            if born is not None and is_at_least(born, AGE_OF_MAJORITY, caller.today) is False  # for certain
        )


def _verified_persons(learners: Sequence[Sequence[Any]]) -> tuple[Sequence[Key], dict[Key, Key]]:
    """Return the codes of rows in the columns of LEARNER_FACTS, and the persons behind those whose link is verified."""
    if not learners:
        return (), {}
    codes, keys, links, _, _ = zip(*learners, strict=True)
    if set(links) == {VERIFIED.value} and None not in keys:  # most records of a register are linked
        return codes, dict(zip(codes, keys, strict=True))
    verified = zip(codes, keys, links, strict=True)
    return codes, {code: key for code, key, link in verified if link == VERIFIED.value and key is not None}


def _nowhere(codes: Iterable[Key]) -> Iterable[Sequence[Any]]:
    """Return rows in the columns of LEARNER_FACTS of learners who are not there."""
    return ((code, None, None, None, None) for code in codes)
