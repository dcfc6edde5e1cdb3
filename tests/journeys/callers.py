"""Personas that call the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2

from sandbox.personas import PERSONAS


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers, the body and its parts."""

    status: int
    headers: "httpx2.Headers"
    text: str
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        return self.body.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        errors: list[dict[str, Any]] = self.body.get("errors", [])
        return errors

    def denied(self) -> dict[str, str]:
        """Return the code of each denied coordinate."""
        return {one["coordinate"]: one["code"] for one in self.body["extensions"]["access"]["denials"]}


class Callers:
    """Asks as any persona, by a token from the sandbox's issuer."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data
        self._tokens: dict[str, str] = {}

    def ask(
        self,
        persona: str | None,
        query: str,
        variables: dict[str, Any] | None = None,
        purpose: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """Return the answer to a query; an agency's first purpose is named unless another is given."""
        sent = {"Accept": "application/graphql-response+json", "Accept-Language": "en", **headers}
        if persona is not None:
            sent["Authorization"] = f"Bearer {self.token(persona)}"
            if PERSONAS[persona].kind == "client":
                purpose = purpose or PERSONAS[persona].purposes[0]
        if purpose is not None:
            sent["Purpose"] = purpose
        response = httpx2.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables or {}}, headers=sent, timeout=20
        )
        return Answer(response.status_code, response.headers, response.text, response.json())

    def token(self, persona: str) -> str:
        if persona not in self._tokens:
            answer = httpx2.post(f"{self.url}/sandbox/token", json={"persona": persona}, timeout=10)
            self._tokens[persona] = answer.json()["access_token"]
        return self._tokens[persona]


def number(persona: str) -> str:
    """Return a persona's citizen number."""
    identity = PERSONAS[persona].identity
    assert identity is not None
    return identity.citizen_id
