"""Terms of arguments that the schema does not have are found before anybody asks."""

from pathlib import Path

import pytest

from auth.policy.arguments import FILE
from auth.policy.policy_set import PolicySet
from auth.policy.review.check import Severity
from commands.argument_faults import argument_findings
from schema.build import build_schema
from tests.auth.policies import COMMITTED, folder_with
from tests.auth.policy.test_arguments import RULE, file_with


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (RULE.replace("isAtLeast", "isAtMost"), "`Learner.isAtMost` is no answer with arguments"),
        (RULE.replace("isAtLeast", "fullName"), "`Learner.fullName` is no answer with arguments"),
        (RULE + "values.year = [6]", "`Learner.isAtLeast` has no argument `year`"),
        (RULE + 'values.years = ["6"]', "`Learner.isAtLeast(years:)` cannot be `6`"),
    ],
)
def test_what_the_schema_does_not_have_is_found_by_the_check(tmp_path: Path, more: str, text: str) -> None:
    policies = PolicySet.load(folder_with(tmp_path, FILE, file_with(more)))
    (finding,) = argument_findings(build_schema()[1], policies.arguments)
    assert (finding.severity, finding.place, finding.text) == (Severity.ERROR, f"{FILE}: odd", text)


def test_the_committed_terms_fit_the_schema() -> None:
    assert list(argument_findings(build_schema()[1], PolicySet.load(COMMITTED).arguments)) == []
