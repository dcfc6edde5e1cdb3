"""What graphql-core says of a request, said again without the values it echoes: they may be citizen numbers.

Only the words of known messages are kept, with names of the schema or of the document in them; whatever is not known is
said in general. The errors made here hold no part of the document, so that no log can print it.
"""

import re
from collections.abc import Sequence

from graphql import GraphQLError, GraphQLSyntaxError, VariableDefinitionNode, print_ast

_AT = r"(?: at (?P<at>(?:\.\w+|\[\d+\])+))?"
_VARIABLE = re.compile(rf"Variable '\$(?P<name>\w+)' has invalid (?P<default>default )?value{_AT}: ")
_ARGUMENT = re.compile(rf"Argument '(?P<name>\w+)' has invalid value{_AT}: ")

_REASONS = [
    (re.compile(r"Expected a value of non-null type '[^']+' to be provided"), "no value is given"),
    (
        re.compile(r"Expected (?:value of|variable '\$\w+' provided to) non-null type '[^']+' not to be"),
        "null is not allowed",
    ),
    (re.compile(r"Expected value of type '([^']+)' to be an object"), r"an object of type `\1` is needed"),
    (re.compile(r"Expected value of type '([^']+)' to include required field '(\w+)'"), r"`\1` lacks its field `\2`"),
    (re.compile(r"Expected value of type '([^']+)' not to include unknown field"), r"`\1` has no such field"),
    (re.compile(r"Within OneOf Input Object type '([^']+)'"), r"exactly one field of `\1` must be given, and not null"),
]
_NO_VALUE_OF_TYPE = "no such value"

_QUOTE = "'"
_KINDS = r"Name|Int|Float|String|BlockString|<EOF>|'[^\w\s']{1,3}'"
_SYNTAX = re.compile(
    rf"(?:Expected (?P<expected>'[^']{{1,20}}'|[A-Z]\w+), found|Unexpected) (?P<found>{_KINDS})(?=[ .]|$)"
)
_LEXICAL = re.compile(
    r"Unterminated string|Invalid Unicode escape sequence|Invalid character escape sequence|Invalid number"
    r"|Invalid character within String|Unexpected character|Unexpected single quote character|Unexpected description"
    r"|Unexpected '\.\.'|Unexpected variable"
)
_WITHOUT_VALUES = re.compile(
    r"Variable values are nested too deeply\."
    r"|Too many errors processing variables, error limit reached\. Execution aborted\."
    r"|Cannot return null for non-nullable field \w+\.\w+\."
)
_LONG_NUMBER = re.compile(r"\d{9,}")
_LONG_NAME = re.compile(r"\w{101,}")


def without_values(error: GraphQLError) -> GraphQLError:
    """Return the error of a syntax, of variables or of arguments with no value in it, at the same place."""
    if isinstance(error, GraphQLSyntaxError):
        return said_again(error, f"syntax error: {_syntax(error.description)}")
    if match := _VARIABLE.match(error.message):
        what = f"{'default of ' if match['default'] else ''}variable `${match['name']}`"
        node = error.nodes[0] if error.nodes else None
        of_type = f" of type `{print_ast(node.type)}`" if isinstance(node, VariableDefinitionNode) else ""
        return said_again(error, f"{what}{of_type}{_at(match['at'])}: {reason(error.message[match.end() :])}")
    if match := _ARGUMENT.match(error.message):
        what = f"argument `{match['name']}`{_at(match['at'])}"
        return said_again(error, f"{what}: {reason(error.message[match.end() :])}")
    if _WITHOUT_VALUES.fullmatch(error.message):
        return said_again(error, error.message)
    return said_again(error, "the request is not valid")


def reason(message: str) -> str:
    """Return what is wrong with a value, from a message that may hold it."""
    for pattern, text in _REASONS:
        if match := pattern.match(message):
            return match.expand(text)
    return _NO_VALUE_OF_TYPE


def path_of(path: Sequence[str | int]) -> str:
    """Return the words for a place within a value; names in it are of input fields that the schema has."""
    return _at("".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path))


def said_again(error: GraphQLError, message: str) -> GraphQLError:
    """Return an error with this message at the same place, holding neither the document nor what caused it.

    Names in the message are the caller's own; a long one is left out, and a long number in one of them.
    """
    again = GraphQLError(_LONG_NUMBER.sub("…", _LONG_NAME.sub("…", message)), path=error.path)
    again.locations = error.locations
    return again


def _at(path: str | None) -> str:
    return f" at `{path.removeprefix('.')}`" if path else ""


def _syntax(description: str) -> str:
    if match := _SYNTAX.match(description):
        found = match["found"].strip(_QUOTE)
        if match["expected"]:
            return f"expected `{match['expected'].strip(_QUOTE)}`, found `{found}`"
        return f"unexpected `{found}`"
    match = _LEXICAL.match(description)
    return match.group().lower() if match else "malformed document"
