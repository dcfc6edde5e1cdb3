"""`./lienthong policy`: check, table, diff and test, for the officers who keep the rules and for CI."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from tomllib import TOMLDecodeError
from types import MappingProxyType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from auth.policy.policy_set import PolicyInvalid, PolicySet
from auth.policy.review.check import Severity, findings
from auth.policy.review.comparison import Direction, changes
from auth.policy.review.page import page
from auth.policy.review.table import cells, text_tables, write_csv
from auth.policy.review.trials import Failure, TrialInvalid, failures, read_trials
from commands.argument_faults import argument_findings
from commands.not_held import fields_not_held, findings_not_held, holdings_of
from commands.policy_diff import field_changes, text_table
from connectors.errors import RegistersInvalid
from reference.iso_dates import day_spelt
from reference.vietnam_time import today
from schema.build import build_schema

COMMITTED = Path(__file__).parent.parent / "policies"
REGISTERS = Path(__file__).parent.parent / "registers.toml"
FOUND, UNUSABLE = 1, 2
"""Exit codes: something was found; the words of the command or a folder cannot be used."""

_WIDTH_OF_A_FILE = 180


def main(words: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    arguments = _parser().parse_args(words)
    try:
        return _COMMANDS[arguments.command](arguments)
    except (PolicyInvalid, TrialInvalid, RegistersInvalid, OSError, TOMLDecodeError) as invalid:
        print(f"lienthong policy: {invalid}", file=sys.stderr)
        return UNUSABLE


def check(arguments: argparse.Namespace) -> int:
    """Show what is wrong with the folder; 1 if anything but warnings was found."""
    if not arguments.policies.is_dir():
        raise PolicyInvalid(f"`{arguments.policies}` is no folder")
    found = findings(arguments.policies, arguments.on)
    if not any(finding.severity is Severity.ERROR for finding in found):
        catalogue, policies = build_schema()[1], PolicySet.load(arguments.policies)
        found += argument_findings(catalogue, policies.arguments)
        found += findings_not_held(catalogue, policies, holdings_of(arguments.registers))
    console = _console()
    for finding in found:
        style = "bold red" if finding.severity is Severity.ERROR else "yellow"
        console.print(
            Text(f"{finding.severity.value:8}", style=style) + Text(f"{finding.place}: {finding.text}", style="default")
        )
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    counted = f"{_number(errors, 'error')}, {_number(len(found) - errors, 'warning')}"
    console.print(f"{counted} on {arguments.on}", highlight=False)
    return FOUND if errors else 0


def table(arguments: argparse.Namespace) -> int:
    """Show the officer's table."""
    policies = PolicySet.load(arguments.policies)
    if arguments.role is not None and arguments.role not in policies.roles:
        raise PolicyInvalid(f"`{arguments.role}` is none of the roles: {', '.join(policies.roles)}")
    every = cells(policies, arguments.on, arguments.role)
    match arguments.format:
        case "csv":
            write_csv(every, sys.stdout)
        case "html":
            sys.stdout.write(page(policies, every, arguments.on))
        case _:
            console = _console()
            for table in text_tables(policies, every):
                console.print(table)
            console.print("* sensitive: Decree 356/2025/NĐ-CP art. 4", highlight=False)
    return 0


def diff(arguments: argparse.Namespace) -> int:
    """Show whose access changes from the old folder to the present one; 1 if anything is gained."""
    old, new = PolicySet.load(arguments.old), PolicySet.load(arguments.policies)
    lines = list(field_changes(changes(old, new, arguments.on)))
    console = _console()
    if lines:
        not_held = fields_not_held(build_schema()[1], holdings_of(arguments.registers))
        console.print(text_table(lines, not_held))
    gained = sum(line.direction is Direction.GAINED for line in lines)
    console.print(f"{gained} gained, {len(lines) - gained} lost on {arguments.on}", highlight=False)
    return FOUND if gained else 0


def test(arguments: argparse.Namespace) -> int:
    """Run the policy tests and show the rows that do not hold; 1 if there is one."""
    policies = PolicySet.load(arguments.policies)
    paths = arguments.files or sorted((arguments.policies / "tests").glob("*.toml"))
    trials = [trial for path in paths for trial in read_trials(path, policies)]
    if not trials:
        raise TrialInvalid("no policy test found")
    failed = failures(trials, policies, arguments.on)
    console = _console()
    if failed:
        console.print(_failed(failed))
    console.print(f"{len(trials) - len(failed)} of {len(trials)} rows hold on {arguments.on}", highlight=False)
    return FOUND if failed else 0


def _failed(failed: Sequence[Failure]) -> Table:
    shown = Table()
    for name in ("row", "asking", "facts", "category", "must be", "is"):
        shown.add_column(name, overflow="fold")
    for failure in failed:
        trial = failure.trial
        asking = f"{min(trial.profile.roles)}, {trial.profile.purpose}, level {trial.profile.assurance}"
        facts = " ".join(str(fact.name).lower() for fact in trial.facts) or "-"
        must = trial.outcome if trial.rule is None else f"{trial.outcome} by {trial.rule}"
        shown.add_row(trial.place, asking, facts, trial.category, must, f"{failure.outcome} by {failure.rule}")
    return shown


def _number(of: int, word: str) -> str:
    return f"{of} {word}{'' if of == 1 else 's'}"


def _console() -> Console:
    # a file or a pipe has no width of its own: one that does not break lines of the tables
    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE)


def _day(text: str) -> date:
    try:
        return day_spelt(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is no day such as 2026-01-31") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./lienthong policy", description="check, show, compare and test policies")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--policies", type=Path, default=COMMITTED, metavar="FOLDER", help="instead of policies/")
    shared.add_argument(
        "--on", type=_day, default=today(), metavar="DATE", help="by the rules of this day, not today's"
    )
    shared.add_argument(
        "--registers",
        type=Path,
        default=REGISTERS,
        metavar="FILE",
        help="for this deployment, not for registers.toml's",
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[shared])

    command("check", "is the folder valid, every category opened, no rule past its date? exit code 1 if not")
    shown = command("table", "roles, purposes and categories, and the facts that open each")
    shown.add_argument("--format", choices=("text", "csv", "html"), default="text")
    shown.add_argument("--role", help="this role only")
    compared = command("diff", "whose access changes, field by field; exit code 1 if anything is gained")
    compared.add_argument("old", type=Path, metavar="OLD_FOLDER", help="the policies as they were")
    tested = command("test", "run the tables of policies/tests; exit code 1 if a row does not hold")
    tested.add_argument("files", type=Path, nargs="*", metavar="FILE", help="these tables instead")
    return parser


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = MappingProxyType(
    {"check": check, "table": table, "diff": diff, "test": test}
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
