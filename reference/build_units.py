"""Build step: the dated unit tables, from the data files of the package `vietnamadminunits` (MIT, see NOTICE.md)."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from importlib.metadata import distribution
from pathlib import Path

from reference.build_successions import (
    NewCommune,
    OldCommune,
    Succession,
    cut_by_distance,
    published_name,
    sorted_out,
    successions,
)
from reference.designations import KIND_BY_DESIGNATION, designation_of
from reference.tables import FOLDER

PACKAGE, VERSION = "vietnamadminunits", "1.0.4"
CHANGED_ON = date(2025, 7, 1)
"""First day of the new list. Source: Decision 19/2025/QĐ-TTg."""
HUE, HUE_BEFORE = "46", "Tỉnh Thừa Thiên Huế"
HUE_CHANGED_ON = date(2025, 1, 1)
"""First day of the city, until then a province. Source: Resolution 175/2024/QH15. The package has only the city."""
UNTIL, SINCE = ("", str(CHANGED_ON - timedelta(days=1))), (str(CHANGED_ON), "")

FAR_KM = 20
HEADER_BY_TABLE = {
    "provinces": "code kind name valid_from valid_to",
    "communes": "code kind name province_code district valid_from valid_to",
    "successions": "changed_on code successor gap_km evidence",
    "successions_dropped": (
        "code name district province candidate candidate_name gap_km namesake namesake_district namesake_gap_km"
    ),
}

Row = sqlite3.Row
Line = tuple[str, ...]


def main() -> None:
    """Write every table anew and print what was found."""
    texts, findings = built()
    for table, text in texts.items():
        (FOLDER / f"{table}.tsv").write_text(text, encoding="utf-8", newline="\n")
        print(f"{len(text.encode()):9,} bytes {table}.tsv")
    for finding, figure in findings.items():
        print(f"{figure:9,} {finding}")


def built() -> tuple[dict[str, str], dict[str, int]]:
    """Return the text of every table by its name, and the figures of decision 0002 by what they count."""
    folder = package_folder()
    old_rows, new_rows = rows_of(folder, "admin_units_legacy"), rows_of(folder, "admin_units")
    converter = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    old = {old_key(row): OldCommune.of(row) for row in old_rows if row["wardCode"]}
    new = {(row["provinceKey"], row["wardKey"]): NewCommune.of(row) for row in new_rows}
    listed = successions(listed_pairs(converter, old, new))
    kept, dropped = sorted_out(listed)
    lines_by_table = {
        "provinces": [*with_hue(provinces(old_rows, UNTIL)), *provinces(new_rows, SINCE)],
        "communes": [*old_communes(old_rows), *new_communes(new_rows)],
        "successions": [
            (str(HUE_CHANGED_ON), HUE, HUE, "", ""),
            *province_lines(converter, old_rows, new_rows),
            *sorted(map(kept_line, kept)),
        ],
        "successions_dropped": sorted(map(dropped_line, dropped)),
    }
    texts = {table: text_of(HEADER_BY_TABLE[table], lines) for table, lines in lines_by_table.items()}
    return texts, findings(listed, kept, dropped)


def package_folder() -> Path:
    """Return the folder of the package's data files. Raises SystemExit for another version than the one examined."""
    package = distribution(PACKAGE)
    if package.version != VERSION:
        raise SystemExit(
            f"`{PACKAGE}` {VERSION} was examined, {package.version} is installed: examine its mapping first"
        )
    return Path(str(package.locate_file(PACKAGE))) / "data"


def rows_of(folder: Path, table: str) -> list[Row]:
    connection = sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - two literal names
    finally:
        connection.close()


def old_key(row: Row) -> str:
    return f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey']}"


def listed_pairs(
    converter: dict[str, dict[str, dict[str, list[object]]]],
    old: dict[str, OldCommune],
    new: dict[tuple[str, str], NewCommune],
) -> Iterator[tuple[OldCommune, NewCommune]]:
    """Yield each pair the package lists; an island district that had no commune (a key without one) has no pair."""
    for province, names in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for name, old_keys in names.items():
            yield from ((old[key], new[province, name]) for key in map(str, old_keys) if not key.endswith("_"))
    for province, splits in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, candidates in splits.items():
            for candidate in candidates:
                assert isinstance(candidate, dict)
                yield old[key], new[province, candidate["newWardKey"]]


