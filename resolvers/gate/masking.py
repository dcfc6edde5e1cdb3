"""Rows masked for the caller in batches: rows whose subjects have equal facts are nulled and accounted for together."""

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
"""What decides a row's mask: the facts of its subject, and its tag."""


def masked_rows(
    prepared: AuthorizedQuery,
    rows: Sequence[Row],
    facts_by_subject: Mapping[Key, SubjectFacts] | None,
    account_by_subject: Mapping[Key, Key],
    filtered_categories: Sequence[str],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Drop the rows that may not be known of, null what their facts do not permit, and keep account of both.

    A row that may not show one of `filtered_categories` is dropped uncounted, since its presence reveals the value.
    """
    if facts_by_subject is None or prepared.subject_at is None:
        distinct_facts = {STRANGER}
        return _masked_by_facts(
            prepared,
            rows,
            [STRANGER] * len(rows),
            distinct_facts,
            _visible_facts(prepared, distinct_facts, filtered_categories),
            disclosure,
        )
    subjects = list(map(itemgetter(prepared.subject_at), rows))
    facts_of_rows = list(map(facts_by_subject.get, subjects, repeat(STRANGER)))
    if isinstance(rows, FaultyRows) and prepared.follows_link:
        rows, facts_of_rows = _with_unreadable_links(prepared, rows, facts_of_rows)
    distinct_facts = set(facts_of_rows)
    visible_facts = _visible_facts(prepared, distinct_facts, filtered_categories)
    if len(visible_facts) < len(distinct_facts):
        subjects = list(compress(subjects, map(visible_facts.__contains__, facts_of_rows)))
    disclosure.subjects.update(map(account_by_subject.get, subjects, subjects) if account_by_subject else subjects)
    return _masked_by_facts(prepared, rows, facts_of_rows, distinct_facts, visible_facts, disclosure)


def pass_over(
    prepared: AuthorizedQuery,
    nobodys: Sequence[Key],
    account_by_subject: Mapping[Key, Key],
    disclosure: Disclosure,
) -> None:
    """Do for keys of nobody what is done for rows that may not be known of, to take its time; nothing is noted.

    Nobody has the facts of a stranger: a caller whose jurisdiction is the whole country covers every key otherwise.
    """
    if not nobodys or prepared.mask(STRANGER, None).visible:
        return
    places = range(len(prepared.columns))
    rows = [tuple(key if place == prepared.subject_at else None for place in places) for key in nobodys]
    masked_rows(prepared, rows, {}, account_by_subject, (), disclosure)


def _with_unreadable_links(
    prepared: AuthorizedQuery, rows: Sequence[Row], facts_of_rows: Sequence[SubjectFacts]
) -> tuple[Sequence[Row], list[SubjectFacts]]:
    """Return the rows with the fault of an unreadable link in place of the way to the person, which it may be or not.

    It is null only where the link is known not to be verified.
    """
    assert prepared.link_at is not None
    assert prepared.record.holds is not None
    link, state = prepared.link_at, prepared.columns.index(prepared.record.holds.link)
    led: list[Row] = []
    facts_by_row: list[SubjectFacts] = []
    for row, subject_facts in zip(rows, facts_of_rows, strict=True):
        fault = row[state] if isinstance(row[state], Fault) else row[link]
        open_ = isinstance(fault, Fault) and (fault is row[state] or row[state] == VERIFIED)
        led.append((*row[:link], fault, *row[link + 1 :]) if open_ else row)
        facts_by_row.append(subject_facts._replace(verified=True) if open_ else subject_facts)
    return led, facts_by_row


def _visible_facts(
    prepared: AuthorizedQuery, distinct_facts: Set[SubjectFacts], filtered_categories: Sequence[str]
) -> Set[SubjectFacts]:
    """Return the facts under which rows are visible."""
    return {
        subject_facts
        for subject_facts in distinct_facts
        if prepared.mask(subject_facts, None).visible
        and all(prepared.permits(category, subject_facts) for category in filtered_categories)
    }


def _masked_by_facts(
    prepared: AuthorizedQuery,
    rows: Sequence[Row],
    facts_of_rows: Sequence[SubjectFacts],
    distinct_facts: Set[SubjectFacts],
    visible_facts: Set[SubjectFacts],
    disclosure: Disclosure,
) -> Sequence[Row]:
    """Return the masked rows, grouped by facts and tag. Rows without `visible_facts` are dropped.

    `facts_of_rows` has one for each row, `distinct_facts` each of them once.
    """
    tags = None if prepared.tag_at is None else list(map(itemgetter(prepared.tag_at), rows))
    shapes: dict[Kind, RowShape | None] = {}
    for (subject_facts, tag), count in _counted(facts_of_rows, distinct_facts, tags).items():
        shapes[subject_facts, tag] = None
        if subject_facts in visible_facts:
            mask = prepared.mask(subject_facts, tag)
            account(mask, count, disclosure)
            shapes[subject_facts, tag] = prepared.shape(mask, subject_facts.verified)
    if len(set(shapes.values())) == 1:
        shape = next(iter(shapes.values()))
        return () if shape is None else shape.of_all(rows)
    shaped = zip(rows, map(shapes.__getitem__, zip(facts_of_rows, tags or repeat(None), strict=False)), strict=True)
    return [shape.of(row) for row, shape in shaped if shape is not None]


def _counted(
    facts_of_rows: Sequence[SubjectFacts], distinct_facts: Set[SubjectFacts], tags: Sequence[str] | None
) -> Mapping[Kind, int]:
    if tags is None and len(distinct_facts) == 1:
        return {(next(iter(distinct_facts)), None): len(facts_of_rows)}
    if tags is None:  # grouping by facts alone costs half
        return {(subject_facts, None): count for subject_facts, count in Counter(facts_of_rows).items()}
    return Counter(zip(facts_of_rows, tags, strict=True))


def deny_hidden(prepared: AuthorizedQuery, facts_of_rows: Iterable[SubjectFacts], disclosure: Disclosure) -> None:
    """Note why rows are not shown of persons who stand so; whether there are any rows is not asked, and not told."""
    for subject_facts, persons in Counter(facts_of_rows).items():
        outcome = prepared.outcome(prepared.ask.category, subject_facts)
        if isinstance(outcome, Denial):
            disclosure.deny([(prepared.ask.coordinate, outcome)], persons)


def account(mask: Mask, rows: int, disclosure: Disclosure) -> None:
    """Note what was released and denied of so many rows under one mask."""
    disclosure.deny(mask.denials, rows)
    disclosure.released.update(mask.released)
    disclosure.rules.update(mask.rules)
    disclosure.rows += rows
