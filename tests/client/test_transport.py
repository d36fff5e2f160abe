"""Connections: kept alive, replaced, refused early, broken, and through a proxy; and when to try again."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import httpx2
import pytest

from stockroom_client.failures import Failure, TransientFailure
from stockroom_client.transport import is_loopback, is_secure, open_client, refusal, retry, retry_after, send
from stockroom_client.tuning import Tuning
from tests.certificates import make_certificate
from tests.client.conftest import QUICK
from tests.client.library import Library, reset

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@contextmanager
def serving_raw(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers the first read of each connection with raw bytes, and closes it.

    Yields the address, and what was read of the connections that are closed.
    """
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for raw in answers:
                connection, _ = server.accept()
                with connection:
                    request = connection.recv(65536)
                    connection.sendall(raw)
                received.append(request)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", received
        thread.join(60)


def get(url: str) -> httpx2.Response:
    """One request of a new client."""
    with open_client() as http:
        return send(http, "GET", url)


def test_connections_are_kept_alive(library: Library) -> None:
    with open_client() as http:
        for _ in range(3):
            assert (send(http, "GET", f"{library.url}/api/config")).status_code == 200
    assert len(library.connections) == 1


def test_closed_idle_connection_is_replaced_at_once() -> None:
    with serving_raw(OK, OK) as (address, received), open_client() as http:
        for count in (1, 2):
            assert send(http, "GET", f"http://{address}/").text == "hi"
            while len(received) < count:  # The server has not announced that it closes the connection.
                time.sleep(0.001)
    assert len(received) == 2


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for localhost, which clients trust."""
    pem = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_answer_before_the_body_was_read(tls: ssl.SSLContext, scheme: str) -> None:
    """Storage may refuse 50 MB after the headers alone; its answer must not get lost."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            if scheme == "https":
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                received = b""
                while not received.endswith(b"\r\n\r\nbegin"):
                    received += connection.recv(1000)
                connection.sendall(b"HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n")
            closed.set()

        def body() -> Iterator[bytes]:
            yield b"begin"
            assert closed.wait(60)
            for _ in range(400):
                yield b"x" * 2**18

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"{scheme}://localhost:{server.getsockname()[1]}/"
        headers = {"Content-Length": str(5 + 400 * 2**18)}
        with open_client() as http:
            assert send(http, "PUT", url, headers=headers, content=body()).status_code == 412
        thread.join()


def test_reset_is_a_transient_failure(library: Library) -> None:
    library.fault("GET /", reset)
    with pytest.raises(TransientFailure, match=r"127\.0\.0\.1 cannot be reached"):
        get(library.url)


def test_nonsense_is_a_failure() -> None:
    with serving_raw(b"hello\r\n\r\n") as (address, _), pytest.raises(Failure, match="cannot be reached"):
        get(f"http://{address}/")


def test_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Failure, match="Connection refused"):
        get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("host", ["a..example", "a" * 300 + ".example"])
def test_a_host_that_cannot_be(host: str) -> None:
    with open_client() as http, pytest.raises(Failure, match="cannot be asked") as caught:
        send(http, "GET", f"https://{host}/")
    assert not isinstance(caught.value, TransientFailure)


def test_a_token_that_cannot_be_sent_is_not_told(library: Library) -> None:
    with open_client() as http, pytest.raises(Failure, match="cannot be asked") as caught:
        send(http, "GET", library.url, headers={"Authorization": "Bearer secret-\N{SNOWMAN}"})
    assert "secret" not in str(caught.value)


def test_redirects_are_not_followed() -> None:
    redirect = b"HTTP/1.1 307 X\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n"
    with serving_raw(redirect) as (address, _):
        assert (get(f"http://{address}/")).status_code == 307


def test_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_raw(OK) as (address, received):
        monkeypatch.setenv("HTTP_PROXY", f"http://me:p%40ss@{address}")
        assert (get("http://library.example/api/config?a=1")).status_code == 200
    lines = received[0].split(b"\r\n")
    assert lines[0] == b"GET http://library.example/api/config?a=1 HTTP/1.1"
    assert b"Host: library.example" in lines
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==" in lines


def test_https_proxy_gets_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_raw(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (address, received):
        monkeypatch.setenv("HTTPS_PROXY", address)
        with pytest.raises(Failure, match="403"):
            get("https://library.example/")
    assert received[0].startswith(b"CONNECT library.example:443 HTTP/1.")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_for_this_machine(library: Library, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    url = library.url.replace("127.0.0.1", host)
    assert (get(f"{url}/api/config")).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.2", "127.1.2.3", "localhost", "stock.localhost", "[::1]", "[::ffff:127.0.0.1]"],
)
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_learns_nothing_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, variable: str, host: str
) -> None:
    assert is_loopback(f"http://{host}")
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with pytest.raises(Failure, match="cannot be reached"):
            get(f"http://{host}:1/")
        proxy.settimeout(0)
        with pytest.raises(BlockingIOError):
            proxy.accept()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a retry has slept, or would have."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    return slept


def test_pauses_grow_to_a_ceiling(pauses: list[float]) -> None:
    def fail() -> None:
        raise TransientFailure("x", "no")

    with pytest.raises(Failure, match="no"):
        retry(fail, Tuning(attempts=7, first_retry=1, longest_retry=8))
    for pause, least in zip(pauses, [1, 2, 4, 8, 8, 8], strict=True):
        assert least <= pause <= min(least + 1, 8)


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 0.0), (3.5, 3.5), (1000.0, 60.0)])
def test_the_server_may_choose_the_pause(pauses: list[float], asked: float, pause: float) -> None:
    failures = [TransientFailure("x", "no", retry_after=asked)]
    notes: list[str] = []

    def fail_once() -> str:
        if failures:
            raise failures.pop()
        return "yes"

    assert retry(fail_once, Tuning(), notes.append) == "yes"
    assert pauses == [pause]
    assert notes == [f"no; trying again in {pause:.0f} s"]


def test_a_server_that_has_nothing_for_hours_is_asked_once() -> None:
    for seconds, kind in ((3600, TransientFailure), (5 * 3600, Failure)):
        response = httpx2.Response(429, headers={"Retry-After": str(seconds)})
        assert type(refusal(response, "too-many-bytes", "Go on tomorrow.")) is kind


def test_other_failures_are_not_retried() -> None:
    calls = 0

    def fail() -> None:
        nonlocal calls
        calls += 1
        raise Failure("x", "no")

    with pytest.raises(Failure):
        retry(fail, QUICK)
    assert calls == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("", None), ("soon", None), ("\N{SUPERSCRIPT TWO}", None), (formatdate(0, usegmt=True), 0)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    headers = [(b"Retry-After", value.encode())] if value else []
    assert retry_after(httpx2.Response(503, headers=headers)) == seconds


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://library.example/", True),
        ("http://localhost:8000/", True),
        ("http://a.localhost/", True),
        ("http://127.0.0.9/", True),
        ("http://[::1]:1/", True),
        ("http://library.example/", False),
        ("http://10.0.0.1/", False),
        ("http://localhost.example/", False),
        ("http://localhost@library.example/", False),
        ("ftp://localhost/", False),
        ("file:///etc/passwd", False),
        ("//localhost/", False),
        ("https://library.example:port/", False),
        ("", False),
    ],
)
def test_is_secure(url: str, secure: bool) -> None:
    assert is_secure(url) is secure
