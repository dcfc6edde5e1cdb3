"""`./lienthong policy`: what officers and CI are shown, and the exit codes."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from auth.policy.policy_set import PolicySet
from auth.policy.profiles import OTHER_PURPOSE, all_askers
from auth.policy.review.table import COLUMNS
from auth.principal import Fact
from commands.policy import main
from commands.policy_diff import coordinates_by_category
from tests.auth.policies import COMMITTED, folder_of_rules, folder_with, profile, rule

DAY = "2026-11-21"
POLICIES = PolicySet.load(COMMITTED)
EMPLOYERS = (COMMITTED / "universities-and-employers.cedar").read_text(encoding="utf-8")
HEAD = ' in Role::"employer"| == Category::"schooling"'


class Ran:
    """The exit code, standard output and standard error of a run."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: object) -> None:
        self.code = main([str(word) for word in words])
        self.out, self.err = capsys.readouterr()


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *words: Ran(capsys, *words)


def with_dates(tmp_path: Path, dates: str, employers: str = EMPLOYERS) -> Path:
    """Return the committed policies in which the employers' rule has these dates."""
    marked = employers.replace('@id("employer-diploma-verification")', f'@id("employer-diploma-verification") {dates}')
    return folder_with(tmp_path, "universities-and-employers.cedar", marked)


# check


def test_the_committed_policies_pass(run: Run) -> None:
    ran = run("check", "--on", DAY)
    assert (ran.code, ran.out) == (0, f"0 errors, 0 warnings on {DAY}\n")


def test_a_folder_that_is_none_cannot_be_checked(run: Run, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    ran = run("check", "--policies", nowhere)
    assert (ran.code, ran.out, ran.err) == (2, "", f"lienthong policy: `{nowhere}` is no folder\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "code", "says"),
    [
        (-1, 1, "error   employer-diploma-verification: ended on 2026-11-20"),
        (0, 0, "warning employer-diploma-verification: ends on 2026-11-21, today"),
        (1, 0, "warning employer-diploma-verification: ends on 2026-11-22, in 1 day"),
        (90, 0, "warning employer-diploma-verification: ends on 2027-02-19, in 90 days"),
        (91, 0, "0 errors, 0 warnings"),
    ],
)
def test_a_rule_past_its_date_is_an_error_and_one_soon_past_it_a_warning(
    tmp_path: Path, run: Run, days: int, code: int, says: str
) -> None:
    last = date.fromisoformat(DAY) + timedelta(days=days)
    ran = run("check", "--on", DAY, "--policies", with_dates(tmp_path, f'@valid_to("{last}")'))
    assert (ran.code, ran.out.splitlines()[0].startswith(says)) == (code, True), ran.out


def test_the_rule_that_follows_is_named(tmp_path: Path, run: Run) -> None:
    following = rule("next-year", HEAD.replace("schooling", "credential"), extra='@valid_from("2027-01-01")')
    folder = with_dates(tmp_path, '@valid_to("2026-12-31")', EMPLOYERS + following)
    assert "ends on 2026-12-31, in 40 days; next-year follows\n" in run("check", "--on", DAY, "--policies", folder).out


def test_a_category_that_no_rule_opens_is_an_error(tmp_path: Path, run: Run) -> None:
    categories = (COMMITTED / "categories.toml").read_text(encoding="utf-8")
    new = '\n["learner.photo"]\nvi = "Ảnh"\nen = "Photograph"\nsensitive = true\n'
    ran = run("check", "--on", DAY, "--policies", folder_with(tmp_path, "categories.toml", categories + new))
    assert (ran.code, ran.out.splitlines()[0]) == (
        1,
        "error   learner.photo: no rule in force opens this category to anybody",
    )


def test_what_a_rule_opens_by_a_dossier_and_no_procedure_of_the_purpose_needs_is_an_error(
    tmp_path: Path, run: Run
) -> None:
    dossiers = (COMMITTED / "dossiers.cedar").read_text(encoding="utf-8")
    needed = '    Category::"residence.current",\n'
    folder = folder_with(
        tmp_path, "dossiers.cedar", dossiers.replace(needed, f'{needed}    Category::"identity.religion",\n')
    )
    ran = run("check", "--on", DAY, "--policies", folder)
    assert (ran.code, ran.out.splitlines()) == (
        1,
        [
            "error   population-residence-registration-by-dossier: no procedure of the purpose"
            " `residence-registration` needs `identity.religion`: no dossier opens it",
            f"1 error, 0 warnings on {DAY}",
        ],
    )


def test_a_category_opened_only_until_yesterday_or_only_by_a_forbidden_permit_is_not_opened(
    tmp_path: Path, run: Run
) -> None:
    ended = rule("ended", HEAD, extra='@valid_to("2026-11-20")')
    forbidden = rule("open", HEAD.replace("schooling", "credential"))
    forbidden += rule("shut", '| == Category::"credential"', effect="forbid")
    ran = run("check", "--on", DAY, "--policies", folder_of_rules(tmp_path, ended + forbidden))
    assert ran.code == 1
    unopened = re.findall(r"error   (\S+): no rule in force opens", ran.out)
    assert unopened == list(POLICIES.categories)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (rule("odd", HEAD).replace("citation of odd", " "), "error   only.cedar: odd: @citation is missing"),
        (rule("odd", HEAD, "context.facts.slef"), "error   only.cedar: odd: "),
        (rule("odd", ' in Role::"teacher"| == Category::"schooling"'), "error   only.cedar: odd: unknown role"),
        ("permit (", "error   only.cedar: "),
    ],
)
def test_a_folder_that_would_not_load_fails_with_the_file_and_the_rule(
    tmp_path: Path, run: Run, text: str, says: str
) -> None:
    ran = run("check", "--policies", folder_of_rules(tmp_path, text))
    assert (ran.code, ran.out.startswith(says)) == (1, True), ran.out


