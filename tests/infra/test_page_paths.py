"""The CDN's functions for the page's paths, on an engine like CloudFront's; nginx is in tests/local."""

import json
from typing import Any

import pytest

from infra.page_paths import generate_request_code, generate_response_code
from tests.infra.cloudfront_runtime import run_function
from tooling import ROOT

EXAMPLES = json.loads((ROOT / "frontend" / "tests" / "app" / "path-examples.json").read_text())
"""The names of routes by paths, to which the router's own test holds it, too."""


def _serve(uri: str) -> tuple[str, int]:
    """The file that is asked for, and how many built-in functions were called."""
    request = {"method": "GET", "uri": uri, "querystring": {"q": {"value": "sea"}}, "headers": {}}
    (run,) = run_function(generate_request_code(), [{"request": request}])
    assert run.answer == {**request, "uri": run.answer["uri"]}
    return run.answer["uri"], run.calls


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_page_answers_the_paths_of_its_router_alone(path: str) -> None:
    assert _serve(path)[0] == ("/missing.html" if EXAMPLES[path] == "missing" else "/index.html")


@pytest.mark.parametrize(
    ("uri", "served"),
    [
        ("/assets/index-1a2b.js", "/assets/index-1a2b.js"),
        ("/favicon.ico", "/favicon.ico"),
        ("/missing.html", "/missing.html"),
        ("/v1.2/", "/missing.html"),
        ("/" * 8000, "/index.html"),
        (f"{'/' * 8000}a", "/missing.html"),
        (f"/{'a' * 8000}", "/missing.html"),
        (f"/signin/{'a' * 8000}/answer", "/index.html"),
        (f"/{'.' * 8000}", f"/{'.' * 8000}"),
        # CloudFront hands on what was written, without decoding it.
        ("/a%2Eb", "/missing.html"),
        ("/a%2Fb.js", "/a%2Fb.js"),
        ("/../i/1.jpg", "/../i/1.jpg"),
        ("/..", "/.."),
    ],
)
def test_what_has_a_name_of_a_file_is_a_file(uri: str, served: str) -> None:
    answered, calls = _serve(uri)
    assert answered == served
    assert calls <= 5


def _answer(status: int, headers: dict[str, str]) -> Any:
    response = {
        "statusCode": status,
        "statusDescription": "as it is",
        "headers": {name: {"value": value} for name, value in headers.items()},
        "cookies": {},
    }
    (run,) = run_function(generate_response_code(), [{"request": {"uri": "/nowhere"}, "response": response}])
    assert run.answer["headers"] == response["headers"]
    assert "body" not in run.answer
    return run.answer["statusCode"], run.answer["statusDescription"]


def test_what_the_bucket_marks_as_missing_is_not_found() -> None:
    assert _answer(200, {"x-amz-meta-status": "404", "content-type": "text/html"}) == (404, "Not Found")


def test_every_other_answer_keeps_its_status() -> None:
    assert _answer(200, {"content-type": "text/html"}) == (200, "as it is")
    # A browser that has stored the 404 asks whether it is still true; a part of a file is no whole answer.
    for status in (206, 304):
        assert _answer(status, {"x-amz-meta-status": "404"}) == (status, "as it is")
