"""Hostile requests are stopped by the limit that is meant for them, or stay within every structural bound."""

from collections.abc import Iterator

import orjson
import pytest

from auth.errors import Refused
from bench.hostile_shapes import SHAPES
from bench.hostile_texts import HostileShape
from schema.build import build_schema
from schema.documents.documents import SHARE, DocumentInvalid, Documents
from schema.documents.limits import Limits
from schema.http.endpoint import MAX_BODY_BYTES
from schema.http.params import Unreadable, _decoded, _typed

SCHEMA = build_schema()[0]._schema
LIMITS = Limits()
KEPT_OF_A_REFUSAL = 20_000
"""Bytes of the cache that one refusal may take: eleven errors."""


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    yield Documents(SCHEMA)


def judged(documents: Documents, shape: HostileShape, holder: str) -> str:
    """Return what is said of a request on its way to an executor; empty where it would be run."""
    try:
        body = {"query": shape.query, "variables": shape.variables, "operationName": shape.operation_name}
        params = _typed(_decoded(orjson.dumps(body), "body"))
        document = documents.get(params.query, holder)
        document.operation(params.operation_name)
        document.check_values(params.operation_name, params.variables)
        document.check_cost(params.operation_name, params.variables)
    except (Unreadable, Refused) as refused:
        return refused.message
    except DocumentInvalid as invalid:
        return invalid.errors[0].message
    return ""


def test_there_are_a_hundred_and_twenty_shapes_of_different_names() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 120


@pytest.mark.parametrize("holder", ["anonymous", "client"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_hostile_shape_is_stopped_by_its_limit_or_stays_within_all(
    documents: Documents, shape: HostileShape, holder: str
) -> None:
    before = documents.weight
    said = judged(documents, shape, holder)
    assert shape.limit in said if shape.limit else said == ""
    assert len(said) < 400
    if said:
        assert documents.weight - before <= KEPT_OF_A_REFUSAL + _kept_of_a_document(documents, shape, said)
    else:
        document = documents.get(shape.query, holder)
        assert len(shape.query) <= LIMITS.characters
        assert document.nodes <= 2 * LIMITS.tokens
        assert document.shape.selections <= LIMITS.selections
        assert documents.weight - before <= SHARE
        assert len(orjson.dumps(shape.variables)) <= MAX_BODY_BYTES


def _kept_of_a_document(documents: Documents, shape: HostileShape, said: str) -> int:
    """Return what a sound document weighs whose variables, cost or operation were refused."""
    try:
        sound = said.startswith(("variable", "cost", "`operationName`")) and documents.get(shape.query)
    except DocumentInvalid:
        return 0
    return sound.nodes * 600 + 4 * len(shape.query) + 20_000 if sound else 0
