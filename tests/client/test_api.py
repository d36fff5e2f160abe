"""What the API answers, in words, and when a request is repeated."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest

from stockroom_client.api import Api
from stockroom_client.contract import Image
from stockroom_client.failures import Failure
from stockroom_client.transport import open_client
from tests.client.conftest import QUICK
from tests.client.library import TOKEN, Handler, Library, answer, reset


@pytest.fixture
def notes() -> list[str]:
    """What the user is told."""
    return []


@pytest.fixture
def api(library: Library, notes: list[str]) -> Iterator[Api]:
    """A client of the fake library."""
    with open_client() as http:
        yield Api(library.url, TOKEN, http, QUICK, notes.append)


def page(**content: Any) -> Callable[[Handler], bool]:
    """A fault that answers with this page."""

    def act(handler: Handler) -> bool:
        handler.json(content)
        return True

    return act


def test_redirect_names_the_place(library: Library, api: Api) -> None:
    library.fault("GET /api/config", answer(301, Location="https://elsewhere.example/"))
    with pytest.raises(Failure, match=r"https://elsewhere\.example/: use that address"):
        api.get_config()


DEEP = b'{"x":%b}' % (b"[" * 100_000 + b"]" * 100_000)


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b"\xff", b'{"code":"x","detail":"\xff"}', DEEP], ids=range(6)
)
def test_other_errors_by_their_status(library: Library, api: Api, body: bytes) -> None:
    library.fault("GET /api/config", answer(404, body))
    with pytest.raises(Failure, match="404 Not Found") as caught:
        api.get_config()
    assert (caught.value.code, caught.value.is_denial) == ("http-404", False)


@pytest.mark.parametrize("status", [401, 403])
def test_denials(library: Library, api: Api, status: int) -> None:
    library.fault("GET /api/config", answer(status))
    with pytest.raises(Failure) as caught:
        api.get_config()
    assert caught.value.is_denial


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"types": "image/jpeg"}', b'{"types":["\xff"]}', DEEP], ids=range(5)
)
def test_a_page_is_no_answer(library: Library, api: Api, body: bytes) -> None:
    library.fault("GET /api/config", answer(200, body))
    with pytest.raises(Failure, match="is the URL right"):
        api.get_config()


def test_entries_of_another_shape(api: Api) -> None:
    with pytest.raises(Failure, match="is the URL right"):
        api.parse(Image, [{"id": 1}])
    with pytest.raises(Failure, match="is the URL right"):
        api.link(Image("A", "a", {}))


@pytest.mark.parametrize("body", [b"{}", b'{"files":[]}'])
def test_every_file_has_an_answer(library: Library, api: Api, body: bytes) -> None:
    library.fault("POST /api/uploads", answer(200, body), answer(200, body))
    with pytest.raises(Failure, match="is the URL right"):
        api.create_uploads([{}], {})
    with pytest.raises(Failure, match="is the URL right"):
        api.renew_tickets(["A"])


def test_a_pattern_that_could_take_forever_is_no_signature(library: Library, api: Api) -> None:
    config = {
        "types": [],
        "max_bytes": 1,
        "max_files": 1,
        "formats": [{"type": "image/x", "signatures": ["(f*)*g"], "brands": []}],
    }
    library.fault("GET /api/config", page(**config))
    with pytest.raises(Failure, match="is the URL right"):
        api.get_config()


def test_a_time_without_a_zone_is_none(library: Library, api: Api) -> None:
    ticket = {"method": "PUT", "url": "https://x", "headers": {}, "expires": "0001-01-01T00:00:00"}
    library.fault("POST /api/uploads", page(files=[{"state": "pending", "ticket": ticket}]))
    with pytest.raises(Failure, match="is the URL right"):
        api.create_uploads([{}], {})


def test_transient_errors_are_retried(library: Library, api: Api, notes: list[str]) -> None:
    library.fault("GET /api/config", *[answer(502)] * (QUICK.attempts - 1))
    api.get_config()
    assert len(library.requests) == QUICK.attempts
    assert notes == [f"{library.url}/ answers 502 Bad Gateway; trying again in 0 s"] * (QUICK.attempts - 1)


def test_a_connection_is_tried_again_once_the_url_has_proved_right(
    library: Library, api: Api, notes: list[str]
) -> None:
    library.fault("GET /api/config", reset, answer(404), reset)
    for words in ("the right URL", "404"):
        with pytest.raises(Failure, match=words):
            api.get_config()
    assert notes == []
    api.get_config()
    assert len(notes) == 1


def test_gives_up_in_the_end(library: Library, api: Api) -> None:
    library.fault("GET /api/config", *[answer(502)] * 9)
    with pytest.raises(Failure, match="502"):
        api.get_config()
    assert len(library.requests) == QUICK.attempts


def test_many_ids_are_several_requests(library: Library, api: Api) -> None:
    rows = [library.add_ready(str(number).encode()) for number in range(600)]
    assert {upload["id"] for upload in api.get_uploads([row.id for row in rows])} == set(library.rows)
    assert len(library.requests) == 3


def test_pages_of_ids_are_followed(library: Library, api: Api) -> None:
    library.fault(
        "GET /api/uploads",
        page(uploads=[{"id": "A"}], next="c"),
        page(uploads=[], next="d"),
        page(uploads=[{"id": "B"}], next=None),
    )
    assert [upload["id"] for upload in api.get_uploads(["A", "B"])] == ["A", "B"]
    assert [path for _, path, _ in library.requests] == [
        "/api/uploads?ids=A,B",
        "/api/uploads?cursor=c&ids=A,B",
        "/api/uploads?cursor=d&ids=A,B",
    ]


def test_lists_end_at_their_limit(library: Library, api: Api) -> None:
    library.fault("GET /api/uploads", page(uploads=[{}] * 100, next="c"), page(uploads=[{}] * 100, next="d"))
    assert len(api.list_uploads(150)) == 150
    assert [path for _, path, _ in library.requests] == [
        "/api/uploads?limit=100",
        "/api/uploads?cursor=c&limit=100",
    ]


def test_clock_is_the_servers(library: Library, api: Api) -> None:
    library.fault("DELETE /api/uploads", answer(204, Date=formatdate(time.time() + 3600)))
    api.cancel_upload("A")
    # The header has whole seconds, and time passes until it is read.
    assert 3000 < api.now() - time.time() < 3601


def test_cached_and_broken_dates_do_not_count(library: Library, api: Api) -> None:
    late = formatdate(time.time() - 3600)
    library.fault("DELETE /api/uploads", answer(204, Age="5", Date=late), answer(204, Date="late"))
    api.cancel_upload("A")
    api.cancel_upload("A")
    assert abs(api.now() - time.time()) < 600


def test_token_is_optional(library: Library) -> None:
    with open_client() as http:
        api = Api(library.url, "", http, QUICK, lambda _: None)
        api.get_config()
        with pytest.raises(Failure, match="sign in again"):
            api.list_uploads(1)
