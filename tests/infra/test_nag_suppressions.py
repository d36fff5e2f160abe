"""The templates for AWS pass cdk-nag, but for recorded suppressions, and their resource schemas."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.conftest import synthesise
from tests.infra.template import Template, violations


@pytest.mark.parametrize("stage", ["aurora", "instance", "with_jobs"])
def test_best_practices_are_followed_or_the_reason_is_recorded(
    stage: str, request: pytest.FixtureRequest
) -> None:
    template: Template = request.getfixturevalue(stage)
    assert violations(template.folder) == set()


def test_the_checks_are_on_and_every_recorded_reason_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import app
    from infra import nag_suppressions

    monkeypatch.setattr(app, "suppress_nag_rules", lambda *_, **__: None)
    found: set[str] = set()
    for database in ("aurora", "instance"):
        folder = tmp_path / database
        with pytest.raises(RuntimeError, match="ValidationFailed"):
            synthesise(folder, database=database)
        found |= violations(folder)
    recorded = nag_suppressions.WHOLE_STACK | nag_suppressions.NETWORK | nag_suppressions.DEFAULT_CERTIFICATE
    assert {rule for rule in recorded if rule.startswith("AwsSolutions")} <= found


def test_the_templates_are_valid(
    local: Template, aurora: Template, instance: Template, with_jobs: Template
) -> None:
    """All of them in one process, most of whose time is its start; what it finds has the template's path."""
    linter = Path(sys.executable).with_name("cfn-lint")
    templates = [
        path for each in (local, aurora, instance, with_jobs) for path in each.folder.glob("*.template.json")
    ]
    assert len(templates) == 4
    # W3005: the framework states dependencies that references imply already.
    done = subprocess.run(
        [linter, "--ignore-checks", "W3005", "--", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
