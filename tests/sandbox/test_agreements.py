"""The sandbox's agreements give its clients what the personas are described with."""

import pytest

from sandbox.issuer import ISSUER
from sandbox.personas import PERSONAS, Persona
from sandbox.serve import agreements

CLIENTS = [persona for persona in PERSONAS.values() if persona.kind == "client"]


@pytest.mark.parametrize("persona", CLIENTS, ids=lambda persona: persona.name)
def test_a_client_has_what_its_persona_is_described_with(persona: Persona) -> None:
    [agreement] = [one for one in agreements() if one.client_id == persona.client_id]
    granted = {grant.purpose: grant for grant in agreement.grants}

    assert set(persona.purposes) <= granted.keys()
    for grant in granted.values():
        covers, described = grant.jurisdiction, persona.jurisdiction
        places = (covers.country, covers.provinces, covers.institutions)
        assert (grant.role,) == persona.roles and grant.issuer == ISSUER
        assert not covers.communes | covers.cohorts
        assert places == (
            (described.country, described.provinces, described.institutions)
            if described
            else (False, frozenset(), frozenset())
        )


def test_every_agreement_is_a_personas() -> None:
    assert {one.client_id for one in agreements()} == {persona.client_id for persona in CLIENTS}
