"""What `extensions.access` says of answers that are not known, and of the registers that answers are from."""

from resolvers.answers.reasons import WORDS, Reason
from resolvers.gate.disclosure import Disclosure
from schema.operations.access import access_of


def test_what_is_not_known_is_told_by_coordinate_and_reason_in_the_callers_language() -> None:
    disclosure = Disclosure()
    disclosure.unanswered.update({("Learner.isAtLeast", "INPUT_MISSING"): 2, ("Learner.a", "NOT_RECORDED"): 1})
    disclosure.sources.update({("Learner.isAtLeast", "population"): 3})
    assert access_of(disclosure, "p", None, "en") == {
        "purpose": "p",
        "denials": [],
        "unanswered": [
            {
                "coordinate": "Learner.a",
                "code": "NOT_RECORDED",
                "message": "The register has no record to answer from; that does not mean no.",
                "count": 1,
            },
            {
                "coordinate": "Learner.isAtLeast",
                "code": "INPUT_MISSING",
                "message": "The register lacks a value that the answer needs, or has one that cannot be understood.",
                "count": 2,
            },
        ],
        "answeredFrom": [{"coordinate": "Learner.isAtLeast", "register": "population", "count": 3}],
    }
    in_vietnamese = access_of(disclosure, "p", None, "vi")["unanswered"]
    assert [entry["message"] for entry in in_vietnamese] == [WORDS["NOT_RECORDED"]["vi"], WORDS["INPUT_MISSING"]["vi"]]


def test_nothing_is_said_where_all_is_known() -> None:
    assert access_of(Disclosure(), "p", None, "en") == {"purpose": "p", "denials": []}


def test_every_reason_has_words_in_both_languages() -> None:
    assert {reason: set(words) for reason, words in WORDS.items()} == {reason: {"vi", "en"} for reason in Reason}
