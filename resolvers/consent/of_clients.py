"""The consents that a client was given: its own only, the subjects by its own pairwise ids."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auth.consent.terms import StoredConsent
from auth.errors import Refused
from auth.principal import PrincipalKind
from connectors.source import Key
from resolvers.consent.consents import ConsentValue, records_of, subject_kept, value_of
from resolvers.reference_executor.pages import PageInfoValue, checked_first, page_info
from resolvers.request import person_records
from resolvers.request.memo import MemoKey
from resolvers.request.request import IDENTITY, Request

CURSOR = "cursor Query.myConsents"


@dataclass(frozen=True, slots=True)
class ClientConsentValue:
    """A consent as its recipient sees it; `subject` is the pairwise id."""

    consent: ConsentValue
    subject: str
    person: Key
    persons: tuple[Key, ...]
    """All persons of the page, whose learners are looked up in one query."""


@dataclass(frozen=True, slots=True)
class ClientConsentPageValue:
    nodes: list[ClientConsentValue]
    page_info: PageInfoValue


async def consents_of_client(request: Request, first: int | None, after: str | None) -> ClientConsentPageValue:
    """Return a page of the consents given to the client for the purpose of this operation, the newest first."""
    if request.principal.kind is not PrincipalKind.CLIENT:
        raise Refused("only a client is given consents; a citizen's own are `me { consents }`", "UNAUTHENTICATED")
    size = checked_first(first)
    before: Any = None if after is None else request.open_cursor(after, CURSOR, 1)[0]
    client, purpose = request.principal.client_id, request.purpose
    found = await request.services.consents.of_recipient(client, purpose, size + 1, before)
    shown = found[:size]
    info = page_info(request, CURSOR, [(consent.id,) for consent in shown], len(found) > size, after)
    return ClientConsentPageValue(await _shown(request, shown), info)


async def _shown(request: Request, consents: Sequence[StoredConsent]) -> list[ClientConsentValue]:
    records = await records_of(request, consents)
    subjects = {consent.id: _subject(request, consent) for consent in consents}
    persons = tuple(dict.fromkeys(subjects.values()))
    return [
        ClientConsentValue(
            value_of(
                request, request.consent_id(consent.id, subjects[consent.id]), subjects[consent.id], consent, records
            ),
            request.global_id(IDENTITY, subjects[consent.id]),
            subjects[consent.id],
            persons,
        )
        for consent in consents
    ]


_LEARNERS = MemoKey["asyncio.Future[dict[Key, list[str]]]"]()


async def learners_of(value: ClientConsentValue, request: Request) -> list[str]:
    """Return the pairwise ids of the subject's learners; asking for them is a reading under the consent."""
    learners = await asyncio.shield(
        request.memo.of(_LEARNERS, value.persons, lambda: asyncio.ensure_future(_learners(request, value.persons)))
    )
    return learners.get(value.person, [])


def _subject(request: Request, consent: StoredConsent) -> Key:
    return subject_kept(request, str(consent.recipient_subject), consent.terms.client_id)


async def _learners(request: Request, persons: Sequence[Key]) -> dict[Key, list[str]]:
    """Return the pairwise ids of the persons' learners, those only that the Gate lets the client know of."""
    records_by_person = await person_records.records_of(request, persons, "ClientConsent.learners") if persons else {}
    return {
        person: [request.global_id("Learner", record.key) for record in records if record.kind == "learner"]
        for person, records in records_by_person.items()
    }
