"""The record names an operation by what stays of it without values, under a key: no number is found from the hash."""

from hashlib import blake2b

import pytest
from graphql import parse

from auth.crypto.keys import Keys
from schema.build import build_schema
from schema.documents.documents import Documents
from schema.documents.skeleton import skeleton

KEYS = Keys(bytes(range(32)))
TEMPLATE = 'query Q {{ learnersByCitizenIds(citizenIds: ["{}"]) {{ fullName }} }}'
NUMBER, OTHER = "001099012345", "001099054321"


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(build_schema()[0]._schema)


@pytest.mark.parametrize(
    ("written", "stays"),
    [
        (f'{{ a(b: "{NUMBER}") {{ c }} }}', '{ a(b: "") { c } }'),
        (f'{{ a(b: """{NUMBER}""") }}', '{ a(b: "") }'),
        (f"{{ a(b: {NUMBER[2:]}, c: 1.5) }}", "{ a(b: 0, c: 0) }"),
        (f'{{ a(b: ["{NUMBER}", "{OTHER}"]) }}', "{ a(b: []) }"),
        (f'{{ a(b: {{c: "{NUMBER}", d: MALE, e: true, f: null}}) }}', '{ a(b: { c: "", d: MALE, e: true, f: null }) }'),
        (f'query Q($v: String = "{NUMBER}") {{ a(b: $v) @c(d: 3) }}', 'query Q($v: String = "") { a(b: $v) @c(d: 0) }'),
        (
            f'{{ a {{ ...F }} }} # {NUMBER}\nfragment F on T {{ b(c: "{NUMBER}") }}',
            '{ a { ...F } } fragment F on T { b(c: "") }',
        ),
    ],
)
def test_no_value_stays(written: str, stays: str) -> None:
    assert " ".join(skeleton(parse(written)).split()) == stays


def test_one_template_has_one_hash_whoever_it_is_filled_in_for(documents: Documents) -> None:
    hashes = {documents.get(TEMPLATE.format(number)).hashed(KEYS) for number in (NUMBER, OTHER)}
    assert len(hashes) == 1
    other = documents.get("{ learnersByCitizenIds(citizenIds: []) { sectorCode } }").hashed(KEYS)
    assert {other}.isdisjoint(hashes)


def test_who_lacks_the_key_cannot_try_numbers(documents: Documents) -> None:
    """Before, the hash was that of the text: a million candidates took two seconds."""
    hashed = documents.get(TEMPLATE.format(NUMBER)).hashed(KEYS)
    text = TEMPLATE.format(NUMBER)
    assert hashed not in {blake2b(one.encode(), digest_size=16).hexdigest() for one in (text, skeleton(parse(text)))}
    assert hashed != documents.get(TEMPLATE.format(OTHER) + " ").hashed(Keys(bytes(32)))
