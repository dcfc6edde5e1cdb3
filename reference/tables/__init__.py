"""The committed tables, one line an entry, and how they are read; docs/reference-data.md says where each is from."""

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def rows_of(table: str) -> Iterator[list[str]]:
    """Yield the rows of a table below its header, every column as text (an empty one says nothing)."""
    with (FOLDER / f"{table}.tsv").open(encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            yield line.removesuffix("\n").split("\t")