def kind_and_name(name: str) -> Line:
    """Return the kind that the published name says: the package's own type column is wrong for seven."""
    full_name = published_name(name)
    return KIND_BY_DESIGNATION[designation_of(full_name)], full_name


def provinces(rows: Sequence[Row], validity: Line) -> list[Line]:
    named = {row["provinceCode"]: row["province"] for row in rows}
    return [(code, *kind_and_name(name), *validity) for code, name in sorted(named.items())]


def with_hue(lines: Iterable[Line]) -> list[Line]:
    """Return the provinces of the old list, Huế as the province that it was and as the city."""
    dated: list[Line] = []
    for code, kind, name, valid_from, valid_to in lines:
        if code == HUE:
            dated.append((code, *kind_and_name(HUE_BEFORE), valid_from, str(HUE_CHANGED_ON - timedelta(days=1))))
            valid_from = str(HUE_CHANGED_ON)
        dated.append((code, kind, name, valid_from, valid_to))
    return dated


def old_communes(rows: Sequence[Row]) -> list[Line]:
    communes = (row for row in rows if row["wardCode"])
    return sorted(
        (row["wardCode"], *kind_and_name(row["ward"]), row["provinceCode"], row["district"], *UNTIL) for row in communes
    )


def new_communes(rows: Sequence[Row]) -> list[Line]:
    return sorted((row["wardCode"], *kind_and_name(row["ward"]), row["provinceCode"], "", *SINCE) for row in rows)


def province_lines(converter: dict[str, dict[str, list[str]]], old: Sequence[Row], new: Sequence[Row]) -> list[Line]:
    old_code = {row["provinceKey"]: row["provinceCode"] for row in old}
    new_code = {row["provinceKey"]: row["provinceCode"] for row in new}
    merged = converter["DICT_PROVINCE"].items()
    return sorted((str(CHANGED_ON), old_code[key], new_code[into], "", "") for into, keys in merged for key in keys)


def kept_line(succession: Succession) -> Line:
    gap, evidence = f"{succession.gap_km:.1f}", succession.evidence
    return (str(CHANGED_ON), succession.old.code, succession.new.code, gap, evidence)


def dropped_line(succession: Succession) -> Line:
    old, new, namesake = succession.old, succession.new, succession.nearest_namesake
    assert namesake is not None
    named = (old.code, old.full_name, old.district, old.province, new.code, new.full_name)
    return (*named, f"{succession.gap_km:.1f}", namesake.old.code, namesake.old.district, f"{namesake.gap_km:.1f}")


def text_of(header: str, lines: Iterable[Line]) -> str:
    return "".join("\t".join(line) + "\n" for line in (tuple(header.split()), *lines))


def findings(listed: Sequence[Succession], kept: Sequence[Succession], dropped: Sequence[Succession]) -> dict[str, int]:
    far, wrongly, missed = cut_by_distance(listed, dropped, FAR_KM)
    far_kept = [pair for pair in kept if pair.gap_km > FAR_KM]
    return {
        "old communes that moved whole, as listed": sum(pair.whole for pair in listed),
        "old communes that were split, as listed": len({pair.old.code for pair in listed if not pair.whole}),
        "candidates listed for them": sum(not pair.whole for pair in listed),
        "candidates dropped": len(dropped),
        "old communes they were dropped from": len({pair.old.code for pair in dropped}),
        "whole moves that show the same fault": sum(pair.whole for pair in dropped),
        "old communes that were split, as cleaned": sum(
            n > 1 for n in Counter(pair.old.code for pair in kept).values()
        ),
        "candidates a cut at 20 km from the listed position would drop": far,
        "of them not faulty": wrongly,
        "faulty ones that it would miss": missed,
        "whole moves kept with a gap over 20 km": sum(pair.whole for pair in far_kept),
        "candidates kept with a gap over 20 km": sum(not pair.whole for pair in far_kept),
        "of both, without evidence": sum(not pair.evidence for pair in far_kept),
    }


if __name__ == "__main__":
    main()
