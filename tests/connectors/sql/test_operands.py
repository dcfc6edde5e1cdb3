"""Keys as a register stores them: many looked at together come out as each by itself."""

import pytest

from connectors.record import Kind
from connectors.sql.mapping import MappedColumn, Stored
from connectors.sql.operands import BIGGEST, stored_key, stored_keys

NUMBER = MappedColumn("sector_code", Kind.KEY, "id", stored=Stored.INTEGER)
ODD = [
    *("", "007", "+7", "-0", " 7", "7 ", "7\n", "7_0", "1,2", "1.0", "1e3", "[1]", "1],[2", "true", "null", '"1"'),
    *("x", "NaN", "\u0667", "\ud800", str(BIGGEST + 1), str(-BIGGEST - 1), str(2**64), "9" * 30),
]


def test_whole_numbers_in_the_registers_own_spelling_are_its_keys() -> None:
    assert stored_keys(NUMBER, ["7", "0", "-7", str(BIGGEST), str(-BIGGEST)]) == [7, 0, -7, BIGGEST, -BIGGEST]


@pytest.mark.parametrize("key", [*ODD, 7, None, True, 1.0], ids=ascii)
def test_no_other_spelling_is_a_key_of_numbers(key: object) -> None:
    assert stored_key(NUMBER, key) is None
    assert stored_keys(NUMBER, [key]) == []
    assert stored_keys(NUMBER, ["1", key, "2"]) == [1, 2]
