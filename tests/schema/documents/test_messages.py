"""No message holds a value that the caller sent: it may be a citizen number."""

import re

import pytest
from graphql import GraphQLError, OperationDefinitionNode, execute_sync, parse
from graphql.execution.values import get_variable_values
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schema.build import build_schema
from schema.documents.documents import DocumentInvalid, Documents
from schema.documents.messages import without_values
from tests.schema.documents.samples import SCHEMA

NUMBER = "079203001234"
REAL = build_schema()[0]._schema
REAL_DOCUMENTS = Documents(REAL)


def errors_of(text: str, documents: Documents = Documents(SCHEMA)) -> list[GraphQLError]:  # noqa: B008
    try:
        documents.get(text)
    except DocumentInvalid as invalid:
        return list(invalid.errors)
    return []


SYNTAX = {
    f'{{a(b:"{NUMBER}" "{NUMBER}")}}': "expected `Name`, found `String`",
    f'{{a "{NUMBER}"}}': "expected `Name`, found `String`",
    f'{{a """{NUMBER}"""}}': "expected `Name`, found `BlockString`",
    f"{{a(b: {NUMBER})}}": "invalid number",
    f"{{a 1{NUMBER}}}": "expected `Name`, found `Int`",
    f"{{a 1.{NUMBER}}}": "expected `Name`, found `Float`",
    f"{{a(b: 1{NUMBER}e)}}": "invalid number",
    f'{{a(b:"{NUMBER}\n")}}': "unterminated string",
    f'{{a(b:"{NUMBER}\\q")}}': "invalid character escape sequence",
    '{a(b:"\\u0792")': "expected `Name`, found `<EOF>`",
    '{a(b:"\\uNguy")}': "invalid unicode escape sequence",
    "{a(b: Nguyen An)}": "expected `:`, found `)`",
    "{a(b: An Nguyen Van)}": "expected `:`, found `Name`",
    f"{{a(b:'{NUMBER}')}}": "unexpected single quote character",
    f"query($a:Int=$n{NUMBER}){{a}}": "unexpected variable",
    f'query "{NUMBER}"': "expected `{`, found `String`",
    f"n{NUMBER}": "unexpected `Name`",
    "{a .. b}": "unexpected '..'",
    "{a \x01}": "unexpected character",
    "fragment on on X{a}": "unexpected `Name`",
    f'"{NUMBER}" {{a}}': "unexpected description",
}


@pytest.mark.parametrize(("text", "said"), SYNTAX.items())
def test_syntax_errors_name_kinds_of_tokens(text: str, said: str) -> None:
    (error,) = errors_of(text)
    assert error.message == f"syntax error: {said}"
    assert error.locations


LITERALS = {
    f'{{learners(first:"{NUMBER}"){{total}}}}': "argument `first` of type `Int`: no such value",
    "{learners(first:99999999999){total}}": "argument `first` of type `Int`: no such value",
    f"{{learners(first:1{'0' * 1000}){{total}}}}": "argument `first` of type `Int`: no such value",
    f'{{learner(at:[1 "{NUMBER}"]){{id}}}}': "argument `at` of type `[Int!]` at `[1]`: no such value",
    f'{{learner(by:"{NUMBER}"){{id}}}}': "argument `by` of type `By`: an object of type `By` is needed",
    f'{{learner(by:{{cod:"{NUMBER}"}}){{id}}}}': "argument `by` of type `By`: `By` has no such field",
    f'{{learner(by:{{code:"{NUMBER}"}}){{id}}}}': "argument `by` of type `By` at `code`: no such value",
    "{learner(by:{need:{level:null}}){id}}": "argument `by` of type `By` at `need.level`: null is not allowed",
    "{learner(by:{need:{years:[1]}}){id}}": "argument `by` of type `By` at `need`: `Need` lacks its field `level`",
    f"{{learner(by:{{need:{{level:N{NUMBER}}}}}){{id}}}}": "argument `by` of type `By` at `need.level`: no such value",
    f'query($a:Int="{NUMBER}"){{learners(first:$a){{total}}}}': "default of variable `$a` of type `Int`: no such value",
    f'{{learner @include(if:"{NUMBER}"){{id}}}}': "argument `if` of type `Boolean!`: no such value",
}


