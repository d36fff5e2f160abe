"""What a real nginx hands on, to an origin that tells what it was asked."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from local import cdn, emulator
from local.guarded_emulator import SECRET_HEADER
from local.layout import Layout
from stockroom.api.client_limits import CDN_HEADER
from tests.local.nginx import run_nginx
from tooling import ROOT
from tooling.ports import HOST, choose_free

API = "abc.execute-api.localhost"
DISTRIBUTION = "d1.cloudfront.net"
SIGNED = "/uploads/originals/1?X-Amz-Signature=top-secret"


EXAMPLES = json.loads((ROOT / "frontend" / "tests" / "app" / "path-examples.json").read_text())
PATHS = {
    quote(path, safe="/%"): name
    for path, name in EXAMPLES.items()
    # Neither pages of the API, the bucket for uploads, routes of the emulator, nor what no client asks for.
    if path and "?" not in path and not re.match("/(?:p|picture|by)/[^/]|/uploads/|/_", path)
}


class Origin(BaseHTTPRequestHandler):
    """Answers with the request that has arrived."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        told = {"method": self.command, "path": self.path, "headers": dict(self.headers.items())}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    with ThreadingHTTPServer((HOST, 0), Origin) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with run_nginx(tmp_path_factory.mktemp("cdn"), server.server_port) as layout:
                yield layout
        finally:
            server.shutdown()
            thread.join()


def ask(stack: Layout, path: str, method: str = "GET", **headers: str) -> tuple[int, Any]:
    """The status, and what the origin was asked; None where the origin was asked nothing."""
    connection = HTTPConnection(HOST, stack.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, headers={"Host": f"localhost:{stack.port}", **named})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(body) if answer.status == 200 else None


