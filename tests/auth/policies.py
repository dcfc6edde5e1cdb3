"""Profiles and policy folders for the tests of policy."""

from pathlib import Path
from shutil import copytree

from auth.principal import PrincipalKind, Profile

COMMITTED = Path(__file__).parents[2] / "policies"

KIND_BY_ROLE = {"public": PrincipalKind.ANONYMOUS, "citizen": PrincipalKind.CITIZEN}


def profile(
    role: str,
    purpose: str,
    assurance: int = 0,
    expired: frozenset[str] = frozenset(),
    unlisted: frozenset[str] = frozenset(),
) -> Profile:
    kind = KIND_BY_ROLE.get(role, PrincipalKind.CLIENT)
    return Profile(kind, f"a-{role}", frozenset({role}), purpose, assurance, expired, unlisted)


def folder_with(tmp_path: Path, name: str, text: str) -> Path:
    """Return a copy of the committed policies in which one file is new or other."""
    folder = copytree(COMMITTED, tmp_path / "policies")
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def folder_of_rules(tmp_path: Path, text: str) -> Path:
    """Return a policy folder with the committed words and these rules alone."""
    folder = folder_with(tmp_path, "only.cedar", text)
    for path in folder.glob("*.cedar"):
        if path.name != "only.cedar":
            path.unlink()
    return folder


def rule(id: str, head: str, condition: str = "true", *, effect: str = "permit", extra: str = "") -> str:
    """Return a rule with all its annotations; `head` is the scope's principal and resource."""
    return f"""
        @id("{id}") @basis("public-task") @citation("citation of {id}") {extra}
        @obtain_vi("cách của {id}") @obtain_en("way of {id}")
        {effect} (principal{head.split("|")[0]}, action == Action::"read", resource{head.split("|")[1]})
        when {{ {condition} }};
    """
