"""The look-up of consents that every request of a client waits for, in PostgreSQL: many requests in one statement."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import orjson

from auth.consent.terms import Effectiveness, Frequency, Period
from auth.crypto.keys import PSEUDONYM_BYTES
from auth.state.line import DedicatedConnection
from auth.state.together import MicroBatcher

# the pseudonyms as one value, as in audit_store: the driver would look at each element of an array
_SUBJECTS = (
    f"array(select substr($1::bytea, 1 + {PSEUDONYM_BYTES} * place, {PSEUDONYM_BYTES}) "  # noqa: S608
    f"from generate_series(0, length($1::bytea) / {PSEUDONYM_BYTES} - 1) place)"
)
_EFFECTIVE = (
    "select id, subject, client_id, purpose, categories, guardian, reads, period, valid_to, lapses_on, own_voice_on, "  # noqa: S608
    "needs_subject and subject_agreed_at is null or needs_guardian and guardian_agreed_at is null as lacks, "
    "subject_agreed_at is not null as subject_agreed "
    f"from consents where subject = any({_SUBJECTS}) and client_id = any($2::text[]) and purpose = any($3::text[]) "
    "and valid_to >= $4 and withdrawn_at is null"
)
"""The rows that may count from a day ($4) on; `Effectiveness` decides."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the subjects, by their pseudonyms, let one client read for one purpose on a day."""

    subjects: Set[bytes]
    client_id: str
    purpose: str
    day: date


class Conditional(NamedTuple):
    """A consent that counts only while its guardian is one, or while its frequency leaves a reading."""

    id: int
    subject: bytes
    categories: frozenset[str]
    guardian: bytes | None
    frequency: Frequency | None


@dataclass(slots=True)
class ConsentAnswer:
    """The categories by pseudonym, a subject without consent being absent; and what only counts conditionally."""

    categories: dict[bytes, frozenset[str]] = field(default_factory=dict)
    conditional: list[Conditional] = field(default_factory=list)

    def add(self, consent: Conditional) -> None:
        if consent.guardian is None and consent.frequency is None:
            self.release(consent.subject, consent.categories)
        else:
            self.conditional.append(consent)

    def release(self, subject: bytes, categories: frozenset[str]) -> None:
        self.categories[subject] = self.categories.get(subject, frozenset()) | categories


Found = tuple[Effectiveness, Conditional]


class ConsentReads:
    """Reads of the present state: an answer never includes a consent that was withdrawn before the query."""

    def __init__(self, line: DedicatedConnection) -> None:
        self._line = line
        self._together = MicroBatcher(self._read)

    async def answer(self, question: Question) -> ConsentAnswer:
        """Raises StateUnavailable."""
        return await self._together.answer(question)

    async def _read(self, questions: Sequence[Question]) -> Sequence[ConsentAnswer]:
        rows = await self._line.read(
            _EFFECTIVE,
            b"".join(chain.from_iterable(question.subjects for question in questions)),
            list({question.client_id for question in questions}),
            list({question.purpose for question in questions}),
            min(question.day for question in questions),
        )
        by_reader: dict[tuple[str, str], dict[bytes, list[Found]]] = {}
        for number, subject, client_id, purpose, categories, guardian, reads, period, *effectiveness in rows:
            of_reader = by_reader.setdefault((client_id, purpose), {})
            frequency = None if reads is None else Frequency(reads, Period(period))
            consent = Conditional(number, subject, _categories(categories), guardian, frequency)
            of_reader.setdefault(subject, []).append((Effectiveness(*effectiveness), consent))
        return [_answer(question, by_reader.get((question.client_id, question.purpose), {})) for question in questions]


def _answer(question: Question, consents: Mapping[bytes, Sequence[Found]]) -> ConsentAnswer:
    answer = ConsentAnswer()
    for subject in consents.keys() & question.subjects:
        for effectiveness, consent in consents[subject]:
            if effectiveness.counts_on(question.day):
                answer.add(consent)
    return answer


@lru_cache(1024)
def _categories(stored: str) -> frozenset[str]:
    return frozenset(orjson.loads(stored))