@pytest.mark.parametrize(("text", "said"), LITERALS.items())
def test_literals_are_judged_by_place_and_type(text: str, said: str) -> None:
    error = errors_of(text)[0]
    assert error.message == said
    assert error.locations


def test_numbers_in_names_are_left_out() -> None:
    assert errors_of(f"{{c{NUMBER}}}")[0].message == "Cannot query field 'c…' on type 'Query'."


def test_scalars_of_the_schema_and_one_of_are_judged_alike() -> None:
    said = {
        f'{{administrativeUnits(asOf:"{NUMBER}"){{name}}}}': "argument `asOf` of type `Date`: no such value",
        f'{{learner(by:{{id:"1" citizenId:"{NUMBER}"}}){{id}}}}': (
            "argument `by` of type `LearnerBy!`: exactly one field of `LearnerBy` must be given, and not null"
        ),
    }
    assert {text: errors_of(text, REAL_DOCUMENTS)[0].message for text in said} == said


@pytest.mark.parametrize(
    ("declared", "value", "said"),
    [
        ("$v:Int!", NUMBER, "variable `$v` of type `Int!`: no such value"),
        ("$v:Int!", None, "variable `$v` of type `Int!`: null is not allowed"),
        ("$v:[Int!]", [1, NUMBER], "variable `$v` of type `[Int!]` at `[1]`: no such value"),
        ("$v:By", NUMBER, "variable `$v` of type `By`: an object of type `By` is needed"),
        ("$v:By", {NUMBER: 1}, "variable `$v` of type `By`: `By` has no such field"),
        ("$v:By", {"need": {"years": NUMBER}}, "variable `$v` of type `By` at `need`: `Need` lacks its field `level`"),
        ("$v:Level", NUMBER, "variable `$v` of type `Level`: no such value"),
        (
            "$v:ID",
            [f"Expected value of type 'x' to be an object, found {NUMBER}"],
            "variable `$v` of type `ID`: no such value",
        ),
    ],
)
def test_variables_are_judged_by_place_and_type(declared: str, value: object, said: str) -> None:
    operation = parse(f"query({declared}){{node{{id}}}}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    errors = get_variable_values(SCHEMA, operation.variable_definitions or (), {"v": value})
    assert isinstance(errors, list)
    assert without_values(errors[0]).message == said


def test_a_variable_that_is_missing_is_named() -> None:
    errors = execute_sync(SCHEMA, parse("query($v:Int!){learners(first:$v){total}}")).errors or []
    assert [without_values(one).message for one in errors] == ["variable `$v` of type `Int!`: no value is given"]


def test_arguments_judged_when_run_show_no_value() -> None:
    error = GraphQLError(
        f"Argument 'by' has invalid value at .code: Int cannot represent non-integer value: '{NUMBER}'"
    )
    assert without_values(error).message == "argument `by` at `code`: no such value"


def test_what_is_not_known_is_said_in_general() -> None:
    assert without_values(GraphQLError(f"something of {NUMBER}")).message == "the request is not valid"


CANARY = "Kanari"
PLACES = [
    '{{learner(id:"{0}" {1}){{id}}}}',
    '{{learner(by:{{code:"{0}"}} {1}{{id}}}}',
    '{{learners(first:"{0}"){{{1}}}}}',
    '{{learner(by:{{need:{{level:"{0}" {1}}}}}){{id}}}}',
    '{{among(ids:["{0}" {1}]){{id}}}}',
    '{{learner @skip(if:"{0}") {1}{{id}}}}',
    'query($a:By={{code:"{0}"}} {1}){{learner(by:$a){{id}}}}',
    '{{learner(id:"""{0} {1}"""){{id}}}}',
    "{{learner(id:{1} {0} ){{id}}}}",
]
NOISE = st.text(alphabet=' {}()[]:,.$@!|&="\\#\n019-einotru…', max_size=12)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(PLACES), NOISE, NOISE)
def test_no_text_makes_a_message_echo(place: str, before: str, after: str) -> None:
    text = place.format(before.replace('"', "") + CANARY, after)
    assume(not re.search(rf"\$([\s,]|#.*\n)*{CANARY}", text))  # names of variables are the caller's own, and are said
    assert [one.message for one in errors_of(text) if CANARY in one.message] == []
