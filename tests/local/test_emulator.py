"""The real emulator, as other programs of the machine and pages of other origins reach it."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import psutil
import pytest

from local import emulator, processes
from local.guarded_emulator import HEALTH, SECRET_HEADER
from local.layout import Layout
from tests.emulators import run_emulator
from tooling.ports import HOST

RESET = "/_ministack/reset"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """An emulator with one bucket, `kept`, and one object in it."""
    with run_emulator(tmp_path_factory.mktemp("emulator").resolve()) as layout:
        s3 = emulator.client(layout, "s3")
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="object", Body=b"content")
        yield layout


def ask(running: Layout, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    connection = HTTPConnection(HOST, running.port_of(emulator.NAME), timeout=30)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}
    finally:
        connection.close()


def is_kept(running: Layout) -> bool:
    answer = emulator.client(running, "s3").get_object(Bucket="kept", Key="object")
    return bool(answer["Body"].read() == b"content")


def test_it_listens_on_the_loopback_interface_alone(running: Layout) -> None:
    listening = [
        connection.laddr.ip
        for member in processes.group_members(processes.running(running, emulator.NAME))
        for connection in member.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {HOST}


@pytest.mark.parametrize("path", [RESET, "/_ministack/config", "/_localstack/health", "/health"])
def test_its_own_routes_answer_nobody(running: Layout, path: str) -> None:
    known = {SECRET_HEADER: emulator.secret(running)}
    for method in ("GET", "POST"):
        assert ask(running, method, path)[0] == 404
        assert ask(running, method, path, **known)[0] == 404
        assert ask(running, method, f"{path}?X-Amz-Signature=x")[0] == 404
    assert is_kept(running)


def test_a_page_of_another_origin_can_do_nothing(running: Layout) -> None:
    foreign = {"Origin": "https://attacker.example"}
    for method, path in (("POST", RESET), ("POST", "/"), ("GET", "/"), ("PUT", "/kept/object")):
        assert ask(running, method, path, **foreign)[0] == 404
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    for path in ("/", "/kept/object", "/kept/object?X-Amz-Signature=x", RESET, "/_ministack/cfn-response/x"):
        status, headers = ask(running, "OPTIONS", path, **foreign, **asked)
        assert status == 404
        assert "access-control-allow-origin" not in headers
    assert is_kept(running)


def test_health_is_told_to_who_has_the_secret(running: Layout) -> None:
    assert ask(running, "GET", HEALTH)[0] == 404
    assert ask(running, "GET", HEALTH, **{SECRET_HEADER: "guessed"})[0] == 404
    assert ask(running, "GET", HEALTH, **{SECRET_HEADER: emulator.secret(running)})[0] == 200


def presign(running: Layout, key: str, secret: str) -> str:
    """The path of a presigned GET of the object."""
    import boto3
    from botocore.config import Config

    s3 = boto3.session.Session().client(
        "s3",
        endpoint_url=emulator.endpoint(running),
        region_name=emulator.REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    url: str = s3.generate_presigned_url("get_object", Params={"Bucket": "kept", "Key": "object"})
    return url.removeprefix(emulator.endpoint(running))


def test_a_url_that_was_presigned_with_well_known_credentials_is_refused(running: Layout) -> None:
    pair = emulator.credentials(running)
    known, secret = pair["AWS_ACCESS_KEY_ID"], pair["AWS_SECRET_ACCESS_KEY"]
    assert ask(running, "GET", presign(running, "test", "test"))[0] == 403
    assert ask(running, "GET", presign(running, known, "test"))[0] == 403
    assert ask(running, "GET", presign(running, known, secret))[0] == 200


@pytest.mark.parametrize("key", ["test", "000000000000", "the operator's", ""])
@pytest.mark.parametrize("scope", ["s3", "secretsmanager", "anything"])
@pytest.mark.parametrize("is_dated", [True, False])
def test_who_only_says_that_they_are_root_is_not(
    running: Layout, key: str, scope: str, *, is_dated: bool
) -> None:
    key = emulator.credentials(running)["AWS_ACCESS_KEY_ID"] if key == "the operator's" else key
    now = datetime.now(UTC)
    credential = f"{key}/{now:%Y%m%d}/{emulator.REGION}/{scope}/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={'0' * 64}"
    headers = {"Authorization": signed, SECRET_HEADER: emulator.secret(running)}
    headers |= {"X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}"} if is_dated else {}
    for method, path in (("GET", "/kept?list-type=2"), ("GET", "/kept/object"), ("PUT", "/kept/forged")):
        assert ask(running, method, path, **headers)[0] in (400, 403)
    target = {"X-Amz-Target": "secretsmanager.ListSecrets"}
    assert ask(running, "POST", "/", **headers, **target)[0] in (400, 403)


@pytest.mark.parametrize(
    "query",
    [
        "AWSAccessKeyId=test&Signature=x&Expires=9999999999",
        "X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request",
        "X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request&X-Amz-Signature=x",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20260101/us-east-1/s3/aws4_request",
    ],
)
def test_a_query_that_is_not_signed_lets_nobody_in(running: Layout, query: str) -> None:
    known = {SECRET_HEADER: emulator.secret(running)}
    for method, path in (("GET", "/kept/object"), ("PUT", "/kept/forged")):
        assert ask(running, method, f"{path}?{query}", **known)[0] in (400, 403)


@pytest.mark.parametrize("authorization", ["AWS test:x", "Bearer x", "Basic dGVzdDp0ZXN0"])
def test_an_authorization_that_is_no_signature_lets_nobody_in(running: Layout, authorization: str) -> None:
    known = {SECRET_HEADER: emulator.secret(running), "Authorization": authorization}
    for method, path in (("GET", "/kept/object"), ("PUT", "/kept/forged")):
        assert ask(running, method, path, **known)[0] in (400, 403)


FUNCTION = {
    "FunctionName": "search",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:search",
    "Role": "arn:aws:iam::000000000000:role/search-role",
}


def derive_credentials(secret: str) -> dict[str, Any]:
    """The credentials of a function, and the session that they belong to, as an emulator has them."""
    program = f"""
