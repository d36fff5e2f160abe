import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest
from moto import mock_aws

from local import emulator, keys, processes
from local.layout import Layout, write_json
from tooling.errors import ToolError


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = Layout(tmp_path_factory.mktemp("keys"), 8000)
    keys.ensure(layout)
    return layout


def decode(layout: Layout, token: str) -> dict[str, object]:
    """Verify as the functions do: by the key that the token names."""
    kid = jwt.get_unverified_header(token)["kid"]
    known = {key["kid"]: key for key in keys.jwks(layout)["keys"]}
    key = jwt.PyJWK(known[kid])
    claims: dict[str, object] = jwt.decode(
        token, key, algorithms=["RS256"], audience="stockroom", issuer="stockroom"
    )
    return claims


def test_a_token_says_who_what_and_how_long(layout: Layout) -> None:
    now = int(time.time())
    token = keys.token(layout, subject="alice", scopes="upload admin", days=2, name="Alice")
    claims = decode(layout, token)
    assert claims["sub"] == "alice"
    assert claims["name"] == "Alice"
    assert claims["scope"] == "upload admin"
    assert isinstance(claims["iat"], int)
    assert isinstance(claims["exp"], int)
    assert now <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] == 2 * 86400
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


def test_every_token_can_be_denied_by_itself(layout: Layout) -> None:
    ids = {
        str(decode(layout, keys.token(layout, subject="a", scopes="upload", days=1))["jti"]) for _ in range(3)
    }
    assert len(ids) == 3


def test_scopes_may_be_separated_by_commas(layout: Layout) -> None:
    token = keys.token(layout, subject="a", scopes="upload,admin", days=1)
    assert decode(layout, token)["scope"] == "upload admin"


@pytest.mark.parametrize("scopes", ["write", "read write", "", ", "])
def test_a_scope_that_there_is_not_is_refused(layout: Layout, scopes: str) -> None:
    with pytest.raises(ToolError, match="must be some of admin, read, upload"):
        keys.token(layout, subject="a", scopes=scopes, days=1)


@pytest.mark.parametrize("days", [0, -1, 30.01, 365])
def test_a_lifetime_is_at_most_thirty_days(layout: Layout, days: float) -> None:
    with pytest.raises(ToolError, match="at most 30 days"):
        keys.token(layout, subject="a", scopes="upload", days=days)


def test_a_token_is_for_somebody(layout: Layout) -> None:
    with pytest.raises(ToolError, match="SUB="):
        keys.token(layout, subject="", scopes="upload", days=1)


def test_private_keys_are_the_owners_alone(layout: Layout) -> None:
    folder = layout.data / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_only_public_parts_are_published(layout: Layout) -> None:
    (key,) = keys.jwks(layout)["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


def test_rotation_signs_nobody_out(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000)
    keys.ensure(layout)
    old = keys.token(layout, subject="a", scopes="upload", days=1)
    kid = keys.rotate(layout)
    new = keys.token(layout, subject="a", scopes="upload", days=1)
    assert jwt.get_unverified_header(new)["kid"] == kid != jwt.get_unverified_header(old)["kid"]
    assert decode(layout, old)["sub"] == decode(layout, new)["sub"] == "a"
    assert len(keys.jwks(layout)["keys"]) == 2


def test_publishing_leaves_the_deny_list_alone(layout: Layout) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="keys")

        def read(key: str) -> object:
            return json.loads(s3.get_object(Bucket="keys", Key=key)["Body"].read())

        keys.publish(layout, s3, "keys")
        assert read("denied.json") == {"jti": []}
        assert read("jwks/stockroom.json") == keys.jwks(layout)
        s3.put_object(Bucket="keys", Key="denied.json", Body=b'{"jti": ["x"]}')
        keys.publish(layout, s3, "keys")
        assert read("denied.json") == {"jti": ["x"]}


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """A stack whose emulator has published keys."""
    layout = Layout(tmp_path, 8000)
    write_json(layout.data / "outputs.json", {"Stockroom": {"KeysBucket": "keys"}})
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="keys")
        monkeypatch.setattr(emulator, "client", lambda *_: s3)
        monkeypatch.setattr(processes, "running", lambda *_: True)
        keys.ensure(layout)
        keys.publish(layout, s3, "keys")
        yield layout


def read_object(key: str) -> dict[str, list[Any]]:
    body = boto3.client("s3", region_name="us-east-1").get_object(Bucket="keys", Key=key)["Body"]
    document: dict[str, list[Any]] = json.loads(body.read())
    return document


def test_the_keys_of_a_running_stack_are_published(running: Layout) -> None:
    old = keys.ensure(running).kid
    new = keys.rotate(running)
    signs, accepted, published = keys.show(running)
    assert f"the key {new} signs" in signs
    assert f"the key {old} is accepted" in accepted
    assert published == "published"
    assert [key["kid"] for key in read_object("jwks/stockroom.json")["keys"]] == [new, old]


def test_a_new_key_is_published_at_once(running: Layout) -> None:
    old = keys.ensure(running).kid
    new = keys.rotate(running)
    assert [key["kid"] for key in read_object("jwks/stockroom.json")["keys"]] == [new, old]


def test_a_token_has_the_audience_that_the_stack_is_started_with(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKROOM_AUDIENCE", "photos")
    token = keys.token(layout, subject="a", scopes="upload", days=1)
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "photos"


def test_a_withdrawn_key_is_gone_at_once_and_another_signs(running: Layout) -> None:
    old = keys.ensure(running).kid
    current = keys.withdraw(running, old)
    assert [key["kid"] for key in read_object("jwks/stockroom.json")["keys"]] == [current]
    assert keys.ensure(running).kid == current != old


def test_a_token_can_be_put_on_the_deny_list(running: Layout) -> None:
    token = keys.token(running, subject="a", scopes="upload", days=1)
    assert "is withdrawn" in keys.revoke(running, jti=token)
    assert read_object("denied.json") == {"jti": [decode(running, token)["jti"]]}


@pytest.mark.parametrize("outputs", [{}, {"KeysBucket": "keys"}], ids=["never deployed", "stopped"])
def test_nothing_is_withdrawn_where_no_stack_runs(layout: Layout, outputs: dict[str, str]) -> None:
    write_json(layout.data / "outputs.json", {"Stockroom": outputs})
    *_, published = keys.show(layout)
    assert published == "`make up` publishes them"
    with pytest.raises(ToolError, match="make up"):
        keys.withdraw(layout, keys.ensure(layout).kid)
    with pytest.raises(ToolError, match="make up"):
        keys.revoke(layout, subject="alice")
