import pytest

from connectors.record import Kind, record
from connectors.records import RECORDS, by_name
from runtime.discovery import discovered


def test_each_module_of_the_folder_gives_its_records() -> None:
    modules = discovered("connectors.records", "RECORDS")
    assert {module: [each.name for each in records] for module, records in modules.items()} == {
        "citizens": ["citizen", "guardianship", "residence_period"],
        "credentials": ["credential"],
        "institutions": ["institution"],
        "learners": ["learner", "enrolment"],
    }
    assert list(RECORDS) == [each.name for records in modules.values() for each in records]


def test_two_records_of_one_name_do_not_start() -> None:
    loan = record("loan", "library", "id", None, {"id": Kind.KEY})
    again = record("loan", "archive", "id", None, {"id": Kind.KEY})
    with pytest.raises(ValueError, match="record `loan` is in `libraries` and in `archives`"):
        by_name({"libraries": (loan,), "archives": (again,)})
