"""A document is held to the limits before it is validated, in steps that grow with its length and no faster."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest
from graphql import GraphQLSyntaxError, get_introspection_query
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.errors import Refused
from schema.documents.limits import TOO_COMPLEX, Limits, nesting, parsed
from schema.documents.shape import Shape, checked
from tests.schema.documents.samples import SCHEMA, branching, doubling

LIMITS = Limits()


def shape_of(text: str, limits: Limits = LIMITS) -> Shape:
    return checked(parsed(text, limits), SCHEMA, limits)


LEAVES = " ".join(f"a{i}:id" for i in range(150))
TOO_MUCH = {
    "length 70001 exceeds the limit of 65536": "{id #" + "x" * 69_995 + "\n",
    "nesting 65 exceeds the limit of 64": "{a" * 65 + "}" * 65,
    "nesting 2002 exceeds the limit of 64": "{a(b:" + "[" * 2000 + "]" * 2000 + ")}",
    "tokens 5001 exceeds the limit of 5000": "{" + "id " * 20_000 + "}",
    "operations 2000 exceeds the limit of 50": " ".join(f"query q{i}{{id}}" for i in range(2000)),
    "fragments 101 exceeds the limit of 100": "{id}" + "".join(f"fragment f{i} on Q{{id}}" for i in range(101)),
    "variables 101 exceeds the limit of 100": "query(" + " ".join(f"$v{i}:Int" for i in range(101)) + "){id}",
    "directives in one place 5000 exceeds the limit of 4": "{id " + "@note" * 5000 + "}",
    "directives 201 exceeds the limit of 200": "{" + "id @note " * 201 + "}",
    "value depth 11 exceeds the limit of 10": "{a(b:" + "[" * 11 + "]" * 11 + ")}",
    "depth 16 exceeds the limit of 15": "{a" * 31 + "}" * 31,
    "introspection depth 21 exceeds the limit of 20": "{__schema" + "{a" * 30 + "}" * 31,
    "introspection aliases 11 exceeds the limit of 10": "{__schema{types{"
    + "".join(f"a{i}:name " for i in range(11))
    + "}}}",
    "selections 1001 exceeds the limit of 1000": branching(4).replace(
        "{id}", "{" + " ".join(f"v{i}" for i in range(99)) + "}"
    ),
    "aliases 201 exceeds the limit of 200": f"{{learner{{{LEAVES} school{{{LEAVES}}}}}}}",
    "root fields 1000 exceeds the limit of 30": "{" + " ".join(f"a{i}" for i in range(1000)) + "}",
    "fields of one response path 31 exceeds the limit of 30": "{" + "learner{id}" * 3000 + "}",
}


@pytest.mark.parametrize(("message", "text"), TOO_MUCH.items(), ids=list(TOO_MUCH))
def test_what_is_too_much_is_refused_by_name_and_value(message: str, text: str) -> None:
    limits = LIMITS if message.startswith(("length", "tokens")) else replace(LIMITS, tokens=10**6, characters=10**6)
    with pytest.raises(Refused) as refused:
        shape_of(text, limits)
    assert (refused.value.message, refused.value.code) == (message, TOO_COMPLEX)


def test_duplicates_count_where_their_parents_merge() -> None:
    with pytest.raises(Refused, match="fields of one response path 31"):
        shape_of("{" + ("learner{" + "id " * 10 + "}") * 4 + "}")


def test_duplicates_count_in_fragments_that_nothing_uses() -> None:
    with pytest.raises(Refused, match="fields of one response path 31"):
        shape_of("{node{id}} fragment unused on Learner{" + "id " * 31 + "}")


def test_nul_in_a_text_is_refused() -> None:
    with pytest.raises(Refused, match="NUL"):
        shape_of('{learner(id:"1\\u0000"){id}}')


@pytest.mark.parametrize(
    "text", ["{...a} fragment a on Query{...b} fragment b on Query{...a}", "{...none}", "{x:nothing}"]
)
def test_what_is_merely_invalid_is_left_to_validation(text: str) -> None:
    assert shape_of(text).depth <= 1


def test_cycles_through_fields_end_at_the_depth() -> None:
    with pytest.raises(Refused, match="depth 16 exceeds the limit of 15"):
        shape_of("{learner{...f}} fragment f on Learner{friends{...f}}")


def test_fragments_are_spread_and_equal_fields_merged() -> None:
    text = "{learner{id ...f ...f} x:learner{...f}} fragment f on Learner{id school{y:id}}"
    assert replace(shape_of(text), costs={}) == Shape(selections=12, depth=3, aliases=3, root_fields=2, costs={})


def test_introspection_of_every_tool_passes() -> None:
    text = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    assert shape_of(text).costs["IntrospectionQuery"].of({}) < LIMITS.cost


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("{a(b:[{c:1}])}", 4),
        ('{a(b:"{{{{")}', 2),
        ('{a(b:"\\"{{{{")}', 2),
        ('{a(b:"""{{{ \\""" {{{ "" {{{""")}', 2),
        ("{a #{{{{\n}", 1),
        ('{a(b:"{{{', 2),
        ("}}}}{{", 0),
    ],
)
def test_nesting_counts_brackets_outside_strings_and_comments(text: str, depth: int) -> None:
    assert nesting(text) == depth


def steps(text: str, limits: Limits) -> int:
    """Return how many lines of the limits run to judge a text."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith(
            ("schema/documents/shape.py", "schema/documents/cost.py", "schema/documents/limits.py")
        ):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        judged(text, limits)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("bomb", [doubling, branching])
def test_a_bomb_takes_no_more_steps_than_its_length_asks(bomb: Callable[[int], str]) -> None:
    limits = replace(LIMITS, depth=1000)
    taken = [steps(bomb(n), limits) for n in (20, 40, 80)]
    assert taken[2] < 2.5 * taken[1] < 2.5 * 2.5 * taken[0]


def judged(text: str, limits: Limits = LIMITS) -> None:
    """Judge a text that may be refused for being too much or being none, and must fail in no other way."""
    try:
        shape_of(text, limits)
    except (Refused, GraphQLSyntaxError):
        return


FIELDS = st.sampled_from(
    ["id", "learner", "a:learners(first:3)", "nodes", "friends", "__schema", "types", "among(ids:[1 2])"]
)
SPREADS = st.integers(0, 9).map(lambda n: f"...f{n}")


def _sets(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.one_of(FIELDS, SPREADS, st.builds(str.__add__, FIELDS, inner), inner.map("... on Learner".__add__))
    return st.lists(one, min_size=1, max_size=4).map(lambda some: "{" + " ".join(some) + "}")


SELECTIONS = st.recursive(st.just("{id}"), _sets, max_leaves=12)
DOCUMENTS = st.lists(SELECTIONS, min_size=1, max_size=11).map(
    lambda sets: sets[0] + "".join(f" fragment f{i} on Learner{one}" for i, one in enumerate(sets[1:]))
)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(DOCUMENTS)
def test_no_document_takes_more_steps_than_its_selections(text: str) -> None:
    for selections in (50, 1000):
        limits = replace(LIMITS, selections=selections, duplicates=10**6, aliases=10**6, introspection_aliases=10**6)
        assert steps(text, limits) < 40 * len(text) + 60 * selections


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet='{}()[]:,.$@!|&="\\#\n a1fon', max_size=200))
def test_no_text_fails_otherwise_than_by_refusal(text: str) -> None:
    judged(text)
