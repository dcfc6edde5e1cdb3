"""Policy folders that must be refused, and what the refusal names."""

from pathlib import Path

import pytest

from auth.policy.policy_set import PolicyInvalid, PolicySet
from tests.auth.policies import COMMITTED, folder_of_rules, folder_with, rule

HEAD = ' in Role::"school"| == Category::"schooling"'
GOOD = rule("good", HEAD)

# the rules of a file, and how the refusal begins
FAULTS = [
    ("permit (", "only.cedar: "),
    ("", "*.cedar: no rule found"),
    (GOOD + GOOD, "only.cedar: good: this id is already used in only.cedar"),
    (GOOD.replace('@id("good")', ""), "only.cedar: rule 1: @id is missing"),
    (GOOD + GOOD.replace('@id("good")', '@id("")'), "only.cedar: rule 2: @id is missing"),
    (GOOD.replace('@basis("public-task")', ""), "only.cedar: good: @basis is missing"),
    (GOOD.replace("public-task", "habit"), "only.cedar: good: @basis names no legal basis: `habit`"),
    (GOOD.replace('@citation("citation of good")', '@citation(" ")'), "only.cedar: good: @citation is missing"),
    (GOOD.replace('@obtain_vi("cách của good")', ""), "only.cedar: good: @obtain_vi is missing"),
    (GOOD.replace('@obtain_en("way of good")', ""), "only.cedar: good: @obtain_en is missing"),
    (rule("odd", HEAD, extra='@valid_form("2026-01-01")'), "only.cedar: odd: unknown annotation @valid_form"),
    (rule("odd", HEAD, extra='@valid_from("1/1/2026")'), "only.cedar: odd: @valid_from must be a date"),
    (rule("odd", HEAD, extra='@valid_to("soon")'), "only.cedar: odd: @valid_to must be a date"),
    (
        rule("odd", HEAD, extra='@valid_from("2026-02-01") @valid_to("2026-01-31")'),
        "only.cedar: odd: @valid_to is before @valid_from",
    ),
    (rule("odd", ' in Role::"teacher"| == Category::"schooling"'), "only.cedar: odd: unknown role `teacher`"),
    (rule("odd", ' in Role::"school"| == Category::"marks"'), "only.cedar: odd: unknown category `marks`"),
    (rule("odd", HEAD, 'context.purpose == Purpose::"fun"'), "only.cedar: odd: unknown purpose `fun`"),
    (rule("odd", HEAD, "context.facts.slef"), "only.cedar: odd: for policy `policy0`, attribute `facts.slef`"),
    (rule("odd", HEAD, 'context.purpose == "fun"'), "only.cedar: odd: "),
    (rule("odd", ' in Role::"school"| == Learner::"x"'), "only.cedar: odd: "),
    (rule("odd", ' == ?principal| == Category::"schooling"'), "only.cedar: a rule may not have slots"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_a_faulty_rule_is_refused_by_file_and_rule(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        PolicySet.load(folder_of_rules(tmp_path, text))
    assert str(refused.value).startswith(message)


def test_an_id_may_be_used_once_in_all_files(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "z.cedar", rule("citizen-self", HEAD))
    with pytest.raises(PolicyInvalid, match=r"^z\.cedar: citizen-self: this id is already used in citizen\.cedar$"):
        PolicySet.load(folder)


TEXTS = '[x]\nvi = "x"\nen = "x"\n'

# a file, what is put before and after its text, and how the refusal begins
WORD_FAULTS = [
    ("categories.toml", "", TEXTS, "categories.toml: x: `sensitive` is missing"),
    ("categories.toml", "", '[x]\nvi = "x"\nsensitive = true\n', "categories.toml: x: `en` is missing"),
    ("categories.toml", "", f"{TEXTS}sensitive = true\nexistense = true\n", "categories.toml: x: unknown `existense`"),
    ("categories.toml", "", "x = 1\n[[", "categories.toml: cannot be read"),
    ("purposes.toml", "", '[x]\nvi = " "\nen = "x"\n', "purposes.toml: x: `vi` must be a text matching regex"),
    ("purposes.toml", "x = 1\n", "", "purposes.toml: x: must be a table"),
    ("roles.toml", "", f'{TEXTS}agency = true\npurposes = ["fun"]\n', "roles.toml: x: unknown purpose `fun`"),
    (
        "roles.toml",
        "",
        f'{TEXTS}agency = true\npurposes = "a"\n',
        "roles.toml: x: `purposes` must be a list, got a text",
    ),
    ("legal_bases.toml", "", TEXTS, "legal_bases.toml: x: `citation` is missing"),
    ("denials.toml", "", '[OTHER]\nvi = "x"\n', "denials.toml: unknown `OTHER`"),
    ("lienthong.cedarschema", "", "entity ;", "lienthong.cedarschema: "),
]


@pytest.mark.parametrize(("name", "before", "after", "message"), WORD_FAULTS)
def test_a_faulty_word_list_is_refused_by_file_and_entry(
    tmp_path: Path, name: str, before: str, after: str, message: str
) -> None:
    text = (COMMITTED / name).read_text(encoding="utf-8")
    with pytest.raises(PolicyInvalid) as refused:
        PolicySet.load(folder_with(tmp_path, name, f"{before}{text}\n{after}"))
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("name", ["categories.toml", "denials.toml", "lienthong.cedarschema"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = folder_with(tmp_path, name, "")
    (folder / name).unlink()
    with pytest.raises(PolicyInvalid):
        PolicySet.load(folder)
