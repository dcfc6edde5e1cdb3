"""Where a value comes from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resolvers.gate.prepared import record_named
from resolvers.request.request import Request


@dataclass(frozen=True, slots=True)
class ProvenanceValue:
    """The register a row was read from, and the time as of which the register says so (None: it does not say)."""

    register: str
    as_of: datetime | None


def provenance_of(record: str) -> Any:
    """Return the answer's function for rows of a record."""
    register = record_named(record).register

    def provenance(needs: dict[str, Any], _request: Request) -> ProvenanceValue:
        return ProvenanceValue(register, needs["as_of"])

    return provenance
