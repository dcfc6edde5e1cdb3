"""Requests of every persona, opened as the server opens them, on sources of the test's choice."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from auth.agreements.grants import Grants
from auth.argument_terms import ArgumentTerms
from auth.audit.record import Audit
from auth.consent.consents import Consents
from auth.crypto.keys import Keys
from auth.dossiers.store import Dossiers
from auth.emergencies import Emergencies
from auth.limits.published_counts import Published, PublishedCounts
from auth.limits.query_budget import QueryBudget, QuestionCount
from auth.policy.policy_set import Policies
from auth.principal import ANONYMOUS, Grant, Principal, PrincipalKind, Recipient
from auth.principal import Jurisdiction as Covered
from auth.rights.requests import Rights
from connectors.source import Source
from engine.catalogue import Catalogue
from reference.vietnam_time import VIETNAM
from resolvers.request.access import AccessContext, access_context_of
from resolvers.request.factory import RequestFactory
from resolvers.request.own_state import OwnState
from resolvers.request.request import Request
from sandbox.personas import PERSONAS, Persona
from schema.build import build_schema

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC).astimezone(VIETNAM)
POLICIES = Path(__file__).parent.parent.parent / "policies"
NOBODY = "nobody"
CONSENTED = frozenset({"identity.name", "identity.birth", "schooling", "schooling.result", "credential.status"})

ASKED = {
    "Learner.isAtLeast": ArgumentTerms({"years": (0, 1, 18)}, 9),
    "CitizenIdentity.isAtLeast": ArgumentTerms({}, 9),
    "Learner.heldPermanentResidence": ArgumentTerms({"monthsAtLeast": (1, 12, 18, 24, 2000)}, 9),
}
"""What half of the agreements let answers be asked with; for the other half it is policy that says so."""

Asker = tuple[str, str]
"""A persona's name, or NOBODY, and the purpose."""


@cache
def catalogue() -> Catalogue:
    return build_schema()[1]


@cache
def policies() -> Policies:
    return Policies(POLICIES)


@cache
def keys() -> Keys:
    return Keys(bytes(range(32)))


def askers() -> list[Asker]:
    named = [(persona.name, purpose) for persona in PERSONAS.values() for purpose in persona.purposes]
    return [(NOBODY, "public"), *named]


class _Grants:
    """Every agency has what its persona is described with."""

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        persona = next(one for one in PERSONAS.values() if one.client_id == client_id)
        return tuple(_grant(persona, purpose) for purpose in persona.purposes)


def _grant(persona: Persona, purpose: str) -> Grant:
    covers = persona.jurisdiction
    covered = Covered(covers.country, covers.provinces, covers.institutions) if covers else Covered()
    asked = ASKED if len(purpose) % 2 else {}
    return Grant(persona.client_id, persona.roles[0], purpose, covered, date(2026, 1, 1), None, arguments=asked)


class _Published:
    """No figures have been told yet."""

    def place(self, *_what: Any) -> bytes:
        return b""

    async def of(self, _place: bytes) -> None:
        return None

    async def kept(self, _place: bytes, figures: Published) -> Published:
        return figures


class _Asked:
    """Every question is one of few: which of too many comes first need not be the same in both executors."""

    async def admitted(self, asked: Sequence[QuestionCount], today: date) -> Sequence[bool]:
        return [True] * len(asked)


class _Consents:
    """Every other person agrees with everything that is usually asked."""

    async def categories_by_subject(
        self, subjects: Sequence[Any], client_id: str, purpose: str, at: datetime, pseudonyms: Any = None
    ) -> Mapping[Any, frozenset[str]]:
        return {subject: CONSENTED for subject in subjects if int(str(subject)[-1]) % 2}


def principal_of(name: str) -> Principal:
    if name == NOBODY:
        return ANONYMOUS
    persona = PERSONAS[name]
    kind = PrincipalKind.CITIZEN if persona.kind == "citizen" else PrincipalKind.CLIENT
    roles = frozenset({"citizen"} if persona.kind == "citizen" else ())
    return Principal(kind, persona.client_id, roles, persona.assurance, persona.person_key)


def recipient_of(name: str) -> Recipient:
    principal = principal_of(name)
    return Recipient(principal.kind, principal.issuer, principal.client_id)


async def access(asker: Asker) -> AccessContext:
    name, purpose = asker
    case = "HS-2026-1" if len(name) % 2 else None
    return await access_context_of(
        principal_of(name), purpose, case, cast(Grants, _Grants()), policies().current, NOW.date()
    )


def openings(sources: Mapping[str, Source]) -> RequestFactory:
    state = OwnState(
        keys=keys(),
        grants=cast(Grants, _Grants()),
        consents=cast(Consents, _Consents()),
        audit=cast(Audit, None),
        rights=cast(Rights, None),
        query_budget=cast(QueryBudget, _Asked()),
        dossiers=cast(Dossiers, None),
        emergencies=cast(Emergencies, None),
        published=cast(PublishedCounts, _Published()),
    )
    return RequestFactory(catalogue(), sources, state)


def opened(held: AccessContext, sources: Mapping[str, Source]) -> Request:
    return openings(sources).request("request", held, NOW)
