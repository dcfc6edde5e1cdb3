"""`./lienthong agreements`: see, load, suspend and resume data-sharing agreements."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from auth.agreements.file import read_agreements
from auth.agreements.store import Agreement, AgreementInvalid, Agreements
from auth.errors import StateUnavailable
from auth.policy.policy_set import PolicyInvalid, PolicySet
from auth.principal import Grant, Jurisdiction
from auth.state.engine import existing, migrated_engine
from commands.argument_faults import argument_faults
from reference.vietnam_time import today
from schema.build import build_schema

POLICIES = Path(__file__).parent.parent / "policies"


def main(arguments: Sequence[str]) -> int:
    """Return 0, or 2 where the command cannot be carried out; the message says why."""
    asked = _parser().parse_args(arguments)
    try:
        asyncio.run(_with_state(asked, existing(asked.state)))
    except (OSError, ValueError, PolicyInvalid, StateUnavailable, SQLAlchemyError) as error:
        print(f"agreements: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./lienthong agreements", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listed = commands.add_parser("list", help="list the agreements, by client")
    show = commands.add_parser("show", help="print what one agreement says")
    load = commands.add_parser("load", help="check a file of agreements and keep them, all or none")
    suspend = commands.add_parser("suspend", help="stop an agreement at once")
    resume = commands.add_parser("resume", help="let a suspended agreement count again")
    load.add_argument("file", type=Path, metavar="FILE.toml")
    folder = os.environ.get("LIENTHONG_POLICIES", POLICIES)
    load.add_argument("--policies", type=Path, default=folder, metavar="DIR", help="the policies to check against")
    suspend.add_argument("--why", required=True, metavar="TEXT", help="kept with the agreement; names no person")
    for command in (show, suspend, resume):
        command.add_argument("number", metavar="NUMBER")
    for command in (listed, show, load, suspend, resume):
        command.add_argument("--state", default=os.environ.get("LIENTHONG_STATE_URL"), metavar="URL", help="own state")
    return parser


async def _with_state(asked: Any, url: str) -> None:
    engine = await migrated_engine(url)
    try:
        await _carried_out(asked, Agreements(engine))
    finally:
        await engine.dispose()


async def _carried_out(asked: Any, agreements: Agreements) -> None:
    match asked.command:
        case "list":
            _print_list(await agreements.all())
        case "show":
            _print_whole(await agreements.numbered(asked.number))
        case "load":
            read = read_agreements(asked.file, PolicySet.load(asked.policies))
            _check_arguments(read)
            await agreements.save(read)
            _print_list([await agreements.numbered(agreement.number) for agreement in read])
        case "suspend":
            await agreements.suspend(asked.number, asked.why, datetime.now(UTC))
            print(f"agreement `{asked.number}` is suspended: the next request under it is refused")
        case _:
            await agreements.resume(asked.number)
            print(f"agreement `{asked.number}` counts again")


def _check_arguments(agreements: Sequence[Agreement]) -> None:
    """Raise AgreementInvalid for terms of an answer that the schema does not have, or not with such arguments."""
    catalogue = build_schema()[1]
    for agreement in agreements:
        for grant in agreement.grants:
            for coordinate, terms in grant.arguments.items():
                for fault in argument_faults(catalogue, coordinate, terms):
                    raise AgreementInvalid(f"agreement `{agreement.number}`, purpose `{grant.purpose}`: {fault}")


def _print_list(agreements: Sequence[Agreement]) -> None:
    table = Table("agreement", "client", "state", "from", "to", "purposes")
    for agreement in agreements:
        purposes = ", ".join(grant.purpose for grant in agreement.grants)
        state = agreement.state(today())
        table.add_row(
            agreement.number,
            agreement.client_id,
            state,
            str(agreement.valid_from),
            str(agreement.valid_to or "-"),
            purposes,
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _print_whole(agreement: Agreement) -> None:
    until = f"to {agreement.valid_to}" if agreement.valid_to else "without end"
    print(f"agreement    {agreement.number}: {agreement.state(today())}")
    if agreement.suspension is not None:
        print(f"suspended    {agreement.suspension.at.isoformat(timespec='seconds')}: {agreement.suspension.why}")
    print(f"client       {agreement.client_id}, by tokens of {agreement.issuer or 'any configured issuer'}")
    print(f"valid        from {agreement.valid_from} {until}")
    print(f"legal basis  {agreement.legal_basis}: {agreement.citation}")
    for grant in agreement.grants:
        print(f"\n{grant.purpose}, as {grant.role}")
        for name, text in _terms(grant):
            print(f"  {name:<11}{text}")


def _terms(grant: Grant) -> list[tuple[str, str]]:
    categories = "all of the role's" if grant.categories is None else ", ".join(sorted(grant.categories))
    terms = [("covers", _covered(grant.jurisdiction)), ("categories", categories)]
    terms += [("", f"{category} to {day}") for category, day in sorted(grant.category_expiry.items())]
    terms += [(f"{answer}", str(allowed.as_json())) for answer, allowed in sorted(grant.arguments.items())]
    terms.append(("quota", f"{grant.requests_per_minute} requests a minute, {grant.subjects_per_day} subjects a day"))
    terms.append(("", f"of these {grant.subjects_per_minute} new ones a minute"))
    missed = f"{grant.misses_per_day} a day in all purposes, and {grant.misses_percent} for each 100 persons found"
    terms.append(("misses", missed))
    terms.append(("answers", f"{grant.answer_megabytes} MB at most"))
    if grant.emergency:
        terms.append(("emergency", "may use break-glass access"))
    if grant.hidden is not None:
        terms.append(("hidden", f"from the subject to {grant.hidden.until}: {grant.hidden.citation}"))
    return terms


def _covered(covers: Jurisdiction) -> str:
    kinds = {"provinces": covers.provinces, "communes": covers.communes, "institutions": covers.institutions}
    places = ["the country"] if covers.country else []
    places += [f"{name} {', '.join(sorted(map(str, codes)))}" for name, codes in kinds.items() if codes]
    cohorts = sorted(f"{cohort.school_year} {cohort.level} {cohort.grade or ''}".strip() for cohort in covers.cohorts)
    narrowed = f"; of these {', '.join(cohorts)}" if cohorts else ""
    return (" and ".join(places) or "nobody: by consent only") + narrowed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
