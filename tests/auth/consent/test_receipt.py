"""A receipt says what was agreed in the terms of DPV, names nobody, and is verified with the public key alone."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from auth.consent.history import Event, EventKind, Shown
from auth.consent.receipt import receipt, verified
from auth.consent.terms import Frequency, Party, Period, StoredConsent, Terms
from auth.crypto.signing import SignatureInvalid, SigningKey
from auth.policy.policy_set import PolicySet
from tests.auth.policies import COMMITTED

POLICY = PolicySet.load(COMMITTED)
KEY, OTHER = SigningKey(bytes(32)), SigningKey(bytes(range(32)))
AT, LATER = datetime(2026, 11, 21, 8, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)
TERMS = Terms(
    "employer",
    "diploma-verification",
    frozenset({"credential", "identity.ethnicity"}),
    date(2027, 6, 30),
    Frequency(3, Period.MONTH),
    30,
)
SHOWN = Shown("en", "I agree")
GIVEN = Event(7, 1, AT, EventKind.GIVEN, Party.GUARDIAN, TERMS, SHOWN)
WITHDRAWN = Event(7, 1, LATER, EventKind.WITHDRAWN, Party.SUBJECT, TERMS, None)
CONSENT = StoredConsent(
    7, 1, TERMS, AT, frozenset({Party.GUARDIAN}), {Party.GUARDIAN: AT}, None, None, date(2030, 1, 1), "sealed"
)

# https://github.com/w3c/dpv/blob/master/2.0/dpv/dpv.csv: the terms of DPV 2.0 that receipts use
DPV = """
    Access Consent ConsentGiven ConsentNotice ConsentReceipt ConsentRecord ConsentWithdrawn DataSubject
    ExpressedConsent Frequency GuardianOfDataSubject PersonalData Process SensitivePersonalData
    StorageDuration UntilTimeDuration WithdrawConsent hasApplicableLaw hasConsentControl hasConsentStatus
    hasDataController hasDataSubject hasDuration hasFrequency hasJurisdiction hasLegalBasis hasNotice
    hasPersonalData hasProcess hasProcessing hasPurpose hasRecipient hasRecordOfActivity hasStorageCondition
    isExercisedAt isIndicatedAtTime isIndicatedBy
"""


def signed(consent: StoredConsent = CONSENT, events: tuple[Event, ...] = (GIVEN,)) -> str:
    return receipt(KEY, "sealed id", "sealed subject", consent, events, POLICY, LATER)


def record(compact: str) -> Any:
    return verified(compact, [KEY.published()])["dpv:hasRecordOfActivity"]


def test_the_record_says_what_was_agreed() -> None:
    held = record(signed())
    process = held["dpv:hasProcess"]
    assert held["dpv:hasDataSubject"]["@id"] == "urn:lienthong:subject:sealed subject"
    assert held["dpv:hasDataController"] == process["dpv:hasRecipient"] == "client:employer"
    assert process["dpv:hasPurpose"]["@id"] == "purpose:diploma-verification"
    assert [(one["@id"], one["@type"]) for one in process["dpv:hasPersonalData"]] == [
        ("category:credential", "dpv:PersonalData"),
        ("category:identity.ethnicity", "dpv:SensitivePersonalData"),
    ]
    assert process["dpv:hasDuration"]["dct:valid"] == "2027-06-30"
    assert process["dpv:hasStorageCondition"]["dpv:hasDuration"] == "P30D"
    assert (process["dpv:hasFrequency"]["lienthong:reads"], process["dpv:hasFrequency"]["lienthong:within"]) == (
        3,
        "P30D",
    )
    assert held["lienthong:counts"] is True


def test_the_text_that_was_shown_is_in_it() -> None:
    (shown,) = record(signed())["dpv:hasNotice"]
    assert (shown["dct:description"], shown["dct:language"]) == ("I agree", "en")
    assert shown["@id"] == f"urn:sha256:{SHOWN.digest}"


def test_a_withdrawal_is_a_status_of_its_own() -> None:
    held = record(signed(replace(CONSENT, withdrawn_at=LATER), (GIVEN, WITHDRAWN)))
    assert [
        (one["@type"], one["dpv:isIndicatedBy"], one["dpv:isIndicatedAtTime"]) for one in held["dpv:hasConsentStatus"]
    ] == [
        (["dpv:ConsentGiven", "dpv:ExpressedConsent"], "dpv:GuardianOfDataSubject", "2026-11-21T15:00:00+07:00"),
        (["dpv:ConsentWithdrawn"], "dpv:DataSubject", "2026-12-01T15:00:00+07:00"),
    ]
    assert held["lienthong:counts"] is False


def test_every_term_is_one_of_dpv_and_every_prefix_is_declared() -> None:
    statement = verified(signed(replace(CONSENT, withdrawn_at=LATER), (GIVEN, WITHDRAWN)), [KEY.published()])
    prefixes = {term.partition(":")[0] for term in _terms(statement) if term[0] != "@" and "://" not in term}
    assert {term.removeprefix("dpv:") for term in _terms(statement) if term.startswith("dpv:")} <= set(DPV.split())
    assert prefixes - {"urn"} <= set(statement["@context"])


def _terms(part: Any, key: str = "") -> list[str]:
    """Return the keys and the values that name something: not the words for people."""
    if isinstance(part, dict):
        return [term for name, inner in part.items() if name != "@context" for term in [name, *_terms(inner, name)]]
    if isinstance(part, list):
        return [term for inner in part for term in _terms(inner, key)]
    return [part] if isinstance(part, str) and (key in ("@id", "@type") or part.startswith("dpv:")) else []


def test_another_key_does_not_verify() -> None:
    with pytest.raises(SignatureInvalid):
        verified(signed(), [OTHER.published()])


def test_what_was_changed_does_not_verify() -> None:
    header, payload, signature = signed().split(".")
    said = orjson.loads(urlsafe_b64decode(payload + "=="))
    said["dpv:hasRecordOfActivity"]["dpv:hasProcess"]["dpv:hasDuration"]["dct:valid"] = "2099-12-31"
    forged = urlsafe_b64encode(orjson.dumps(said)).rstrip(b"=").decode()
    with pytest.raises(SignatureInvalid):
        verified(f"{header}.{forged}.{signature}", [KEY.published()])


def test_a_statement_of_another_kind_is_no_receipt() -> None:
    with pytest.raises(SignatureInvalid):
        verified(KEY.signed("lienthong-audit-root+jws", {"@type": "dpv:ConsentReceipt"}), [KEY.published()])
