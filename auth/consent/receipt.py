"""Receipts of consents: ISO/IEC TS 27560:2023 in the terms of W3C's Data Privacy Vocabulary, as JSON-LD in a JWS.

The mapping follows the Community Group's guide (https://w3id.org/dpv/guides/consent-27560). A receipt holds no name and
no number: the subject is the pairwise id by which the recipient knows the person.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from auth.consent.history import Event, EventKind
from auth.consent.terms import Party, StoredConsent, Terms
from auth.crypto.signing import PublicKeys, SigningKey
from auth.policy.policy_set import PolicySet
from reference.vietnam_time import VIETNAM, day_of

KIND = "lienthong-consent-receipt+jws"
_PROFILE = "https://w3id.org/dpv/schema/dpv-27560"
_CONTEXT = MappingProxyType(
    {
        "dpv": "https://w3id.org/dpv#",
        "loc": "https://w3id.org/dpv/loc#",
        "dct": "http://purl.org/dc/terms/",
        "category": "urn:lienthong:category:",
        "purpose": "urn:lienthong:purpose:",
        "client": "urn:lienthong:client:",
        "lienthong": "urn:lienthong:term:",
    }
)
_STATUS = MappingProxyType(
    {
        EventKind.GIVEN: ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        EventKind.AMENDED: ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        EventKind.WITHDRAWN: ["dpv:ConsentWithdrawn"],
    }
)

_INDICATED_BY = MappingProxyType({Party.SUBJECT: "dpv:DataSubject", Party.GUARDIAN: "dpv:GuardianOfDataSubject"})
_PERIODS = MappingProxyType({"day": "P1D", "week": "P7D", "month": "P30D", "year": "P365D"})


def receipt(
    key: SigningKey,
    record_id: str,
    subject_id: str,
    consent: StoredConsent,
    events: Sequence[Event],
    policy: PolicySet,
    at: datetime,
) -> str:
    """Return the signed receipt of a consent as it stands at `at`, a compact JWS.

    `record_id` and `subject_id` are the ids by which the recipient knows the consent and the person.
    """
    statement = {
        "@context": dict(_CONTEXT),
        "@id": f"urn:lienthong:receipt:{record_id}:{consent.version}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": _PROFILE,
        "dct:identifier": f"{record_id}:{consent.version}",
        "dct:created": _instant(at),
        "dct:publisher": "urn:lienthong",
        "dpv:hasRecordOfActivity": _record(record_id, subject_id, consent, events, policy, at),
    }
    return key.signed(KIND, statement)


def verified(compact: str, public_keys: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a receipt says, having checked it with published keys (JWK) alone, offline.

    Raises SignatureInvalid for one that was changed or signed by another key, ValueError for keys
    that are none.
    """
    return PublicKeys(public_keys).opened(KIND, compact)


def _record(
    record_id: str, subject_id: str, consent: StoredConsent, events: Sequence[Event], policy: PolicySet, at: datetime
) -> dict[str, Any]:
    terms = consent.terms
    return {
        "@id": f"urn:lienthong:consent:{record_id}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": _PROFILE,
        "dct:identifier": record_id,
        "dct:hasVersion": consent.version,
        "dpv:hasDataSubject": {"@id": f"urn:lienthong:subject:{subject_id}", "@type": "dpv:DataSubject"},
        "dpv:hasDataController": f"client:{terms.client_id}",
        "dpv:hasJurisdiction": "loc:VN",
        "dpv:hasApplicableLaw": "Law 91/2025/QH15",
        "dpv:hasProcess": _process(terms, policy),
        "dpv:hasConsentControl": {
            "@type": ["dpv:WithdrawConsent"],
            "dpv:isExercisedAt": "GraphQL Mutation.withdrawConsent, at any time",
        },
        "dpv:hasNotice": [_notice(event) for event in events if event.shown is not None],
        "dpv:hasConsentStatus": [_status(event) for event in events],
        "lienthong:counts": consent.counts_on(day_of(at)),
        "lienthong:lacks": sorted(_INDICATED_BY[party] for party in consent.lacks_on(day_of(at))),
    }


def _process(terms: Terms, policy: PolicySet) -> dict[str, Any]:
    process: dict[str, Any] = {
        "@type": "dpv:Process",
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasProcessing": "dpv:Access",
        "dpv:hasRecipient": f"client:{terms.client_id}",
        "dpv:hasPurpose": {"@id": f"purpose:{terms.purpose}", "dct:title": _titles(policy.purposes, terms.purpose)},
        "dpv:hasPersonalData": [_category(name, policy) for name in sorted(terms.categories)],
        "dpv:hasDuration": {"@type": "dpv:UntilTimeDuration", "dct:valid": terms.valid_to.isoformat()},
    }
    if terms.frequency is not None:
        process["dpv:hasFrequency"] = {
            "@type": "dpv:Frequency",
            "lienthong:reads": terms.frequency.reads,
            "lienthong:within": _PERIODS[terms.frequency.period.value],
        }
    if terms.data_life_days is not None:
        process["dpv:hasStorageCondition"] = {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": f"P{terms.data_life_days}D",
        }
    return process


def _category(name: str, policy: PolicySet) -> dict[str, Any]:
    known = policy.categories.get(name)
    kind = "dpv:SensitivePersonalData" if known is not None and known.sensitive else "dpv:PersonalData"
    return {"@id": f"category:{name}", "@type": kind, "dct:title": _titles(policy.categories, name)}


def _titles(named: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """Return the words of policy by language; none for what policy no longer knows."""
    if name not in named:
        return []
    return [{"@value": text, "@language": language} for language, text in named[name].text.items()]


def _notice(event: Event) -> dict[str, Any]:
    assert event.shown is not None
    return {
        "@id": f"urn:sha256:{event.shown.digest}",
        "@type": "dpv:ConsentNotice",
        "dct:date": _instant(event.at),
        "dct:language": event.shown.language,
        "dct:description": event.shown.text,
    }


def _status(event: Event) -> dict[str, Any]:
    return {
        "@type": list(_STATUS[event.kind]),
        "dpv:isIndicatedBy": _INDICATED_BY[event.party],
        "dpv:isIndicatedAtTime": _instant(event.at),
        "dct:hasVersion": event.version,
        "dct:valid": event.terms.valid_to.isoformat(),
        "dpv:hasPersonalData": [f"category:{name}" for name in sorted(event.terms.categories)],
    }


def _instant(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
