"""The build step: the committed tables are what it makes, and the rule that cleans the package's mapping."""

from pathlib import Path

import pytest

from reference.build_successions import NewCommune, OldCommune, sorted_out, successions
from reference.build_units import built
from reference.tables import FOLDER, rows_of

PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "0002-administrative-units.md"
HERE, NEAR, FAR = (10.0, 106.0), (10.05, 106.0), (10.5, 106.0)


def _old(code: str, name: str, district: str, position: tuple[float, float]) -> OldCommune:
    return OldCommune(code, name, name, district, district, "P", position)


HOME = NewCommune("1", "Home", "home", HERE)
AWAY = NewCommune("2", "Away", "away", FAR)
SAME_NAME_HERE = _old("11", "Same", "A", HERE)
SAME_NAME_FAR = _old("21", "Same", "B", FAR)


def _dropped(*pairs: tuple[OldCommune, NewCommune]) -> list[tuple[str, str]]:
    _, dropped = sorted_out(successions(pairs))
    return [(pair.old.code, pair.new.code) for pair in dropped]


def test_the_committed_tables_are_those_the_build_makes() -> None:
    texts, _ = built()
    assert {table: (FOLDER / f"{table}.tsv").read_bytes() == text.encode() for table, text in texts.items()} == {
        "provinces": True,
        "communes": True,
        "successions": True,
        "successions_dropped": True,
    }


def test_the_decision_page_says_what_the_build_finds() -> None:
    _, findings = built()
    page = PAGE.read_text("utf-8")
    assert [line for line in (f"| {figure:,} | {of} |" for of, figure in findings.items()) if line not in page] == []
    assert page.count("\n| ") == 1 + len(findings)


def test_a_move_farther_than_20_km_has_other_evidence() -> None:
    far = [(code, successor, evidence) for _, code, successor, gap, evidence in rows_of("successions") if _km(gap) > 20]
    assert len(far) == 26
    assert [move for move in far if not move[2]] == []


def _km(gap: str) -> float:
    return float(gap or 0)


def test_candidates_of_namesakes_are_told_apart_by_distance() -> None:
    listed = [(old, new) for old in (SAME_NAME_HERE, SAME_NAME_FAR) for new in (HOME, AWAY)]
    assert _dropped(*listed) == [("21", "1"), ("11", "2")]


def test_a_far_candidate_without_a_namesake_is_kept() -> None:
    assert _dropped((SAME_NAME_HERE, HOME), (SAME_NAME_HERE, AWAY)) == []


def test_a_far_candidate_is_kept_when_a_neighbour_moved_whole_into_it() -> None:
    neighbour = _old("12", "Neighbour", "A", FAR)
    listed = [(old, new) for old in (SAME_NAME_HERE, SAME_NAME_FAR) for new in (HOME, AWAY)]
    assert _dropped(*listed, (neighbour, AWAY)) == [("21", "1")]


def test_a_wrong_position_of_the_new_unit_is_outweighed_by_what_moved_into_it() -> None:
    misplaced = NewCommune("3", "Misplaced", "misplaced", FAR)
    kept, _ = sorted_out(successions([(SAME_NAME_HERE, misplaced), (_old("12", "Other", "A", NEAR), misplaced)]))
    assert max(pair.gap_km for pair in kept) < 6


def test_a_commune_is_never_left_nowhere() -> None:
    with pytest.raises(ValueError, match="every candidate was dropped"):
        sorted_out(successions([(SAME_NAME_HERE, AWAY), (SAME_NAME_FAR, AWAY)]))
