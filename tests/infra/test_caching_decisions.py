"""CloudFront, by the template, and the local stack's nginx do the same with every row of `caching_rows`."""

import copy
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local import cdn
from local.layout import Layout
from tests.infra.caching_rows import PRIVATE_ROWS, ROWS, Row
from tests.infra.cloudfront_evaluator import (
    CACHING_DISABLED,
    CACHING_OPTIMIZED,
    Answer,
    Distribution,
    Request,
)
from tests.infra.template import Template
from tests.local.nginx import run_nginx
from tooling.ports import HOST

ORIGINS = {"abc.execute-api.localhost": "api", "d1.cloudfront.net": "bucket"}
SECONDS_OF_TOLERANCE = 60
REFUSED_BY_NGINX = Request("/", "TRACE")


class Outcome(NamedTuple):
    refused: int
    origin: str
    target: str
    sends_query: bool
    forwarded: frozenset[str]
    is_shared: bool
    seconds: int
    """For how long the answer is stored, if it is shared."""


class Origin(ThreadingHTTPServer):
    """Gives one answer, and notes what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), OriginHandler)
        self.answer = Answer()
        self.asked: list[tuple[str, dict[str, str]]] = []


class OriginHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Origin)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))
        self.send_response(self.server.answer.status)
        for name, value in self.server.answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "4")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"body")

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def _ask_cloudfront(distribution: Distribution, row: Row) -> Outcome:
    decision = distribution.decide(row.request, row.answer)
    is_shared = distribution.shares(row.request, row.answer, row.again)
    return Outcome(
        decision.refused,
        decision.origin,
        decision.target,
        decision.sends_query,
        decision.forwarded - {"accept-encoding"},
        is_shared,
        _find_seconds_here(row.request.path, decision.seconds) if is_shared else 0,
    )


def _find_seconds_here(path: str, seconds: int) -> int:
    """For how long nginx stores what CloudFront stores for so many seconds.

    CloudFront is told of renditions that are deleted; nginx asks for each of them every minute instead.
    """
    return min(seconds, cdn.RENDITION_SECONDS) if path.startswith("/i/") else seconds


def _ask_nginx(layout: Layout, origin: Origin, row: Row) -> Outcome:
    cdn.clear_cache(layout)
    origin.answer = row.answer
    origin.asked.clear()
    # On one connection, one process reads both requests: the second when it has stored the first answer.
    connection = HTTPConnection(HOST, layout.port, timeout=60)
    try:
        status = _send(connection, row.request)
        if not origin.asked:
            return Outcome(status, "", "", False, frozenset(), False, 0)
        address, headers = origin.asked[0]
        _send(connection, row.again)
        is_shared = len(origin.asked) == 1
        # The last answer is stored, too, before nginx reads on: otherwise the next row could meet it.
        assert _send(connection, REFUSED_BY_NGINX) == 405
    finally:
        connection.close()
    path, _, query = address.partition("?")
    given = {name.lower() for name in row.request.headers}
    return Outcome(
        0,
        ORIGINS[headers["host"]],
        path,
        bool(query),
        frozenset(given & headers.keys() - {"accept-encoding"}),
        is_shared,
        _read_seconds(layout) if is_shared else 0,
    )


def _send(connection: HTTPConnection, request: Request) -> int:
    connection.request(request.method, request.path, headers={"Host": "localhost", **request.headers})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _read_seconds(layout: Layout) -> int:
    """For how long nginx stores the one answer that it has: its file begins with a version and a time."""
    (file,) = (path for path in (layout.folder("nginx") / "cache").rglob("*") if path.is_file())
    expires = int.from_bytes(file.read_bytes()[8:16], sys.byteorder)
    return round(expires - file.stat().st_mtime)


@contextmanager
def _run_stack(folder: Path) -> Iterator[tuple[Layout, Origin]]:
    with Origin() as origin:
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        try:
            with run_nginx(folder, origin.server_port) as layout:
                yield layout, origin
        finally:
            origin.shutdown()
            thread.join()


def _ask_all(folder: Path, rows: Sequence[Row], visibility: str) -> dict[str, Outcome]:
    with pytest.MonkeyPatch.context() as shell:
        shell.setenv("STOCKROOM_VISIBILITY", visibility)
        with _run_stack(folder) as (layout, origin):
            return {row.name: _ask_nginx(layout, origin, row) for row in rows}


@pytest.fixture(scope="module")
def public_nginx(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return _ask_all(tmp_path_factory.mktemp("public"), ROWS, "public")


@pytest.fixture(scope="module")
def private_nginx(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return _ask_all(tmp_path_factory.mktemp("private"), PRIVATE_ROWS, "private")


def _agree(here: Outcome, there: Outcome) -> bool:
    is_as_long = abs(here.seconds - there.seconds) < SECONDS_OF_TOLERANCE
    return is_as_long and here._replace(seconds=0) == there._replace(seconds=0)


def _check(row: Row, here: Outcome, there: Outcome) -> None:
    if row.reason:
        assert not _agree(here, there), "the row needs no reason any more"
    else:
        assert _agree(here, there), f"nginx: {here}, CloudFront: {there}"


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_nginx_does_what_cloudfront_does(
    row: Row, public_nginx: dict[str, Outcome], aurora: Template
) -> None:
    _check(row, public_nginx[row.name], _ask_cloudfront(Distribution(aurora), row))


@pytest.mark.parametrize("row", PRIVATE_ROWS, ids=[row.name for row in PRIVATE_ROWS])
def test_nginx_does_what_cloudfront_does_for_a_private_library(
    row: Row, private_nginx: dict[str, Outcome], chosen: Template
) -> None:
    _check(row, private_nginx[row.name], _ask_cloudfront(Distribution(chosen), row))


def _store_errors(config: dict[str, Any]) -> None:
    config["CustomErrorResponses"] = [
        each | {"ErrorCachingMinTTL": 10} for each in config["CustomErrorResponses"]
    ]


def _store_uploads(config: dict[str, Any]) -> None:
    for behavior in config["CacheBehaviors"][:-1]:
        behavior["CachePolicyId"] = CACHING_OPTIMIZED


def _store_nothing(config: dict[str, Any]) -> None:
    config["CacheBehaviors"][-1]["CachePolicyId"] = CACHING_DISABLED


def _put_the_rest_of_the_api_first(config: dict[str, Any]) -> None:
    config["CacheBehaviors"].reverse()


def _drop_the_functions(config: dict[str, Any]) -> None:
    for behavior in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        behavior.pop("FunctionAssociations", None)


def _read_only(config: dict[str, Any]) -> None:
    config["CacheBehaviors"][-1].pop("AllowedMethods")


def _store_options(config: dict[str, Any]) -> None:
    config["CacheBehaviors"][-1]["CachedMethods"] = ["GET", "HEAD", "OPTIONS"]


def _pass_nothing_on(config: dict[str, Any]) -> None:
    config["CacheBehaviors"][-1].pop("OriginRequestPolicyId")


def _swap_the_origins(config: dict[str, Any]) -> None:
    config["DefaultCacheBehavior"]["TargetOriginId"] = config["CacheBehaviors"][-1]["TargetOriginId"]


@pytest.mark.parametrize(
    "change",
    [
        _store_errors,
        _store_uploads,
        _store_nothing,
        _put_the_rest_of_the_api_first,
        _drop_the_functions,
        _read_only,
        _store_options,
        _pass_nothing_on,
        _swap_the_origins,
    ],
)
def test_the_rows_notice_a_distribution_that_does_something_else(
    change: Callable[[dict[str, Any]], None], public_nginx: dict[str, Outcome], aurora: Template
) -> None:
    changed = Template(copy.deepcopy(aurora.body), aurora.folder)
    change(changed.one("AWS::CloudFront::Distribution")[1]["DistributionConfig"])
    distribution = Distribution(changed)
    rows = (row for row in ROWS if not row.reason)
    assert any(not _agree(public_nginx[row.name], _ask_cloudfront(distribution, row)) for row in rows)


def test_each_row_has_a_name_of_its_own() -> None:
    for rows in (ROWS, PRIVATE_ROWS):
        assert len({row.name for row in rows}) == len(rows)
