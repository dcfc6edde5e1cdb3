"""Rows masked for the caller, many at a time: rows whose subjects stand alike are nulled and accounted for together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import compress, repeat
from operator import itemgetter

from auth.policy.decisions import Denial
from connectors.faults import Fault, FaultyRows
from connectors.source import Key, Row
from connectors.subjects import VERIFIED
from resolvers.gate.disclosure import Disclosure
from resolvers.gate.prepared import AuthorizedQuery, Mask
from resolvers.gate.row_shapes import RowShape
from resolvers.gate.subjects import STRANGER, SubjectFacts

Kind = tuple[SubjectFacts, str | None]
"""What decides alike: how the caller stands to a row's subject, and the row's tag."""


def handed_up(
    prepared: AuthorizedQuery,
    rows: Sequence[Row],
    standing_by_subject: Mapping[Key, SubjectFacts] | None,
    account_by_subject: Mapping[Key, Key],
    narrowing: Sequence[str],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Drop the rows that may not be known of, null what their facts do not permit, and keep account of both.

    A row found by a category of `narrowing` that it may not show is dropped uncounted: its coming tells the value.
    """
    if standing_by_subject is None or prepared.subject_at is None:
        alike = {STRANGER}
        return _by_standing(
            prepared, rows, [STRANGER] * len(rows), alike, _seen(prepared, alike, narrowing), disclosure
        )
    subjects = list(map(itemgetter(prepared.subject_at), rows))
    standings = list(map(standing_by_subject.get, subjects, repeat(STRANGER)))
    if isinstance(rows, FaultyRows) and prepared.follows_link:
        rows, standings = _with_unreadable_links(prepared, rows, standings)
    alike = set(standings)
    seen = _seen(prepared, alike, narrowing)
    if len(seen) < len(alike):
        subjects = list(compress(subjects, map(seen.__contains__, standings)))
    disclosure.subjects.update(map(account_by_subject.get, subjects, subjects) if account_by_subject else subjects)
    return _by_standing(prepared, rows, standings, alike, seen, disclosure)


def pass_over(
    prepared: AuthorizedQuery,
    nobodys: Sequence[Key],
    standing_by_subject: Mapping[Key, SubjectFacts],
    account_by_subject: Mapping[Key, Key],
    disclosure: Disclosure,
) -> None:
    """Do for keys of nobody what is done for rows that may not be known of, to take its time; nothing is noted."""
    if not nobodys or prepared.mask(STRANGER, None).visible:
        return
    places = range(len(prepared.columns))
    rows = [tuple(key if place == prepared.subject_at else None for place in places) for key in nobodys]
    handed_up(prepared, rows, standing_by_subject, account_by_subject, (), disclosure)


def _with_unreadable_links(
    prepared: AuthorizedQuery, rows: Sequence[Row], standings: Sequence[SubjectFacts]
) -> tuple[Sequence[Row], list[SubjectFacts]]:
    """Return the rows with the fault of an unreadable link in place of the way to the person, which it may be or not.

    It is null only where the link is known not to be verified.
    """
    assert prepared.link_at is not None
    assert prepared.record.holds is not None
    link, state = prepared.link_at, prepared.columns.index(prepared.record.holds.link)
    led: list[Row] = []
    standing_by_row: list[SubjectFacts] = []
    for row, standing in zip(rows, standings, strict=True):
        fault = row[state] if isinstance(row[state], Fault) else row[link]
        open_ = isinstance(fault, Fault) and (fault is row[state] or row[state] == VERIFIED)
        led.append((*row[:link], fault, *row[link + 1 :]) if open_ else row)
        standing_by_row.append(standing._replace(verified=True) if open_ else standing)
    return led, standing_by_row


def _seen(prepared: AuthorizedQuery, standings: Set[SubjectFacts], narrowing: Sequence[str]) -> Set[SubjectFacts]:
    """Return the standings under which rows may be known of."""
    return {
        standing
        for standing in standings
        if prepared.mask(standing, None).visible and all(prepared.permits(category, standing) for category in narrowing)
    }


def _by_standing(
    prepared: AuthorizedQuery,
    rows: Sequence[Row],
    standings: Sequence[SubjectFacts],
    alike: Set[SubjectFacts],
    seen: Set[SubjectFacts],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Hand up rows by what decides alike: the standing, if it is one `seen`, and the tag.

    `standings` has one for each row, `alike` each of them once.
    """
    tags = None if prepared.tag_at is None else list(map(itemgetter(prepared.tag_at), rows))
    shapes: dict[Kind, RowShape | None] = {}
    for (standing, tag), count in _counted(standings, alike, tags).items():
        shapes[standing, tag] = None
        if standing in seen:
            mask = prepared.mask(standing, tag)
            account(mask, count, disclosure)
            shapes[standing, tag] = prepared.shape(mask, standing.verified)
    if len(set(shapes.values())) == 1:
        shape = next(iter(shapes.values()))
        return () if shape is None else shape.of_all(rows)
    shaped = zip(rows, map(shapes.__getitem__, zip(standings, tags or repeat(None), strict=False)), strict=True)
    return [shape.of(row) for row, shape in shaped if shape is not None]


def _counted(
    standings: Sequence[SubjectFacts], alike: Set[SubjectFacts], tags: Sequence[str] | None
) -> Mapping[Kind, int]:
    if tags is None and len(alike) == 1:
        return {(next(iter(alike)), None): len(standings)}
    if tags is None:  # by standing alone at half the cost
        return {(standing, None): count for standing, count in Counter(standings).items()}
    return Counter(zip(standings, tags, strict=True))


def deny_hidden(prepared: AuthorizedQuery, standings: Iterable[SubjectFacts], disclosure: Disclosure) -> None:
    """Note why rows are not shown of persons who stand so; whether there are any rows is not asked, and not told."""
    for standing, persons in Counter(standings).items():
        outcome = prepared.outcome(prepared.ask.category, standing)
        if isinstance(outcome, Denial):
            disclosure.deny([(prepared.ask.coordinate, outcome)], persons)


def account(mask: Mask, rows: int, disclosure: Disclosure) -> None:
    """Note what was released and denied of so many rows under one mask."""
    disclosure.deny(mask.denials, rows)
    disclosure.released.update(mask.released)
    disclosure.rules.update(mask.rules)
    disclosure.rows += rows
