"""Where values come from."""

from datetime import UTC, datetime

from resolvers.answers.provenance import ProvenanceValue, provenance_of
from tests.resolvers.answers.declared import ASKING


def test_where_a_value_comes_from() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    assert provenance_of("enrolment")({"as_of": at}, ASKING) == ProvenanceValue("education", at)
    assert provenance_of("citizen")({"as_of": None}, ASKING) == ProvenanceValue("population", None)