def test_what_nobody_uses_is_a_warning(tmp_path: Path, run: Run) -> None:
    purposes = (COMMITTED / "purposes.toml").read_text(encoding="utf-8")
    folder = folder_with(tmp_path, "purposes.toml", f'{purposes}\n[curiosity]\nvi = "Tò mò"\nen = "Curiosity"\n')
    ran = run("check", "--on", DAY, "--policies", folder)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "warning curiosity: no role has this purpose")


# table


@pytest.mark.slow
def test_the_csv_says_of_every_cell_what_policy_does(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("table", "--format", "csv", "--on", DAY).out)))
    assert tuple(rows[0]) == COLUMNS
    pairs = {(row["role"], row["purpose"]) for row in rows}
    assert pairs == {(role.name, purpose) for role in POLICIES.roles.values() for purpose in role.purposes}
    for row in rows:
        asking = profile(row["role"], row["purpose"], int(row["assurance"]))
        asking = replace(asking, emergency=row["emergency"] == "yes")
        table = POLICIES.table(asking, date.fromisoformat(DAY))
        category = row["category"]
        access = "never" if table.never(category) else "always" if table.always(category) else "conditional"
        assert row["access"] == access, row
        for facts in row["facts"].split(" or ") if row["facts"] else ():
            needed = Fact(sum(Fact[name.upper()] for name in facts.split(" and ")))
            assert table.permits(category, needed), row
            assert not any(table.permits(category, needed & ~fact) for fact in needed), row


def test_one_role_may_be_shown_alone(run: Run) -> None:
    ran = run("table", "--format", "csv", "--role", "school")
    assert {line.split(",")[0] for line in ran.out.splitlines()[1:]} == {"school"}
    unknown = run("table", "--role", "teacher")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err.startswith("lienthong policy: `teacher` is none of the roles: public, citizen, ")


def test_the_table_is_that_of_the_day(tmp_path: Path, run: Run) -> None:
    folder = with_dates(tmp_path, '@valid_to("2026-06-30")')
    words = ("table", "--format", "csv", "--role", "employer", "--policies", folder, "--on")
    before, after = run(*words, "2026-06-30").out, run(*words, "2026-07-01").out
    assert "credential,no,conditional,consent,employer-diploma-verification" in before
    assert "credential,no,never" in after


@pytest.mark.slow
def test_the_text_has_a_table_for_each_role_and_marks_what_is_sensitive(run: Run) -> None:
    ran = run("table")
    assert all(f"\n{role}: " in f"\n{ran.out}" for role in POLICIES.roles)
    assert ran.out.count("identity.religion *") == len(POLICIES.roles)
    assert "self or guardian" in ran.out


