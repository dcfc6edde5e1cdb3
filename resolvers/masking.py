"""Rows masked for the caller, many at a time: rows whose subjects stand alike are nulled and accounted for together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from connectors.source import Key, Row
from resolvers.disclosure import Disclosure
from resolvers.prepared import Mask, PreparedAsk
from resolvers.row_shapes import RowShape
from resolvers.standing import STRANGER, Standing

facts_and_consents = itemgetter(0, 1)


def handed_up(
    prepared: PreparedAsk,
    rows: Sequence[Row],
    standings: Mapping[Key, Standing] | None,
    narrowing: Sequence[str],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Drop the rows that may not be known of, null what their facts do not permit, and keep account of both.

    A row found by a category of `narrowing` that it may not show is dropped uncounted: its coming tells the value.
    """
    if standings is None or prepared.subject_at is None:
        return _by_kind(prepared, rows, [STRANGER], None, [_visible(prepared, STRANGER, narrowing)], disclosure)
    subjects = [row[prepared.subject_at] for row in rows]
    standing_by_subject = {subject: standings.get(subject, STRANGER) for subject in set(subjects)}
    examples, numbers = _numbered(prepared, standing_by_subject)
    of_rows = None if len(examples) == 1 else list(map(numbers.__getitem__, subjects))
    visible = [_visible(prepared, standing, narrowing) for standing in examples]
    disclosure.subjects |= {
        subject if standing[2] is None else standing[2]
        for subject, standing in standing_by_subject.items()
        if visible[numbers[subject] if numbers else 0]
    }
    return _by_kind(prepared, rows, examples, of_rows, visible, disclosure)


def _numbered(
    prepared: PreparedAsk, standing_by_subject: Mapping[Key, Standing]
) -> tuple[list[Standing], Mapping[Key, int]]:
    """Return one of each of the standings that decide alike, and by subject its number; no numbers where all do."""
    by_link = prepared.follows_link
    if not by_link and len(set(map(facts_and_consents, standing_by_subject.values()))) == 1:
        return [next(iter(standing_by_subject.values()))], {}
    examples: dict[Any, Standing] = {}
    number_by_kind: dict[Any, int] = {}
    numbers: dict[Key, int] = {}
    for subject, standing in standing_by_subject.items():
        kind = (standing[0], standing[1], by_link and standing[2] is None)
        numbers[subject] = number_by_kind.setdefault(kind, len(number_by_kind))
        examples.setdefault(kind, standing)
    return list(examples.values()), numbers


def _visible(prepared: PreparedAsk, standing: Standing, narrowing: Sequence[str]) -> bool:
    return prepared.mask(standing, None).visible and all(prepared.permits(category, standing) for category in narrowing)


def _by_kind(
    prepared: PreparedAsk,
    rows: Sequence[Row],
    standings: Sequence[Standing],
    numbers: Sequence[int] | None,
    visible: Sequence[bool],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Hand up rows by their standing's number (None: all have the first) and their tag."""
    kinds: Sequence[Any] = ()
    if prepared.tag_at is not None:
        kinds = list(zip(numbers or repeat(0, len(rows)), map(itemgetter(prepared.tag_at), rows), strict=True))
    elif numbers is not None:
        kinds = list(zip(numbers, repeat(None, len(rows)), strict=True))
    counts: Mapping[Any, int] = Counter(kinds) if kinds else {(0, None): len(rows)}
    shapes: dict[Any, RowShape | None] = {}
    for (number, tag), count in counts.items():
        shapes[number, tag] = None
        if visible[number]:
            mask = prepared.mask(standings[number], tag)
            account(mask, count, disclosure)
            shapes[number, tag] = prepared.shape(mask, linked=standings[number][2] is not None)
    if len(set(shapes.values())) == 1:
        shape = next(iter(shapes.values()))
        return () if shape is None else shape.of_all(rows)
    pairs = zip(rows, map(shapes.__getitem__, kinds), strict=True)
    return [shape.of(row) for row, shape in pairs if shape is not None]


def account(mask: Mask, rows: int, disclosure: Disclosure) -> None:
    """Note what was released and denied of so many rows under one mask."""
    disclosure.deny(mask.denials, rows)
    disclosure.released.update(mask.released)
    disclosure.rules.update(mask.rules)
    disclosure.rows += rows
