"""What the API answers, in words, and when it is asked again."""

import time
from collections.abc import Iterator
from email.message import Message
from email.utils import formatdate

import pytest

from stockroom_client.api import Api, ApiError
from stockroom_client.retry import Retry, Stop, StoppedError, retry_after
from stockroom_client.transport import Response, Transport
from tests.client.conftest import QUICK
from tests.client.library import TOKEN, Handler, Library, answer


@pytest.fixture
def transport() -> Iterator[Transport]:
    """One without proxies."""
    transport = Transport(proxies={})
    yield transport
    transport.close()


@pytest.fixture
def api(library: Library, transport: Transport) -> Api:
    """A client of the fake."""
    return Api(library.url, TOKEN, transport, retry=QUICK)


def test_redirect_names_the_place(library: Library, api: Api) -> None:
    library.fault("GET /api/config", answer(301, Location="https://elsewhere.example/"))
    with pytest.raises(ApiError, match=r"https://elsewhere\.example/: use that address"):
        api.config()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}"])
def test_other_errors_by_their_status(library: Library, api: Api, body: bytes) -> None:
    library.fault("GET /api/config", answer(404, body))
    with pytest.raises(ApiError, match="404 Not Found") as caught:
        api.config()
    assert (caught.value.status, caught.value.code) == (404, "http-404")


def test_a_page_is_no_answer(library: Library, api: Api) -> None:
    library.fault("GET /api/config", answer(200, b"<html>"))
    with pytest.raises(ApiError, match="is the URL a Stockroom library"):
        api.config()


def test_gives_up_in_the_end(library: Library, api: Api) -> None:
    library.fault("GET /api/config", *[answer(502)] * 9)
    with pytest.raises(ApiError, match="502"):
        api.config()
    assert len(library.requests) == QUICK.attempts


def test_many_ids_are_several_requests(library: Library, api: Api) -> None:
    rows = [library.add_ready(str(number).encode()) for number in range(600)]
    assert {upload["id"] for upload in api.uploads([row.id for row in rows])} == set(library.rows)
    assert len(library.requests) == 3


def test_pages_of_ids_are_followed(library: Library, api: Api) -> None:
    def page(following: str | None, identity: str):  # type: ignore[no-untyped-def]
        def act(handler: Handler) -> bool:
            handler.json({"uploads": [{"id": identity}], "next": following})
            return True

        return act

    library.fault("GET /api/uploads", page("c", "A"), page(None, "B"))
    assert [upload["id"] for upload in api.uploads(["A", "B"])] == ["A", "B"]
    assert "cursor=c" in library.requests[1][1]


def test_clock_is_the_servers(library: Library, api: Api) -> None:
    library.fault("GET /api/config", answer(200, b"{}", Date=formatdate(time.time() + 3600)))
    api.config()
    assert 3598 < api.now() - time.time() < 3601


def test_cached_dates_do_not_count(library: Library, api: Api) -> None:
    late = formatdate(time.time() - 3600)
    library.fault("GET /api/config", answer(200, b"{}", Age="5", Date=late), answer(200, b"{}", Date="late"))
    api.config()
    api.config()
    assert abs(api.now() - time.time()) < 0.001


def test_stopped(library: Library, transport: Transport) -> None:
    stop = Stop()
    api = Api(library.url, TOKEN, transport, retry=Retry(first=30), stop=stop)

    def refuse(handler: Handler) -> bool:
        stop.set()
        return answer(503)(handler)

    library.fault("GET /api/config", refuse)
    with pytest.raises(StoppedError):
        api.config()


def test_delays_grow_to_a_ceiling() -> None:
    retry = Retry(first=1, longest=8)
    for attempt, ceiling in enumerate([1, 2, 4, 8, 8, 8], 1):
        assert ceiling / 2 <= retry.delay(attempt) <= ceiling
    assert retry.delay(1, 5) == 5
    assert retry.delay(1, 1000) == 8


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("", None), ("soon", None), ("\N{SUPERSCRIPT TWO}", None), (formatdate(0, usegmt=True), 0)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    headers = Message()
    if value:
        headers["Retry-After"] = value
    assert retry_after(Response(503, "", headers, b"")) == seconds
