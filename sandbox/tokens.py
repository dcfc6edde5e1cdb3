"""Tokens for personas, and who the personas are: `python -m sandbox.tokens token PERSONA`, `… personas`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sandbox.issuer import SandboxIssuer, UnknownPersona, UnknownPurpose, persona_named
from sandbox.personas import PERSONAS, Persona

DATA = Path(".lienthong/data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 2 for a persona or purpose that there is not."""
    asked = _parser().parse_args(arguments)
    if asked.command == "personas":
        Console().print(_table())
        return 0
    try:
        persona = persona_named(asked.persona)
        token = SandboxIssuer(asked.data).issue(persona, asked.purpose)
    except (UnknownPersona, UnknownPurpose) as error:
        print(error, file=sys.stderr)
        return 2
    print(token)
    print(_hint(persona, asked.purpose, asked.case), file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lienthong", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    token = commands.add_parser("token", help="print a bearer token, good for an hour")
    token.add_argument("persona", metavar="PERSONA")
    token.add_argument("--purpose", help="what the persona asks for; the request names it in its Purpose header")
    token.add_argument("--case", help="the dossier; the request names it in its Case header")
    token.add_argument("--data", type=Path, default=DATA, metavar="DIR", help=f"the data folder, {DATA} by default")
    commands.add_parser("personas", help="show who the personas are")
    return parser


def _hint(persona: Persona, purpose: str | None, case: str | None) -> str:
    headers = ["Authorization: Bearer <the token>", f"Purpose: {purpose or persona.purposes[0]}"]
    if case is not None:
        headers.append(f"Case: {case}")
    others = [other for other in persona.purposes if other != (purpose or persona.purposes[0])]
    more = f"\n  other purposes of {persona.name}: {', '.join(others)}" if others else ""
    return "send with it:\n  " + "\n  ".join(headers) + more


def _table() -> Table:
    table = Table(title="Personas")
    for heading in ("Persona", "Client", "Purposes", "Là ai | Who"):
        table.add_column(heading, overflow="fold")
    for persona in PERSONAS.values():
        table.add_row(
            persona.name, persona.client_id, "\n".join(persona.purposes), f"{persona.title_vi}\n{persona.title_en}"
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
