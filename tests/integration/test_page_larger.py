"""A picture that is enlarged shows the lines of its largest rendition, which is a matter of the setting."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.stack import LocalStack, new_stack
from tests.renditions.images import photo
from tooling.ports import choose_free

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]

COUNT_LINES = """async (image) => {
    const file = await fetch(image.currentSrc);
    return (await createImageBitmap(await file.blob())).height;
}"""
"""What the browser says of an image's height is that of the choice which it has made by width."""


@pytest.fixture(scope="module")
def larger_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack that makes the rendition at 1440p."""
    running = new_stack(tmp_path_factory.mktemp("larger"), choose_free(), STOCKROOM_FORMATS="jpeg,webp,1440p")
    try:
        running.make("up")
        yield running
    finally:
        running.make("down")
        shutil.rmtree(running.layout.data)


def enlarge(page: Page, stack: LocalStack, last: str) -> int:
    """Upload a photograph of 1,600 lines and enlarge it in its page: how many lines the viewer then shows."""
    alice = Person(stack, stack.token("alice", name="Alice"))
    picture = alice.upload_whole(bytes(photo(2400, 1600).jpegsave_buffer()), last)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/p/{picture}")
    page.get_by_role("button", name="Enlarge the picture").click()
    viewer = page.get_by_role("dialog")
    viewer.get_by_role("button", name="Zoom").click()
    image = viewer.locator(".pswp__item[aria-hidden=false] img:not(.pswp__img--placeholder)")
    expect(image).to_be_visible()
    # What is there first stays until the larger file has come.
    page.wait_for_load_state("networkidle")
    return int(image.evaluate(COUNT_LINES))


def test_an_enlarged_picture_has_1440_lines_where_they_are_made(larger_stack: LocalStack) -> None:
    with open_page(larger_stack.url) as page:
        assert enlarge(page, larger_stack, "1440p.webp") == 1440
        page.keyboard.press("Escape")
        # JPEG opens in every program, and stays what is offered first.
        download = page.get_by_role("link", name=re.compile("^Download 1080 . 720$"))
        expect(download).to_have_attribute("download", re.compile(r"1080x720\.jpg$"))
        larger = page.get_by_role("link", name=re.compile("^Download 2160 . 1440 WebP$"))
        expect(larger).to_have_attribute("href", re.compile(r"/1440p\.webp$"))
        assert find_violations(page) == []


def list_shown(stack: LocalStack, picture: str, ratio: int) -> list[str]:
    """The files of a picture that its page asks for, in their order, by pixels of the screen to one of CSS.

    The last one is what is shown.
    """
    asked: list[str] = []
    with open_page(stack.url) as page:
        screen = {"width": 1280, "height": 900, "deviceScaleFactor": ratio, "mobile": False}
        page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", screen)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"/p/{picture}")
        shown = page.locator(".picture-frame img[data-loaded]")
        expect(shown).to_be_visible()
        page.wait_for_load_state("networkidle")
        files = list(dict.fromkeys(url.rpartition("/")[2] for url in asked if f"/i/{picture}" in url))
        assert shown.evaluate("image => image.currentSrc").endswith(files[-1])
    return files


def test_a_fine_screen_shows_more_of_a_picture_than_720p(larger_stack: LocalStack) -> None:
    """After 720p, which the browser fetches first; a coarse screen takes nothing more."""
    alice = Person(larger_stack, larger_stack.token("alice", name="Alice"))
    picture = alice.upload_whole(bytes(photo(2400, 1602).jpegsave_buffer()), "1440p.webp")
    assert list_shown(larger_stack, picture, 1) == ["720p.webp"]
    assert list_shown(larger_stack, picture, 2) == ["720p.webp", "1440p.webp"]


def test_a_picture_has_720_lines_where_larger_ones_are_not_made(stack: LocalStack) -> None:
    with open_page(stack.url) as page:
        assert enlarge(page, stack, "720p.webp") == 720
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name=re.compile("^Download 1080 . 720$"))).to_be_visible()
        expect(page.get_by_role("link", name="WebP")).to_have_count(0)
