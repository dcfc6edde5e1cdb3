"""The view that the recipient of a minor's consent has: whether it is in effect, without the reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from auth.consent.history import Event, EventKind
from auth.consent.terms import StoredConsent


def shown_to_recipient(
    consent: StoredConsent, events: Sequence[Event], day: date
) -> tuple[StoredConsent, Sequence[Event]]:
    """Return the consent and its history for its recipient.

    One of a minor that has lapsed at a birthday looks like one withdrawn on any day: neither when nor who is told.
    """
    if consent.lapses_on is None:
        return consent, events
    if consent.counts_on(day):
        return replace(consent, own_voice_on=None), events
    ended = replace(consent, withdrawn_at=None, needs=frozenset(), own_voice_on=None, lapses_on=date.min)
    return ended, [event for event in events if event.kind is not EventKind.WITHDRAWN]
