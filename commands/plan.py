"""How a query would run for a persona, without running it: `python -m commands.plan QUERY --as PERSONA`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from graphql import GraphQLError

from auth.agreements.grants import Grants
from auth.crypto.keys import Keys
from auth.errors import Refused
from auth.policy.policy_set import PolicySet
from auth.principal import Grant, Principal, PrincipalKind
from connectors.memory import MemorySource
from connectors.records import RECORDS
from engine.printed import as_text
from reference.vietnam_time import VIETNAM
from resolvers.plan.planned import Planned
from resolvers.request.access import access_context_of
from resolvers.request.factory import RequestFactory
from resolvers.request.own_state import OwnState
from resolvers.request.request import Request
from sandbox.issuer import ISSUER, UnknownPersona, UnknownPurpose, persona_named
from sandbox.personas import Persona
from sandbox.seed import DATA
from sandbox.serve import agreements
from schema.build import build_schema
from schema.documents.documents import DocumentInvalid, Documents

POLICIES = Path(__file__).parent.parent / "policies"
MASTER = "sandbox-master.key"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 2 where there is no such plan to print."""
    asked = _parser().parse_args(arguments)
    text = sys.stdin.read() if asked.query == "-" else asked.query
    try:
        plan = asyncio.run(_plan(text, asked))
    except DocumentInvalid as invalid:
        print("\n".join(error.message for error in invalid.errors), file=sys.stderr)
        return 2
    except (UnknownPersona, UnknownPurpose, Refused, GraphQLError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(plan, ensure_ascii=False, indent=2) if asked.json else _text(plan))
    return 0


async def _plan(text: str, asked: argparse.Namespace) -> dict[str, Any]:
    catalogue = build_schema()[1]
    policies = PolicySet.load(POLICIES)
    document = Documents(catalogue.schema).get(text)
    operation = document.operation(asked.operation)
    variables = json.loads(asked.variables)
    persona = persona_named(asked.persona)
    now = datetime.now(VIETNAM)
    access = await access_context_of(
        _principal(persona),
        asked.purpose or persona.purposes[0],
        asked.case,
        cast(Grants, _Described()),
        policies,
        now.date(),
    )
    sources = {record.name: MemorySource(record.register, {}) for record in RECORDS.values()}
    absent: Any = None  # a plan is described without asking a register or our own state
    state = OwnState(
        keys=Keys(_master(asked.data)),
        grants=absent,
        consents=absent,
        audit=absent,
        rights=absent,
        query_budget=absent,
        dossiers=absent,
        emergencies=absent,
        published=absent,
    )
    openings = RequestFactory(catalogue, sources, state)
    request: Request = openings.request("plan", access, now)
    steps = Planned(catalogue).described(request, document.ast, operation, variables)
    return {
        "persona": persona.name,
        "purpose": access.profile.purpose,
        "policy": policies.version,
        "estimated_cost": document.cost(asked.operation, variables),
        "planned": steps is not None,
        "steps": steps or [],
    }


def _text(plan: dict[str, Any]) -> str:
    heading = f"{plan['persona']}, {plan['purpose']}: about {plan['estimated_cost']:g} rows"
    if not plan["planned"]:
        return f"{heading}\nnot planned: the reference executor runs this shape"
    return f"{heading}\n{as_text(plan['steps'])}"


class _Described:
    """The grants of the sandbox's agreements."""

    async def of(self, client_id: str, today: date) -> tuple[Grant, ...]:
        return next(agreement.grants for agreement in agreements() if agreement.client_id == client_id)

    async def lapsed(self, client_id: str, purpose: str, today: date) -> tuple[Grant, ...]:
        return ()


def _principal(persona: Persona) -> Principal:
    kind = PrincipalKind.CITIZEN if persona.kind == "citizen" else PrincipalKind.CLIENT
    roles = frozenset({"citizen"} if persona.kind == "citizen" else ())
    return Principal(kind, persona.client_id, roles, persona.assurance, persona.person_key, issuer=ISSUER)


def _master(data: Path) -> bytes:
    """Return the sandbox's master secret, so that its ids can be opened; another one where it was never started."""
    path = data / MASTER
    return path.read_bytes() if path.exists() else os.urandom(32)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lienthong plan", description=__doc__)
    parser.add_argument("query", metavar="QUERY", help="a document; - reads it from standard input")
    parser.add_argument("--as", dest="persona", required=True, metavar="PERSONA")
    parser.add_argument("--purpose", help="the persona's first by default")
    parser.add_argument("--case", help="the dossier, for purposes that need one")
    parser.add_argument("--operation", help="the operation's name, where the document has several")
    parser.add_argument("--variables", default="{}", metavar="JSON")
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help=f"the data folder, {DATA} by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
