"""What a configuration holds of the canonical records, and what has no register at all."""

from copy import deepcopy
from typing import Any

import pytest

from connectors.errors import RegistersInvalid
from connectors.holdings import absent_columns, required_registers, unserved_records
from connectors.records import RECORDS
from connectors.registry import open_sources, sources_by_record
from connectors.source import Count, Lookup, Order, Page
from connectors.unserved import Unserved
from tests.connectors.test_registry import DEFAULT, VARIABLES

pytestmark = pytest.mark.anyio


def configured(*registers: str) -> dict[str, Any]:
    """Return the default configuration with these registers alone."""
    return {"registers": {name: deepcopy(DEFAULT["registers"][name]) for name in registers}}


def test_the_default_configuration_serves_every_record() -> None:
    assert (unserved_records(DEFAULT), absent_columns(DEFAULT)) == (frozenset(), frozenset())


def test_records_of_registers_that_are_not_configured_are_not_served() -> None:
    assert unserved_records(configured("credentials")) == RECORDS.keys() - {"credential"}
    assert unserved_records({}) == RECORDS.keys()


def test_a_column_that_every_register_maps_to_false_is_held_by_none() -> None:
    config = configured("education")
    learner = config["registers"]["education"]["records"]["learner"]
    learner["columns"] = {"birth_date": False, "phone": False, "link_state": False, "email": "mail", "as_of": False}
    learner["constants"] = {"link_state": "VERIFIED"}
    assert absent_columns(config) == {("learner", "birth_date"), ("learner", "birth_period"), ("learner", "phone")}


def test_a_column_that_one_of_two_registers_has_is_held() -> None:
    config = configured("education", "credentials")
    for register, columns in (("credentials", {"serial": False, "title": False}), ("education", {"serial": False})):
        config["registers"][register]["records"]["credential"] = {"table": "credentials", "columns": columns}
    config["records"] = {"credential": {"registers": ["credentials", "education"]}}
    assert absent_columns(config) == {("credential", "serial")}


async def test_a_record_that_nobody_serves_has_no_rows_and_calls_nobody() -> None:
    config = configured("education")
    source = sources_by_record(config, open_sources(config, VARIABLES))["credential"]
    assert isinstance(source, Unserved)
    assert await source.rows(Lookup("credential", "id", ("1",), ("id",))) == ()
    assert await source.page(Page("credential", ("id",), ((),), (), (Order("id"),), 1)) == ()
    assert await source.counts(Count("credential", ((),), ())) == {(): 0}
    assert await source.counts(Count("credential", ((),), (), ("kind",))) == {}


def test_configuration_says_which_registers_must_be_ready() -> None:
    assert required_registers(DEFAULT) == ("education",)
    assert required_registers({"registers": {"hemis": {"required": True}, "education": {}}}) == ("hemis",)
    config = configured("education")
    config["registers"]["education"]["required"] = "yes"
    with pytest.raises(RegistersInvalid, match="register `education`: `required` must be true or false"):
        open_sources(config, VARIABLES)
