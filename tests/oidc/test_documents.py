"""Documents of a server that may be slow, broken or malicious; the server is real."""

import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from stockroom.oidc.documents import MAX_BYTES, Fetcher, UnusableDocument, is_public
from tests.oidc.provider import Provider, answer, resolve_to


def test_a_document_is_fetched_by_its_name(provider: Provider) -> None:
    provider.answers["/a?b=c"] = answer("content")
    assert provider.make_fetcher().fetch(f"{provider.url}/a?b=c#part") == b"content"
    assert provider.requested == [("/a?b=c", provider.url.removeprefix("https://"))]


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/a",
        "file:///etc/passwd",
        "https://user:password@localhost/a",
        "https:///a",
        "https://localhost:port/a",
        "https://exämple.org/a",
        "localhost",
        "",
        # A name server would be asked for what stands before the zero.
        "https://localhost\0.example/a",
    ],
)
def test_only_plain_https_addresses_are_asked(url: str) -> None:
    with pytest.raises(UnusableDocument, match=r"is no (plain https )?address"):
        Fetcher().fetch(url)


def test_a_redirection_is_not_followed(provider: Provider) -> None:
    provider.answers["/a"] = answer("", 302, Location=f"{provider.url}/b")
    provider.answers["/b"] = answer("content")
    with pytest.raises(UnusableDocument, match="status 302"):
        provider.make_fetcher().fetch(f"{provider.url}/a")
    assert [path for path, _ in provider.requested] == ["/a"]


@pytest.mark.parametrize("status", [204, 404, 500])
def test_an_answer_without_a_document_is_none(provider: Provider, status: int) -> None:
    provider.answers["/a"] = answer("", status)
    with pytest.raises(UnusableDocument, match=f"status {status}"):
        provider.make_fetcher().fetch(f"{provider.url}/a")


def test_a_document_that_is_too_large_is_not_read_to_its_end(provider: Provider) -> None:
    provider.answers["/most"] = answer(b"x" * MAX_BYTES)
    provider.answers["/more"] = answer(b"x" * (MAX_BYTES + 1))
    assert len(provider.make_fetcher().fetch(f"{provider.url}/most")) == MAX_BYTES
    with pytest.raises(UnusableDocument, match=f"more than {MAX_BYTES} bytes"):
        provider.make_fetcher().fetch(f"{provider.url}/more")


def test_a_document_that_would_grow_is_refused(provider: Provider) -> None:
    provider.answers["/a"] = answer(gzip.compress(b"x" * 10**6), Content_Encoding="gzip")
    with pytest.raises(UnusableDocument, match="compressed"):
        provider.make_fetcher().fetch(f"{provider.url}/a")


@pytest.mark.parametrize("are_headers_sent", [True, False])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    provider: Provider, are_headers_sent: bool
) -> None:
    has_sent_all = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        if are_headers_sent:
            request.end_headers()
        else:
            request.flush_headers()
        for _ in range(1000):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.1)
        has_sent_all.set()

    provider.answers["/a"] = drip
    with pytest.raises(UnusableDocument, match="too long"):
        provider.make_fetcher(seconds=0.5).fetch(f"{provider.url}/a")
    assert not has_sent_all.is_set()


def test_all_addresses_of_a_name_share_one_time_limit(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolve_to(*(f"127.0.0.{last}" for last in range(1, 9))))
    # It takes connections, and then says nothing.
    with socket.create_server(("", 0)) as silent:
        silent.setblocking(False)
        with pytest.raises(UnusableDocument, match=r"cannot be fetched: it takes too long"):
            provider.make_fetcher(seconds=0.5).fetch(f"https://id.example:{silent.getsockname()[1]}/a")
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_a_server_that_is_silent_is_given_up(provider: Provider) -> None:
    is_given_up = threading.Event()

    def say_nothing(_: BaseHTTPRequestHandler) -> None:
        is_given_up.wait(60)

    provider.answers["/a"] = say_nothing
    with pytest.raises(UnusableDocument, match="too long"):
        provider.make_fetcher(seconds=0.5).fetch(f"{provider.url}/a")
    is_given_up.set()


def test_an_answer_that_breaks_off_is_none(provider: Provider) -> None:
    def break_off(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"x")
        request.close_connection = True

    provider.answers["/a"] = break_off
    with pytest.raises(UnusableDocument, match="cannot be fetched"):
        provider.make_fetcher().fetch(f"{provider.url}/a")


def test_a_certificate_of_nobody_is_refused(provider: Provider) -> None:
    with pytest.raises(UnusableDocument, match="CERTIFICATE_VERIFY_FAILED"):
        Fetcher(is_allowed=lambda _: True).fetch(f"{provider.url}/a")
    assert provider.requested == []


def test_a_certificate_of_another_name_is_refused(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolve_to("127.0.0.1"))
    with pytest.raises(UnusableDocument, match="CERTIFICATE_VERIFY_FAILED"):
        provider.make_fetcher().fetch(provider.url.replace("localhost", "id.example") + "/a")
    assert provider.requested == []


def test_a_name_that_leads_to_this_machine_is_not_asked(provider: Provider) -> None:
    with pytest.raises(UnusableDocument, match=r"localhost leads to .*, which is no public address"):
        Fetcher().fetch(f"{provider.url}/a")
    assert provider.requested == []


def test_a_name_with_one_private_address_among_others_is_not_asked(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolve_to("127.0.0.1", "10.0.0.1"))
    with pytest.raises(UnusableDocument, match=r"10\.0\.0\.1"):
        provider.make_fetcher().fetch(f"{provider.url}/a")
    assert provider.requested == []


def test_the_next_address_is_tried_where_one_does_not_answer(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.answers["/a"] = answer("content")
    monkeypatch.setattr(socket, "getaddrinfo", resolve_to("127.0.0.2", "127.0.0.1"))
    fetcher = provider.make_fetcher(is_allowed=lambda _: True)
    assert fetcher.fetch(f"{provider.url}/a") == b"content"


def test_a_name_without_an_address_is_told() -> None:
    with pytest.raises(UnusableDocument, match="has no address"):
        Fetcher().fetch("https://nowhere.invalid/a")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",  # noqa: S104
        "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "::169.254.169.254",
        "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::",
    ],
)  # fmt: skip
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)
