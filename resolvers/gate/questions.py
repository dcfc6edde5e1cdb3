"""Questions put to answers: which a client may ask, and how many different ones about one subject.

An answer that takes arguments is an oracle: a birth date by halving, an address by trying communes. So the client's
agreement, or the policy for the purpose, says which arguments may be given, and different questions are counted.
Citizens ask about themselves and their children, whose data they may read: they are not counted.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from auth.argument_terms import ArgumentTerms, plain
from auth.crypto.keys import unlinked_subject
from auth.limits.query_budget import QueryBudget, QuestionCount
from auth.policy.arguments import ArgumentPolicy, ArgumentRule
from auth.policy.decisions import Denial
from auth.principal import Grant, PrincipalKind
from connectors.records import HOLDERS, RECORDS
from connectors.source import Key
from connectors.subjects import Subject
from engine.catalogue import Catalogue
from engine.declarations import Answer
from resolvers.gate.caller import Caller
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.facts import FactLoader


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """The terms of an answer, and the policy's rule that they are; None: the agreement's own."""

    terms: ArgumentTerms
    rule: ArgumentRule | None


def agreed_terms(
    grant: Grant | None, purpose: str, coordinate: str, policy: ArgumentPolicy, today: date
) -> AgreedTerms | None:
    """Return how a client may ask an answer: as its agreement says, or else the policy; None: not at all."""
    agreed = None if grant is None else grant.arguments.get(coordinate)
    if agreed is not None:
        return AgreedTerms(agreed, None)
    rule = policy.rule(purpose, coordinate, today)
    return None if rule is None else AgreedTerms(rule.terms, rule)


class Questions:
    """The questions of one operation."""

    def __init__(
        self,
        caller: Caller,
        grant: Grant | None,
        policy: ArgumentPolicy,
        store: QueryBudget,
        fact_loader: FactLoader,
        catalogue: Catalogue,
        disclosure: Disclosure,
    ) -> None:
        self._caller = caller
        self._grant = grant
        self._policy = policy
        self._store = store
        self._fact_loader = fact_loader
        self._catalogue = catalogue
        self._disclosure = disclosure
        self._given: set[str] = set()
        self._counting: dict[tuple[str, str], dict[Key, asyncio.Task[Mapping[Key, bool]]]] = {}
        """By coordinate and question, of each subject: whether it may be answered."""

    @property
    def free(self) -> bool:
        """Whether the caller may ask what it likes of whom it may ask at all."""
        return self._caller.kind is not PrincipalKind.CLIENT

    @property
    def not_named(self) -> Denial:
        """Return the denial of an answer that nothing says how to ask."""
        return self._policy.not_named()

    def terms(self, coordinate: str) -> AgreedTerms | None:
        """Return how an answer may be asked: as the agreement says, or else the policy; None: not at all."""
        return agreed_terms(self._grant, self._caller.purpose, coordinate, self._policy, self._caller.today)

    async def admitted(
        self, asking: Any, coordinate: str, answer: Answer, arguments: Mapping[str, Any], subjects: Sequence[Key]
    ) -> Sequence[bool]:
        """Tell of each subject whether the question may be answered; it is counted durably before.

        `subjects` are of rows that the caller may know of and whose category is permitted, so that a denial tells
        nothing of anybody else. Raises Refused for a question that makes no sense, and StateUnavailable.
        """
        if self.free:
            return [True] * len(subjects)
        if coordinate not in self._given:
            self._disclosure.released.discard(coordinate)  # by its category it was; whether it is shows now
        agreed = self.terms(coordinate)
        denial = self._refused(coordinate, agreed, arguments)
        if agreed is None or denial is not None:
            self._disclosure.deny([(coordinate, denial or self.not_named)], len(subjects))
            return [False] * len(subjects)
        found = await self._counted(asking, coordinate, answer, arguments, subjects, agreed.terms)
        exhausted = self._policy.exhausted(agreed.rule, agreed.terms)
        self._disclosure.deny([(coordinate, exhausted)], found.count(False))
        if any(found):
            self._given.add(coordinate)
            self._disclosure.released.add(coordinate)
        return found

    def _refused(self, coordinate: str, agreed: AgreedTerms | None, arguments: Mapping[str, Any]) -> Denial | None:
        if agreed is None:
            return None
        names = self._catalogue.arguments(*coordinate.split("."))
        argument = agreed.terms.refused({name: arguments.get(python_name) for name, python_name in names.items()})
        return None if argument is None else self._policy.not_permitted(agreed.rule, agreed.terms, argument)

    async def _counted(
        self,
        asking: Any,
        coordinate: str,
        answer: Answer,
        arguments: Mapping[str, Any],
        subjects: Sequence[Key],
        terms: ArgumentTerms,
    ) -> list[bool]:
        assert answer.question is not None  # the schema does not build without (schema/build.py)
        question = orjson.dumps(plain(answer.question(arguments, asking))).decode()
        counting = self._counting.setdefault((coordinate, question), {})
        new = [subject for subject in dict.fromkeys(subjects) if subject not in counting]
        if new:  # an alias that asks the same waits for the first
            count = asyncio.get_running_loop().create_task(self._count(coordinate, question, new, terms))
            counting.update(dict.fromkeys(new, count))
        return [(await counting[subject])[subject] for subject in subjects]

    async def _count(
        self, coordinate: str, question: str, subjects: Sequence[Key], terms: ArgumentTerms
    ) -> Mapping[Key, bool]:
        typename, name = coordinate.split(".")
        client_id = self._caller.client_id
        asker = f"{client_id}\n{self._caller.purpose}\n{name}"
        about = self._subject_of(typename)
        person_by_subject = dict(zip(subjects, await self._accounts(about, subjects), strict=True))
        before: dict[Key, set[str]] = {person: set() for person in person_by_subject.values()}
        for subject, person in person_by_subject.items():
            unlinked = unlinked_subject(about.kind, subject)
            if about.kind in HOLDERS and person != unlinked:
                before[person].add(unlinked)
        persons = list(before)
        asked = [
            QuestionCount(
                f"{asker}\n{whom!r}",
                question,
                terms.distinct,
                terms.days,
                tuple(f"{asker}\n{subject!r}" for subject in sorted(before[whom])),
            )
            for whom in persons
        ]
        admitted = await self._store.admitted(asked, client_id, self._caller.today)
        admitted_by_person = dict(zip(persons, admitted, strict=True))
        return {subject: admitted_by_person[person] for subject, person in person_by_subject.items()}

    def _subject_of(self, typename: str) -> Subject:
        subject = RECORDS[self._catalogue.record_types[typename].record].subject
        assert subject is not None
        return subject

    async def _accounts(self, subject: Subject, subjects: Sequence[Key]) -> Sequence[Key]:
        """Return the persons behind subjects; a subject whose link is not verified has a key of its own.

        By whichever record somebody is asked about, what was asked of the person counts.
        """
        await self._fact_loader.of(subject.kind, subjects, consent_dependent=frozenset())
        return list(map(self._fact_loader.accounts(subject.kind).get, subjects, subjects))
