"""The operator's command line."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from infra.stage_file import StageFile
from operations import cli, deploy, pipeline
from tooling import ROOT


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The commands that were called, with the names of their stages and further words."""
    called: list[tuple[str, Any]] = []

    def record(name: str) -> Callable[..., None]:
        def act(stage: StageFile, *arguments: Any) -> None:
            words = [each for each in arguments if isinstance(each, frozenset)]
            called.append((name, stage.name, *words))  # type: ignore[arg-type]

        return act

    for name in ("synthesise", "show_differences", "bootstrap", "deploy", "publish_page"):
        monkeypatch.setattr(deploy, name, record(name))
    monkeypatch.setattr(cli, "open_session", lambda _: None)
    return called


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("synth", "synthesise"),
        ("diff", "show_differences"),
        ("bootstrap", "bootstrap"),
        ("publish", "publish_page"),
    ],
)
def test_a_command_takes_a_stage(called: list[Any], command: str, expected: str) -> None:
    assert cli.main([command, "--stage", "staging"]) == 0
    assert called == [(expected, "staging")]


def test_a_template_is_said_to_be_where_it_is(called: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["synth", "--stage", "staging"]) == 0
    assert called
    assert "the file of staging is in order; its template is cdk.out/" in capsys.readouterr().err


def test_a_deployment_takes_the_words_of_the_operator(called: list[Any]) -> None:
    assert cli.main(["deploy", "--stage", "production", "--confirm", "public"]) == 0
    assert called == [("deploy", "production", frozenset({"public"}))]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["deploy"], "which stage? Give STAGE=: production, staging"),
        (["deploy", "--stage", ""], "which stage? Give STAGE=: production, staging"),
        (["deploy", "--stage", "prod"], "the stage prod has no file stages/prod.toml"),
        (["deploy", "--stage", "staging", "--confirm", "yes"], "the words are public, database"),
    ],
)
def test_a_mistake_is_told_without_a_stack_trace(
    called: list[Any], arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 1
    assert message in capsys.readouterr().err
    assert called == []


def test_an_unknown_command_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["destroy"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_an_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: StageFile) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deploy, "synthesise", interrupt)
    assert cli.main(["synth", "--stage", "staging"]) == 130


def test_a_smoke_test_takes_the_address_of_the_stage_and_a_token(
    monkeypatch: pytest.MonkeyPatch, called: list[Any]
) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(cli, "read_outputs", lambda *_: {"SiteUrl": "https://photos.example.org"})
    monkeypatch.setattr(
        "operations.smoke.smoke", lambda *given, **options: tried.append((given[:2], options))
    )
    monkeypatch.setenv("STOCKROOM_TOKEN", "secret")
    assert cli.main(["smoke", "--stage", "staging", "--new-picture"]) == 0
    assert tried == [(("https://photos.example.org", "secret"), {"is_new": True})]
    assert called == []


def test_the_pipelines_commands_take_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    monkeypatch.setattr(pipeline, "deploy_roles", lambda stage, *given: done.append((stage.name, *given)))
    monkeypatch.setattr(pipeline, "go_back", lambda stage, commit, _: done.append((stage.name, commit)))
    assert cli.main(["pipeline-roles", "--stage", "staging", "--repository", "a/b", "--provider", ""]) == 0
    assert cli.main(["go-back", "--stage", "production", "--commit", "abc"]) == 0
    assert done == [("staging", "a/b", ""), ("production", "abc")]


def test_the_command_line_starts_without_the_cdk() -> None:
    """The library of the CDK starts a Node of its own, which takes seconds."""
    code = "import sys, operations.cli; sys.exit('aws_cdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
