"""Simultaneous requests for one question, on a real nginx before an origin that counts."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local import processes
from local.layout import Layout
from stockroom.api.responses import MAX_LINK_CHARACTERS
from tests.local.nginx import run_nginx
from tooling.ports import HOST

VISITORS = 20
STORED = "public, max-age=0, s-maxage=60"
EXPIRES_SOON = "public, max-age=0, s-maxage=1"
# nginx counts whole seconds, and an answer is good until the end of its last one.
UNTIL_EXPIRED = 2.1


class Origin(ThreadingHTTPServer):
    """An origin that answers slowly, and counts the requests for each address."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__((HOST, 0), OriginHandler)
        self.requests: Counter[str] = Counter()
        self.cache_control = STORED
        self.link = ""
        # Set where all visitors must be here before the first of them is answered.
        self.meeting: threading.Barrier | None = None


class OriginHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Origin)
        self.server.requests[self.path] += 1
        status = 200
        if self.server.meeting is None:
            time.sleep(0.5)
        else:
            try:
                self.server.meeting.wait(timeout=60)
            except threading.BrokenBarrierError:
                status = 504
        self.send_response(status)
        self.send_header("Cache-Control", self.server.cache_control)
        if self.server.link:
            self.send_header("Link", self.server.link)
        body = f"{self.headers['Host']} {self.headers['X-Forwarded-For']}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def public(tmp_path: Path, origin: Origin) -> Iterator[Layout]:
    """The nginx of a public library."""
    with run_nginx(tmp_path, origin.server_port) as layout:
        yield layout


@pytest.fixture
def private(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """The nginx of a private library."""
    monkeypatch.setenv("STOCKROOM_VISIBILITY", "private")
    with run_nginx(tmp_path, origin.server_port) as layout:
        yield layout


def ask(layout: Layout, *addresses: str, **headers: str) -> list[tuple[int, str]]:
    """Ask for all addresses at once; the status and the body of each answer."""

    def ask_one(address: str) -> tuple[int, str]:
        connection = HTTPConnection(HOST, layout.port, timeout=60)
        try:
            connection.request("GET", address, headers=headers)
            answer = connection.getresponse()
            assert answer.headers["Last-Modified"] is None
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(addresses)) as pool:
        return list(pool.map(ask_one, addresses))


def count_lines(layout: Layout) -> int:
    return len(layout.log("access").read_text().splitlines())


def test_twenty_at_once_are_one_request_to_the_origin(public: Layout, origin: Origin) -> None:
    spellings = ["/api/images?q=sea&sort=newest", "/api/images?sort=newest&q=sea", "/api/images?q=sea"]
    answers = ask(public, *(spellings * VISITORS)[:VISITORS])
    assert set(answers) == {(200, "abc.execute-api.localhost 127.0.0.1")}
    assert origin.requests.total() == 1
    # One line for each visitor: the second cache writes none. A line is written after its answer.
    processes.wait_until(lambda: count_lines(public) >= VISITORS, 60)
    assert count_lines(public) == VISITORS


def test_the_answer_to_the_longest_question_is_stored_with_its_links(public: Layout, origin: Origin) -> None:
    origin.link = "x" * MAX_LINK_CHARACTERS
    longest = "/api/images?q=" + "%E5%A4%95" * 880
    first, second = (ask(public, longest) for _ in range(2))
    assert first[0][0] == 200
    assert first == second
    assert origin.requests.total() == 1


def test_an_answer_that_has_expired_is_asked_for_once_however_often_it_was_renewed(
    public: Layout, origin: Origin
) -> None:
    origin.cache_control = EXPIRES_SOON
    for asked in (1, 2):
        ask(public, "/api/images")
        assert origin.requests == {"/api/images": asked}
        time.sleep(UNTIL_EXPIRED)
    # On a busy machine the last visitor may come after a short while.
    origin.cache_control = STORED
    ask(public, *["/api/images"] * VISITORS)
    assert origin.requests == {"/api/images": 3}


def test_a_stale_answer_is_given_while_it_is_renewed_once(public: Layout, origin: Origin) -> None:
    origin.cache_control = f"{EXPIRES_SOON}, stale-while-revalidate=60"
    ask(public, "/api/images")
    time.sleep(UNTIL_EXPIRED)
    # Only an answer of the origin takes the meeting of two.
    origin.meeting = threading.Barrier(2)
    assert len(ask(public, *["/api/images"] * VISITORS)) == VISITORS
    origin.meeting.wait(timeout=60)
    assert origin.requests == {"/api/images": 2}


def test_nobody_waits_for_an_answer_to_another_question(public: Layout, origin: Origin) -> None:
    origin.cache_control = "no-store"
    origin.meeting = threading.Barrier(VISITORS)
    answers = ask(public, *(f"/api/images?q=word{number}" for number in range(VISITORS)))
    assert {status for status, _ in answers} == {200}


def test_nobody_waits_for_an_answer_that_is_never_stored(public: Layout, origin: Origin) -> None:
    origin.cache_control = "no-store"
    for address in ("/api/health?deep=1", "/api/uploads"):
        origin.meeting = threading.Barrier(VISITORS)
        answers = ask(public, *[address] * VISITORS, Authorization="Bearer token")
        assert {status for status, _ in answers} == {200}
        assert origin.requests[address] == VISITORS


def test_nobody_waits_in_a_private_library(private: Layout, origin: Origin) -> None:
    origin.cache_control = "private, no-store"
    origin.meeting = threading.Barrier(VISITORS)
    answers = ask(private, *["/api/images"] * VISITORS, Authorization="Bearer token")
    assert {status for status, _ in answers} == {200}


def test_a_refusal_is_not_given_to_others(public: Layout, origin: Origin) -> None:
    origin.cache_control = "no-store"
    ask(public, *["/api/images/absent"] * 3)
    assert origin.requests == {"/api/images/absent": 3}
