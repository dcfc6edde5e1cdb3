"""Rows masked for the caller, many at a time: rows whose subjects stand alike are nulled and accounted for together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import itemgetter

from connectors.source import Key, Row
from resolvers.disclosure import Disclosure
from resolvers.prepared import Mask, PreparedAsk
from resolvers.row_shapes import RowShape
from resolvers.standing import STRANGER, Standing

Kind = tuple[int, frozenset[str], bool]
"""What decides alike: facts, consents, and whether a way to the person leads from the row that is not verified."""
STRANGERS: Kind = (STRANGER.facts, STRANGER.consents, False)


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
        seen = {STRANGERS: STRANGER} if _visible(prepared, STRANGER, narrowing) else {}
        return _by_kind(prepared, rows, [STRANGERS] * len(rows), seen, disclosure)
    subjects = list(map(itemgetter(prepared.subject_at), rows))
    standing_by_subject = {subject: standings.get(subject, STRANGER) for subject in set(subjects)}
    links = prepared.follows_link
    kinds: dict[Key, Kind] = {
        subject: (facts, consents, links and person is None)
        for subject, (facts, consents, person) in standing_by_subject.items()
    }
    examples = dict(zip(kinds.values(), standing_by_subject.values(), strict=True))
    seen = {kind: one for kind, one in examples.items() if _visible(prepared, one, narrowing)}
    disclosure.subjects.update(
        subject if person is None else person
        for subject, (_, _, person) in standing_by_subject.items()
        if kinds[subject] in seen
    )
    return _by_kind(prepared, rows, list(map(kinds.__getitem__, subjects)), seen, disclosure)


def _visible(prepared: PreparedAsk, standing: Standing, narrowing: Sequence[str]) -> bool:
    return prepared.mask(standing, None).visible and all(prepared.permits(category, standing) for category in narrowing)


def _by_kind(
    prepared: PreparedAsk,
    rows: Sequence[Row],
    kinds: Sequence[Kind],
    seen: Mapping[Kind, Standing],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Hand up rows by their kind and their tag; `seen` has a standing of each kind whose rows may be known of."""
    tags = repeat(None, len(rows)) if prepared.tag_at is None else map(itemgetter(prepared.tag_at), rows)
    pairs = list(zip(kinds, tags, strict=True))
    shapes: dict[tuple[Kind, str | None], RowShape | None] = {}
    for (kind, tag), count in Counter(pairs).items():
        standing = seen.get(kind)
        shapes[kind, tag] = None
        if standing is not None:
            mask = prepared.mask(standing, tag)
            account(mask, count, disclosure)
            shapes[kind, tag] = prepared.shape(mask, linked=standing.person_key is not None)
    if len(set(shapes.values())) == 1:
        shape = next(iter(shapes.values()))
        return () if shape is None else shape.of_all(rows)
    shaped = zip(rows, map(shapes.__getitem__, pairs), strict=True)
    return [shape.of(row) for row, shape in shaped if shape is not None]


def account(mask: Mask, rows: int, disclosure: Disclosure) -> None:
    """Note what was released and denied of so many rows under one mask."""
    disclosure.deny(mask.denials, rows)
    disclosure.released.update(mask.released)
    disclosure.rules.update(mask.rules)
    disclosure.rows += rows
