"""What a recipient is shown of a minor's consent: whether it stands, and no birthday."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from auth.consent.history import Event, EventKind
from auth.consent.shown import shown_to_recipient
from auth.consent.terms import Party, StoredConsent, Terms

AT = datetime(2026, 1, 5, tzinfo=UTC)
TERMS = Terms("employer", "diploma-verification", frozenset({"credential"}), date(2030, 1, 1))
GIVEN = Event(1, 1, AT, EventKind.GIVEN, Party.GUARDIAN, TERMS, None)
WITHDRAWN = replace(GIVEN, kind=EventKind.WITHDRAWN)
CHILDS = StoredConsent(
    id=1,
    version=1,
    terms=TERMS,
    given_at=AT,
    needs=frozenset({Party.GUARDIAN}),
    agreed_at={Party.GUARDIAN: AT},
    withdrawn_at=None,
    own_voice_on=date(2027, 6, 1),
    lapses_on=date(2029, 6, 1),
    recipient_subject="sealed",
)
ADULTS = replace(CHILDS, own_voice_on=None, lapses_on=None)


def shown(consent: StoredConsent, events: list[Event], day: date) -> tuple[object, ...]:
    """Return all that is told: the consent, whether it counts, what it lacks, its history."""
    told, history = shown_to_recipient(consent, events, day)
    return told, told.counts_on(day), told.lacks_on(day), list(history)


def test_one_that_stands_counts_and_tells_no_birthday() -> None:
    told, counts, lacks, history = shown(CHILDS, [GIVEN], date(2026, 6, 1))
    assert told == replace(CHILDS, own_voice_on=None)
    assert (counts, lacks, history) == (True, frozenset(), [GIVEN])


@pytest.mark.parametrize(
    ("consent", "events", "day"),
    [
        (CHILDS, [GIVEN], date(2029, 6, 1)),
        (CHILDS, [GIVEN], date(2027, 6, 1)),
        (replace(CHILDS, withdrawn_at=AT), [GIVEN, WITHDRAWN], date(2026, 6, 1)),
        (replace(CHILDS, withdrawn_at=AT), [GIVEN, WITHDRAWN], date(2029, 6, 2)),
        (CHILDS, [GIVEN], date(2031, 1, 1)),
    ],
    ids=["eighteen", "seven", "withdrawn", "withdrawn, then eighteen", "run out"],
)
def test_whatever_ended_it_looks_the_same(consent: StoredConsent, events: list[Event], day: date) -> None:
    told, counts, lacks, history = shown(consent, events, day)
    ended = replace(CHILDS, needs=frozenset(), own_voice_on=None, lapses_on=date.min)
    assert told == ended
    assert (counts, lacks, history) == (False, frozenset(), [GIVEN])


def test_of_a_grown_persons_the_recipient_is_told_when_it_was_withdrawn() -> None:
    withdrawn = replace(ADULTS, withdrawn_at=AT)
    assert shown_to_recipient(withdrawn, [GIVEN, WITHDRAWN], date(2026, 6, 1)) == (withdrawn, [GIVEN, WITHDRAWN])
