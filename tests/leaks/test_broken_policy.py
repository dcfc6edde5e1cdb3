"""The matrix can fail: it finds what a policy lets out by mistake."""

from pathlib import Path

import pytest

from tests.auth.policies import folder_with, rule
from tests.leaks.callers import CALLER
from tests.leaks.trial import EXECUTORS, Findings, findings, trial

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("executor", EXECUTORS)]


async def _found(tmp_path: Path, executor: str, category: str, caller: str) -> Findings:
    """Return what the matrix finds where one category is opened to everybody."""
    policies = folder_with(tmp_path, "broken.cedar", rule("broken", f'| == Category::"{category}"'))
    async with trial(tmp_path, executor, policies) as broken:
        return await findings(broken, CALLER[caller])


async def test_a_category_opened_to_everybody_is_found_by_each_path(tmp_path: Path, executor: str) -> None:
    found = await _found(tmp_path, executor, "identity.number", "department:grade-1-admission")
    for path in (
        "direct by sectorCode",
        "edges",
        "list",
        "nodes",
        "nodes, named fragments",
        "nodes, directives",
        "_entities",
    ):
        assert f"{path}: Learner.citizenId of learner self" in found.leaks, path
    assert "edges: CitizenIdentity.citizenId of person two" in found.leaks
    assert "canary of learner.citizen_id of learner unlinked" in found.leaks
    assert not any("stranger" in leak for leak in found.leaks)


async def test_existence_opened_to_everybody_is_found_by_each_path(tmp_path: Path, executor: str) -> None:
    found = await _found(tmp_path, executor, "learner.record", "employer:diploma-verification")
    for path in ("direct by sectorCode", "direct by id", "edges", "by citizen numbers", "node", "nodes", "_entities"):
        assert any(leak.startswith(f"{path}: ") and "rows too many" in leak for leak in found.leaks), path
    assert "nodes: Learner.a row of learner stranger" in found.leaks
    assert not any("canary" in leak for leak in found.leaks)


async def test_a_sensitive_category_opened_to_everybody_is_found(tmp_path: Path, executor: str) -> None:
    found = await _found(tmp_path, executor, "residence.address", "exam-office:admission-priority")
    assert "edges: ResidencePeriod.address of person stranger" in found.leaks
    assert "canary of residence_period.address of person stranger" in found.leaks