import json, runpy
runpy.run_path({str(emulator.PROGRAM)!r})["_give_functions_secret_credentials"]({secret!r})
from ministack.services import lambda_svc, sts
found = lambda_svc.execution_credentials({FUNCTION!r})
print(json.dumps([found, sts._sessions[found["AWS_ACCESS_KEY_ID"]]]))
"""
    done = subprocess.run(
        [emulator.PYTHON, "-P", "-c", program],
        env={"AUTH": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    credentials, session = json.loads(done.stdout)
    return {**credentials, "Arn": session["Arn"]}


def test_nobody_computes_the_credentials_of_a_function_from_its_name() -> None:
    ours, again, theirs = (derive_credentials(secret) for secret in ("ours", "ours", "theirs"))
    assert ours == again
    assert ours["Arn"] == "arn:aws:sts::000000000000:assumed-role/search-role/search"
    digest = hashlib.sha256(f"{FUNCTION['FunctionArn']}:{FUNCTION['Role']}".encode()).hexdigest()
    for name, known in (("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_SESSION_TOKEN", "token")):
        assert ours[name] != theirs[name]
        assert ours[name] != hashlib.sha256(f"{known}:{digest}".encode()).hexdigest()


def test_its_clients_use_no_proxy(running: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(variable, "http://proxy.invalid:1")
    assert is_kept(running)


def test_every_data_folder_has_credentials_of_its_own(running: Layout, layout: Layout) -> None:
    assert emulator.credentials(running) == emulator.credentials(running)
    assert emulator.credentials(running) != emulator.credentials(layout)
    assert emulator.secret(running) != emulator.secret(layout)
