"""The published page with other heads, whatever has become of storage and database."""

from http import HTTPStatus

import pytest

from stockroom.api.sharing.page_template import SECONDS, PageTemplate
from stockroom.runtime.errors import DatabaseWaking, StorageUnavailable
from tests.pages import PAGE


class Bucket:
    """Gives the page that it has, or none."""

    def __init__(self, page: str = PAGE) -> None:
        self.page = page
        self.reads = 0
        self.seconds = 0.0

    def read(self) -> str:
        self.reads += 1
        if not self.page:
            raise StorageUnavailable("away")
        return self.page

    def template(self) -> PageTemplate:
        return PageTemplate(self.read, lambda: self.seconds)


def test_a_head_takes_the_place_of_the_pages_own() -> None:
    # What is inserted is no pattern, and names no group.
    head = "<title>A \\1 \\g<0></title>"
    answer = Bucket().template().write(head)
    assert answer.status is HTTPStatus.OK
    assert answer.text == PAGE.replace("<title>Stockroom</title>", head).replace(
        '\n    <meta name="description" content="Find pictures." />', ""
    ).replace('<div id="first-picture" hidden></div>', "")


def test_a_body_stands_where_the_page_has_a_place_for_it() -> None:
    place = '<div id="first-picture" hidden></div>'
    body = "<p>A \\1</p>"
    assert Bucket().template().write("<title>A</title>", body).text.count(body) == 1
    assert place not in Bucket().template().write("").text
    # A page that was published before has none, and would not take it away.
    assert body not in Bucket(PAGE.replace(place, "")).template().write("<title>A</title>", body).text


def test_the_script_waits_for_a_picture_that_the_page_has() -> None:
    waiting = '<script id="page-script" type="module" data-src="/assets/index-1a2b.js"></script>'
    assert waiting in Bucket().template().write("<title>A</title>", "<p></p>").text
    assert waiting not in Bucket().template().write("<title>A</title>").text
    # A page that was published before has no script that starts the other one.
    older = PAGE.replace(' id="page-script"', "")
    assert "data-src" not in Bucket(older).template().write("<title>A</title>", "<p></p>").text


def test_the_page_is_read_once_a_minute() -> None:
    bucket = Bucket()
    template = bucket.template()
    for _ in range(3):
        template.write("")
    assert bucket.reads == 1
    bucket.seconds = SECONDS
    bucket.page = PAGE.replace("index-1a2b", "index-3c4d")
    assert "index-3c4d" in template.write("").text
    assert bucket.reads == 2


def test_an_older_page_is_better_than_none() -> None:
    bucket = Bucket()
    template = bucket.template()
    before = template.write("")
    bucket.page = ""
    bucket.seconds = SECONDS
    assert template.write("") == template.write("") == before
    assert bucket.reads == 2, "storage is asked again after a minute, and not by each request"


def test_without_any_page_there_is_a_word_for_people_and_a_status_for_programs() -> None:
    bucket = Bucket("")
    answer = bucket.template().write("<title>A</title>")
    assert (answer.status, answer.headers) == (HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "10"})
    assert "Try again" in answer.text


def test_a_page_tells_programs_when_to_come_again() -> None:
    answer = Bucket().template().write_unavailable(DatabaseWaking())
    assert (answer.status, answer.headers) == (HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "5"})
    assert answer.text == Bucket().template().write("<title>Stockroom</title>").text


def test_what_is_no_page_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no title"):
        Bucket("<html>").template().write("")
