"""A picture among its results in the page: opened, left and closed again, by the keyboard alone."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]

OFFLINE = "net::ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


@pytest.fixture(scope="module")
def word(stack: LocalStack) -> str:
    """A word that three pictures have, and no other picture."""
    alice = Person(stack, stack.token("alice", name="Alice"))
    word = f"quokka{time.time_ns()}"
    pictures = alice.upload(
        *[fresh_photo() for _ in range(3)], description=f"A {word} at the sea #sea", credit="Ann Lee"
    )
    for picture in pictures:
        assert alice.settled(picture)["state"] == "ready"
    return word


# What has moved of what was seen, as a part of the screen.
SHIFTS = """
    window.shifts = 0;
    const add = (list) => { for (const { value } of list.getEntries()) window.shifts += value; };
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
"""


def tiles(page: Page) -> Locator:
    return page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")


def test_closing_a_picture_goes_back_and_the_keyboard_goes_on(page: Page, word: str) -> None:
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text) if "svelte" in message.text else None)
    page.goto(f"/?q={word}")
    expect(tiles(page)).to_have_count(3)
    entries = page.evaluate("history.length")
    tiles(page).first.press("Enter")
    following = page.get_by_role("button", name="Next picture")
    following.press("Enter")
    expect(following).to_be_focused()
    following.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-0.jpg")
    # The end of the results is no reason to lose the focus.
    expect(following).to_be_focused()
    expect(following).to_be_disabled()
    assert find_violations(page) == []

    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{page.evaluate('location.origin')}/?q={word}")
    expect(tiles(page).last).to_be_focused()
    # The picture is the entry after this one, where “Forward” finds it; it is not before, where “Back” would.
    assert page.evaluate("history.length") == entries + 1
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-0.jpg")
    page.reload()
    page.get_by_role("button", name="Previous picture").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-1.jpg")
    following.click()
    page.get_by_role("button", name="Back to the results").click()
    expect(tiles(page).last).to_be_focused()
    assert page.evaluate("history.length") == entries + 1

    # The browser's own “Back” leads to the tile, too, and “Forward” to the heading.
    tiles(page).nth(1).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.go_back()
    expect(tiles(page).nth(1)).to_be_focused()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-1.jpg")
    assert warnings == []


def test_back_leads_to_where_the_link_of_a_picture_was(page: Page, word: str) -> None:
    page.goto(f"/?q={word}")
    path = tiles(page).first.get_attribute("href")
    origin = "data:text/html,<title>Elsewhere</title>"
    closings: tuple[Callable[[], None], ...] = (
        lambda: page.get_by_role("button", name="To the search").click(),
        lambda: page.keyboard.press("Escape"),
    )
    for close in closings:
        page.goto(origin)
        page.goto(f"{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
        entries = page.evaluate("history.length")
        close()
        expect(page).to_have_url(f"{page.evaluate('location.origin')}/")
        expect(tiles(page).first).to_be_visible()
        assert page.evaluate("history.length") == entries
        page.go_back()
        expect(page).to_have_title("Elsewhere")


# What waits for the first screen is loaded after four seconds at the latest: never, with this.
NO_LIMIT = """
    const later = setTimeout;
    setTimeout = (run, delay, ...more) => (delay === 4000 ? 0 : later(run, delay, ...more));
