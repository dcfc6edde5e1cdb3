"""What consents release now, and the conditions under which some do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.consent.reads import Conditional, ConsentAnswer, ConsentReads, Question
from auth.consent.rows import consent_of
from auth.consent.uses import used
from auth.crypto.keys import Key, Keys, Pseudonyms
from auth.state.engine import reading
from auth.state.line import DedicatedConnection
from auth.state.sets import among
from auth.state.tables import CONSENTS
from reference.vietnam_time import day_of


class Guardians(Protocol):
    """Who is responsible for children, as the population register says now."""

    async def of(self, children: Sequence[Key], on: date) -> Mapping[Key, frozenset[Key]]:
        """Return the guardians of each child on a day; a child without any may be absent."""
        ...


class Effect:
    """Asks anew each time; nothing is remembered."""

    def __init__(self, engine: AsyncEngine, keys: Keys, guardians: Guardians | None) -> None:
        self._engine = engine
        self._keys = keys
        self._guardians = guardians
        self._reads = ConsentReads(DedicatedConnection(engine)) if engine.dialect.name == "postgresql" else None

    async def categories_by_subject(
        self,
        subjects: Sequence[Key],
        client_id: str,
        purpose: str,
        at: datetime,
        pseudonyms: Pseudonyms | None = None,
    ) -> dict[Key, frozenset[str]]:
        """Return what each subject lets this client read for this purpose now; a subject without consent is absent.

        One statement for all subjects, in PostgreSQL for all who ask at the same time. A withdrawal counts once it is
        committed, whatever the clocks of replicas say. `at` is the instant of the operation: under a consent with a
        frequency all that is asked at one instant is one reading. `pseudonyms`: those in use, where they are at hand.
        """
        if not subjects:
            return {}
        made = self._keys.pseudonyms_in_use(subjects) if pseudonyms is None else pseudonyms.of(subjects)
        subject_by_pseudonym = dict(zip(made, subjects, strict=True))
        for keys in self._keys.earlier:
            subject_by_pseudonym.update(zip(keys.pseudonyms_in_use(subjects), subjects, strict=True))
        question = Question(subject_by_pseudonym.keys(), client_id, purpose, day_of(at))
        answer = await (self._answer(question) if self._reads is None else self._reads.answer(question))
        if answer.conditional:
            await self._add_those_that_hold(answer, subject_by_pseudonym, at)
        categories: dict[Key, frozenset[str]] = {}
        for pseudonym, released in answer.categories.items():
            subject = subject_by_pseudonym[pseudonym]
            categories[subject] = categories.get(subject, frozenset()) | released
        return categories

    async def _answer(self, question: Question) -> ConsentAnswer:
        statement = select(CONSENTS).where(
            among(CONSENTS.c.subject, list(question.subjects), self._engine.dialect),
            CONSENTS.c.client_id == question.client_id,
            CONSENTS.c.purpose == question.purpose,
            CONSENTS.c.withdrawn_at.is_(None),
        )
        answer = ConsentAnswer()
        async with reading(self._engine) as connection:
            for row in await connection.execute(statement):
                consent = consent_of(row)
                if consent.counts_on(question.day):
                    terms = consent.terms
                    answer.add(Conditional(row.id, row.subject, terms.categories, row.guardian, terms.frequency))
        return answer

    async def _add_those_that_hold(
        self, answer: ConsentAnswer, subject_by_pseudonym: Mapping[bytes, Key], at: datetime
    ) -> None:
        """Release what only counts conditionally: the guardian is still one, and the frequency leaves a reading."""
        holding = answer.conditional
        guarded = {subject_by_pseudonym[consent.subject] for consent in holding if consent.guardian is not None}
        if guarded and self._guardians is not None:
            found = await self._guardians.of(tuple(guarded), day_of(at))
            guardians = {
                child: {pseudonym for guardian in of_child for pseudonym in self._keys.pseudonyms(guardian)}
                for child, of_child in found.items()
            }
            holding = [
                consent
                for consent in holding
                if consent.guardian is None
                or consent.guardian in guardians.get(subject_by_pseudonym[consent.subject], ())
            ]
        limited = {consent.id: consent.frequency for consent in holding if consent.frequency is not None}
        left = await used(self._engine, limited, at) if limited else frozenset()
        for consent in holding:
            if consent.frequency is None or consent.id in left:
                answer.release(consent.subject, consent.categories)
