"""For whom ids are sealed in tests."""

from auth.principal import ANONYMOUS, PrincipalKind, Recipient
from tests.auth.tokens import ISSUER

NOBODY = Recipient(ANONYMOUS.kind, None, ANONYMOUS.client_id)


def agency(client_id: str, issuer: str | None = None) -> Recipient:
    """Return an agency's client, by an agreement that names the issuer or none."""
    return Recipient(PrincipalKind.CLIENT, issuer, client_id)


def app(client_id: str, issuer: str | None = ISSUER) -> Recipient:
    """Return an app through which citizens come, by tokens of the issuer."""
    return Recipient(PrincipalKind.CITIZEN, issuer, client_id)
