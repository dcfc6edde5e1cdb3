"""An answer has a limit in bytes, by agreement another; what is larger is withheld and on record as such."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from auth.errors import Refused
from auth.principal import Grant, Jurisdiction
from resolvers.gate.disclosure import Disclosure
from resolvers.request.request import Request
from schema.operations.answer_limit import written

AROUND = len('{"data":""}')


def request(megabytes: int | None = None) -> Any:
    """One without a grant, or with one that allows so much."""
    disclosure, grant = Disclosure(), None
    disclosure.released.add("Learner.fullName")
    if megabytes is not None:
        grant = Grant("school", "school", "p", Jurisdiction(), date(2026, 1, 1), None, answer_megabytes=megabytes)
    return cast(Request, SimpleNamespace(disclosure=disclosure, grant=grant))


@pytest.mark.parametrize(("megabytes", "most"), [(None, 10_000_000), (1, 1_000_000), (11, 11_000_000)])
def test_an_answer_of_as_many_bytes_as_agreed_is_written_and_one_byte_more_is_withheld(
    megabytes: int | None, most: int
) -> None:
    asked = request(megabytes)
    assert len(written(asked, {"data": "x" * (most - AROUND)}, done=False)) == most
    assert (asked.disclosure.withheld, asked.disclosure.released) == (None, {"Learner.fullName"})

    with pytest.raises(Refused) as refused:
        written(asked, {"data": "x" * (most - AROUND + 1)}, done=False)
    assert (refused.value.code, refused.value.message) == (
        "ANSWER_TOO_LARGE",
        f"the answer has {most + 1} bytes, more than the limit of {most}: ask for fewer rows or fields",
    )
    assert asked.disclosure.withheld == ("Query", "ANSWER_TOO_LARGE", "answer-limit")
    assert asked.disclosure.released == set()


def test_it_is_bytes_that_count() -> None:
    with pytest.raises(Refused, match="has 1000003 bytes"):
        written(request(1), {"data": "Á" * 499_996}, done=False)


def test_what_is_done_is_told_whatever_its_size() -> None:
    assert len(written(request(1), {"data": "x" * 1_000_000}, done=True)) == 1_000_000 + AROUND
