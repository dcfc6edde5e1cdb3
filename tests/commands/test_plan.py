"""A plan is printed for a persona without reading anything: as an outline, and as JSON."""

import json

import pytest

from commands.plan import main

QUERY = """{ learners(first: 2) { totalCount nodes { fullName birthDate identity { religion }
  heldPermanentResidence(in: "01", monthsAtLeast: 24) } } }"""


def test_the_outline_tells_registers_columns_and_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([QUERY, "--as", "dept-hanoi", "--purpose", "school-management"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("dept-hanoi, school-management: about ")
    assert lines[1] == "Query.learners: learner of education by sector_code (first 2, counted)"
    assert "    never: Learner.heldPermanentResidence" in lines
    assert "      never: CitizenIdentity.religion" in lines


def test_json_has_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["{ me { learners { fullName } } }", "--as", "parent", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    (root,) = plan["steps"]
    (learners,) = root["then"]
    assert (plan["planned"], root["asks"]["register"], learners["field"]) == (True, "token", "Me.learners")
    assert learners["asks"]["columns"][:2] == ["person_key", "full_name"]
    assert learners["asks"]["decisions"] == {"if self or guardian": ["Learner.fullName"]}


def test_a_shape_of_the_reference_executor_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["{ __schema { description } }", "--as", "parent"]) == 0
    assert "not planned" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["{ learners { colour } }", "--as", "parent"],
        ["{ me { learners { id } } }", "--as", "nobody known"],
        ["{ me { learners { id } } }", "--as", "dept-hanoi", "--purpose", "statistics"],
        ["query($n: Int!) { learners(first: $n) { totalCount } }", "--as", "parent"],
    ],
    ids=["invalid document", "unknown persona", "purpose not granted", "variable missing"],
)
def test_what_cannot_be_printed_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, bool(captured.err)) == ("", True)
