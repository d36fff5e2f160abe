"""The page in another language than English, and read from right to left."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tooling import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]

READ_TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [document.title];
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode;
        if (parentElement.localName !== "noscript") texts.push(data);
    }
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
    }
    return texts.map((text) => text.replace(/\\s+/g, " ").trim());
}"""
IS_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
FROM_RIGHT_TO_LEFT = """
    new MutationObserver((_changes, observer) => {
        if (document.documentElement === null) return;
        document.documentElement.dir = "rtl";
        observer.disconnect();
    }).observe(document, { childList: true });
"""


@pytest.fixture(scope="module")
def word(stack: LocalStack) -> str:
    """The word of two pictures of Numbat's."""
    word = f"numbat{time.time_ns()}"
    person = Person(stack, stack.token(word, name="Numbat"))
    for picture in person.upload(fresh_photo(), fresh_photo(), description=f"A {word}", tags=[word]):
        assert person.settled(picture)["state"] == "ready"
    return word


@pytest.fixture(scope="module")
def english() -> re.Pattern[str]:
    """Whatever the page says in English alone."""
    catalogue = json.loads((ROOT / "frontend" / "locales" / "de.json").read_text())
    german = {
        form for text in catalogue.values() for form in ([text] if isinstance(text, str) else text.values())
    }
    texts = {
        form for text in catalogue for form in text.split(" | ") if " " in form or form[0].isupper()
    } - german
    assert len(texts) > 400
    return re.compile("|".join(re.sub(r"\\\{\d\\\}", ".+", re.escape(text)) for text in sorted(texts)))


@pytest.fixture
def german_page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url, language="de-DE") as page:
        yield page


def test_the_page_is_german_for_those_who_prefer_it(
    stack: LocalStack, german_page: Page, word: str, english: re.Pattern[str]
) -> None:
    page = german_page
    page.set_viewport_size({"width": 320, "height": 700})

    def look() -> None:
        assert [text for text in page.evaluate(READ_TEXTS) if english.fullmatch(text)] == []
        assert not page.evaluate(IS_WIDE), page.url
        assert find_violations(page) == []

    page.goto("/")
    expect(page.get_by_role("heading", name="Neueste Bilder")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_label("Sprache")).to_have_value("de")
    look()
    # The links of the header stand beside one another.
    links = page.get_by_role("navigation").get_by_role("link")
    boxes = [link.bounding_box() for link in links.all()]
    assert len(boxes) == 2
    assert len({box["y"] for box in boxes if box is not None}) == 1, boxes
    assert all(box is not None and box["height"] < 60 for box in boxes), boxes

    page.goto("/?q=zzxqj")
    expect(page.get_by_text("Die meisten Bilder sind vielleicht auf Englisch beschrieben")).to_be_visible()
    look()
    page.goto("/")

    page.get_by_role("searchbox", name="Suchen").fill(word)
    page.get_by_role("searchbox", name="Suchen").press("Enter")
    expect(page.locator("[data-count]")).to_have_text("2 Bilder")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("button", name="Querformat")).to_be_visible()
    look()
    page.get_by_role("button", name="Filter").click()

    page.get_by_role("list", name="Bilder", exact=True).locator("a[data-picture-id]").first.click()
    expect(page.get_by_role("button", name="Link kopieren", exact=True)).to_be_visible()
    look()

    page.goto(f"/uploads#token={stack.token(word, name='Numbat')}")
    expect(page.get_by_role("list", name="Meine Bilder").get_by_role("listitem").first).to_be_visible()
    look()
    page.goto("/upload")
    expect(page.get_by_text("Fotos auswählen")).to_be_visible()
    look()

    # A choice is remembered, and changes the page at once.
    page.get_by_label("Sprache").select_option("en")
    expect(page.get_by_role("heading", name="Upload photos")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Newest pictures")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_what_is_read_from_right_to_left_goes_on_to_the_left(stack: LocalStack, word: str) -> None:
    with open_page(stack.url) as page:
        # The viewer takes no keys while it fades in.
        page.emulate_media(reduced_motion="reduce")
        page.add_init_script(FROM_RIGHT_TO_LEFT)
        page.goto(f"/?q={word}")
        tiles = page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")
        expect(tiles).to_have_count(2)
        first, second = (tile.bounding_box() for tile in tiles.all())
        assert first is not None
        assert second is not None
        assert first["x"] > second["x"]
        assert not page.evaluate(IS_WIDE)

        tiles.first.focus()
        page.keyboard.press("ArrowLeft")
        expect(tiles.nth(1)).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        following = page.get_by_role("button", name="Next picture")
        expect(following).to_be_enabled()
        box = following.bounding_box()
        assert box is not None
        assert box["x"] < 640
        address = page.url
        page.keyboard.press("ArrowLeft")
        expect(page).not_to_have_url(address)
        expect(following).to_be_disabled()
        page.get_by_role("button", name="Enlarge the picture").click()
        viewer = page.get_by_role("dialog")
        expect(viewer.get_by_role("button", name="Previous picture")).to_be_visible()
        expect(viewer.get_by_role("button", name="Next picture")).to_be_hidden()
        page.keyboard.press("ArrowRight")
        expect(viewer.get_by_role("button", name="Next picture")).to_be_visible()
        expect(viewer.get_by_role("button", name="Previous picture")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(page).to_have_url(address)
