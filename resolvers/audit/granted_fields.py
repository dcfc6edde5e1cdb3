"""Which fields a client's grant of today and the policies can release at all, and the category of every field."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from auth.audit.oversight.minimisation import Reader
from auth.audit.oversight.search import Search
from auth.policy.policy_set import PolicySet
from auth.principal import Fact, Grant, Profile
from connectors.records import RECORDS
from engine.declarations import Answer, Declaration
from reference.vietnam_time import VIETNAM
from resolvers.gate.prepared import PRINCIPAL
from resolvers.gate.questions import agreed_terms
from resolvers.request.access import profile_of
from resolvers.request.request import Request

FactsByCategory = Mapping[str, frozenset[Fact]]
"""By category, the combinations of facts under which it is released."""

_NEVER: frozenset[Fact] = frozenset()


async def granted_to(request: Request, search: Search) -> dict[Reader, frozenset[str]]:
    """Return by reader the fields about persons that its grant of today and the policies can release at all.

    Readers are those of the search, and all who could have been by an agreement in force, used or not.
    """
    read = frozenset(await request.services.audit.readers(search))
    granted: dict[Reader, frozenset[str]] = {}
    for grant in await request.services.grants.held(request.today):
        reader = grant.client_id, grant.purpose
        if reader in read or _could_read(grant, search):
            granted[reader] = await _open_to(request, grant)
    return granted


def _could_read(grant: Grant, search: Search) -> bool:
    begun = search.until is None or grant.valid_from <= search.until.astimezone(VIETNAM).date()
    return begun and search.client_id in (None, grant.client_id) and search.purpose in (None, grant.purpose)


async def _open_to(request: Request, grant: Grant) -> frozenset[str]:
    """Return the fields, including those of emergencies if the grant allows break-glass access."""
    whole = profile_of(grant, request.policies, request.today)
    profiles = [whole, replace(whole, emergency=True)] if grant.emergency else [whole]
    fields: frozenset[str] = frozenset()
    for profile in profiles:
        # in a thread, and no tables are made: those of clients that ask now are not to give way to a report
        found = await asyncio.to_thread(_released, request.policies, profile, request.today)
        fields |= _fields(request, grant, found)
    return fields


def _released(policies: PolicySet, profile: Profile, on: date) -> FactsByCategory:
    survey = policies.survey(profile, on)
    left_out = profile.unlisted_categories | profile.expired_categories
    return {
        category: frozenset(facts for facts, verdict in survey.verdicts(category).items() if verdict.permitting)
        for category in policies.categories.keys() - left_out
    }


def _fields(request: Request, grant: Grant, released: FactsByCategory) -> frozenset[str]:
    catalogue = request.catalogue
    return frozenset(
        catalogue.coordinate(typename, name)
        for typename, record_type in catalogue.record_types.items()
        if record_type.record != PRINCIPAL.name and RECORDS[record_type.record].subject is not None
        for name, declaration in catalogue.declarations(typename).items()
        if released.get(record_type.category, _NEVER) & released.get(declaration.category, _NEVER)
        if _may_be_asked(request, grant, catalogue.coordinate(typename, name), declaration)
    )


def _may_be_asked(request: Request, grant: Grant, coordinate: str, declaration: Declaration) -> bool:
    """Tell whether something says how an answer may be asked, where it takes arguments."""
    if not isinstance(declaration, Answer) or declaration.about is None:
        return True
    policy = request.policies.arguments
    return agreed_terms(grant, grant.purpose, coordinate, policy, request.today) is not None


def category_by_coordinate(request: Request) -> Mapping[str, str]:
    """Return the data category of each coordinate."""
    catalogue = request.catalogue
    return {
        catalogue.coordinate(typename, name): declaration.category
        for typename in catalogue.schema.type_map
        for name, declaration in catalogue.declarations(typename).items()
    }
