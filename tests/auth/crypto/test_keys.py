"""Pseudonyms and sealed values: stable for whom they are made, meaningless to everybody else."""

import re
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from auth.crypto.keys import PSEUDONYM_BYTES, Keys, Pseudonyms
from auth.crypto.sealing import Sealable, Sealer
from auth.errors import Refused
from auth.principal import PrincipalKind, Recipient
from tests.auth.recipients import agency, app

KEYS = Keys(bytes(range(32)))
NUMBER = "001099012345"

scalars = (
    st.text()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
)
values = st.text() | st.integers() | st.lists(scalars, max_size=5).map(tuple)


@given(values, st.text(), st.text(max_size=20))
def test_what_is_sealed_opens_again(value: Sealable, client_id: str, kind: str) -> None:
    sealer = KEYS.sealer(agency(client_id))
    token = sealer.seal(kind, value)

    assert sealer.open(token, kind) == value
    assert type(sealer.open(token, kind)) is type(value)
    assert sealer.seal(kind, value) == token
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


def test_the_types_in_a_tuple_remain() -> None:
    position = (1, 1.0, True, None, "2026-11-21", date(2026, 11, 21), datetime(2026, 11, 21, 8, 0, 0, 5, UTC))
    opened = KEYS.sealer(agency("school")).open(KEYS.sealer(agency("school")).seal("after", position), "after")

    assert repr(opened) == repr(position)


def test_two_clients_cannot_join_their_tokens() -> None:
    tokens = {
        KEYS.sealer(agency(client_id)).seal("learner", NUMBER) for client_id in ("school", "police", "university")
    }

    assert len(tokens) == 3
    assert len({token[-8:] for token in tokens}) == 3


NAMED_ALIKE = (
    Recipient(kind, issuer, client_id)
    for kind in PrincipalKind
    for issuer in (None, "", "https://id", "https://id/a", "b")
    for client_id in ("dept-hanoi", "a/dept-hanoi", "dept-hanoib", "")
)


def test_ids_are_of_kind_issuer_and_client_whatever_names_are_taken() -> None:
    recipients = list(NAMED_ALIKE)
    tokens = {KEYS.sealer(recipient).seal("learner", NUMBER) for recipient in recipients}

    assert len(tokens) == len(recipients) == 60


def test_a_citizens_app_under_the_name_of_an_agency_opens_none_of_its_ids() -> None:
    token = KEYS.sealer(agency("dept-hanoi")).seal("learner", NUMBER)
    for pretender in (app("dept-hanoi"), app("dept-hanoi", None), agency("dept-hanoi", "https://another.example")):
        with pytest.raises(Refused, match="`id` is not one of yours"):
            KEYS.sealer(pretender).open(token, "learner")


def test_an_agency_still_opens_ids_sealed_by_its_name_alone_and_nobody_else_does() -> None:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"lienthong/1/seal:dept-hanoi").derive(bytes(range(32)))
    token = Sealer(derived).seal("learner", NUMBER)

    assert KEYS.sealer(agency("dept-hanoi", "https://id.example")).open(token, "learner") == NUMBER
    assert KEYS.kept_subjects("dept-hanoi").open(token, "learner") == NUMBER
    with pytest.raises(Refused):
        KEYS.sealer(app("dept-hanoi")).open(token, "learner")


def test_a_token_that_is_handed_out_is_taken_back_however_long_the_text() -> None:
    sealer = KEYS.sealer(agency("school"))
    name = "Nguyễn" * 300
    assert sealer.open(sealer.seal("after", (name, "0199000001")), "after") == (name, "0199000001")
    with pytest.raises(ValueError, match="would not be taken back"):
        sealer.seal("after", (name * 10, "0199000001"))


