"""What a phone shows of pictures, also of those that have not loaded, and of texts that are long for it."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from stockroom.renditions.libvips import pyvips
from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.stack import LocalStack
from tests.renditions.images import encode

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]

OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
# Of the texts in an element, those that are wider than the room in it.
FIND_WIDE = """card => {
    const { paddingRight, paddingLeft } = getComputedStyle(card);
    const box = card.getBoundingClientRect();
    const [left, right] = [box.left + parseFloat(paddingLeft) - 1, box.right - parseFloat(paddingRight) + 1];
    const range = document.createRange();
    return [...card.querySelectorAll("dt, dd, p")].filter((text) => {
        range.selectNodeContents(text);
        return [...range.getClientRects()].some((line) => line.left < left || line.right > right);
    }).map((text) => text.textContent);
}"""


@pytest.fixture(scope="module")
def word(stack: LocalStack) -> str:
    """A word of four pictures, which are white: a panorama, two in portrait, and one in landscape."""
    word = f"potoroo{time.time_ns()}"
    person = Person(stack, stack.token(word, name="Ann Lee"))
    for width, height in [(1500, 1000), (1000, 1400), (1000, 1401), (2400, 800)]:
        white = (pyvips.Image.black(width, height, bands=3) + 255).cast("uchar")
        # A dot of another colour makes another file of each.
        white = white.draw_rect([time.time_ns() % 200, 0, 0], 0, 0, 1, 1, fill=True)
        described = f"A {word} in the snow on a white winter day in the far north of the country"
        for picture in person.upload(
            encode(white, "png"), description=described, license="all-rights-reserved"
        ):
            assert person.settled(picture)["state"] == "ready"
    return word


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url, has_touch=True, expected=OFFLINE) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        yield page


def tiles(page: Page) -> Locator:
    return page.locator("main ul a[data-picture-id]")


def find_box(shown: Locator) -> FloatRect:
    box = shown.bounding_box()
    assert box is not None
    return box


def overlaps(one: Locator, other: Locator) -> bool:
    a, b = find_box(one), find_box(other)
    across = a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
    return across and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]


def find_least_contrast(shown: Locator) -> float:
    """Of white letters, with what is below them where an element has its text."""
    shown.evaluate("text => { text.style.color = 'transparent'; }")
    pixels = pyvips.Image.new_from_buffer(shown.screenshot(), "").extract_band(0, n=3)
    shown.evaluate("text => { text.style.color = ''; }")
    brightest: float = pixels.colourspace("scrgb").recomb([[0.2126, 0.7152, 0.0722]]).max()
    return 1.05 / (brightest + 0.05)


@pytest.mark.parametrize(("language", "tips"), [("en-US", "Tips"), ("de-DE", "Tipps")])
def test_search_tips_stay_in_their_box(stack: LocalStack, language: str, tips: str) -> None:
    with open_page(stack.url, language=language) as page:
        page.set_viewport_size({"width": 320, "height": 640})
        page.goto("/")
        page.get_by_role("button", name=tips, exact=True).click()
        card = page.locator("#search-help .card")
        expect(card.locator("dt")).not_to_have_count(0)
        assert card.evaluate(FIND_WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_captions_are_read_on_white_pictures_and_leave_most_of_them_alone(
    page: Page, word: str, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"/?q={word}")
    expect(tiles(page)).to_have_count(4)
    for tile in tiles(page).all():
        expect(tile.locator("img")).to_have_attribute("data-loaded", "true")
    # They fade in.
    page.wait_for_timeout(500)
    for tile in tiles(page).all():
        caption, title = tile.locator(".caption"), tile.locator(".name")
        expect(caption).to_have_css("opacity", "1")
        assert find_box(caption)["height"] <= 40
        assert find_least_contrast(title) >= 4.5
        assert find_least_contrast(tile.locator(".reserved")) >= 4.5
    assert find_violations(page) == []


def test_a_tile_that_has_not_loaded_says_so_above_its_caption(page: Page, word: str) -> None:
    page.route("**/i/**", lambda route: route.abort("internetdisconnected"))
    page.goto(f"/?q={word}")
    expect(tiles(page)).to_have_count(4)
    # The places that were there before the page's script wait for their pictures in vain.
    expect(page.locator(".first-tiles")).to_have_count(0)
    for tile in tiles(page).all():
        # A narrow tile has room for the sign alone.
        told = tile.locator(".word" if find_box(tile)["width"] >= 100 else ".failure svg")
        expect(told).to_be_visible()
        assert not overlaps(told, tile.locator(".caption"))
        assert find_least_contrast(told) >= 4.5


@pytest.mark.parametrize(
    ("language", "words", "following"),
    [
        ("en-US", "The sharp picture could not be loaded.", "Next picture"),
        ("de-DE", "Das scharfe Bild ließ sich nicht laden.", "Nächstes Bild"),
    ],
)
def test_a_picture_that_is_not_sharp_says_so_where_no_button_is(
    stack: LocalStack, word: str, language: str, words: str, following: str
) -> None:
    with open_page(stack.url, has_touch=True, language=language, expected=OFFLINE) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/?q={word}")
        expect(tiles(page)).to_have_count(4)
        for tile in tiles(page).all():
            expect(tile.locator("img")).to_have_attribute("data-loaded", "true")
        page.route("**/720p.*", lambda route: route.abort("internetdisconnected"))
        tiles(page).first.click()
        for number in range(4):
            told = page.get_by_text(words)
            for width, height in [(320, 640), (390, 844), (768, 1024), (1440, 900)]:
                page.set_viewport_size({"width": width, "height": height})
                expect(told).to_be_in_viewport(ratio=1)
                mark = page.locator(".picture-frame .mark")
                expect(mark.get_by_role("button")).to_be_in_viewport(ratio=1)
                controls = page.locator(".picture-stage .controls button").all()
                assert len(controls) == 4
                assert [control for control in controls if overlaps(mark, control)] == []
                assert find_least_contrast(told) >= 4.5
            if number < 3:
                page.get_by_role("button", name=following).click()


def test_what_is_wrong_with_a_sign_in_link_is_on_the_screen_of_a_phone(stack: LocalStack) -> None:
    for language, choice in (("en-US", "Language"), ("de-DE", "Sprache")):
        with open_page(stack.url, language=language) as page:
            page.set_viewport_size({"width": 320, "height": 640})
            page.goto("/#token=abc")
            expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
            # Sooner than after the time for which pictures are waited for.
            expect(page.get_by_role("combobox", name=choice)).to_be_visible(timeout=2500)
