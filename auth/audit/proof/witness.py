"""What a witness has kept beside what an export holds: where the record departs from a root that was published."""

from collections.abc import Collection
from dataclasses import dataclass

import orjson

from auth.audit.log.signed_roots import SignedTreeHead


@dataclass(frozen=True, slots=True)
class WitnessFinding:
    """What is wrong. `sequence` is the number of the first bad entry of the writer, where one can be named."""

    message: str
    writer: int | None = None
    sequence: int | None = None

    def __str__(self) -> str:
        place = [] if self.writer is None else [f"writer {self.writer}"]
        place += [] if self.sequence is None else [f"entry {self.sequence}"]
        return f"{', '.join(place)}: {self.message}" if place else self.message


def departure(kept: SignedTreeHead, numbers: Collection[int], reached: int, sizes: Collection[int]) -> WitnessFinding:
    """Return how the record departs from a root that it does not hold as it was.

    `numbers` are those of the roots that the export holds; `reached` and `sizes` are up to where the chain of the
    root's writer goes, and at which sizes it is signed.
    """
    at = kept.at.isoformat(timespec="seconds")
    if kept.number > max(numbers, default=0):
        message = f"missing: set back or cut off, root {kept.number} of {at} covered entries up to {kept.size}"
        return WitnessFinding(message, kept.writer, reached + 1)
    if kept.number < min(numbers):
        return WitnessFinding(
            f"the export begins after root {kept.number} of {at}, which the witness kept: export from earlier"
        )
    first = max((size for size in sizes if size < kept.size), default=0) + 1
    message = f"forked: some entry from here to {kept.size} is not as in root {kept.number} of {at}"
    return WitnessFinding(message, kept.writer, first)


def statement_in(line: bytes) -> str:
    """Return the statement of a root in a line of an export or alone, nothing for other lines."""
    text = line.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return text
    try:
        held = orjson.loads(text)
    except ValueError:
        return text
    return str(held["statement"]) if held.get("kind") == "root" else ""
