"""Which fields a client's grant of today and the policies can release at all, and the category of every field."""

from collections.abc import Mapping, Sequence

from auth.audit_minimisation import Reader
from auth.principal import Grant, PrincipalKind, Profile
from connectors.records import RECORDS
from resolvers.prepared import PRINCIPAL
from resolvers.request import Request


async def granted_to(request: Request, readers: Sequence[Reader]) -> dict[Reader, frozenset[str]]:
    """Return by reader the fields about persons that its grant of today and the policies can release at all."""
    granted: dict[Reader, frozenset[str]] = {}
    for client_id, purpose in readers:
        for grant in await request.services.grants.of(client_id, request.today):
            if grant.purpose == purpose:
                granted[client_id, purpose] = _open_to(request, grant)
    return granted


def _open_to(request: Request, grant: Grant) -> frozenset[str]:
    known = request.services.policies.current.categories.keys()
    expired = frozenset(name for name, last in grant.category_expiry.items() if last < request.today)
    unlisted = frozenset() if grant.categories is None else frozenset(known - grant.categories)
    roles = frozenset({grant.role})
    profile = Profile(PrincipalKind.CLIENT, grant.client_id, roles, grant.purpose, 0, expired, unlisted)
    table = request.services.policies.table(profile, request.today)
    catalogue = request.catalogue
    return frozenset(
        catalogue.coordinate(typename, name)
        for typename, record_type in catalogue.record_types.items()
        if record_type.record != PRINCIPAL.name and RECORDS[record_type.record].subject is not None
        if not table.never(record_type.category)
        for name, declaration in catalogue.declarations(typename).items()
        if not table.never(declaration.category)
    )


def category_by_coordinate(request: Request) -> Mapping[str, str]:
    """Return the data category of each coordinate."""
    catalogue = request.catalogue
    return {
        catalogue.coordinate(typename, name): declaration.category
        for typename in catalogue.schema.type_map
        for name, declaration in catalogue.declarations(typename).items()
    }
