"""Every example of the page runs: a tab that a persona is offered is answered without an error."""

import pytest

from sandbox.examples import examples_of
from sandbox.personas import PERSONAS
from tests.journeys.callers import Callers

pytestmark = pytest.mark.servers

EXAMPLES = [(name, example) for name in PERSONAS for example in examples_of(name)]


@pytest.mark.parametrize(("persona", "example"), EXAMPLES, ids=[f"{name}: {one['title']}" for name, one in EXAMPLES])
def test_an_example_is_answered(served: Callers, persona: str, example: dict[str, object]) -> None:
    purpose = str(example["purpose"]) if example.get("purpose") else None
    answer = served.ask(persona, str(example["query"]), example.get("variables"), purpose)  # type: ignore[arg-type]
    assert (answer.status, answer.errors) == (200, [])
