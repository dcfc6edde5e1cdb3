"""The context of a resolver, over a small request in memory."""

from types import SimpleNamespace
from typing import Any, cast

from auth.crypto.keys import Keys, Pseudonyms
from auth.policy.policy_set import PolicySet
from auth.principal import Principal, Recipient
from auth.rights.requests import Rights
from engine.catalogue import Catalogue
from resolvers.request.own_state import OwnState
from resolvers.request.request import Request
from tests.auth.policies import COMMITTED, profile
from tests.resolvers.requests import NOW, Asked

KEYS = Keys(bytes(range(32)))
POLICIES = PolicySet.load(COMMITTED)


def request_of(asked: Asked, catalogue: Catalogue, rights: Rights | None = None) -> Request:
    """Return the request; of the services it has at most the requests of data subjects."""
    asking = profile(asked.role, asked.purpose, asked.assurance)
    services: Any = SimpleNamespace(rights=rights)
    principal = Principal(asking.kind, asking.client_id, asking.roles, asked.assurance, asked.person)
    return Request(
        request_id="request",
        principal=principal,
        profile=asking,
        purpose=asked.purpose,
        case="",
        now=NOW,
        table=asked.table,
        gate=asked.gate,
        disclosure=asked.disclosure,
        sealer=KEYS.sealer(Recipient(principal.kind, None, principal.client_id)),
        catalogue=catalogue,
        policies=POLICIES,
        services=cast(OwnState, services),
        pseudonyms=Pseudonyms(KEYS),
        jurisdiction=asked.jurisdiction,
    )
