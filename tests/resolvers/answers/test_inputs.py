"""No answer takes a missing input for a "no": a table of all answers with each of their inputs missing."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine.declarations import Answer, Sourced, Unknown
from resolvers.answers.inputs import with_inputs
from resolvers.answers.reasons import INPUT_MISSING, LINK_NOT_VERIFIED, NOT_RECORDED
from tests.resolvers.answers.declared import ASKING, CATALOGUE, MERGED

BORN = date(2000, 1, 1)
MAY_BE_ABSENT = {"as_of"}
"""A column whose absence says what it is: a register that does not tell as of when."""
ENDLESS = {"residence_periods.to_date"}
"""A period without an end lasts."""
ARGUMENTS: dict[str, dict[str, Any]] = {
    "isAtLeast": {"years": 18},
    "identityMatch": {"name": "An", "birth_date": BORN},
    "heldPermanentResidence": {"within": MERGED, "months_at_least": 12},
}
FULL: dict[str, Any] = {
    "birth_date": BORN,
    "birth_period": str(BORN),
    "full_name": "An",
    "kind": "PERMANENT",
    "unit_code": MERGED,
    "province_code": "24",
    "from_date": date(2025, 7, 2),
    "to_date": None,
}
"""Inputs under which every answer is as good as it gets: yes, a match, no conflict, a unit."""


def _answers() -> Iterator[tuple[str, Answer]]:
    for typename in CATALOGUE.record_types:
        for name, declaration in CATALOGUE.declarations(typename).items():
            if isinstance(declaration, Answer):
                yield f"{typename}.{name}", declaration


def _inputs(answer: Answer) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for need in answer.needs:
        edge, _, column = need.partition(".")
        if column:
            inputs.setdefault(edge, [{}])[0][column] = FULL.get(column, "a value")
        else:
            inputs[need] = FULL.get(need, "a value")
    return inputs


def _without(inputs: dict[str, Any], need: str, value: Any = None) -> dict[str, Any]:
    edge, _, column = need.partition(".")
    if column:
        return inputs | {edge: [inputs[edge][0] | {column: value}]}
    return inputs | {need: value}


def _cases() -> Iterator[Any]:
    for coordinate, answer in _answers():
        for need in answer.needs:
            if need != answer.about and need.rpartition(".")[2] not in MAY_BE_ABSENT:
                yield pytest.param(coordinate, answer, need, id=f"{coordinate} without {need}")


def _asked(coordinate: str, answer: Answer, inputs: dict[str, Any]) -> Any:
    return answer.function(inputs, ASKING, **ARGUMENTS.get(coordinate.partition(".")[2], {}))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Sourced) else value


@pytest.mark.parametrize(("coordinate", "answer", "need"), list(_cases()))
def test_an_answer_without_one_of_its_inputs_is_the_same_or_not_known(
    coordinate: str, answer: Answer, need: str
) -> None:
    inputs = _inputs(answer)
    full, lacking = _asked(coordinate, answer, inputs), _asked(coordinate, answer, _without(inputs, need))
    assert not isinstance(full, Unknown)
    if not isinstance(lacking, Unknown):
        assert _plain(lacking) == _plain(full)
        assert need in answer.may_lack


@pytest.mark.parametrize(
    ("coordinate", "answer"), [one for one in _answers() if any("." in need for need in one[1].needs)]
)
def test_an_answer_over_an_edge_says_whether_the_way_or_the_row_is_missing(coordinate: str, answer: Answer) -> None:
    inputs = _inputs(answer)
    (edge,) = {need.partition(".")[0] for need in answer.needs if "." in need}
    assert _asked(coordinate, answer, inputs | {edge: []}) == NOT_RECORDED
    if edge not in answer.may_lack:
        assert _asked(coordinate, answer, inputs | {edge: None}) == LINK_NOT_VERIFIED


def test_what_is_declared_as_needed_is_looked_at_before_the_function_is() -> None:
    def function(_needs: Any, _asking: Any) -> str:
        raise AssertionError("called without its inputs")

    checked = with_inputs(function, ("own", "edge.column"), ())
    row = {"column": "a"}
    assert checked({"own": None, "edge": [row]}, ASKING) == INPUT_MISSING
    assert checked({"own": "a", "edge": [row, {"column": None}]}, ASKING) == INPUT_MISSING
    assert checked({"own": "a", "edge": []}, ASKING) == NOT_RECORDED
    assert checked({"own": "a", "edge": None}, ASKING) == LINK_NOT_VERIFIED


def test_nothing_may_be_lacking_that_is_not_needed() -> None:
    with pytest.raises(ValueError, match="`other` may be lacking, but is not needed"):
        with_inputs(print, ("own",), ("other",))
