"""A record in several registers is ready while one of them answers and all are as configured."""

import pytest

from connectors.composition.composed import Composed
from connectors.errors import SourceContractBroken, SourceUnavailable
from connectors.records.learners import LEARNER
from tests.connectors.fakes import Answering

pytestmark = pytest.mark.anyio


class Looked(Answering):
    """A register that is ready, or fails when it is looked at."""

    def __init__(self, register: str, error: Exception | None = None) -> None:
        super().__init__()
        self.register, self._error = register, error

    async def ready(self) -> None:
        if self._error:
            raise self._error


AWAY = SourceUnavailable("south", "no answer in time")
UNFIT = SourceContractBroken("south", "there is no table `learners`")


async def test_one_register_away_does_not_make_the_record_unready() -> None:
    await Composed(LEARNER, [Looked("north"), Looked("south", AWAY)]).ready()


@pytest.mark.parametrize(("north", "error"), [(AWAY, AWAY), (None, UNFIT)])
async def test_a_record_is_unready_with_all_registers_away_or_one_unfit(
    north: Exception | None, error: Exception
) -> None:
    with pytest.raises(type(error)) as unready:
        await Composed(LEARNER, [Looked("north", north), Looked("south", error)]).ready()
    assert unready.value is error