"""


@pytest.mark.thorough
def test_the_language_is_there_as_soon_as_the_picture_of_a_link(page: Page, word: str) -> None:
    page.goto(f"/?q={word}")
    path = tiles(page).first.get_attribute("href")
    page.add_init_script(NO_LIMIT)
    page.goto(f"{path}")
    expect(page.get_by_label("Language")).to_be_visible(timeout=20_000)


@pytest.mark.thorough
def test_a_picture_whose_link_is_opened_asks_for_no_others(page: Page, word: str) -> None:
    with page.expect_request(re.compile("expand=related")):
        page.goto(f"/?q={word}")
    path = tiles(page).first.get_attribute("href")
    searches: list[str] = []
    page.on(
        "request", lambda request: searches.append(request.url) if "/api/images?" in request.url else None
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_init_script(SHIFTS)
    files: list[str] = []
    page.on("request", lambda request: files.append(request.url) if "/720p" in request.url else None)
    held: list[Route] = []

    def hold(script: Route) -> None:
        held.append(script)

    page.route("**/assets/index-*.js", hold)
    # The picture is there before the script that shows it, in the same place.
    first = page.locator(".first-picture img")
    with page.expect_request("**/assets/index-*.js"):
        page.goto(f"{path}", wait_until="commit")
        page.wait_for_function("() => document.querySelector('.first-picture img')?.naturalWidth > 0")
    place = first.bounding_box()
    expect(first).to_have_js_property("complete", value=True)
    for script in held:
        script.continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
    expect(first).to_have_count(0)
    assert page.locator("main img[data-loaded]").first.bounding_box() == place
    assert len(files) == 1
    assert page.evaluate("shifts") < 0.001
    page.get_by_role("definition").last.scroll_into_view_if_needed()
    expect(page.get_by_role("list", name="The same picture").get_by_role("link").first).to_be_visible()
    assert searches == []
    expect(page.get_by_role("button", name="Next picture")).to_have_count(0)
    # A text of twice the size has room on a narrow phone.
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    skip = page.get_by_role("link", name="Skip to content").bounding_box()
    assert skip is not None
    assert skip["y"] + skip["height"] <= 0
    page.get_by_role("button", name="To the search").click()
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()


def test_the_picture_of_a_link_stays_while_the_api_is_down(page: Page, word: str) -> None:
    page.goto(f"/?q={word}")
    path = tiles(page).first.get_attribute("href")
    # The browser would complain of an answer that is a failure, and of a request without one.
    page.add_init_script("""
        window.isDown = true;
        const { fetch } = window;
        window.fetch = (...request) => {
            if (!window.isDown) return fetch(...request);
            const problem = { code: "database-waking", detail: "A moment." };
            return Promise.resolve(Response.json(problem, { status: 503 }));
        };
    """)
    page.goto(f"{path}")
    again = page.get_by_role("article").get_by_role("button", name="Try now")
    expect(again).to_be_visible()
    picture = page.locator(".picture-stage img")
    expect(picture).to_have_count(1)
    expect(picture).to_be_in_viewport(ratio=1)
    assert picture.evaluate("({ naturalWidth }) => naturalWidth") > 0
    assert find_violations(page) == []
    place = picture.bounding_box()
    page.evaluate("window.isDown = false")
    again.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
    expect(picture).to_have_attribute("data-loaded", "true")
    assert picture.bounding_box() == place


@pytest.mark.parametrize("width", [390, 1280])
def test_a_picture_whose_answer_does_not_come_says_so_and_can_be_left(
    page: Page, word: str, width: int
) -> None:
    page.goto(f"/?q={word}")
    path = tiles(page).first.get_attribute("href")
    assert path is not None
    page.set_viewport_size({"width": width, "height": 844})
    held: list[Route] = []
    is_hanging = True

    def hold(asked: Route) -> None:
        if is_hanging:
            held.append(asked)
        else:
            asked.continue_()

    page.route(f"**/api/images/{path.rpartition('/')[2]}", hold)
    page.goto(path, wait_until="commit")
    # The button is painted above the picture: it is the upper one also when the picture takes clicks.
    at_first = page.wait_for_function("""() => {
        const first = document.querySelector("body > .first-picture");
        const close = document.querySelector("button[aria-label='To the search']");
        if (first === null || close === null) return null;
        first.style.pointerEvents = "auto";
        const spot = close.getBoundingClientRect();
        const top = document.elementFromPoint(spot.x + spot.width / 2, spot.y + spot.height / 2);
        const { x, y, width, height } = first.querySelector(".picture-frame").getBoundingClientRect();
        return { isAbove: close.contains(top), place: { x, y, width, height } };
    }""").json_value()
    assert at_first["isAbove"]
    place = at_first["place"]
    picture = page.locator(".picture-stage img")
    frame = page.locator(".picture-stage .picture-frame")
    close = page.get_by_role("button", name="To the search")

    anew = page.get_by_role("button", name="Try now")
    expect(anew).to_be_visible()
    expect(page.locator("[data-announcer]")).to_have_text("Still looking …")
    # The picture is where it was, and the words lie beside or below it.
    expect(picture).to_have_count(1)
    assert frame.bounding_box() == place
    assert find_violations(page) == []
    asked_before = len(held)
    page.mouse.click(*_find_middle(anew))
    expect(page.locator("[data-announcer]")).to_have_text("Asked again.")
    # Playwright may hear of the request after the page has told it.
    for _ in range(50):
        if len(held) > asked_before:
            break
        page.wait_for_timeout(20)
    assert len(held) == asked_before + 1
    expect(anew).not_to_have_attribute("aria-disabled", "true")
    is_hanging = False
    page.mouse.click(*_find_middle(anew))
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
    expect(anew).to_have_count(0)
    expect(page.locator("[data-announcer]")).not_to_have_text(re.compile("Still|Asked"))
    expect(picture).to_have_attribute("data-loaded", "true")
    assert frame.bounding_box() == place

    is_hanging = True
    page.reload()
    expect(close).to_be_visible()
    page.mouse.click(*_find_middle(close))
    expect(page).to_have_url(re.compile(r"/$"))
    expect(tiles(page).first).to_be_visible()


def _find_middle(shown: Locator) -> tuple[float, float]:
    spot = shown.bounding_box()
    assert spot is not None
    return spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2


@pytest.mark.thorough
def test_a_picture_that_was_deleted_since_is_gone_and_its_neighbours_are_there(stack: LocalStack) -> None:
    alice = Person(stack, stack.token("alice", name="Alice"))
    word = f"wombat{time.time_ns()}"
    pictures = alice.upload(fresh_photo(), fresh_photo(), description=f"A {word}")
    for picture in pictures:
        assert alice.settled(picture)["state"] == "ready"
    # The browser tells of the answer 404.
    with open_page(stack.url, expected="404") as page:
        page.goto(f"/?q={word}")
        expect(tiles(page)).to_have_count(2)
        address = tiles(page).first.get_attribute("href")
        assert address is not None
        assert alice.call("DELETE", f"/api/images/{address.rpartition('/')[2]}").status == 204
        tiles(page).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
        expect(page.get_by_text("There is no such picture.")).to_be_visible()
        expect(page.locator(".picture-stage img")).to_have_count(0)
        page.get_by_role("button", name="Next picture").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("photo-0.jpg")


def test_a_finger_finds_the_tags_and_sizes_of_a_picture(page: Page, word: str) -> None:
    page.goto(f"/?q={word}")
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    page.goto(f"{tiles(page).first.get_attribute('href')}")
    region = page.get_by_role("region", name="Use this picture")
    expect(region.get_by_role("button", name="Copy image link")).to_be_visible()
    targets = [
        *region.get_by_role("link", name="Download").all(),
        *region.get_by_role("button").all(),
        page.get_by_role("list", name="Tags").get_by_role("link").first,
    ]
    assert len(targets) > 6
    boxes = [target.bounding_box() for target in targets]
    assert [box for box in boxes if box is None or box["height"] < 44] == []
    # Whoever reads the buttons tells them apart.
    names = region.get_by_role("button").all_inner_texts()
    assert len({name.strip() for name in names}) == len(names), names


@pytest.mark.thorough
def test_a_picture_is_shown_elsewhere_as_wide_as_was_chosen(stack: LocalStack, page: Page) -> None:
    alice = Person(stack, stack.token("alice", name="Alice"))
    (picture,) = alice.upload(fresh_photo(), credit="Ann Lee", license="CC-BY-4.0")
    assert alice.settled(picture)["state"] == "ready"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/p/{picture}")
    region = page.get_by_role("region", name="Use this picture")
    widths = region.get_by_role("radio")
    expect(widths).to_have_count(3)
    expect(region.get_by_text("The licence asks you to name the creator")).to_be_visible()
    region.get_by_text("Preview").click()
    preview = region.locator("figure img")
    expect(preview).to_have_js_property("complete", value=True)
    for name in ("Small", "Large"):
        choice = region.get_by_role("radio", name=re.compile(f"^{name}: [0-9,]+0 pixels wide$"))
        choice.check()
        label = choice.evaluate("node => node.parentElement.textContent")
        width = re.sub(r"\D", "", label)
        expect(preview).to_have_attribute("width", width)
        # No wider than the page, and no wider than it is to be.
        box = preview.bounding_box()
        assert box is not None
        assert box["width"] <= min(int(width), 390)
        region.get_by_role("button", name="Copy embed code").click()
        page.wait_for_function(
            'async width => (await navigator.clipboard.readText()).includes(`width="${width}"`)', arg=width
        )
    expect(region.locator("figcaption")).to_have_text(re.compile("by Ann Lee, "))
    # An editor takes the credit line with its links, and a text field takes it with the addresses.
    region.get_by_role("button", name="Copy credit line", exact=True).click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('“')")
    plain = page.evaluate("navigator.clipboard.readText()")
    assert "by Ann Lee, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), http" in plain
    expect(region.get_by_role("group", name="Credit line")).to_contain_text(plain)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterend', '<p contenteditable id=draft>')"
    )
    page.locator("#draft").focus()
    page.keyboard.press("Control+v")
    expect(page.locator("#draft a")).to_have_count(2)
    expect(page.locator("#draft")).to_contain_text("by Ann Lee, CC BY 4.0")
    page.evaluate("document.querySelector('#draft').remove()")
    # Each button says what it has copied, for a moment.
    for button, copied in (
        ("Copy link", "Link copied"),
        ("Copy credit line", "Credit line copied"),
        ("Copy image link", "Image link copied"),
    ):
        region.get_by_role("button", name=button, exact=True).click()
        expect(region.get_by_role("button", name=copied, exact=True)).to_be_visible()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).endsWith('/720p.jpg')")
    assert find_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.thorough
def test_a_picture_is_enlarged_and_taken_along(page: Page, word: str) -> None:
    # The viewer takes no keys while it fades in.
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/?q={word}")
    tiles(page).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
    details = page.get_by_role("article")
    # The hashtag is a link below; the caption is a sentence.
    expect(details.get_by_text(f"A {word} at the sea", exact=True)).to_be_visible()
    expect(details.get_by_text("“photo-2.jpg” by Ann Lee")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=False).first.click()
    assert download.value.suggested_filename.startswith("photo-2-")
    # What to write beside the file is said where it always stands, once.
    expect(details.get_by_text("Credit it as:")).to_be_visible()
    expect(details.get_by_text("“photo-2.jpg” by Ann Lee")).to_have_count(1)
    # The photograph was uploaded three times, here and by other tests.
    page.get_by_role("definition").last.scroll_into_view_if_needed()
    expect(page.get_by_role("list", name="The same picture").get_by_role("link").first).to_be_visible()

    page.get_by_role("button", name="Enlarge the picture").press("Enter")
    viewer = page.get_by_role("dialog")
    expect(viewer).to_have_accessible_name(f"A {word} at the sea")
    expect(viewer.get_by_role("button", name="Full screen")).to_be_visible()
    assert find_violations(page) == []
    # Its symbols are white, whatever colours are forced.
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    expect(page.locator(".pswp__bg")).to_have_css("background-color", "rgb(0, 0, 0)")
    page.emulate_media(forced_colors="none", reduced_motion="reduce")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-1.jpg")
    address = page.url
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(page.get_by_role("button", name="Enlarge the picture")).to_be_focused()
    # A pointer reaches the buttons of the viewer: nothing lies over them.
    page.get_by_role("button", name="Enlarge the picture").click()
    viewer.get_by_role("button", name="Full screen").click(trial=True)
    viewer.get_by_role("button", name="Close").click()
    expect(viewer).to_have_count(0)

    # “Back” closes the viewer alone, with the picture that is shown now. “Forward” does not open it again.
    entries = page.evaluate("history.length")
    page.get_by_role("button", name="Enlarge the picture").press("Enter")
    expect(viewer).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
    assert page.url != address
    address = page.url
    page.go_back()
    expect(viewer).to_have_count(0)
    expect(page).to_have_url(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-2.jpg")
    page.go_forward()
    expect(viewer).to_have_count(0)
    expect(page).to_have_url(address)
    # A reload closes the viewer, too, where it was.
    page.get_by_role("button", name="Enlarge the picture").press("Enter")
    expect(viewer).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-1.jpg")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("photo-1.jpg")
    page.wait_for_function("history.state.enlargedFrom === undefined")
    assert page.evaluate("history.length") == entries
    page.keyboard.press("Escape")
    expect(tiles(page).nth(1)).to_be_focused()
    assert page.url.endswith(f"/?q={word}")


@pytest.mark.thorough
def test_an_original_is_downloaded_once_the_connection_is_back(stack: LocalStack) -> None:
    alice = Person(stack, stack.token("alice", name="Alice"))
    (picture,) = alice.upload(fresh_photo(), license="CC0-1.0")
    assert alice.settled(picture)["state"] == "ready"
    # The console tells of each request that has no network.
    with open_page(stack.url, expected=OFFLINE) as page:
        # The page cannot load what asks for originals, neither beforehand nor when it is pressed.
        scripts = re.compile("/assets/contributor-")
        page.route(scripts, lambda script: script.abort("internetdisconnected"))
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/p/{picture}")
        original = page.get_by_role("button", name="Download original")
        expect(original).to_be_visible()
        page.evaluate("window.isSamePage = true")
        # What says that there is no network comes after the picture.
        page.locator(".offline").wait_for(state="attached")
        page.context.set_offline(True)
        original.click()
        problem = page.get_by_role("alert")
        expect(problem).to_have_text("The server cannot be reached. Check your connection.")
        # The bar that says so, too, lies on none of it.
        bar = page.get_by_text("This page is offline.").bounding_box()
        said = problem.bounding_box()
        assert bar is not None
        assert said is not None
        assert bar["y"] + bar["height"] <= said["y"]
        # Once it is back, the page asks for the script by itself.
        page.unroute(scripts)
        page.context.set_offline(False)
        with page.expect_download() as download:
            original.click()
        assert download.value.suggested_filename.endswith(".jpg")
        assert Path(download.value.path()).stat().st_size > 100_000
        expect(problem).to_have_count(0)
        assert page.evaluate("window.isSamePage")
        expect(page.get_by_text("Downloading. Credit it as:", exact=True)).to_be_in_viewport()


@pytest.mark.thorough
def test_an_enlarged_picture_that_does_not_load_is_tried_again(stack: LocalStack, word: str) -> None:
    with open_page(stack.url, expected=OFFLINE) as page:
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/?q={word}")
        tiles(page).first.click()
        page.get_by_role("button", name="Enlarge the picture").click()
        viewer = page.get_by_role("dialog")
        expect(viewer.get_by_role("button", name="Close")).to_be_visible()
        page.keyboard.press("Escape")
        expect(viewer).to_have_count(0)
        # Nothing of the picture comes any more, which the browser may have.
        files = re.compile("/i/")
        page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        page.route(files, lambda file: file.abort("internetdisconnected"))
        page.get_by_role("button", name="Enlarge the picture").click()
        problem = viewer.get_by_text("The picture could not be loaded. Check your connection.")
        expect(problem).to_be_visible()
        box = problem.bounding_box()
        assert box is not None
        assert abs(box["x"] + box["width"] / 2 - 195) < 5
        assert abs(box["y"] + box["height"] / 2 - 422) < 80
        page.unroute(files)
        viewer.get_by_role("button", name="Try again").click()
        expect(problem).to_have_count(0)
        expect(viewer.locator("img.pswp__img:not(.pswp__img--placeholder)").first).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize("width", [320, 390, 412])
def test_what_failed_and_the_buttons_beside_it_do_not_cover_each_other(
    stack: LocalStack, word: str, width: int
) -> None:
    with open_page(stack.url) as page:
        page.set_viewport_size({"width": width, "height": 844})
        # The console would complain about a broken connection.
        page.route("**/i/**", lambda route: route.fulfill(body="no picture"))
        page.goto(f"/?q={word}")
        tiles(page).nth(1).click()
        frame = page.locator(".picture-frame")
        for said in (
            frame.get_by_text("The picture could not be loaded."),
            frame.get_by_role("button", name="Try again"),
        ):
            expect(said).to_be_visible()
            shown = said.bounding_box()
            assert shown is not None
            for side in ("Previous picture", "Next picture"):
                button = page.get_by_role("button", name=side).bounding_box()
                assert button is not None
                assert (
                    shown["x"] + shown["width"] <= button["x"] or button["x"] + button["width"] <= shown["x"]
                )


@pytest.mark.thorough
def test_an_enlarged_picture_whose_bytes_are_held_back_says_that_it_still_loads(
    stack: LocalStack, word: str
) -> None:
    with open_page(stack.url) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(f"/?q={word}")
        tiles(page).first.click()
        expect(page.locator(".picture-stage img[data-loaded]").first).to_be_visible()
        files = re.compile("/i/")
        held: list[Route] = []
        page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        page.evaluate("caches.keys().then(names => Promise.all(names.map(name => caches.delete(name))))")
        is_line_down = True

        def hold(file: Route) -> None:
            if is_line_down:
                held.append(file)
            else:
                file.continue_()

        page.route(files, hold)
        page.get_by_role("button", name="Enlarge the picture").click()
        viewer = page.get_by_role("dialog")
        waiting = viewer.get_by_text("The picture is still loading.")
        expect(waiting).to_be_visible(timeout=15_000)
        assert held
        assert find_violations(page) == []
        # What was asked for first never comes.
        is_line_down = False
        viewer.get_by_role("button", name="Try again").click()
        expect(waiting).to_have_count(0)
        expect(viewer.locator("img.pswp__img:not(.pswp__img--placeholder)").first).to_be_visible()
