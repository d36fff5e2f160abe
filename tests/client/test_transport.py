"""Connections: kept, replaced, refused early, broken off, and by way of a proxy."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stockroom_client.transport import BLOCK, NetworkError, Transport, is_loopback
from tests.client.library import Handler, Library, answer, reset


@pytest.fixture
def transport() -> Iterator[Transport]:
    """One without proxies."""
    transport = Transport(timeout=5, proxies={})
    yield transport
    transport.close()


@contextmanager
def scripted(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers each connection's first read with raw bytes: (address, what it read)."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for raw in answers:
                connection, _ = server.accept()
                with connection:
                    received.append(connection.recv(65536))
                    connection.sendall(raw)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", received
        thread.join(5)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def test_connection_is_kept(library: Library, transport: Transport) -> None:
    for _ in range(3):
        assert transport.request("GET", f"{library.url}/api/config").status == 200
    assert len(library.connections) == 1


def test_closed_idle_connection_is_replaced_at_once(transport: Transport) -> None:
    with scripted(OK, OK) as (address, received):
        for _ in range(2):  # the server closed after the first answer without having said so
            assert transport.request("GET", f"http://{address}/").body == b"hi"
    assert len(received) == 2


def test_second_connection_may_fail_too(transport: Transport) -> None:
    with scripted(OK) as (address, _):
        transport.request("GET", f"http://{address}/")
    with pytest.raises(NetworkError):
        transport.request("GET", f"http://{address}/")


def test_answer_before_the_body_was_read(transport: Transport) -> None:
    """Storage may refuse 50 MB after the headers alone; the refusal must not get lost."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                received = b""
                while not received.endswith(b"\r\n\r\nbegin"):
                    received += connection.recv(1000)
                connection.sendall(b"HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n")
            closed.set()

        def body() -> Iterator[bytes]:
            yield b"begin"
            assert closed.wait(5)
            for _ in range(400):
                yield b"x" * BLOCK

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert transport.request("PUT", url, {"Content-Length": str(5 + 400 * BLOCK)}, body).status == 412
        thread.join()


def test_reset_is_a_network_error(library: Library, transport: Transport) -> None:
    library.fault("GET /", reset)
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1 cannot be reached"):
        transport.request("GET", library.url)


def test_nonsense_is_a_network_error(transport: Transport) -> None:
    with scripted(b"hello\r\n\r\n") as (address, _), pytest.raises(NetworkError):
        transport.request("GET", f"http://{address}/")


def test_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NetworkError, match="Connection refused"):
        Transport(proxies={}).request("GET", f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("url", ["ftp://x/", "http:///x", "x"])
def test_other_addresses(url: str) -> None:
    with pytest.raises(NetworkError, match="not an http"):
        Transport(proxies={}).request("GET", url)


def test_close_wakes_other_threads(library: Library) -> None:
    transport = Transport(timeout=30, proxies={})
    asked, done = threading.Event(), threading.Event()
    failures: list[NetworkError] = []

    def hold(handler: Handler) -> bool:
        asked.set()
        done.wait(10)
        return answer(200)(handler)

    def ask() -> None:
        try:
            transport.request("GET", library.url)
        except NetworkError as error:
            failures.append(error)

    library.fault("GET /", hold)
    thread = threading.Thread(target=ask)
    thread.start()
    assert asked.wait(5)
    transport.close()
    thread.join(5)
    assert not thread.is_alive()
    done.set()
    assert failures
    transport.close()


def test_http_proxy() -> None:
    with scripted(OK) as (address, received):
        transport = Transport(proxies={"http": f"http://me:p%40ss@{address}"})
        assert transport.request("GET", "http://library.example/api/config?a=1").status == 200
        transport.close()
    lines = received[0].split(b"\r\n")
    assert lines[0] == b"GET http://library.example/api/config?a=1 HTTP/1.1"
    assert b"Host: library.example" in lines
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==" in lines


def test_https_proxy_gets_a_tunnel() -> None:
    with scripted(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (address, received):
        transport = Transport(proxies={"https": address})
        with pytest.raises(NetworkError, match="403"):
            transport.request("GET", "https://library.example/")
    assert received[0].startswith(b"CONNECT library.example:443 HTTP/1.")


def test_no_proxy_for_this_machine(library: Library) -> None:
    transport = Transport(proxies={"http": "http://proxy.invalid:1"})
    assert transport.request("GET", f"{library.url}/api/config").status == 200
    transport.close()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("x", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
