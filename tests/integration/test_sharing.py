"""Links that others show: what a crawler gets from the running stack, and what a browser makes of it."""

import json
import re
import time
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import expect

from tests.integration.api import Person, send
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def word() -> str:
    return f"puffin{time.time_ns()}"


@pytest.fixture(scope="module")
def picture(stack: LocalStack, word: str) -> str:
    """The id of a picture that is ready; its description has the word."""
    alice = Person(stack, stack.token("alice", name="Alice"))
    (upload,) = alice.upload(fresh_photo(), description=f"A {word} </title><script>alert(1)</script>")
    assert alice.settled(upload)["state"] == "ready"
    return upload


def test_a_crawler_reads_the_picture_from_its_address(stack: LocalStack, picture: str, word: str) -> None:
    reply = send("GET", f"{stack.url}/p/{picture}?utm_source=a", headers={"Host": urlsplit(stack.url).netloc})
    # Before anything else, as the answer is stored for a minute.
    assert send("GET", f"{stack.url}/p/{picture}?fbclid=b").headers["x-cache"] == "Hit from cloudfront"
    text = reply.body.decode()
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    found = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)"', text))
    assert found["og:url"] == f"{stack.url}/p/{picture}"
    assert word in found["og:title"]
    image = send("GET", found["og:image"])
    assert (image.status, image.headers["content-type"]) == (200, found["og:image:type"])
    assert f'<link rel="canonical" href="{stack.url}/p/{picture}"' in text
    # Whatever its contributor has written, the page has the scripts that it had before, and one of data.
    # Beside them it has the picture.
    page = send("GET", f"{stack.url}/")
    assert text.count("<script") == page.body.count(b"<script") + 1
    before, after = (set(re.findall(r'src="([^"]+)"', each)) for each in (page.body.decode(), text))
    assert after - before == {urlsplit(found["og:image"]).path}
    assert before <= after
    for name in ("content-security-policy", "cross-origin-opener-policy"):
        assert reply.headers[name] == page.headers[name]
    head = send("HEAD", f"{stack.url}/picture/{picture}")
    assert (head.status, head.body) == (200, b"")


def test_whatever_is_no_picture_is_not_found(stack: LocalStack) -> None:
    for path in (f"/p/{'0' * 13}", "/p/nothing", "/p/a/b.html", f"/picture/{'0' * 13}"):
        reply = send("GET", f"{stack.url}{path}")
        assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert b'<div id="app">' in reply.body


def test_other_programs_find_the_picture(stack: LocalStack, picture: str, word: str) -> None:
    oembed = send("GET", f"{stack.url}/oembed?url={stack.url}/p/{picture}&maxheight=300&format=json")
    assert (oembed.status, oembed.headers["content-type"]) == (200, "application/json")
    assert send("GET", oembed.json["url"]).status == 200
    assert send("GET", f"{stack.url}/oembed?url={stack.url}/p/{picture}&format=xml").status == 501

    atom = ET.fromstring(send("GET", f"{stack.url}/feed.atom?q={word}").body)  # noqa: S314  our own
    (entry,) = atom.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"{stack.url}/p/{picture}"
    feed = send("GET", f"{stack.url}/feed.json?limit=24&q={word}")
    assert [item["url"] for item in feed.json["items"]] == [f"{stack.url}/p/{picture}"]
    assert send("GET", f"{stack.url}/feed.json?q={word}").headers["x-cache"] == "Hit from cloudfront"

    robots = send("GET", f"{stack.url}/robots.txt").body.decode()
    index = ET.fromstring(send("GET", robots.partition("Sitemap: ")[2].strip()).body)  # noqa: S314
    pages = [send("GET", page.text or "").body.decode() for page in index.iter(f"{MAP}loc")]
    assert sum(page.count(f"<loc>{stack.url}/p/{picture}</loc>") for page in pages) == 1


@pytest.mark.browser
def test_a_browser_opens_the_link_and_goes_on(stack: LocalStack, picture: str, word: str) -> None:
    with open_page(stack.url) as page:
        page.goto(f"/p/{picture}")
        described = page.locator('script[type="application/ld+json"]')
        assert word in json.loads(described.inner_text())["name"]
        expect(page.get_by_role("heading", level=1)).to_have_text("photo-0.jpg")
        expect(page).to_have_title(re.compile(rf"^A {word} .*alert.* · Stockroom$"))
        expect(page.get_by_role("img").first).to_have_attribute("data-loaded", "true")

        page.get_by_role("button", name="To the search").click()
        page.get_by_role("searchbox", name="Search").fill(word)
        page.get_by_role("searchbox", name="Search").press("Enter")
        pictures = page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")
        expect(pictures).to_have_count(1)
        # What the head said of the picture is gone with it.
        expect(described).to_have_count(0)
        expect(page.locator('link[rel="canonical"]')).to_have_count(0)
        feed = page.locator(f'link[rel="alternate"][href="/feed.atom?q={word}"]')
        expect(feed).to_have_count(1)
        pictures.first.click()
        expect(page).to_have_url(f"{stack.url}/p/{picture}")

        page.goto(f"/picture/{picture}")
        expect(page.get_by_role("heading", level=1)).to_have_text("photo-0.jpg")
