"""How the caller stands to the subjects of rows: the facts, loaded in one batch per kind for the whole operation.

Consents are asked for last, and only of those subjects of whom they may still change what is decided.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol

from auth.crypto.keys import Pseudonyms, unlinked_subject
from auth.policy.decisions import DecisionTable
from auth.principal import Jurisdiction, PrincipalKind
from connectors.record import Record
from connectors.records import HOLDERS
from connectors.source import Key, Lookup, Source
from connectors.subjects import PERSON, VERIFIED
from resolvers.gate.caller import Caller
from resolvers.gate.doubles import Doubles, nowhere
from resolvers.gate.places import CoveredPlaces
from resolvers.gate.relations import Relations
from resolvers.gate.subjects import (
    ALL_MASKS,
    STRANGER,
    KnownSubjects,
    SubjectFacts,
    facts_without_consents,
    readable_facts,
)


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


class FactLoader:
    """The facts of one operation's subjects. Facts that cannot be loaded raise; they are never assumed."""

    def __init__(
        self,
        caller: Caller,
        sources: Mapping[str, Source],
        consents: ConsentReader,
        table: DecisionTable,
        pseudonyms: Pseudonyms | None = None,
        holders: Mapping[str, Record] = HOLDERS,
    ) -> None:
        self._caller = caller
        self._sources = sources
        self._consents = consents
        self._pseudonyms = pseudonyms
        self._holders = holders
        self._known: dict[str, KnownSubjects] = {}
        self._doubles = Doubles()
        self._relations = Relations(caller, sources)
        self._places = CoveredPlaces(caller.jurisdiction, sources, table, holders, self._doubles)
        self._asked_for_consents: set[Key] = set()
        self._consents_by_person: dict[Key, frozenset[str]] = {}

    def _of_kind(self, kind: str) -> KnownSubjects:
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = KnownSubjects()
        return known

    def accounts(self, kind: str) -> Mapping[Key, Key]:
        """Return under which keys subjects that are known here are accounted for; a person is nobody else.

        It is the verified person, else a key of the subject's own: who asks under it as the person finds both.
        """
        return self._of_kind(kind).accounts

    def doubles(self, tokens: Iterable[Any]) -> list[Key]:
        """Return keys that nobody has, one for each token and always the same one for it."""
        return self._doubles.of(tokens)

    async def children(self) -> frozenset[Key]:
        """Return the minors whose guardian the citizen is today."""
        return await self._relations.children()

    async def places(self) -> Jurisdiction:
        """Return the caller's jurisdiction, the institutions of its communes in their place."""
        return await self._places.jurisdiction()

    async def of(
        self, kind: str, keys: Collection[Key], consent_dependent: Set[int] = ALL_MASKS, *, is_direct: bool = False
    ) -> Mapping[Key, SubjectFacts]:
        """Return the facts of each key's subject; an unknown key has those of a stranger.

        `consent_dependent`: the masks under which consents matter; under others consents may not be loaded.
        `is_direct`: an absent subject causes the same reads as a stranger, so that reads do not reveal who exists.
        """
        known = self._of_kind(kind)
        missing = tuple(set(keys).difference(known.facts_by_key, (None,)))
        if missing:
            if kind == PERSON:
                await self._learn_persons(missing)
            else:
                holder = self._holders[kind]
                lookup = Lookup(kind, holder.key, missing, holder.fact_columns)
                rows = readable_facts(await self._sources[kind].rows(lookup))
                absent = set(missing).difference(map(itemgetter(0), rows)) if is_direct else ()
                await self.learn(kind, rows, absent, is_direct=is_direct)
            known.facts_by_key.update(dict.fromkeys(set(missing).difference(known.facts_by_key), STRANGER))
        persons = known.pending_consents(keys, consent_dependent)
        if persons:
            known.apply_consents(persons, await self._consents_of(set(persons.values())))
        return known.facts_by_key

    async def learn(
        self, kind: str, rows: Iterable[Sequence[Any]], absent: Collection[Key] = (), *, is_direct: bool = False
    ) -> None:
        """Take note of rows of the record that holds a kind of subject, in its columns of facts, and of `absent` keys.

        `is_direct`: without a verified person a double takes the person's place, and causes the reads that a person's
        facts would need.
        """
        holder, known = self._holders[kind], self._of_kind(kind)
        facts_by_key = known.facts_by_key
        new = [row for row in rows if row[0] not in facts_by_key] if facts_by_key else list(rows)
        absent = [key for key in absent if key not in facts_by_key]
        if not (new or absent):
            return
        keys, persons = _verified_persons(new)
        doubles: dict[Key, Key] = {}
        if is_direct and (absent or len(persons) < len(keys)):
            alone = [*absent, *(key for key in keys if key not in persons)]
            doubles = dict(zip(alone, self.doubles((kind, key) for key in alone), strict=True))
        relations = await self._relations.to([*persons.values(), *doubles.values()])
        covered = await self._places.covered(holder, [*new, *nowhere(holder, absent)] if absent else new)
        if len(persons) < len(keys):
            known.accounts.update((key, unlinked_subject(kind, key)) for key in keys)
        known.accounts.update(persons)
        known.add(facts_without_consents(keys, persons, covered, relations), persons, may_consent=self._may_consent)
        known.add_doubles(doubles, may_consent=self._may_consent)

    async def _learn_persons(self, keys: tuple[Key, ...]) -> None:
        relations = await self._relations.to(keys)
        covered = await self._places.covered_persons(keys)
        themselves = dict(zip(keys, keys, strict=True))
        facts_by_key = facts_without_consents(keys, themselves, covered, relations)
        self._of_kind(PERSON).add(facts_by_key, themselves, may_consent=self._may_consent)

    @property
    def _may_consent(self) -> bool:
        """Whether anybody may have consented to anything: consents are given to clients."""
        return self._caller.kind is PrincipalKind.CLIENT

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


def _verified_persons(rows: Sequence[Sequence[Any]]) -> tuple[Sequence[Key], dict[Key, Key]]:
    """Return the keys of rows in the columns of facts, and the persons behind those whose link is verified."""
    if not rows:
        return (), {}
    keys, persons, links, *_ = zip(*rows, strict=True)
    if set(links) == {VERIFIED} and None not in persons:  # most records of a register are linked
        return keys, dict(zip(keys, persons, strict=True))
    linked = zip(keys, persons, links, strict=True)
    return keys, {key: person for key, person, link in linked if link == VERIFIED and person is not None}
