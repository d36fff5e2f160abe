"""The pictures of the first screen stand in their places before the script of the page is there."""

import re
import time
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]

PAGE_SCRIPT = "**/assets/index-*.js"
# Where each file is shown, by its path.
FIND_PLACES = """(selector) => {
    const files = [...document.querySelectorAll(selector)].filter(({ currentSrc }) => currentSrc !== "");
    return Object.fromEntries(files.map((file) => {
        const { x, y, width, height } = file.getBoundingClientRect();
        return [new URL(file.currentSrc).pathname.split("/")[2], { x, y, width, height }];
    }));
}"""
ARE_THERE = """() => {
    const images = [...document.querySelectorAll(".first-tiles img")];
    return images.length > 0 && images.every((image) => image.complete && image.naturalWidth > 0);
}"""
# What of the page has moved while it was seen, and where it was before and after.
SHIFTS = """
    window.shifts = [];
    const describe = ({ node, previousRect: { y: from }, currentRect: { y: to } }) =>
        `${node?.parentElement?.className} ${node?.nodeName} ${node?.textContent}: ${from} to ${to}`;
    const add = (list) => shifts.push(...list.getEntries().flatMap(({ sources }) => sources.map(describe)));
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
"""

LARGE_TEXT = """
    const enlarge = () => document.documentElement?.style.setProperty("font-size", "200%");
    enlarge();
    new MutationObserver(enlarge).observe(document, { childList: true });
"""


@pytest.fixture(scope="module")
def word(stack: LocalStack) -> str:
    """A word that five pictures have, and no other picture."""
    alice = Person(stack, stack.token("alice", name="Alice"))
    # A heading of two lines moves the grid, and the pictures with it.
    word = f"numbat{time.time_ns() % 10**6}"
    pictures = alice.upload(*[fresh_photo() for _ in range(5)], description=f"At the sea #{word}")
    for picture in pictures:
        assert alice.settled(picture)["state"] == "ready"
    # The CDN stores the front page's answer for seconds. One without these pictures may have no tags at all.
    ends = time.monotonic() + 60
    while word not in urllib.request.urlopen(f"{stack.url}/api/images?limit=50").read().decode():  # noqa: S310
        assert time.monotonic() < ends, "the front page has no new picture"
        time.sleep(0.5)
    return word


class Gate:
    """Holds the page's script, with its texts, until it is opened."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._is_open = False
        page.route(PAGE_SCRIPT, self._take)

    def _take(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        self._is_open = True
        for route in self._held:
            route.continue_()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [320, 390, 600, 1440])
@pytest.mark.parametrize("address", ["/", "/?q={}", "/?tag={}"])
def test_pictures_do_not_move_when_the_page_comes(
    stack: LocalStack, word: str, *, width: int, language: str, address: str
) -> None:
    with open_page(stack.url, language=language) as page:
        page.set_viewport_size({"width": width, "height": 844})
        page.add_init_script(SHIFTS)
        gate = Gate(page)
        page.goto(address.format(word), wait_until="commit")
        page.wait_for_function(ARE_THERE)
        before: dict[str, Any] = page.evaluate(FIND_PLACES, ".first-tiles img")
        gate.open()
        expect(page.locator(".first-tiles")).to_have_count(0)
        after: dict[str, Any] = page.evaluate(FIND_PLACES, "main a[data-picture-id] img")
        # Where the page has more above its grid than usual, the last of them are below the screen.
        both = before.keys() & after.keys()
        assert both
        for path in both:
            assert before[path] == pytest.approx(after[path], abs=1), path
        assert page.evaluate("shifts") == []


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_moves_where_the_text_is_twice_as_large(stack: LocalStack, word: str, language: str) -> None:
    assert word
    with open_page(stack.url, language=language) as page:
        page.set_viewport_size({"width": 320, "height": 640})
        page.add_init_script(SHIFTS)
        page.add_init_script(LARGE_TEXT)

        held: list[Route] = []

        # The browser's library refuses a method of a list.
        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/api/images?*", hold)
        page.goto("/", wait_until="commit")
        number = page.locator("[data-count]")
        expect(number).to_have_text(re.compile("^(Looking|Suche)"))
        # The library has more than 50 pictures, and this number takes two lines.
        for route in held:
            found = route.fetch().json()
            images = [each | {"id": f"{each['id']}{copy}"} for each in found["images"] for copy in range(50)]
            route.fulfill(json=found | {"images": images[:50], "next": "more", "count": None})
        expect(number).to_have_text(re.compile("^(More than|Mehr als) 50 "))
        # It comes after the first pictures, as does all that may move something.
        expect(page.locator("header select")).to_be_visible()
        assert page.evaluate("shifts") == []


def test_a_page_whose_script_fails_says_so(stack: LocalStack, word: str) -> None:
    with open_page(stack.url, expected="net::ERR_FAILED") as page:
        page.goto(f"/?q={word}")
        picture = page.locator("main a[data-picture-id]").first.get_attribute("href")
        for address in (f"/?q={word}", f"{picture}"):
            page.route(PAGE_SCRIPT, lambda route: route.abort())
            page.goto(address)
            again = page.get_by_role("link", name="Load it again")
            expect(again).to_be_visible()
            expect(page.get_by_role("link", name="Noch einmal laden")).to_be_visible()
            page.unroute(PAGE_SCRIPT)
            again.click()
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(again).to_be_hidden()
