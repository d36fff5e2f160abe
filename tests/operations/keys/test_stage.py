"""The commands of `make keys STAGE=…` and its relatives, in an account in memory.

KMS is the emulator's, because moto signs a digest as if it were the message.
"""

import json
import stat
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest
from msgspec import structs

from infra.stage_file import Issuer, StageFile
from operations import cli
from operations.keys.stage import StageKeys
from stockroom.api.auth import Verifier
from stockroom.images.storage import Storage
from tests.operations.conftest import Stacks
from tooling import ROOT
from tooling.errors import ToolError

PROVIDER = "https://id.example/a"


@pytest.fixture(params=["kms", "file"])
def deployed(
    *,
    kms: Any,
    request: pytest.FixtureRequest,
    aws: Stacks,
    stage: StageFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> StageFile:
    """A deployed stage with a provider, whose signing key lies in each place in turn."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_DEFAULT_REGION", stage.region)
    replace_client(monkeypatch, "kms", kms)
    aws.set(KeysBucket="keys")
    boto3.client("s3").create_bucket(
        Bucket="keys", CreateBucketConfiguration={"LocationConstraint": stage.region}
    )
    settings = {"STOCKROOM_AUDIENCE": "library"}
    chosen = replace(stage, signing=request.param, issuers=(Issuer(PROVIDER),), settings=settings)
    monkeypatch.setattr(cli, "read_stage", lambda _: chosen)
    return chosen


def replace_client(monkeypatch: pytest.MonkeyPatch, service: str, client: Any) -> None:
    make_client = boto3.Session.client

    def choose(session: boto3.Session, name: str, *arguments: Any, **options: Any) -> Any:
        return client if name == service else make_client(session, name, *arguments, **options)

    monkeypatch.setattr(boto3.Session, "client", choose)


def run(*arguments: str) -> int:
    command, *options = arguments
    return cli.main([command, "--stage", "trial", *options])


def make_token(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    assert run("token", "--sub", "alice", *options) == 0
    (token,) = capsys.readouterr().out.splitlines()
    return token


def authenticate(stage: StageFile, token: str) -> str:
    """The subject, as a function says that has just started."""
    settings = structs.replace(StageKeys.open(stage).settings, keys_bucket="keys")
    return Verifier(settings, Storage(settings).read_key_object).authenticate(f"Bearer {token}").subject


def read(key: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        boto3.client("s3").get_object(Bucket="keys", Key=key)["Body"].read()
    )
    return document


def test_an_operator_makes_keys_and_lets_somebody_in(
    deployed: StageFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("token", "--sub", "alice") == 1
    assert "`make keys` makes one" in capsys.readouterr().err
    assert run("keys") == 0
    told = capsys.readouterr().err
    assert read("jwks/stockroom.json")["keys"][0]["kid"] in told
    assert ("KMS, alias/Stockroom-trial-signing" in told) == (deployed.signing == "kms")
    assert authenticate(deployed, make_token(capsys, "--name", "Alice A.", "--days", "30")) == "alice"


def test_a_rotation_and_a_withdrawal(deployed: StageFile, capsys: pytest.CaptureFixture[str]) -> None:
    run("keys")
    old = make_token(capsys)
    assert run("rotate") == 0
    new = make_token(capsys)
    assert authenticate(deployed, old) == authenticate(deployed, new) == "alice"
    assert run("keys") == 0
    kid = jwt.get_unverified_header(old)["kid"]
    assert f"the key {kid} is accepted until 20" in capsys.readouterr().err
    assert run("withdraw", "--kid", kid) == 0
    assert [key["kid"] for key in read("jwks/stockroom.json")["keys"]] == [
        jwt.get_unverified_header(new)["kid"]
    ]


@pytest.mark.usefixtures("deployed")
def test_a_token_and_a_person_are_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    run("keys")
    token = make_token(capsys)
    assert run("revoke", "--jti", token) == 0
    assert run("revoke", "--sub", "248289761001", "--issuer", PROVIDER) == 0
    jti = jwt.decode(token, options={"verify_signature": False})["jti"]
    assert read("denied.json") == {"jti": [jti], "subjects": {PROVIDER: ["248289761001"]}}
    assert run("revoke", "--sub", "x", "--issuer", "https://other.example") == 1
    assert "no issuer of STOCKROOM_ISSUERS" in capsys.readouterr().err


@pytest.mark.parametrize("deployed", ["file"], indirect=True)
def test_what_is_revoked_is_what_the_deployed_functions_trust(
    deployed: StageFile, aws: Stacks, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file may be ahead of what is deployed, and an issuer that functions do not know lets nobody in."""
    assert run("keys") == 0
    aws.set(KeysBucket="keys", Issuers="stockroom,https://old.example")
    assert run("revoke", "--sub", "x", "--issuer", PROVIDER) == 1
    assert f"'{PROVIDER}' is no issuer of STOCKROOM_ISSUERS" in capsys.readouterr().err
    assert run("revoke", "--sub", "x", "--issuer", "https://old.example") == 0
    keys = StageKeys.open(deployed)
    with pytest.raises(ToolError, match=r"old\.example' is no issuer of STOCKROOM_ISSUERS"):
        keys.check_dropped_issuers()


@pytest.mark.parametrize("deployed", ["file"], indirect=True)
def test_a_key_in_a_file_is_its_owners_alone_and_outside_the_checkout(
    deployed: StageFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("keys") == 0
    folder = tmp_path / "stockroom" / "Stockroom-trial"
    assert str(folder) in capsys.readouterr().err
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setenv("XDG_CONFIG_HOME", str(ROOT / "build"))
    with pytest.raises(ToolError, match="in the checkout"):
        list(StageKeys.open(deployed).ensure())


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("deployed", ["kms"], indirect=True)
def test_a_token_needs_the_key_alone(aws: Stacks, capsys: pytest.CaptureFixture[str]) -> None:
    run("keys")
    aws.described.clear()
    assert make_token(capsys)
    assert run("rotate") == 1
    assert "is not deployed" in capsys.readouterr().err


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("deployed", ["kms"], indirect=True)
@pytest.mark.parametrize("fails", [False, True])
def test_the_keys_of_providers_are_fetched_at_once(
    aws: Stacks,
    fails: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    aws.set(KeysBucket="keys", FetchKeysFunction="fetch")
    answer = {"errorMessage": f"{PROVIDER}: away"} if fails else {PROVIDER: 2}

    class Lambda:
        def invoke(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803
            assert FunctionName == "fetch"
            body = BytesIO(json.dumps(answer).encode())
            return {"Payload": body, **({"FunctionError": "Unhandled"} if fails else {})}

    replace_client(monkeypatch, "lambda", Lambda())
    assert run("keys") == int(fails)
    told = capsys.readouterr().err
    assert f"the key {read('jwks/stockroom.json')['keys'][0]['kid']} signs" in told
    assert (f"fetched from {PROVIDER}: 2 keys" in told) == (not fails)
    assert (f"not fetched: {PROVIDER}: away" in told) == fails
