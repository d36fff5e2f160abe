"""The templates for AWS pass cdk-nag, but for recorded suppressions, and their resource schemas."""

import subprocess
from pathlib import Path

import pytest

from tests.infra.conftest import synthesise
from tests.infra.linting import lint
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
    templates = [
        path for each in (local, aurora, instance, with_jobs) for path in each.folder.glob("*.template.json")
    ]
    assert len(templates) == 4
    # W3005: the framework states dependencies that references imply already.
    assert lint(templates, "W3005") == (0, "")


def test_a_template_is_linted_again_unless_it_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    linted: list[set[Path]] = []

    def run(command: list[str | Path], **_: object) -> subprocess.CompletedProcess[str]:
        linted.append({path for path in (good, bad) if path in command})
        said = "E1001" if bad in command else ""
        return subprocess.CompletedProcess(command, 2 if said else 0, said)

    monkeypatch.setattr(subprocess, "run", run)
    key, version = '"Key": "{}.zip"', '"MigrateCurrentVersion75CB327A{}"'
    good.write_text(key.format("0" * 64) + version.format("0" * 32))
    bad.write_text("bad")
    passed = tmp_path / "passed"
    assert lint([good, bad], passed=passed) == (2, "E1001")
    assert lint([bad], passed=passed) == (2, "E1001")
    assert lint([good], passed=passed) == (0, "")
    assert linted == [{good, bad}, {bad}, {good}]
    # Another bundle is no other template.
    good.write_text(key.format("1" * 64) + version.format("1" * 32))
    assert lint([good], passed=passed) == (0, "")
    assert lint([good, bad], passed=passed) == (2, "E1001")
    assert linted[3:] == [{bad}]
    good.write_text(key.format("1" * 63) + version.format("1" * 32))
    assert lint([good], passed=passed) == (0, "")
    assert linted[4:] == [{good}]
