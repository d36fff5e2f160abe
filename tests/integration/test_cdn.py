"""What visitors get from nginx in CloudFront's place: pages, stored answers, compression, HEAD."""

import gzip
import json
import re
import time

import pytest

from tests.integration.api import Person, send
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = pytest.mark.integration


def test_pages_come_from_the_distribution(stack: LocalStack) -> None:
    page = send("GET", f"{stack.url}/")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in page.headers
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert send("GET", f"{stack.url}/uploads?q=sea").body == page.body


def test_where_the_page_has_nothing_it_says_so_with_the_status_404(stack: LocalStack) -> None:
    page = send("GET", f"{stack.url}/")
    for path in ("/a/deep/link", "/nowhere?q=sea", "/p", "/by/999999999"):
        answer = send("GET", f"{stack.url}{path}")
        assert (answer.status, b"<title>Not found" in answer.body) == (404, True)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] in ("no-cache", "no-store")
        for name in ("content-security-policy", "cross-origin-opener-policy"):
            assert answer.headers[name] == page.headers[name]
        head = send("HEAD", f"{stack.url}{path}")
        assert (head.status, head.body) == (404, b"")


def test_public_answers_are_stored_and_shared(stack: LocalStack) -> None:
    url = f"{stack.url}/api/images?q=stored{time.time_ns()}"
    assert send("GET", url).headers["x-cache"] == "Miss from cloudfront"
    assert send("GET", url).headers["x-cache"] == "Hit from cloudfront"
    signed_in = send("GET", url, None, {"Authorization": "Bearer nobody"})
    assert signed_in.headers["x-cache"] == "Hit from cloudfront"


def test_equal_searches_share_one_stored_answer(stack: LocalStack) -> None:
    word = f"equal{time.time_ns()}"
    first = send("GET", f"{stack.url}/api/images?sort=newest&q={word}&limit=24")
    same = send("GET", f"{stack.url}/api/images?q={word}")
    other = send("GET", f"{stack.url}/api/images?q={word}&limit=23")
    assert (first.headers["x-cache"], same.headers["x-cache"]) == (
        "Miss from cloudfront",
        "Hit from cloudfront",
    )
    assert other.headers["x-cache"] == "Miss from cloudfront"


def test_personal_answers_are_not_stored(stack: LocalStack) -> None:
    alice = Person(stack, stack.token("alice"))
    for _ in range(2):
        reply = alice.call("GET", "/api/uploads")
        assert reply.headers["cache-control"] == "private, no-store"
        assert reply.headers["x-cache"] == "Miss from cloudfront"


def test_personal_answers_are_compressed_by_the_function(stack: LocalStack) -> None:
    alice = Person(stack, stack.token("alice"))
    alice.announce(*(b"announced %d" % time.time_ns() for _ in range(12)))
    plain = alice.call("GET", "/api/uploads")
    assert "content-encoding" not in plain.headers
    compressed = alice.call("GET", "/api/uploads", more_headers={"Accept-Encoding": "gzip, br"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.headers["vary"] == "Accept-Encoding"
    assert len(compressed.body) < len(plain.body) / 2
    assert json.loads(gzip.decompress(compressed.body)).keys() == plain.json.keys()


def test_scripts_are_compressed_and_immutable(stack: LocalStack) -> None:
    page = send("GET", f"{stack.url}/").body.decode()
    script = re.findall(r'src="(/assets/[^"]+\.js)"', page)[0]
    answer = send("GET", f"{stack.url}{script}", None, {"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]


def test_head_is_answered_for_pictures_and_is_no_route_of_the_api(stack: LocalStack) -> None:
    alice = Person(stack, stack.token("alice"))
    picture = alice.urls(alice.upload_whole(fresh_photo()))["720p"]
    head = send("HEAD", picture)
    assert (head.headers["content-type"], head.body) == ("image/jpeg", b"")
    assert int(head.headers["content-length"]) == len(send("GET", picture).body)
    assert send("HEAD", f"{stack.url}/api/images").status == 404
