"""`./lienthong audit`: take the record out, check it anywhere, and see what clients ask for."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.oversight.minimisation import CountedReaderUse, minimisation
from auth.audit.oversight.search import Search
from auth.audit.proof.entry_proof import proof_of
from auth.audit.proof.export import Export
from auth.audit.proof.verify import Verification
from auth.audit.writing.adoption import adopt
from auth.crypto.audit_keys import RecordKeys
from auth.crypto.signing import PublicKeys, SignatureInvalid
from auth.deployment.key_checks import checked_keys
from auth.deployment.settings import record_secrets, setting
from auth.errors import NotStarted, StateUnavailable
from auth.limits.harvest import HarvestStop, stops
from auth.state.engine import existing, migrated_engine


def main(arguments: Sequence[str]) -> int:
    """Return 0, 1 where something is wrong with the record, or 2 where the command cannot be carried out."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "key":
            return _print_key()
        if asked.command == "verify":
            return _verify(asked.file, asked.key, asked.witness)
        return asyncio.run(_with_state(asked, existing(asked.state)))
    except (NotStarted, OSError, ValueError, StateUnavailable, SQLAlchemyError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./lienthong audit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write roots, entries and proofs as JSON lines")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--since", type=_instant, metavar="TIME", help="what came after the last roots before then")
    export.add_argument("--without-entries", action="store_true", help="roots and proofs only, for a witness")
    verify = commands.add_parser("verify", help="check an export or a proof with the public key alone")
    verify.add_argument("file", type=Path)
    verify.add_argument("--key", type=Path, required=True, metavar="PUBLIC", help="a JWK or a JWK set")
    verify.add_argument(
        "--witness", type=Path, metavar="FILE", help="roots kept from earlier: an export, or statements"
    )
    proof = commands.add_parser("proof", help="print the proof of one entry")
    proof.add_argument("writer", type=int)
    proof.add_argument("entry", type=int)
    report = commands.add_parser("report", help="what each client asked, and was and was never released")
    report.add_argument("--client")
    report.add_argument("--purpose")
    report.add_argument("--since", type=_instant, metavar="TIME")
    report.add_argument("--until", type=_instant, metavar="TIME")
    for reading in (export, proof, report):
        reading.add_argument("--state", default=os.environ.get("LIENTHONG_STATE_URL"), metavar="URL", help="own state")
    commands.add_parser("key", help="print the public keys that roots are checked with")
    return parser


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _print_key() -> int:
    """Print the key of LIENTHONG_SIGNING_KEY, and those derived from the master secrets where these are given."""
    signing = setting("LIENTHONG_SIGNING_KEY")
    alone = signing is not None and not os.environ.get("LIENTHONG_MASTER_SECRET")
    keys = [signing.published()] if alone else RecordKeys(*record_secrets()).published()
    print(orjson.dumps({"keys": keys}, option=orjson.OPT_INDENT_2).decode())
    return 0


def _verify(file: Path, key: Path, witness: Path | None) -> int:
    verification = Verification(PublicKeys.read(key.read_bytes()))
    with ExitStack() as stack:
        kept = stack.enter_context(witness.open("rb")) if witness else ()
        verification.read(stack.enter_context(file.open("rb")), kept)
    for finding in verification.findings:
        print(f"bad: {finding}")
    print(verification.summary())
    return 1 if verification.findings else 0


async def _with_state(asked: Any, url: str) -> int:
    secrets, signing = record_secrets()
    engine = await migrated_engine(url)
    try:
        keys = await checked_keys(engine, secrets, signing, keep=False)
        await adopt(engine, keys)
        match asked.command:
            case "export":
                return await _export(Export(engine, keys, asked.since, not asked.without_entries), asked.out)
            case "proof":
                return await _print_proof(engine, keys, asked.writer, asked.entry)
            case _:
                search = Search(asked.client, asked.purpose, asked.since, asked.until)
                _print_report(await minimisation(engine, keys, search), await stops(engine, asked.since, asked.until))
                return 0
    finally:
        await engine.dispose()


async def _export(export: Export, out: Path) -> int:
    with out.open("wb") as file:
        async for line in export.lines():
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    for writer, entry in export.foreign:
        print(f"bad: writer {writer}, entry {entry}: not as a process that holds the keys wrote it: left out")
    if export.contradiction is not None:
        writer, entry = export.contradiction
        print(f"bad: writer {writer}, entry {entry}: is searched by another time, client or purpose than it states")
    for writer, entry, fault in export.misindexed:
        print(f"bad: writer {writer}, entry {entry}: {fault.value}")
    return 1 if export.foreign or export.contradiction or export.misindexed else 0


async def _print_proof(engine: AsyncEngine, keys: RecordKeys, writer: int, entry: int) -> int:
    try:
        proof = await proof_of(engine, keys, writer, entry)
    except SignatureInvalid as error:
        print(f"bad: writer {writer}, entry {entry}: {error}")
        return 1
    if proof is None:
        print("audit: no root covers such an entry yet", file=sys.stderr)
        return 2
    print(orjson.dumps(proof.line()).decode())
    return 0


def _print_report(uses: Sequence[CountedReaderUse], stopped: Sequence[HarvestStop]) -> None:
    table = Table("client", "purpose", "coordinate", "asked", "released", "denied", "finding")
    for use in uses:
        for field_use in use.coordinates:
            numbers = (str(field_use.asked), str(field_use.released), str(field_use.denied))
            finding = field_use.finding.value if field_use.finding else ""
            table.add_row(use.client_id, use.purpose, field_use.coordinate, *numbers, finding)
        table.add_section()
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for stop in stopped:
        console.print(
            f"{'slowed' if stop.reason == 'pace' else 'stopped'} on {stop.day}: {stop.client_id}, {stop.purpose}, "
            f"by {stop.reason}: "
            f"{stop.subjects} subjects and {stop.misses} misses, limit {stop.limit}"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
