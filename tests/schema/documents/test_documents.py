"""Documents are parsed, limited and validated once for their text."""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from graphql import GraphQLError

from auth.errors import Refused
from engine.document_weight import document_weight
from schema.documents.documents import DocumentInvalid, Documents
from tests.schema.documents.samples import SCHEMA, doubling


@pytest.fixture
def documents() -> Documents:
    return Documents(SCHEMA)


def errors_of(documents: Documents, text: str) -> tuple[GraphQLError, ...]:
    with pytest.raises(DocumentInvalid) as invalid:
        documents.get(text)
    return invalid.value.errors


def test_a_text_is_judged_once(documents: Documents) -> None:
    assert documents.get("{learner{id}}") is documents.get("{learner{id}}")
    assert errors_of(documents, "{nothing}") is errors_of(documents, "{nothing}")


def test_documents_used_longest_ago_make_room() -> None:
    documents = Documents(SCHEMA, share=5 * document_weight(8, 40) // 2)
    first, second = documents.get("{learner{id}}"), documents.get("{learner{name}}")
    assert documents.get("{learner{id}}") is first
    documents.get("{learner{school{id}} a:learner{id}}")
    assert documents.get("{learner{id}}") is first
    assert documents.get("{learner{name}}") is not second


def test_a_document_larger_than_all_room_is_answered_and_not_kept() -> None:
    documents = Documents(SCHEMA, share=5)
    assert documents.get("{learner{id}}") is not documents.get("{learner{id}}")


def test_nobody_evicts_the_documents_of_somebody_else() -> None:
    documents = Documents(SCHEMA, room=40 * document_weight(8, 40), share=30 * document_weight(8, 40))
    mine = [documents.get(f"{{a{number}:learner{{id}}}}", "client school") for number in range(10)]
    for number in range(200):
        documents.get(f"{{b{number}:learner{{id}}}}", "anonymous")
    assert [documents.get(f"{{a{number}:learner{{id}}}}", "client school") for number in range(10)] == mine


def test_a_text_asked_by_two_is_kept_once(documents: Documents) -> None:
    first = documents.get("{learner{id}}", "anonymous")
    weight = documents.weight
    assert documents.get("{learner{id}}", "client school") is first
    assert documents.weight == weight


def test_documents_that_go_leave_nothing_to_the_collector() -> None:
    documents = Documents(SCHEMA)
    for number in range(3):
        documents.get(f"# {number}\nquery named($a: Boolean!) {{learner{{id name @include(if: $a)}}}}")
    gc.collect()  # what the library leaves of judging them
    gc.disable()
    try:
        del documents
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_error_of_a_document_that_is_kept_has_its_place(documents: Documents) -> None:
    operation = documents.get("{\n  learner {\n    a: id\n  }\n}").operation(None)
    (learner,) = operation.selection_set.selections
    (field,) = learner.selection_set.selections  # type: ignore[attr-defined]
    assert [tuple(place) for place in GraphQLError("x", [learner, field]).locations or ()] == [(2, 3), (3, 5)]


DENSE = "{" + " ".join(f"a{{n}}_{one}:learner{{id}}" for one in range(28)) + "}"


@pytest.mark.parametrize(
    "text",
    [
        DENSE,
        "{learner(at: [" + ",".join(f"{one}" for one in range(1_000)) + "]){a{n}:id}}",
        '{among(ids: ["' + "x" * 2_000 + '"]){a{n}:id}}',
        "{learner{a{n}:id " + "name @include(if: true) " * 29 + "}}",
        "{a{n}:learner{id}} #" + "x" * 10_000,
    ],
)
def test_documents_weigh_what_is_accounted_for(text: str) -> None:
    documents = Documents(SCHEMA)
    for number in range(-2, 0):
        documents.get(text.replace("{n}", f"_{-number}"))
    gc.collect()
    accounted = documents.weight
    tracemalloc.start()
    try:
        for number in range(10):
            documents.get(text.replace("{n}", str(number)))
        gc.collect()
        real = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.8 * real < documents.weight - accounted < 6 * real


def test_threads_share_documents(documents: Documents) -> None:
    texts = [f"{{a{n % 7}:learner{{id}}}}" for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(documents.get, texts))
    assert [one.operation(None).selection_set.selections[0].alias.value for one in asked] == [  # type: ignore[attr-defined]
        f"a{n % 7}" for n in range(200)
    ]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("{", "GRAPHQL_PARSE_FAILED", "syntax error: expected `Name`, found `<EOF>`"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nothing' on type 'Query'."),
        ("{learner{naem}}", "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'naem' on type 'Learner'."),
        ("{learner{id} ...@defer{node{id}}}", "GRAPHQL_VALIDATION_FAILED", "Unknown directive '@defer'."),
        ("{learner{marks @stream}}", "GRAPHQL_VALIDATION_FAILED", "Unknown directive '@stream'."),
        ("subscription{id}", "GRAPHQL_VALIDATION_FAILED", "The subscription operation is not supported by the schema."),
        ("{" + "a{" * 20 + "b" + "}" * 21, "DOCUMENT_TOO_COMPLEX", "depth 16 exceeds the limit of 15"),
    ],
)
def test_what_is_invalid_says_why(documents: Documents, text: str, code: str, message: str) -> None:
    error = errors_of(documents, text)[0]
    assert (error.message, error.extensions) == (message, {"code": code})


def test_errors_hold_nothing_of_the_document(documents: Documents) -> None:
    for text in ("{learner(id:[1]){id}}", '{learner(id:"1"', "{nothing}"):
        for error in errors_of(documents, text):
            assert (error.nodes, error.source, error.original_error, error.__traceback__) == (None, None, None, None)
            assert error.locations


def test_many_errors_are_cut_short(documents: Documents) -> None:
    errors = errors_of(documents, "{" + " ".join(f"nothing{n}" for n in range(29)) + "}")
    assert len(errors) == 11
    assert errors[-1].message == "Too many validation errors, error limit reached. Validation aborted."


def test_a_bomb_of_fragments_without_fields_is_only_a_small_document(documents: Documents) -> None:
    assert documents.get(doubling(20)).shape.selections == 42


def test_operations_are_chosen_by_name(documents: Documents) -> None:
    two = documents.get("query A{learner{id}} query B{node{id}}")
    assert two.operation("B") is two.ast.definitions[1]
    for name in (None, "C", ""):
        with pytest.raises(Refused, match="`operationName` must name one of the document's operations"):
            two.operation(name)


def test_the_only_operation_needs_no_name(documents: Documents) -> None:
    assert documents.get("query A{learner{id}}").operation(None).name
    with pytest.raises(Refused):
        documents.get("{learner{id}}").operation("A")
