"""Working days: weekends, public holidays, days that were swapped, and no guess beyond the table."""

from datetime import date

import pytest

from reference.tables import rows_of
from reference.working_days import CalendarUnknown, add_working_days, is_working_day, known_years, on_or_after

DAYS = """
2025-01-24 Fri yes, 2025-01-25 Sat no, 2025-01-27 Mon no, 2025-01-31 Fri no, 2025-02-03 Mon yes
2025-04-07 Mon no, 2025-04-26 Sat yes, 2025-05-02 Fri no, 2025-09-01 Mon no, 2025-09-03 Wed yes
2026-01-02 Fri no, 2026-01-10 Sat yes, 2026-02-13 Fri yes, 2026-02-16 Mon no, 2026-02-20 Fri no, 2026-02-23 Mon yes
2026-04-26 Sun no, 2026-04-27 Mon no, 2026-08-22 Sat yes, 2026-08-31 Mon no, 2026-09-03 Thu yes, 2026-11-24 Tue no
2027-02-04 Thu yes, 2027-02-05 Fri no, 2027-02-11 Thu no, 2027-02-12 Fri yes, 2027-04-16 Fri no, 2027-05-03 Mon no
"""


@pytest.mark.parametrize("line", [one.strip() for line in DAYS.strip().splitlines() for one in line.split(",")])
def test_each_day_is_worked_or_not(line: str) -> None:
    text, weekday, worked = line.split()
    day = date.fromisoformat(text)
    assert (day.strftime("%a"), is_working_day(day)) == (weekday, worked == "yes")


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        ("2026-11-18", 2, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-20", 2, "2026-11-25"),  # over the weekend and Vietnam Culture Day
        ("2026-11-21", 0, "2026-11-21"),
        ("2026-02-12", 2, "2026-02-23"),  # over Tết
        ("2026-08-20", 2, "2026-08-22"),  # a Saturday worked for the Monday after
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: str, number: int, expected: str) -> None:
    assert add_working_days(date.fromisoformat(day), number) == date.fromisoformat(expected)


@pytest.mark.parametrize(("day", "expected"), [("2026-02-14", "2026-02-23"), ("2026-11-23", "2026-11-23")])
def test_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day(day: str, expected: str) -> None:
    assert on_or_after(date.fromisoformat(day)) == date.fromisoformat(expected)


@pytest.mark.parametrize("day", ["2024-12-31", "2028-01-03"])
def test_a_year_that_is_not_in_the_table_is_named(day: str) -> None:
    with pytest.raises(CalendarUnknown, match=f"of {day[:4]} are not in the table"):
        is_working_day(date.fromisoformat(day))


def test_counting_into_an_unknown_year_is_no_guess() -> None:
    with pytest.raises(CalendarUnknown, match="of 2028"):
        add_working_days(date(2027, 12, 31), 1)


def test_days_are_counted_forward_only() -> None:
    with pytest.raises(ValueError, match="counted forward"):
        add_working_days(date(2026, 11, 20), -1)


def test_the_table_changes_days_has_each_once_and_says_where_it_is_from() -> None:
    rows = list(rows_of("holidays"))
    days = [date.fromisoformat(row[0]) for row in rows]
    assert days == sorted(set(days))
    assert len(rows) > 30
    assert known_years() == {2025, 2026, 2027}
    # a row that repeats what the weekday says already would change nothing
    assert all((row[1] == "work") == (day.weekday() >= 5) for row, day in zip(rows, days, strict=True))
    assert all(row[3] in "HML" and row[4] for row in rows)


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_year_has_the_eleven_days_of_the_labour_code_or_more(year: int) -> None:
    rows = [row for row in rows_of("holidays") if row[0].startswith(str(year))]
    off, made_up = ([row for row in rows if row[1] == effect] for effect in ("off", "work"))
    culture_day = sum("Văn hóa" in row[2] for row in off)
    assert len(off) - len(made_up) == 11 + culture_day
