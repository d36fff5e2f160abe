"""What runs a stage's reaper and audit now, and has its failed uploads processed again."""

import io
import json
from typing import Any

import boto3
import jwt
import pytest

from infra.stage_file import StageFile
from operations import cli, functions
from operations.keys.signers import FileKeys
from operations.keys.stage import StageKeys
from tests.operations.conftest import Stacks
from tooling.errors import ToolError


class Lambda:
    """A Lambda whose functions give the next of `answers`; `error` is what a function that raises adds."""

    def __init__(self, *answers: Any, **error: str) -> None:
        self.answers, self.error = list(answers), error
        self.invoked: list[tuple[str, Any]] = []

    # The names are boto3's.
    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"Payload": io.BytesIO(json.dumps(self.answers.pop(0)).encode()), **self.error}


def deploy(
    aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch, function: Lambda
) -> list[dict[str, Any]]:
    """Have a stack whose functions are `function`; how clients for it are made."""
    aws.set(ReaperFunction="reaper-1", AuditFunction="audit-1", SiteUrl="https://photos.example.org")
    monkeypatch.setattr(cli, "read_stage", lambda _: stage)
    made: list[dict[str, Any]] = []
    make_client = boto3.Session.client

    def client(session: boto3.Session, service: str, **options: Any) -> Any:
        if service != "lambda":
            return make_client(session, service, **options)
        made.append(options)
        return function

    monkeypatch.setattr(boto3.Session, "client", client)
    return made


def test_the_reaper_of_the_stage_runs_once_however_long_it_takes(
    aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    function = Lambda({"purged": 1})
    made = deploy(aws, stage, monkeypatch, function)
    assert cli.main(["reap", "--stage", "trial"]) == 0
    assert json.loads(capsys.readouterr().out) == {"purged": 1}
    assert function.invoked == [("reaper-1", {})]
    (config,) = [options["config"] for options in made]
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout >= 900


def test_the_audit_of_the_stage_goes_on_until_it_has_finished(
    aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = {"overdue-row": {"count": 2}, "unknown-object": {"count": 0}}
    begun, done, refused = (
        {
            "finished": n > 0,
            "refused": "Too many." * (n > 1),
            "rows": 7,
            "findings": findings,
            "repaired": {"overdue-row": n - 1, "wrong-df": 0},
        }
        for n in range(3)
    )
    function = Lambda(begun, done, refused)
    deploy(aws, stage, monkeypatch, function)
    assert cli.main(["audit", "--stage", "trial"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == done
    assert "compared 7 rows; found overdue-row 2 (docs/" in told.err
    assert cli.main(["audit", "--stage", "trial", "--repair"]) == 1
    told = capsys.readouterr()
    assert "Too many." in told.err
    assert "found overdue-row 2; repaired overdue-row 1 (docs/" in told.err
    assert function.invoked == [
        ("audit-1", {"repair": repair, "seconds": cli.QUIET_SECONDS}) for repair in (False, False, True)
    ]
    # Networks give a connection up on which nothing comes; a NAT gateway of AWS does after 350 s.
    assert cli.QUIET_SECONDS < 300


def test_a_question_is_asked_of_the_database_of_the_stage(
    aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"state": "ready", "rows": 3}]
    function = Lambda({"rows": rows}, {"rows": []})
    deploy(aws, stage, monkeypatch, function)
    assert cli.main(["ask", "--stage", "trial", "--question", "states", "--id", ""]) == 0
    assert json.loads(capsys.readouterr().out) == rows
    assert cli.main(["ask", "--stage", "trial", "--question", "row", "--id", "01ARZ3NDEKTSV"]) == 0
    assert function.invoked == [
        ("audit-1", {"ask": "states"}),
        ("audit-1", {"ask": "row", "id": "01ARZ3NDEKTSV"}),
    ]


def test_a_function_that_fails_is_an_error_with_its_answer(
    aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(aws, stage, monkeypatch, Lambda({"errorMessage": "no"}, FunctionError="Unhandled"))
    with pytest.raises(ToolError, match=r'reaper-1 failed, and its log says more: {"errorMessage": "no"}'):
        functions.invoke(stage, boto3.Session(region_name=stage.region), "ReaperFunction")


def test_failed_uploads_of_the_stage_are_processed_again_as_an_administrator(
    aws: Stacks,
    stage: StageFile,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Any,
) -> None:
    deploy(aws, stage, monkeypatch, Lambda())
    keys = FileKeys(tmp_path)
    keys.use(keys.make())
    monkeypatch.setattr(StageKeys, "signing_keys", keys)
    asked: list[Any] = []

    def retry(site: str, token: str, **options: Any) -> dict[str, int]:
        asked.append((site, jwt.decode(token, options={"verify_signature": False})["scope"], options))
        return {"pending": 2}

    monkeypatch.setattr(cli, "retry", retry)
    assert cli.main(["retry", "--stage", "trial", "--ids", "", "--code", "undecodable"]) == 0
    assert json.loads(capsys.readouterr().out) == {"pending": 2}
    assert asked == [("https://photos.example.org", "admin", {"ids": [], "code": "undecodable"})]