def read(stack: Layout, method: str, path: str) -> tuple[int, bytes]:
    """The status and the body."""
    connection = HTTPConnection(HOST, stack.port, timeout=30)
    try:
        connection.request(method, path, headers={"Host": f"localhost:{stack.port}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/_ministack/reset",
        "/_ministack/health",
        "/_localstack/health",
        "/_alb/anything/",
        "/_aws/lambda-url/x/",
        "/health",
        "//_ministack/reset",
        "/%5fministack/reset",
        "/i/../_ministack/reset",
        "/i/..%2f_ministack/reset",
        "/api/../_ministack/reset",
        "/api/%2e%2e/_ministack/reset",
        "/uploads/..%2F_ministack/reset",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_reaches_the_emulators_own_routes(stack: Layout, method: str, path: str) -> None:
    assert ask(stack, path, method) == (404, None)


@pytest.mark.parametrize(
    ("method", "path", "passed"),
    [
        ("GET", "/api/uploads", "gzip, br"),
        ("POST", "/api/uploads", "gzip, br"),
        # These are stored as they come, for clients with and without gzip.
        ("GET", "/api/images?q=encoding", None),
        ("GET", "/p/encoding", None),
    ],
)
def test_functions_compress_what_is_not_stored(
    stack: Layout, method: str, path: str, passed: str | None
) -> None:
    _, told = ask(stack, path, method, Accept_Encoding="gzip, br")
    assert told["headers"].get("Accept-Encoding") == passed


@pytest.mark.parametrize("path", PATHS)
def test_paths_that_the_page_does_not_have_are_not_found(stack: Layout, path: str) -> None:
    status, told = read(stack, "GET", f"{path}?q=sea")
    asked = json.loads(told)
    is_missing = PATHS[path] == "missing"
    assert status == (404 if is_missing else 200)
    assert asked["path"] == ("/missing.html" if is_missing else "/index.html")
    assert asked["headers"]["Host"] == DISTRIBUTION
    assert read(stack, "HEAD", path) == (status, b"")


def test_what_is_not_found_is_only_read(stack: Layout) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(stack, "/nowhere", method) == (403, None)


def test_files_and_renditions_are_asked_for_by_path_alone(stack: Layout) -> None:
    for path in ("/assets/a%20b.js", "/i/1/v1/720p.jpg"):
        status, asked = ask(
            stack,
            f"{path}?Action=ListUsers",
            Authorization="AWS4-HMAC-SHA256 x",
            Cookie="a=b",
            X_Amz_Target="DynamoDB_20120810.ListTables",
        )
        assert (status, asked["path"]) == (200, path)
        assert not {"Authorization", "Cookie", "X-Amz-Target"} & asked["headers"].keys()


@pytest.mark.parametrize("path", ["/", "/theme.js", "/i/1/v1/720p.jpg"])
def test_pages_and_renditions_are_only_read(stack: Layout, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(stack, path, method) == (403, None)


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:8000", cdn.SHIELD, API, "127.0.0.1.attacker.example", ""]
)
def test_the_stack_answers_to_names_of_this_machine_alone(stack: Layout, host: str) -> None:
    for path in ("/", "/api/images", "/api/uploads", SIGNED):
        assert ask(stack, path, Host=host) in ((421, None), (400, None))


def test_an_address_in_the_request_line_changes_nothing(stack: Layout) -> None:
    with socket.create_connection((HOST, stack.port), timeout=30) as connection:
        request = (
            f"GET http://localhost{SIGNED} HTTP/1.1\r\nHost: keys.s3.localhost\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(request.encode())
        answer = connection.makefile("rb").read()
    _, _, body = answer.partition(b"\r\n\r\n")
    assert json.loads(body)["headers"]["Host"] == f"{HOST}:{stack.port}"


@pytest.mark.parametrize(
    "path",
    [
        "//attacker.example/",
        "///attacker.example/%2e%2e",
        "/\\attacker.example/",
        "/%2f%2fattacker.example",
        "/%5cattacker.example/",
        "//attacker.example/api",
        "//api",
        "/.//api",
        "//i",
        "//uploads",
        "/api/..//attacker.example/x",
    ],
)
def test_no_address_of_the_stack_leads_elsewhere(stack: Layout, path: str) -> None:
    connection = HTTPConnection(HOST, stack.port, timeout=30)
    try:
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", "localhost")
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    location = answer.headers["Location"]
    assert location in (None, "/api/", "/i/", "/uploads/")


def test_presigned_requests_arrive_whole(stack: Layout) -> None:
    status, asked = ask(stack, SIGNED, "PUT", If_None_Match="*", x_amz_checksum_sha256="x")
    assert (status, asked["path"], asked["headers"]["Host"]) == (200, SIGNED, f"{HOST}:{stack.port}")
    assert asked["headers"]["If-None-Match"] == "*"
    assert asked["headers"]["x-amz-checksum-sha256"] == "x"


def test_the_address_of_uploads_leads_to_no_other_service(stack: Layout) -> None:
    assert ask(stack, SIGNED, "POST") == (403, None)
    assert ask(stack, SIGNED, "PUT", X_Amz_Target="DynamoDB_20120810.ListTables") == (403, None)


@pytest.mark.parametrize("path", ["/api/uploads", "/api/images", "/api/other", "/i/1.jpg", SIGNED])
def test_nobody_writes_the_headers_by_which_requests_are_believed(stack: Layout, path: str) -> None:
    forged = {SECRET_HEADER: "forged", CDN_HEADER: "forged", "X-Forwarded-For": "192.0.2.1"}
    status, asked = ask(stack, path, **forged)
    assert status == 200
    assert asked["headers"][SECRET_HEADER] == emulator.secret(stack)
    assert asked["headers"][CDN_HEADER] == cdn.secret(stack)
    assert asked["headers"]["X-Forwarded-For"] == HOST


def test_the_access_log_has_no_query(stack: Layout) -> None:
    ask(stack, SIGNED, "PUT")
    ask(stack, "/api/uploads?token=top-secret")
    ask(stack, "/?token=top-secret")
    # nginx writes a line when the request has ended, which may be after its answer.
    lines = stack.log("access").read_text() + stack.log("cdn").read_text()
    assert "/uploads/originals/1 200" in lines
    assert "top-secret" not in lines


def test_signatures_of_uploads_that_fail_are_not_logged(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as nobody:
        port = nobody.getsockname()[1]
    with run_nginx(tmp_path, port) as stack:
        assert ask(stack, SIGNED, "PUT") == (502, None)
    assert "top-secret" not in stack.log("cdn").read_text() + stack.log("access").read_text()


def test_secrets_are_in_no_file_that_others_can_read(stack: Layout) -> None:
    assert (stack.data / "nginx" / "nginx.conf").stat().st_mode & 0o077 == 0


def test_a_port_that_somebody_takes_first_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        ports = iter([taken.getsockname()[1], choose_free()])
        monkeypatch.setattr("tests.local.nginx.choose_free", lambda: next(ports))
        with run_nginx(tmp_path, taken.getsockname()[1]) as stack:
            assert stack.port != taken.getsockname()[1]
            assert ask(stack, "/_ministack/reset") == (404, None)
