from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from local import packages, provision, steps
from local.packages import Package
from local.steps import Step
from tooling import ROOT
from tooling.errors import ToolError


def test_the_page_is_rebuilt_for_its_sources_and_the_schema_alone() -> None:
    sources = {path.relative_to(ROOT).as_posix() for path in provision.page_sources()}
    assert {"stockroom/api/openapi.json", "frontend/index.html", "frontend/package-lock.json"} <= sources
    assert not any("node_modules" in source or source.startswith("frontend/dist/") for source in sources)
    assert "frontend/src/api/schema.ts" not in sources


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What provisioning makes in a checkout where everything is missing, in the order of its beginnings."""
    made: list[str] = []

    def make(name: str) -> Callable[[IO[bytes]], None]:
        return lambda _log: made.append(name)

    def install(missing: list[Package], _log: IO[bytes]) -> None:
        made.extend(package.title for package in missing)

    for name in ("PYTHON", "EMULATOR", "SECOND_S3", "SIMULATOR", "SPARK", "CDK", "PAGE_TOOLS", "PAGE"):
        step = Step(name, "", tmp_path / "stamps" / name, list, make(name))
        monkeypatch.setattr(provision, name, step)
    monkeypatch.setattr(provision, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(steps, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(packages, "missing", list)
    monkeypatch.setattr(packages, "install", install)
    return made


@pytest.mark.parametrize("arguments", [[], ["test"]])
def test_everything_is_made_after_what_it_needs(made: list[str], arguments: list[str]) -> None:
    assert provision.main(arguments) == 0
    assert {"MariaDB", "nginx", "Python's venv", "PYTHON", "EMULATOR", "CDK", "PAGE_TOOLS", "PAGE"} <= set(
        made
    )
    for only_for_tests in (
        "Chromium (tests only)",
        "Java (batch jobs only)",
        "SECOND_S3",
        "SIMULATOR",
        "SPARK",
    ):
        assert (only_for_tests in made) == ("test" in arguments)
    position = {name: made.index(name) for name in made}
    assert position["Python's venv"] < position["PYTHON"]
    after_python = {"EMULATOR", "SECOND_S3", "SIMULATOR", "SPARK", "CDK", "PAGE_TOOLS"} & set(made)
    assert all(position["PYTHON"] < position[name] for name in after_python)
    assert position["PAGE_TOOLS"] < position["PAGE"]


def test_a_deployment_needs_nothing_of_the_local_stack(made: list[str]) -> None:
    assert provision.main(["cdk"]) == 0
    assert made == ["Python's venv", "PYTHON", "CDK"]
    made.clear()
    assert provision.main(["deploy"]) == 0
    assert made == ["Python's venv", "PAGE_TOOLS", "PAGE"]


def test_a_batch_job_needs_the_local_stack_and_then_java_and_spark(made: list[str]) -> None:
    assert provision.main(["jobs"]) == 0
    assert {"MariaDB", "EMULATOR", "PAGE"} <= set(made)
    assert made[-2:] == ["Java (batch jobs only)", "SPARK"]


def test_code_can_be_generated_before_the_page_is_built_of_it(made: list[str]) -> None:
    assert provision.main(["tools"]) == 0
    assert made == ["Python's venv", "PYTHON", "PAGE_TOOLS"]


def test_a_failure_is_told_without_a_stack_trace(
    made: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_log: IO[bytes]) -> None:
        raise ToolError("no such package")

    monkeypatch.setattr(provision, "PYTHON", Step("Python", "", tmp_path / "stamp", list, fail))
    assert provision.main([]) == 1
    assert "no such package" in capsys.readouterr().err
    assert "EMULATOR" not in made