TOKEN = KEYS.sealer(agency("school")).seal("learner", NUMBER)
REFUSED = {
    "of another client": KEYS.sealer(agency("police")).seal("learner", NUMBER),
    "of another kind": KEYS.sealer(agency("school")).seal("institution", NUMBER),
    "of another master secret": Keys(bytes(32)).sealer(agency("school")).seal("learner", NUMBER),
    "cut": TOKEN[:-4],
    "lengthened": TOKEN + "AAAA",
    "spelt otherwise": TOKEN[:10] + "." + TOKEN[10:],
    "padded": TOKEN + "==",
    "in the other alphabet": TOKEN[:-1] + "+",
    "empty": "",
    "of one character": "A",
    "not ascii": "mã số",
    "with a surrogate": "\ud800",
    "very long": "A" * 100_000,
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
def test_all_that_was_not_sealed_for_this_client_and_kind_is_refused_alike(token: str) -> None:
    with pytest.raises(Refused) as refused:
        KEYS.sealer(agency("school")).open(token, "learner", "after")

    assert (refused.value.message, refused.value.code) == ("`after` is not one of yours", "BAD_USER_INPUT")


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{16,60}", fullmatch=True))
def test_no_text_breaks_opening(token: str) -> None:
    with pytest.raises(Refused):
        KEYS.sealer(agency("school")).open(token, "learner")


def test_a_pseudonym_is_stable_keyed_and_versioned() -> None:
    pseudonym = KEYS.pseudonym(NUMBER)

    assert pseudonym == Keys(bytes(range(32))).pseudonym(NUMBER)
    assert pseudonym != Keys(bytes(32)).pseudonym(NUMBER)
    assert (pseudonym[0], len(pseudonym)) == (1, PSEUDONYM_BYTES)


def test_a_text_and_a_number_have_different_pseudonyms() -> None:
    assert KEYS.pseudonym("12") != KEYS.pseudonym(12)


@given(
    st.lists(st.text(max_size=20)) | st.lists(st.from_regex(r"[A-Z0-9]{12}", fullmatch=True)) | st.lists(st.integers())
)
def test_pseudonyms_made_at_once_are_those_made_one_by_one(keys: list[str] | list[int]) -> None:
    assert KEYS.pseudonyms_in_use(keys) == [KEYS.pseudonym(key) for key in keys]


@pytest.mark.parametrize("length", range(20))
def test_texts_of_every_length_can_be_made_at_once(length: int) -> None:
    keys = ["".join(chr(65 + (start + at) % 26) for at in range(length)) for start in range(3)]

    assert KEYS.pseudonyms_in_use(keys) == [KEYS.pseudonym(key) for key in keys]


@given(st.binary(min_size=32, max_size=32))
def test_both_ways_agree_under_every_master_secret(master: bytes) -> None:
    assert Keys(master).pseudonyms_in_use([NUMBER]) == [Keys(master).pseudonym(NUMBER)]


def test_those_of_an_operation_are_made_once_and_come_in_the_order_asked_for() -> None:
    pseudonyms = Pseudonyms(KEYS)
    known = pseudonyms[NUMBER]
    other = "001099054321"

    assert pseudonyms.of([other, NUMBER, other]) == [KEYS.pseudonym(other), known, KEYS.pseudonym(other)]
    assert pseudonyms.of([NUMBER])[0] is known


ROTATED = Keys(bytes(32), earlier=[b"e" * 32, bytes(range(32))])


def test_a_later_master_secret_finds_what_earlier_ones_have_kept() -> None:
    pseudonyms = ROTATED.pseudonyms(NUMBER)

    assert [pseudonym[0] for pseudonym in pseudonyms] == [3, 2, 1]
    assert pseudonyms[0] == ROTATED.pseudonym(NUMBER)
    assert [pseudonym[1:] for pseudonym in pseudonyms] == [
        Keys(master).pseudonym(NUMBER)[1:] for master in (bytes(32), bytes(range(32)), b"e" * 32)
    ]
    assert KEYS.pseudonyms(17) == [KEYS.pseudonym(17)]


def test_a_later_master_secret_opens_what_earlier_ones_have_sealed_and_seals_anew() -> None:
    sealer = ROTATED.sealer(agency("school"))
    token = sealer.seal("learner", NUMBER)

    assert (sealer.open(TOKEN, "learner"), sealer.open(token, "learner")) == (NUMBER, NUMBER)
    assert token == Keys(bytes(32)).sealer(agency("school")).seal("learner", NUMBER) != TOKEN
    with pytest.raises(Refused):
        ROTATED.sealer(agency("police")).open(TOKEN, "learner")
    with pytest.raises(Refused):
        KEYS.sealer(agency("school")).open(token, "learner")


def test_a_master_secret_cannot_replace_itself() -> None:
    with pytest.raises(ValueError, match="must differ"):
        Keys(bytes(32), earlier=[bytes(32)])


def test_what_signs_by_default_is_a_key_of_its_own() -> None:
    assert KEYS.signing_seed() == Keys(bytes(range(32))).signing_seed() != Keys(bytes(32)).signing_seed()
    assert ROTATED.signing_seed() == Keys(bytes(32)).signing_seed()


def test_a_master_secret_of_another_length_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="must have 32 bytes, not 5") as refused:
        Keys(b"abcde")

    assert "abcde" not in str(refused.value)


def test_sealers_are_kept_but_not_for_ever() -> None:
    keys = Keys(bytes(range(32)))
    first = keys.sealer(agency("client-0"))

    assert keys.sealer(agency("client-0")) is first
    for number in range(1, 2000):
        keys.sealer(agency(f"client-{number}"))
    assert keys.sealer.cache_info().currsize == 1024
    assert keys.sealer(agency("client-0")) is not first
