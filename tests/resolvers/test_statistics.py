"""Numbers of learners: who may read the rows has them exact; from what others have nobody can subtract anybody."""

import random
import sqlite3
from collections import Counter
from typing import Any

import pytest

from resolvers.statistics import ROUNDED_TO, rounded
from tests.leaks.callers import CALLER
from tests.leaks.trial import Trial

pytestmark = pytest.mark.anyio

MINISTRY, DEPARTMENT = CALLER["ministry:statistics"], CALLER["department:school-management"]
GROUPINGS = ("PROVINCE", "STATUS", "INSTITUTION")
COUNTS = """{ province: learnerCounts(by: PROVINCE) { group learners }
              status: learnerCounts(by: STATUS) { group learners }
              institution: learnerCounts(by: INSTITUTION) { group learners } }"""
KEY = bytes(range(32))
Cells = dict[tuple[str, str], int]


def told(cells: Cells) -> dict[tuple[str, str], int | None]:
    return {cell: rounded(number, f"{cell}", KEY) for cell, number in cells.items()}


def possible(shown: int | None) -> tuple[int, int]:
    """Return the least and the largest number behind a figure, for somebody who knows all but the key."""
    return (1, 9) if shown is None else (max(10, shown - ROUNDED_TO + 1), shown + ROUNDED_TO - 1)


def bounds(target: tuple[str, str], shown: dict[tuple[str, str], int | None]) -> tuple[int, int]:
    """Return what subtracting all other groups from the sums of every other grouping leaves for one cell."""
    least, largest = possible(shown[target])
    others = [possible(figure) for cell, figure in shown.items() if cell[0] == target[0] and cell != target]
    for grouping in {cell[0] for cell in shown} - {target[0]}:
        sums = [possible(figure) for cell, figure in shown.items() if cell[0] == grouping]
        least = max(least, sum(low for low, _ in sums) - sum(high for _, high in others))
        largest = min(largest, sum(high for _, high in sums) - sum(low for low, _ in others))
    return least, largest


def population(chance: random.Random, small: int) -> list[tuple[str, str]]:
    """Return the province and the status of each learner: two provinces, one of them with so few."""
    learners = [("01", chance.choice(("STUDYING", "LEFT"))) for _ in range(chance.randrange(40, 60))]
    return learners + [("24", "STUDYING")] * small


def counted(learners: list[tuple[str, str]]) -> Cells:
    cells: Counter[tuple[str, str]] = Counter()
    for province, status in learners:
        cells["PROVINCE", province] += 1
        cells["STATUS", status] += 1
    return dict(cells)


@pytest.mark.parametrize("small", range(1, 10))
def test_sums_by_two_groupings_do_not_tell_a_small_group(small: int) -> None:
    chance = random.Random(small)
    for _ in range(200):
        least, largest = bounds(("PROVINCE", "24"), told(counted(population(chance, small))))
        assert least <= small <= largest
        assert largest - least >= 5, "the group is as good as told"


def test_a_figure_that_changes_does_not_tell_the_number_behind_it() -> None:
    changes = [
        number
        for number in range(10, 400)
        if rounded(number, "PROVINCE 01", KEY) != rounded(number + 1, "PROVINCE 01", KEY)
    ]
    assert 35 <= len(changes) <= 39  # one for each ten
    assert len({number % ROUNDED_TO for number in changes}) >= 8  # and anywhere in it
    other = [
        number for number in changes if rounded(number, "PROVINCE 24", KEY) != rounded(number + 1, "PROVINCE 24", KEY)
    ]
    assert len(other) < len(changes) / 3  # elsewhere in another cell


def test_figures_are_multiples_near_the_number_and_right_on_the_whole() -> None:
    figures = [(number, rounded(number, f"cell {number}", KEY)) for number in range(10, 5010)]
    assert all(figure is not None and figure % 10 == 0 and abs(figure - number) < 10 for number, figure in figures)
    assert abs(sum(figure - number for number, figure in figures if figure is not None)) < 5000 * 0.2
    assert [rounded(number, "cell", KEY) for number in (None, 0, 1, 9)] == [None] * 4


def add_learners(trial: Trial, number: int) -> None:
    """Write so many copies of a learner into the register."""
    with sqlite3.connect(trial.folder / "education.sqlite") as register:
        columns = [name for _, name, *_ in register.execute("pragma table_info(learners)") if name != "sector_code"]
        for copy in range(number):
            register.execute(
                f"insert into learners (sector_code, {', '.join(columns)}) "  # noqa: S608 - a table of our own
                f"select 'copy {copy} ' || sector_code, {', '.join(columns)} from learners limit 1"
            )
    register.close()


async def counts(trial: Trial, caller: Any) -> dict[str, dict[str, int | None]]:
    body = await trial.answer(caller, COUNTS)
    assert "errors" not in body, body
    return {name: {cell["group"]: cell["learners"] for cell in cells} for name, cells in body["data"].items()}


async def test_figures_of_the_next_day_tell_of_nobody_who_came(trial: Trial) -> None:
    first = await counts(trial, MINISTRY)
    add_learners(trial, 1)
    assert await counts(trial, MINISTRY) == first
    assert first["province"] == {"01": None, "24": None}
    assert first["status"]["STUDYING"] in (10, 20)


async def test_who_may_only_count_gets_no_total_by_a_filter(trial: Trial) -> None:
    for narrowed in ("", '(filter: {provinceCode: "24"})', "(filter: {status: STUDYING})"):
        body = await trial.answer(MINISTRY, f"{{ learners{narrowed} {{ totalCount }} }}")
        assert body["data"]["learners"]["totalCount"] == 0
        assert body["extensions"]["access"]["denials"]


async def read_by_department(trial: Trial) -> list[list[str]]:
    """Return what the department was shown of the citizen, as the citizen's own log has it."""
    log = "{ me { dataUsage { nodes { client released } } } }"
    nodes = (await trial.answer(CALLER["citizen an:2"], log))["data"]["me"]["dataUsage"]["nodes"]
    return [entry["released"] for entry in nodes if entry["client"] == "department"]


async def test_who_may_read_the_rows_gets_exact_numbers_and_few_are_in_the_log_of_each(trial: Trial) -> None:
    assert await counts(trial, DEPARTMENT) == {
        "province": {"01": 4},
        "status": {"STUDYING": 4},
        "institution": {trial.world.learner("self")["institution_code"]: 4},
    }
    assert await read_by_department(trial) == [["Query.learnerCounts"]]
    add_learners(trial, 20)
    assert (await counts(trial, DEPARTMENT))["province"] == {"01": 24}
    assert len(await read_by_department(trial)) == 1  # numbers of many tell of nobody
