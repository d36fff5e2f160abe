import json

from msgspec import structs

from stockroom.api.cache_policy import FRONT_PAGE, PICTURE, PRIVATE
from stockroom.api.preconditions import parse_if_match
from stockroom.api.presenters import present_image
from stockroom.api.responses import (
    encode_result,
    make_empty_response,
    make_problem_response,
    make_response,
)
from stockroom.api.schemas import Health, ImagePage
from stockroom.runtime.errors import BadRequest, StorageUnavailable
from tests.api.examples import PICTURE as PICTURE_OF_API


def test_a_result_is_json_with_the_headers_of_its_policy() -> None:
    stored = encode_result(Health(status="ok", version="1"), PICTURE, "/api/health", [])
    assert json.loads(stored.body) == {"status": "ok", "version": "1"}
    assert stored.headers == {"Cache-Control": "public, max-age=60"}
    assert make_response(stored, "").headers == {
        "Content-Type": "application/json",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=60",
    }


def test_what_the_function_stores_has_a_tag_and_a_client_that_has_it_gets_no_body() -> None:
    stored = encode_result(b'{"a":1}', FRONT_PAGE, "/api/images", [])
    assert (make_response(stored, "").status_code, make_response(stored, "").body) == (200, '{"a":1}')
    unchanged = make_response(stored, stored.headers["ETag"])
    assert (unchanged.status_code, unchanged.body) == (304, "")


def test_a_picture_has_the_tag_of_its_revision_for_edits() -> None:
    stored = encode_result(present_image(PICTURE_OF_API), PICTURE, "/api/images/1", [])
    assert parse_if_match(stored.headers["ETag"]) == {PICTURE_OF_API.revision}


def test_a_picture_with_other_links_has_another_tag() -> None:
    """Otherwise browsers would be told that the links they have are the present ones, until they are dead."""
    tags = {
        encode_result(present_image(picture), PICTURE, "/api/images/1", []).headers["ETag"]
        for picture in (
            PICTURE_OF_API,
            structs.replace(PICTURE_OF_API, version=PICTURE_OF_API.version + 1),
            structs.replace(PICTURE_OF_API, link_key="0another"),
        )
    }
    assert len(tags) == 3


def test_a_page_links_to_its_neighbours() -> None:
    page = ImagePage([], next="N", previous="P")
    stored = encode_result(page, FRONT_PAGE, "/api/images", [("q", "sea sun"), ("cursor", "C")])
    assert stored.headers["Link"] == (
        '</api/images?cursor=N&q=sea+sun>; rel="next", </api/images?cursor=P&q=sea+sun>; rel="prev"'
    )
    assert "Link" not in encode_result(ImagePage([], next=None), FRONT_PAGE, "/api/images", []).headers


def test_addresses_that_are_too_long_for_a_header_are_left_out() -> None:
    page = ImagePage([], next="N", previous="P")
    # Percent-encoded, each of these characters takes nine.
    fitting, long = (encode_result(page, FRONT_PAGE, "/api/images", [("q", "夕" * n)]) for n in (200, 300))
    assert len(fitting.headers["Link"]) > 3600
    assert "Link" not in long.headers
    assert long.body == fitting.body


def test_no_body_is_204() -> None:
    response = make_empty_response(PRIVATE)
    assert (response.status_code, response.body) == (204, "")
    assert response.headers == {"Cache-Control": "private, no-store"}


def test_a_problem_has_the_code_the_place_and_the_headers_of_its_error() -> None:
    response = make_problem_response(BadRequest.at("?q", "query-too-long", "Too long."))
    assert json.loads(response.body) == {
        "type": "urn:stockroom:problem:query-too-long",
        "title": "Bad Request",
        "status": 400,
        "detail": "Too long.",
        "code": "query-too-long",
        "errors": [{"pointer": "?q", "code": "query-too-long", "detail": "Too long."}],
    }
    unavailable = make_problem_response(StorageUnavailable("Away."))
    assert (unavailable.status_code, unavailable.headers["Retry-After"]) == (503, "10")
    assert (unavailable.headers["Cache-Control"], "errors" in json.loads(unavailable.body)) == (
        "no-store",
        False,
    )
