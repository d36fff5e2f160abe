"""Failed uploads that are processed again, through the API."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from operations.retry import retry
from tooling.errors import ToolError

PICTURE = "1M8MPVCNB0000"


class Api(BaseHTTPRequestHandler):
    """Answers each request with the next of `answers`, and remembers the bodies."""

    answers: ClassVar[list[tuple[int, Any]]] = []
    bodies: ClassVar[list[Any]] = []
    paths: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.bodies.append(json.loads(self.rfile.read(length)))
        self.do_GET()

    def do_GET(self) -> None:
        assert self.headers["Authorization"].startswith("Bearer ")
        self.paths.append(self.path)
        status, answer = self.answers.pop(0)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Location", f"http://{self.headers['Host']}/api/uploads/retry")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[tuple[str, type[Api]]]:
    handler = type("OneApi", (Api,), {"answers": [], "bodies": [], "paths": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_failures_are_retried_page_by_page(api: tuple[str, type[Api]]) -> None:
    site, answers = api
    answers.answers += [
        (
            200,
            {"files": [{"id": "A", "state": "pending"}, {"id": "B", "state": "posted-again"}], "next": "B"},
        ),
        (200, {"files": [{"id": "C", "state": "pending"}], "next": None}),
    ]
    assert retry(site, "token", ids=[], code="undecodable") == {"pending": 2, "posted-again": 1}
    assert answers.bodies == [{"code": "undecodable"}, {"code": "undecodable", "cursor": "B"}]


def test_some_are_retried_by_their_ids(api: tuple[str, type[Api]]) -> None:
    site, answers = api
    answers.answers.append((200, {"files": [{"id": PICTURE, "state": "gone"}], "next": None}))
    assert retry(site, "token", ids=[PICTURE], code="") == {"gone": 1}
    assert answers.bodies == [{"ids": [PICTURE]}]
    assert answers.paths == ["/api/uploads/retry"]


@pytest.mark.parametrize(
    ("ids", "code", "said"),
    [
        ([PICTURE, "photo.jpg"], "", "'photo.jpg' is no picture's id"),
        ([], "broken", "no code 'broken': the codes are empty, not-an-image, "),
        ([PICTURE], "truncated", "either IDS= or CODE="),
    ],
)
def test_what_names_no_uploads_is_not_asked(ids: list[str], code: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        retry("http://127.0.0.1:1", "token", ids=ids, code=code)


def test_a_refusal_is_told_in_the_words_of_the_api(api: tuple[str, type[Api]]) -> None:
    site, answers = api
    answers.answers.append((400, {"code": "invalid-id"}))
    with pytest.raises(ToolError, match="invalid-id"):
        retry(site, "token", ids=[PICTURE], code="")


def test_the_token_goes_to_the_library_alone(
    api: tuple[str, type[Api]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, answers = api
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://proxy.invalid:1")
    answers.answers.append((200, {"files": [], "next": None}))
    assert retry(site, "token", ids=[], code="") == {}
    for status in (301, 302, 307, 308):
        answers.answers.append((status, {}))
        with pytest.raises(ToolError, match=str(status)):
            retry(site, "token", ids=[], code="")
    assert len(answers.bodies) == 5


def test_a_stack_that_does_not_run_is_named() -> None:
    with pytest.raises(ToolError, match=r"nothing answers at http://127\.0\.0\.1:1: run `make up`"):
        retry("http://127.0.0.1:1", "token", ids=[], code="")
    with pytest.raises(ToolError, match=r"nothing answers at https://127\.0\.0\.1:1 \("):
        retry("https://127.0.0.1:1", "token", ids=[], code="")