class Page(HTMLParser):
    """What a page holds: its tags, and every place that would make a browser ask for something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.asked: list[str] = []
        self.cells = 0
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open += [tag] if tag not in ("meta", "br", "wbr") else []
        self.cells += tag == "td" and ("class", "always") in attributes
        self.asked += [f"{tag} {name}" for name, _ in attributes if name in ("src", "href", "action", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.slow
def test_the_page_stands_alone_and_is_well_formed(run: Run) -> None:
    text = run("table", "--format", "html", "--on", DAY).out
    page = Page(text)
    assert (page.asked, page.open) == ([], [])
    assert {"script", "link", "img", "iframe"} & set(page.tags) == set()
    assert "url(" not in text and "@import" not in text and "://" not in text
    rows = list(csv.DictReader(io.StringIO(run("table", "--format", "csv", "--on", DAY).out)))
    assert page.cells == sum(row["access"] == "always" for row in rows) > 0
    assert all(f"<td><code>{rule_id}</code>" in text for rule_id in POLICIES.rules)


@pytest.mark.slow
def test_words_of_a_policy_are_only_words_in_the_page(tmp_path: Path, run: Run) -> None:
    marked = EMPLOYERS.replace("Law 91/2025/QH15 art. 9", "<script>x</script>")
    folder = folder_with(tmp_path, "universities-and-employers.cedar", marked)
    text = run("table", "--format", "html", "--policies", folder).out
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert "script" not in Page(text).tags


# diff


@pytest.mark.slow
def test_nothing_changes_between_a_set_and_itself(run: Run) -> None:
    ran = run("diff", COMMITTED, "--on", DAY)
    assert (ran.code, ran.out) == (0, f"0 gained, 0 lost on {DAY}\n")


def lines(ran: Ran) -> list[tuple[str, ...]]:
    cells = [tuple(cell.strip() for cell in line.split("│")[1:-1]) for line in ran.out.splitlines() if "│" in line]
    return sorted(cells)


@pytest.mark.slow
def test_what_a_rule_opens_more_is_gained_field_by_field_and_fails(tmp_path: Path, run: Run) -> None:
    wider = EMPLOYERS.replace(
        'Category::"identity.name",\n    Category::"credential",',
        'Category::"identity.name",\n    Category::"identity.sex",\n    Category::"credential",',
    )
    folder = folder_with(tmp_path, "universities-and-employers.cedar", wider)
    ran = run("diff", COMMITTED, "--policies", folder, "--on", DAY)
    fields = coordinates_by_category()["identity.sex"]
    assert (ran.code, {"CitizenIdentity.sex", "Learner.sex"} <= set(fields)) == (1, True)
    assert lines(ran) == [
        (
            "gained",
            "employer",
            "diploma-verification",
            "0",
            "consent",
            field,
            "identity.sex",
            "employer-diploma-verification",
        )
        for field in fields
    ]
    back = run("diff", folder, "--on", DAY)
    assert (back.code, {line[0] for line in lines(back)}) == (0, {"lost"})


def test_a_condition_less_is_gained_under_the_facts_that_are_new(tmp_path: Path, run: Run) -> None:
    narrow = folder_of_rules(tmp_path / "old", rule("one", HEAD, "context.facts.consent && context.facts.case"))
    wide = folder_of_rules(tmp_path / "new", rule("one", HEAD, "context.facts.consent"))
    ran = run("diff", narrow, "--policies", wide)
    assert {(line[0], line[1], line[4]) for line in lines(ran)} == {("gained", "employer", "consent and not case")}
    assert {line[2] for line in lines(ran)} == {OTHER_PURPOSE}
    assert {line[5] for line in lines(ran)} == set(coordinates_by_category()["schooling"])


def test_a_level_and_a_client_that_rules_tell_apart_are_told_apart(tmp_path: Path, run: Run) -> None:
    old = folder_of_rules(tmp_path / "old", rule("one", HEAD, "context.assurance >= 2"))
    named = rule("named", ' == Client::"acme"| == Category::"schooling"')
    new = folder_of_rules(tmp_path / "new", rule("one", HEAD, "context.assurance >= 1") + named)
    employers = {line[1:5] for line in lines(run("diff", old, "--policies", new)) if line[1].startswith("employer")}
    assert employers == {
        ("employer", OTHER_PURPOSE, "1", "always"),
        ("employer (acme)", OTHER_PURPOSE, "0 1", "always"),
    }


def test_a_rule_that_is_renamed_or_split_changes_nothing(tmp_path: Path, run: Run) -> None:
    both = "context.facts.consent || context.facts.case"
    old = folder_of_rules(tmp_path / "old", rule("one", HEAD, both))
    split = rule("two", HEAD, "context.facts.consent") + rule("three", HEAD, "context.facts.case")
    assert run("diff", old, "--policies", folder_of_rules(tmp_path / "new", split)).code == 0


@pytest.mark.slow
def test_a_role_gains_what_is_opened_for_a_purpose_that_is_not_its_own(tmp_path: Path, run: Run) -> None:
    head = ' in Role::"developer"| == Category::"credential.number"'
    slip = rule("slip", head, 'context.purpose == Purpose::"statistics"')
    folder = folder_with(tmp_path, "slip.cedar", slip)
    found = {line[:3] for line in lines(run("diff", COMMITTED, "--policies", folder))}
    assert found == {("gained", "developer", "statistics")}


@pytest.mark.slow
def test_the_day_decides_what_is_compared(tmp_path: Path, run: Run) -> None:
    folder = with_dates(tmp_path, '@valid_to("2026-12-31")')
    codes = [run("diff", folder, "--on", day).code for day in ("2026-12-31", "2027-01-01")]
    assert codes == [0, 1]


def test_a_folder_that_cannot_be_read_is_no_finding(tmp_path: Path, run: Run) -> None:
    ran = run("diff", tmp_path / "nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("lienthong policy: ")


def test_every_purpose_that_a_rule_tells_apart_is_compared_and_one_for_the_rest() -> None:
    compared = {(one.role, one.purpose) for one in all_askers(POLICIES)}
    assert {(role.name, purpose) for role in POLICIES.roles.values() for purpose in role.purposes} - compared == {
        ("public", "public"),
        ("developer", "development"),
    }
    assert {role for role, purpose in compared if purpose == OTHER_PURPOSE} == set(POLICIES.roles)


# test


@pytest.mark.slow
def test_the_committed_tables_hold(run: Run) -> None:
    ran = run("test", "--on", DAY)
    assert ran.code == 0
    found = re.fullmatch(rf"(\d+) of (\d+) rows hold on {DAY}\n", ran.out)
    assert found and found[1] == found[2] and int(found[1]) > 60


def test_the_committed_tables_know_every_role(run: Run) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (COMMITTED / "tests").glob("*.toml"))
    assert set(re.findall(r'^role = "(.+)"$', text, re.MULTILINE)) == set(POLICIES.roles)


SECTION = '[[asking]]\nrole = "employer"\npurpose = "diploma-verification"\nrows = """\n{rows}\n"""\n'
ROWS = "facts | category | outcome | rule\nconsent | {category} | {outcome} | {rule}"


def tables(tmp_path: Path, rows: str, more: str = "") -> Path:
    path = tmp_path / "rows.toml"
    path.write_text(SECTION.format(rows=rows).replace("rows =", f"{more}rows ="), encoding="utf-8")
    return path


def test_a_row_that_does_not_hold_is_shown_with_what_is_so(tmp_path: Path, run: Run) -> None:
    rows = ROWS.format(category="credential schooling", outcome="permit", rule="employer-diploma-verification")
    ran = run("test", tables(tmp_path, rows))
    assert ran.code == 1
    (row,) = lines(ran)
    assert row == (
        "rows.toml: section 1, row 1",
        "employer, diploma-verification, level 0",
        "consent",
        "schooling",
        "permit by employer-diploma-verification",
        "ROLE_NOT_PERMITTED by -",
    )
    assert ran.out.endswith("1 of 2 rows hold on " + ran.out[-11:])


def test_another_rule_than_the_one_named_does_not_hold(tmp_path: Path, run: Run) -> None:
    rows = ROWS.format(category="credential", outcome="permit", rule="university-admission")
    assert run("test", tables(tmp_path, rows)).code == 1


def test_a_section_may_name_its_day_and_what_has_expired(tmp_path: Path, run: Run) -> None:
    folder = with_dates(tmp_path, '@valid_to("2026-06-30")')
    permitted = ROWS.format(category="credential", outcome="permit", rule="employer-diploma-verification")
    expired = ROWS.format(category="credential", outcome="GRANT_EXPIRED", rule="employer-diploma-verification")
    words = ("test", "--policies", folder, "--on", "2026-07-01")
    assert run(*words, tables(tmp_path, permitted)).code == 1
    assert run(*words, tables(tmp_path, permitted, "on = 2026-06-30\n")).code == 0
    assert run(*words, tables(tmp_path, expired, 'on = 2026-06-30\nexpired = ["credential"]\n')).code == 0


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ("facts | category\n- | credential", "", "section 1: the first row must be"),
        ("facts | category | outcome\n- | credential", "", "section 1, row 1: must fill 3 columns"),
        ("facts | category | outcome\nwish | credential | permit", "", "section 1, row 1: unknown fact `WISH`"),
        ("facts | category | outcome\n- | marks | permit", "", "section 1, row 1: unknown category `marks`"),
        (ROWS.format(category="credential", outcome="permit", rule="none"), "", "row 1: unknown rule `none`"),
        ("facts | category | outcome\n- | credential | permit", 'expired = ["x"]\n', "unknown category `x`"),
        ("facts | category | outcome\n- | credential | permit", "level = 1\n", "unknown `level`"),
        (
            "facts | category | outcome\n- | credential | permit",
            'assurance = "1"\n',
            "`assurance` must be a whole number, got a text",
        ),
    ],
)
def test_a_malformed_table_is_named(tmp_path: Path, run: Run, rows: str, more: str, says: str) -> None:
    ran = run("test", tables(tmp_path, rows, more))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("lienthong policy: rows.toml: section 1") and says in ran.err


def test_no_table_at_all_is_no_success(tmp_path: Path, run: Run) -> None:
    assert run("test", "--policies", folder_of_rules(tmp_path, rule("one", HEAD)), tmp_path / "none.toml").code == 2


def test_words_that_are_none_of_the_command_s_exit_with_2(run: Run) -> None:
    for words in (["compare"], ["check", "--on", "soon"], []):
        with pytest.raises(SystemExit) as refused:
            main(words)
        assert refused.value.code == 2
