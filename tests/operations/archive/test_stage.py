"""The commands on archives against a stage."""

import io
import json
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest

from infra.stage_file import StageFile
from operations import cli
from operations.archive.export import read_records
from operations.archive.library import Library
from operations.keys.signers import FileKeys
from operations.keys.stage import StageKeys
from tests.operations.conftest import Stacks

SITE = "https://photos.example.org"
PICTURE = {
    "id": "01KX3M5T9QJ7Z",
    "state": "ready",
    "created": "2026-11-29T12:00:00.000Z",
    "name": "a.jpg",
    "description": "",
    "tags": [],
    "license": "CC0-1.0",
    "credit": "",
    "sha256": "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
    "type": "image/jpeg",
    "size": 7,
}


class Lambda:
    """The function `audit-1`, which answers with one page of records."""

    # The names are boto3's.
    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert (FunctionName, json.loads(Payload)) == ("audit-1", {"ask": "records"})
        return {"Payload": io.BytesIO(json.dumps({"records": [PICTURE], "next": None}).encode())}


@pytest.fixture
def s3(aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A stage that is deployed, with one original, and a signing key in a file."""
    aws.set(AuditFunction="audit-1", SiteUrl=SITE, UploadsBucket="uploads-1")
    monkeypatch.setattr(cli, "read_stage", lambda _: stage)
    keys = FileKeys(tmp_path / "keys")
    (tmp_path / "keys").mkdir()
    keys.use(keys.make())
    monkeypatch.setattr(StageKeys, "signing_keys", keys)
    make_client = boto3.Session.client

    def client(session: boto3.Session, service: str, **options: Any) -> Any:
        return Lambda() if service == "lambda" else make_client(session, service, **options)

    monkeypatch.setattr(boto3.Session, "client", client)
    made = boto3.client("s3", region_name="us-east-1")
    made.create_bucket(Bucket="uploads-1")
    made.put_object(Bucket="uploads-1", Key=f"originals/{PICTURE['id']}", Body=b"content")
    return made


@pytest.mark.usefixtures("s3")
def test_a_stage_is_exported_by_its_function_and_its_bucket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "export"
    assert cli.main(["export", "--stage", "trial", "--to", str(folder)]) == 0
    (record,) = read_records(folder)
    assert (folder / str(record.file)).read_bytes() == b"content"
    assert "1 originals fetched (7 bytes)" in capsys.readouterr().err


def test_an_export_of_a_stage_that_is_not_whole_fails(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.delete_object(Bucket="uploads-1", Key=f"originals/{PICTURE['id']}")
    assert cli.main(["export", "--stage", "trial", "--to", str(tmp_path / "export")]) == 1
    assert f"missing in storage: {PICTURE['id']}" in capsys.readouterr().err


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("arguments", "called", "expected"),
    [
        (
            ["import", "--from", "/export", "--sub", "erin", "--map", "ids.csv", "--partial"],
            "importing.import_export",
            [Path("/export"), {"subject": "erin", "map_file": "ids.csv", "is_partial": True}],
        ),
        (
            ["adopt", "--from", "s3://old/", "--sub", "", "--captions", "", "--journal", "j"],
            "adopt.adopt",
            ["s3://old/", {"subject": "", "captions": "", "journal": "j"}],
        ),
    ],
)
def test_pictures_reach_a_stage_by_tokens_of_its_own(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], called: str, expected: list[Any]
) -> None:
    calls: list[list[Any]] = []

    def record(library: Library, source: object, _say: object, **options: Any) -> None:
        assert library.site == SITE
        claims = jwt.decode(library.make_token("bert", "Bert B."), options={"verify_signature": False})
        assert (claims["sub"], claims["name"], claims["scope"]) == ("bert", "Bert B.", "upload")
        calls.append([source, options])

    monkeypatch.setattr(f"operations.archive.{called}", record)
    assert cli.main([arguments[0], "--stage", "trial", *arguments[1:]]) == 0
    assert calls == [expected]


@pytest.mark.usefixtures("s3")
def test_a_folder_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    for command, variable in (("export", "TO"), ("import", "FROM")):
        assert cli.main([command, "--stage", "trial", f"--{variable.lower()}", ""]) == 1
        assert f"which folder? Give {variable}=" in capsys.readouterr().err
