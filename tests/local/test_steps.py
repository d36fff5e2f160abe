import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from local import steps
from local.steps import Step
from tooling.errors import ToolError


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one source of the step, in a checkout of its own."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "LOGS", tmp_path / "build" / "setup")
    source = tmp_path / "source"
    source.write_text("1")
    return source


class Counted:
    """A step's work that counts how often it is done, and may fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.times = 0
        self.fails = fails

    def __call__(self, log: IO[bytes]) -> None:
        self.times += 1
        log.write(b"what the tool said\n")
        if self.fails:
            raise subprocess.CalledProcessError(1, ["tool"])


def step(source: Path, work: Counted, *, variant: str = "") -> Step:
    stamp = source.parent / "made" / ".stamp"
    return Step("Some step", "a second", stamp, lambda: [source], work, variant)


def test_a_step_is_done_once_and_again_when_its_sources_change(source: Path) -> None:
    work = Counted()
    for _ in range(3):
        step(source, work).ensure()
    assert work.times == 1
    source.write_text("2")
    step(source, work).ensure()
    assert work.times == 2
    step(source, work, variant="3.13").ensure()
    assert work.times == 3


def test_a_failed_step_names_its_log_and_is_tried_again(source: Path) -> None:
    work = Counted(fails=True)
    with pytest.raises(ToolError, match="Some step failed") as raised:
        step(source, work).ensure()
    assert "what the tool said" in raised.value.report()
    work.fails = False
    step(source, work).ensure()
    assert work.times == 2


def test_an_error_with_words_of_its_own_gets_the_log_of_its_step(source: Path) -> None:
    def work(log: IO[bytes]) -> None:
        log.write(b"what the tool said\n")
        raise ToolError("no such pin")

    with pytest.raises(ToolError, match="no such pin") as raised:
        Step("Some step", "a second", source.parent / ".stamp", lambda: [source], work).ensure()
    assert raised.value.log == source.parent / "build" / "setup" / "some.log"
    assert "what the tool said" in raised.value.report()


def test_a_step_is_done_again_when_its_result_is_missing(source: Path) -> None:
    work, result = Counted(), source.parent / "page.html"
    step = Step("Some step", "a second", source.parent / ".stamp", lambda: [source], work, result=result)
    step.ensure()
    result.touch()
    step.ensure()
    assert work.times == 1
    result.unlink()
    step.ensure()
    assert work.times == 2


def test_progress_is_said(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step(source, Counted()).ensure()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["» Some step: a second", "» Some step: done in 0 s"]


def test_what_a_program_prints_goes_to_the_log(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), file=sys.stderr); print(os.environ['GIVEN'])"
    with (tmp_path / "log").open("wb") as log:
        steps.run(
            log, [sys.executable, "-u", "-c", code], cwd=tmp_path, env={**os.environ, "GIVEN": "something"}
        )
        with pytest.raises(subprocess.CalledProcessError):
            steps.run(log, [sys.executable, "-c", "raise SystemExit(3)"])
    assert (tmp_path / "log").read_text() == f"{tmp_path}\nsomething\n"


def test_npm_runs_with_the_node_of_the_project(source: Path) -> None:
    programs = source.parent / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "npm").write_text('#!/bin/sh\necho "$PWD ${PATH%%:*} $*"\n')
    (programs / "npm").chmod(0o755)
    page = source.parent / "page"
    page.mkdir()
    with (source.parent / "log").open("wb") as log:
        steps.npm(log, page, "run", "build")
    assert (source.parent / "log").read_text() == f"{page} {programs} run build\n"
