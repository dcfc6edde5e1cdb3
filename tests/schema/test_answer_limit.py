"""An answer has a limit in bytes; what is larger is withheld and on record as such."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from auth.errors import Refused
from resolvers.disclosure import Disclosure
from resolvers.request import Request
from schema.answer_limit import written


def request() -> Any:
    disclosure = Disclosure()
    disclosure.released.add("Learner.fullName")
    return cast(Request, SimpleNamespace(disclosure=disclosure))


def test_an_answer_within_the_limit_is_written() -> None:
    asked = request()
    assert written(asked, {"data": {"name": "Ánh"}}, done=False, most_bytes=25) == '{"data":{"name":"Ánh"}}'.encode()
    assert (asked.disclosure.withheld, asked.disclosure.released) == (None, {"Learner.fullName"})


def test_an_answer_over_the_limit_is_withheld_and_says_how_large_it_is() -> None:
    asked = request()
    with pytest.raises(Refused) as refused:
        written(asked, {"data": {"name": "Ánh"}}, done=False, most_bytes=23)
    assert (refused.value.code, refused.value.message) == (
        "ANSWER_TOO_LARGE",
        "the answer has 24 bytes, more than the limit of 23: ask for fewer rows or fields",
    )
    assert asked.disclosure.withheld == ("Query", "ANSWER_TOO_LARGE", "answer-limit")
    assert asked.disclosure.released == set()


def test_what_is_done_is_told_whatever_its_size() -> None:
    assert written(request(), {"data": 1}, done=True, most_bytes=1) == b'{"data":1}'
