"""What the smoke test finds wrong, each fault by itself; tests/integration/test_smoke.py runs all of it."""

from collections.abc import Callable

import httpx2
import jwt
import pytest

from operations.smoke import (
    Library,
    check_api,
    check_page,
    check_picture_page,
    check_renditions,
    check_token,
)
from tooling.errors import ToolError

PAGE = '<script type="module" src="/assets/index-1.js"></script>'
JPEG = b"\xff\xd8\xff\xe0"

Answer = tuple[int, str, bytes]


def library(answers: dict[str, Answer], patience: float = 1.0) -> Library:
    """A library that answers so; 404 for every other path."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        status, media_type, content = answers.get(request.url.raw_path.decode(), (404, "text/plain", b""))
        return httpx2.Response(status, headers={"Content-Type": media_type}, content=content)

    return made(answer, patience)


def made(answer: Callable[[httpx2.Request], httpx2.Response], patience: float = 1.0) -> Library:
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return Library("https://library.example/", "", http, patience, pause=0.01)


GOOD: dict[str, Answer] = {
    "/": (200, "text/html; charset=utf-8", PAGE.encode()),
    "/assets/index-1.js": (200, "text/javascript", b"1"),
    "/api/health?deep=1": (200, "application/json", b'{"status": "ok"}'),
    "/api/config": (200, "application/json", b'{"visibility": "public"}'),
    "/i/a/v1/240p.jpg": (200, "image/jpeg", JPEG),
    "/i/a/v1/720p.jpg": (200, "image/jpeg", JPEG),
}
PICTURE_PATH = "/p/1M8NA4XNKD5G7"
PICTURE_PAGE = (
    PAGE
    + f'<a href="{PICTURE_PATH}"></a><meta property="og:image" content="https://library.example/i/a/v1/720p.jpg">'
)
URLS = {"240p": "/i/a/v1/240p.jpg", "720p": "/i/a/v1/720p.jpg"}


def test_what_works_passes() -> None:
    check_page(library(GOOD))
    assert check_api(library(GOOD)) is True
    check_renditions(library(GOOD), URLS)


def test_a_private_library_says_so() -> None:
    private: Answer = (200, "application/json", b'{"visibility": "private"}')
    assert check_api(library(GOOD | {"/api/config": private})) is False


@pytest.mark.parametrize(
    ("path", "answer", "message"),
    [
        ("/", (403, "application/xml", b"AccessDenied"), "the page is 403"),
        ("/", (200, "text/html", b"<p>hello"), "names no script"),
        ("/assets/index-1.js", (404, "text/plain", b""), "script /assets/index-1.js is 404"),
        # The page itself, which is what answers a path that is no file.
        (
            "/assets/index-1.js",
            (200, "text/html", PAGE.encode()),
            "script /assets/index-1.js is 200 text/html",
        ),
    ],
)
def test_a_page_that_is_not_whole_is_found(path: str, answer: Answer, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        check_page(library(GOOD | {path: answer}))


def test_a_database_that_wakes_is_waited_for() -> None:
    statuses = [503, 503, 200]

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/config":
            return httpx2.Response(200, json={"visibility": "public"})
        return httpx2.Response(statuses.pop(0), json={}, headers={"Retry-After": "0"})

    assert check_api(made(answer)) is True
    assert statuses == []


def test_a_database_that_stays_away_is_found() -> None:
    with pytest.raises(ToolError, match="the database answers: not after 0 s"):
        check_api(library(GOOD | {"/api/health?deep=1": (503, "application/json", b"{}")}, patience=0.05))


def test_an_api_that_answers_with_an_error_is_not_waited_for() -> None:
    with pytest.raises(ToolError, match=r"health.* is 500"):
        check_api(library(GOOD | {"/api/health?deep=1": (500, "application/json", b"{}")}))


def test_a_library_that_cannot_be_reached_is_found() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(ToolError, match="cannot be reached"):
        check_page(made(refuse))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, "text/html", b""), "the rendition 720p is 404"),
        ((200, "image/jpeg", b"<html>"), "the rendition 720p is no JPEG"),
    ],
)
def test_a_rendition_that_is_not_there_is_found(answer: Answer, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        check_renditions(library(GOOD | {URLS["720p"]: answer}), URLS)


def test_a_picture_without_renditions_is_found() -> None:
    with pytest.raises(ToolError, match="the renditions 240p only"):
        check_renditions(library(GOOD), {"240p": URLS["240p"]})


def token(ends: float) -> str:
    return jwt.encode({"exp": ends}, "a key of at least thirty-two bytes", algorithm="HS256")


def test_a_token_that_is_valid_for_long_enough_says_until_when() -> None:
    assert check_token(token(7200.0), now=3600.0) == "the token is valid until 1970-01-01 02:00 UTC"


def test_a_token_that_ends_during_a_deployment_stops_it() -> None:
    with pytest.raises(ToolError, match="valid until 1970-01-01 01:59 UTC only"):
        check_token(token(7199.0), now=3600.0)


@pytest.mark.parametrize("text", ["no token", "a.b.c", jwt.encode({}, "k" * 32, algorithm="HS256")])
def test_what_is_no_token_stops_a_deployment(text: str) -> None:
    with pytest.raises(ToolError, match="no sign-in token"):
        check_token(text, now=0.0)


def test_no_token_is_said_and_stops_nothing() -> None:
    assert "no upload" in check_token("", now=0.0)


def check_page_of(content: str, *, is_public: bool = True, status: int = 200) -> None:
    answers = GOOD | {PICTURE_PATH: (status, "text/html", content.encode())}
    check_picture_page(library(answers), "1M8NA4XNKD5G7", is_public=is_public)


def test_the_page_of_a_picture_says_what_a_link_to_it_shows() -> None:
    check_page_of(PICTURE_PAGE)


def test_a_private_library_shows_its_page_and_says_nothing() -> None:
    check_page_of(PAGE.replace("index-1", "index-2"), is_public=False)


@pytest.mark.parametrize(
    ("content", "is_public", "status", "message"),
    [
        (PICTURE_PAGE, True, 404, "/p/1M8NA4XNKD5G7 is 404"),
        ("<p>hello", True, 200, "names no script"),
        (PAGE, True, 200, "does not say which picture"),
        (
            PICTURE_PAGE.replace("a/v1", "b/v1"),
            True,
            200,
            "the picture that a link to /p/1M8NA4XNKD5G7 shows is 404",
        ),
        (PICTURE_PAGE, False, 200, "tells everybody of a private library"),
    ],
)
def test_a_page_of_a_picture_that_is_wrong_is_found(
    content: str, is_public: bool, status: int, message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        check_page_of(content, is_public=is_public, status=status)


def test_a_page_that_was_just_published_is_waited_for() -> None:
    statuses = [503, 200]

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == PICTURE_PATH:
            return httpx2.Response(
                statuses.pop(0), content=PICTURE_PAGE, headers={"Content-Type": "text/html"}
            )
        return httpx2.Response(200, content=JPEG, headers={"Content-Type": "image/jpeg"})

    check_picture_page(made(answer), "1M8NA4XNKD5G7", is_public=True)
    assert statuses == []
