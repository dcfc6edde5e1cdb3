"""Who serves a record is configuration, and each mistake in it is named by record."""

from typing import Any

import pytest

from connectors.composition.settings import Service, served_by, services
from connectors.errors import RecordSettingInvalid

REGISTERS: dict[str, Any] = {name: {} for name in ("education", "credentials", "population", "hemis")}
BOTH = ["credentials", "hemis"]


def read(section: Any, record: str = "credential") -> dict[str, Service]:
    return services({"registers": REGISTERS, "records": {record: section}})


def test_a_record_of_which_nothing_is_said_is_served_by_its_own_register() -> None:
    assert services({"registers": REGISTERS})["credential"] == Service(("credentials",))


def test_a_route_by_prefix_takes_the_longest_one() -> None:
    table = {"column": "id", "prefixes": {"H": "hemis", "HX-": "credentials"}, "otherwise": "credentials"}
    service = read({"registers": BOTH, "route": table})["credential"]
    assert service.route is not None
    keys = ("H-1", "HX-1", "1", None, 7)
    assert [service.route.register_of(key) for key in keys] == ["hemis", "credentials", "credentials", None, None]


def test_a_register_serves_what_names_it_beside_its_own_records() -> None:
    serving = read({"registers": BOTH})
    assert served_by("hemis", serving) == ("credential",)
    assert served_by("credentials", serving) == ("credential",)
    assert served_by("credentials", read({"registers": ["hemis"]})) == ()


INVALID: list[tuple[Any, str]] = [
    ({"registers": BOTH, "roote": {}}, "unknown `roote`"),
    ({"registers": []}, "`registers` must be a list of length >= 1"),
    ({"registers": "hemis"}, "`registers` must be a list, got a text"),
    ({"registers": ["hemis", "hemis"]}, "`registers` names a register twice"),
    ({"registers": ["hemis", "uni"]}, "`registers` names `uni`, which is not configured"),
    ({"registers": BOTH, "keys": "both"}, "`keys` must be a text matching regex '^(disjoint|overlapping)$'"),
    ({"registers": ["hemis"], "keys": "disjoint"}, "`route` and `keys` are for records of several registers"),
    (
        {"registers": BOTH, "keys": "overlapping", "route": {"column": "id"}},
        "a route says which register has a key: its keys cannot be overlapping",
    ),
    ({"registers": BOTH, "route": {"colum": "id"}}, "`route`: unknown `colum`"),
    (
        {"registers": BOTH, "route": {"column": "issued_on", "values": {"x": "hemis"}}},
        "`route` names `issued_on`, which is no column of texts or keys",
    ),
    ({"registers": BOTH, "route": {"column": "id"}}, "`route` must have either `prefixes` or `values`"),
    (
        {"registers": BOTH, "route": {"column": "id", "prefixes": {}}},
        "`route.prefixes` must be a table of length >= 1",
    ),
    (
        {"registers": BOTH, "route": {"column": "id", "prefixes": {"Đ": "hemis"}}},
        "a prefix of `route` is 1 to 20 characters of ASCII without blanks",
    ),
    (
        {"registers": BOTH, "route": {"column": "id", "prefixes": {"H": "education"}}},
        "`route` names `education`, which is not one of its `registers`",
    ),
    (
        {"registers": BOTH, "route": {"column": "id", "prefixes": {"H": "hemis"}}},
        "`route` leaves no row to `credentials`",
    ),
]


@pytest.mark.parametrize(("section", "message"), INVALID, ids=[message for _, message in INVALID])
def test_a_mistake_is_named_by_record(section: Any, message: str) -> None:
    with pytest.raises(RecordSettingInvalid) as invalid:
        read(section)
    assert str(invalid.value) == f"record `credential`: {message}"


def test_a_record_that_does_not_exist_is_named() -> None:
    with pytest.raises(RecordSettingInvalid, match="record `degree`: there is no such record"):
        read({"registers": BOTH}, "degree")
