"""Opening a request: its decisions, its facts and its Gate, put together from what the process shares."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from auth.crypto.keys import Keys, Pseudonyms
from connectors.guards.resilience import request_deadline
from connectors.source import Key, Source
from engine.catalogue import Catalogue
from resolvers.gate.admission import Admission
from resolvers.gate.caller import Caller
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.facts import FactLoader
from resolvers.gate.gate import RequestGate
from resolvers.gate.questions import Questions
from resolvers.request.access import AccessContext
from resolvers.request.own_state import OwnState
from resolvers.request.request import Request

REQUEST_DEADLINE_S = 10.0
"""When the registers must have answered an operation; their own deadlines are shorter, the operation's is later."""


@dataclass(frozen=True, slots=True)
class RequestFactory:
    """What every request of this process shares."""

    catalogue: Catalogue
    sources: Mapping[str, Source]
    """By the record that each serves."""
    state: OwnState

    def request(self, request_id: str, access: AccessContext, now: datetime) -> Request:
        """Return the context of one operation, its deadline running from now."""
        request_deadline.set(asyncio.get_running_loop().time() + REQUEST_DEADLINE_S)
        principal, profile = access.principal, access.profile
        pseudonyms = Pseudonyms(self.state.keys)
        caller = Caller(
            principal.kind,
            principal.client_id,
            profile.purpose,
            principal.person_key,
            access.jurisdiction,
            now,
            concerns(access.dossier, pseudonyms, self.state.keys),
            profile.emergency,
        )
        policies = access.policies
        table = policies.table(profile, now.date())
        fact_loader = FactLoader(caller, self.sources, self.state.consents, table, pseudonyms)
        disclosure = Disclosure()
        gate = RequestGate(self.sources, table, fact_loader, Admission(caller, fact_loader), disclosure)
        questions = Questions(
            caller, access.grant, policies.arguments, self.state.query_budget, fact_loader, self.catalogue, disclosure
        )
        return Request(
            request_id=request_id,
            principal=principal,
            profile=profile,
            purpose=profile.purpose,
            case=access.case,
            now=now,
            table=table,
            gate=gate,
            disclosure=disclosure,
            sealer=self.state.keys.sealer(access.recipient),
            catalogue=self.catalogue,
            policies=policies,
            services=self.state,
            pseudonyms=pseudonyms,
            jurisdiction=access.jurisdiction,
            grant=access.grant,
            questions=questions,
        )


def concerns(subject: bytes | None, pseudonyms: Pseudonyms, keys: Keys) -> Callable[[Key], bool] | None:
    """Return the test whether a dossier is of a person; of pseudonyms, one is made for each person in the operation."""
    if subject is None:
        return None
    return lambda key: pseudonyms[key] == subject or any(earlier.pseudonym(key) == subject for earlier in keys.earlier)
