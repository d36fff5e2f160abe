"""Searching in the page: the box, what stands above the results, filters, contributors, and the way back."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]

HOLD = """() => {
    const send = window.fetch;
    window.release = null;
    window.fetch = async (path, init) => {
        if (String(path).startsWith("/api/images?")) await new Promise((go) => { window.release = go; });
        return send(path, init);
    };
    window.letGo = () => { window.fetch = send; window.release?.(); };
}"""


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


@pytest.fixture(scope="module")
def name(stack: LocalStack) -> str:
    """The name of a contributor with two pictures.

    Both descriptions have its word in lower case. Both have the tag of the word and `a`; one has `b`, too.
    """
    name = f"Quokka{time.time_ns()}"
    person = Person(stack, stack.token(name, name=name))
    word = name.lower()
    pictures = [
        *person.upload(fresh_photo(), description=f"A {word} by a lake", tags=[f"{word}a", f"{word}b"]),
        *person.upload(fresh_photo(), description=f"A {word} at night", tags=[f"{word}a"]),
    ]
    for picture in pictures:
        assert person.settled(picture)["state"] == "ready"
    return name


@pytest.fixture(scope="module")
def many(stack: LocalStack) -> str:
    """The word that 24 pictures have, which fill several screens of a phone."""
    word = f"bilby{time.time_ns()}"
    person = Person(stack, stack.token(word, name="Bela"))
    for picture in person.upload(*[fresh_photo() for _ in range(24)], description=f"A {word}"):
        assert person.settled(picture)["state"] == "ready"
    return word


def tiles(page: Page) -> Locator:
    return page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search")


def open_front_page(page: Page) -> None:
    """Open the front page with its pictures. The CDN's answer may be a minute old, from an empty library."""
    empty = page.get_by_role("heading", name="The library is empty")
    ends = time.monotonic() + 90
    page.goto("/")
    expect(tiles(page).first.or_(empty).first).to_be_visible()
    while empty.count():
        assert time.monotonic() < ends
        page.wait_for_timeout(1000)
        page.reload()
        expect(tiles(page).first.or_(empty).first).to_be_visible()


def test_the_first_search_is_under_way_before_the_script_that_shows_it(page: Page, name: str) -> None:
    address = f"/?q={name.lower()}"
    asked: list[str] = []
    held: list[Route] = []

    def hold(script: Route) -> None:
        held.append(script)

    page.on("request", lambda request: asked.append(request.url) if "/api/images?" in request.url else None)
    page.route("**/assets/index-*.js", hold)
    with page.expect_response(lambda response: "/api/images?" in response.url):
        page.goto(address, wait_until="commit")
    expect(page.locator("main")).to_have_count(0)
    for script in held:
        script.continue_()
    expect(tiles(page)).to_have_count(2)
    # The page asks nothing else than what was asked for it, but for related pictures below these few.
    assert len({url for url in asked if "expand=" not in url}) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("key", ["Escape", "Backspace"])
def test_back_does_not_lead_to_where_one_is_after_the_words_were_taken_away(
    page: Page, name: str, key: str
) -> None:
    page.goto("/upload")
    page.get_by_role("link", name="Stockroom").first.click()
    heading = page.get_by_role("heading", name="Newest pictures")
    expect(heading).to_be_visible()
    box(page).click()
    page.keyboard.type(name)
    expect(page).to_have_url(re.compile(rf"/\?q={name}$"))
    expect(tiles(page)).not_to_have_count(0)
    box(page).select_text()
    # The first “Escape” closes the suggestions.
    page.keyboard.press(key)
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile("/$"))
    expect(heading).to_be_visible()
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    page.go_back()
    expect(page).to_have_url(re.compile("/upload$"))
    # What was said of the results is not read on another page.
    expect(page.locator("[data-announcer]")).to_have_text("")


@pytest.mark.thorough
def test_a_letter_that_is_typed_while_the_page_goes_back_is_kept(page: Page, name: str) -> None:
    open_front_page(page)
    entries = page.evaluate("history.length")
    box(page).click()
    page.keyboard.type(name)
    expect(page).to_have_url(re.compile(rf"/\?q={name}$"))
    expect(tiles(page)).not_to_have_count(0)
    # A browser goes back a moment after it was told so.
    page.evaluate("""() => { const go = history.go.bind(history);
        history.go = (by) => { document.body.dataset.leaving = ""; window.leave = () => go(by) }; }""")
    box(page).fill("")
    expect(page.locator("body")).to_have_attribute("data-leaving", "")
    page.keyboard.type(name[:4])
    page.keyboard.press("Enter")
    page.evaluate("leave()")
    expect(page).to_have_url(re.compile(rf"/\?q={name[:4]}$"))
    expect(box(page)).to_have_value(name[:4])
    expect(box(page)).to_be_focused()
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    expect(page).to_have_url(re.compile("/$"))


@pytest.mark.thorough
def test_an_answer_that_is_late_dims_the_old_pictures_at_once(page: Page, name: str) -> None:
    word = name.lower()
    open_front_page(page)
    place = box(page).bounding_box()
    announced = page.locator("[data-announcer]")
    expect(announced).to_have_text(re.compile("pictures? found"))
    page.evaluate(HOLD)
    box(page).fill(f"{word} lake")
    box(page).press("Enter")
    found = page.locator("[data-count]")
    expect(found).to_have_text("Looking …")
    stale = page.locator("[data-stale]")
    expect(stale).to_have_css("opacity", "0.25")
    # The number of the search before is no answer.
    expect(announced).to_have_text(re.compile("^(Still looking …)?$"))
    # The words stand above the pictures, and the box where it stood.
    status, pictures = found.bounding_box(), stale.bounding_box()
    assert status is not None
    assert pictures is not None
    assert status["y"] < pictures["y"]
    assert box(page).bounding_box() == place

    page.evaluate("letGo()")
    expect(stale).to_have_count(0)
    expect(tiles(page)).to_have_count(1)
    expect(found).to_have_text("1 picture")
    expect(announced).to_have_text("1 picture found.")
    expect(page.get_by_role("combobox", name="Order")).to_have_value("relevance")

    # Without an answer, the reason takes the place of the pictures.
    page.evaluate("() => { window.fetch = async () => { throw new TypeError() } }")
    box(page).fill(f"{word} night")
    box(page).press("Enter")
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible()
    expect(tiles(page)).to_have_count(0)
    assert find_violations(page) == []


@pytest.mark.thorough
def test_pictures_of_a_part_are_there_where_nothing_matches_all(page: Page, name: str) -> None:
    word = name.lower()
    announced = page.locator("[data-announcer]")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/images?" in request.url else None)
    page.set_viewport_size({"width": 390, "height": 844})
    # The tag is of one picture, and the words are of the other one.
    page.goto(f"/?q=night+xqzzy&tag={word}b")
    expect(page.get_by_role("heading", name=f"Nothing matches all of “night xqzzy #{word}b”")).to_be_visible()
    rows = page.get_by_role("region", name=f"#{word}b", exact=True)
    expect(rows.get_by_role("heading")).to_have_text(f"#{word}b · 1 picture")
    expect(page.get_by_text("No picture has “xqzzy”.")).to_be_visible()
    expect(announced).to_have_text(re.compile(rf"^Nothing matches all of it\. .*#{word}b"))
    expect(page.get_by_text("Try fewer or other words.")).to_be_visible()
    expect(page.get_by_role("button", name="Search without the filters")).to_be_visible()
    # The words alone are asked for by no more than a search each.
    assert len(set(asked)) <= 5
    assert find_violations(page) == []
    tile = rows.locator("a[data-picture-id]")
    before = tile.bounding_box()
    expect(tile.locator("img")).to_have_attribute("data-loaded", "true")
    assert tile.bounding_box() == before
    # A picture opens by key, and the way back leads to its tile without another request.
    tile.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Enlarge the picture")).to_be_visible()
    asked.clear()
    page.go_back()
    expect(tile).to_be_focused()
    assert asked == []
    page.reload()
    expect(tile).to_be_visible()
    rows.get_by_role("link", name=f"#{word}b", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/\?tag={word}b$"))
    expect(tiles(page)).to_have_count(1)
    page.go_back()
    expect(tile).to_be_visible()

    # Pictures that have any of the words: links above them lead to each, and the grid stays where it was.
    moved = """() => { window.moved = 0; let top = null; const look = () => {
        const grid = document.querySelector('ul[aria-label="Pictures"] a');
        const parts = document.querySelector('ul[aria-label="Pictures of a part"]');
        if (grid && parts) {
            const now = grid.getBoundingClientRect().top;
            if (top !== null && now !== top) window.moved += 1;
            top = now;
        }
        requestAnimationFrame(look); }; look(); }"""
    page.goto(f"/?q={word}")
    expect(tiles(page)).to_have_count(2)
    page.evaluate(moved)
    box(page).fill(f"{word}a lake xqzzy")
    box(page).press("Enter")
    expect(page.get_by_role("heading", name=f"Nothing matches all of “{word}a lake xqzzy”")).to_be_visible()
    parts = page.get_by_role("list", name="Pictures of a part")
    expect(parts.get_by_role("link", name=f"{word}a lake · 1 picture")).to_be_visible()
    expect(page.get_by_text("No picture has “xqzzy”.")).to_be_visible()
    expect(announced).to_have_text(re.compile(r"^Nothing matches all of it\. .* found"))
    assert page.evaluate("moved") == 0
    assert find_violations(page) == []
    # Nothing is claimed of other words before they have an answer.
    page.evaluate(HOLD)
    box(page).fill(f"{word}a")
    box(page).press("Enter")
    expect(page.locator("[data-stale]")).to_have_count(1)
    expect(page.get_by_role("heading", name=re.compile("Nothing matches all"))).to_have_count(0)
    page.evaluate("letGo()")
    expect(page.locator("[data-stale]")).to_have_count(0)
    page.go_back()
    parts.get_by_role("link", name=f"{word}a · 2 pictures").click()
    expect(page).to_have_url(re.compile(rf"/\?q={word}a$"))
    expect(tiles(page)).to_have_count(2)


@pytest.mark.thorough
def test_a_search_without_an_answer_leaves_the_places_of_the_pictures_and_can_be_asked_anew(
    page: Page, name: str
) -> None:
    word = name.lower()
    page.goto(f"/?q={word}")
    expect(tiles(page)).to_have_count(2)
    places = [tile.bounding_box() for tile in tiles(page).all()]
    held: list[Route] = []

    is_hanging = True

    # A route that was taken away would let go of what it holds.
    def hold(search: Route) -> None:
        if is_hanging:
            held.append(search)
        else:
            search.continue_()

    page.route(re.compile(r"/api/images\?.*(lake|night)"), hold)
    box(page).fill(f"{word} lake")
    box(page).press("Enter")
    expect(page.locator("[data-stale]")).to_have_css("opacity", "0.25")
    anew = page.get_by_role("button", name="Try now")
    expect(anew).to_be_visible()
    expect(page.get_by_text("Still looking …").first).to_be_visible()
    expect(page.locator("[data-announcer]")).to_have_text("Still looking …")
    # Nothing of the old pictures is seen or can be opened, and nothing has moved.
    old = page.locator("[data-stale] a[data-picture-id]")
    expect(old).to_have_count(2)
    expect(old.first).to_have_css("visibility", "hidden")
    assert [tile.bounding_box() for tile in old.all()] == places
    assert find_violations(page) == []
    assert len(held) == 1
    is_hanging = False
    # A real pointer: whatever lay over the button would take its click.
    spot = anew.bounding_box()
    assert spot is not None
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    page.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    expect(tiles(page)).to_have_count(1)
    expect(anew).to_have_count(0)
    assert [url for url in given_up if "/api/images?" in url] != []
    # A new page, too, says that it waits.
    is_hanging = True
    page.goto(f"/?q={word}+night")
    expect(anew).to_be_visible()
    is_hanging = False
    anew.click()
    expect(tiles(page)).to_have_count(1)


@pytest.mark.thorough
def test_two_letters_are_searched_for_after_a_second_also_by_whoever_leaves_the_field(
    page: Page, many: str
) -> None:
    page.goto(f"/?q={many}")
    expect(tiles(page).first).to_be_visible()
    box(page).fill("zq")
    expect(page.locator("[data-stale]")).to_have_count(1)
    expect(page.get_by_text("No pictures for “zq” so far. Type on, or press Enter.")).to_be_visible()
    expect(tiles(page)).to_have_count(0)
    box(page).fill("zx")
    box(page).blur()
    expect(page.get_by_role("heading", name="No pictures found")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?q=zx$"))
    page.go_back()
    expect(page).to_have_url(re.compile(f"q={many}$"))
    expect(box(page)).to_have_value(many)
    expect(page.locator("[data-stale]")).to_have_count(0)


@pytest.mark.thorough
def test_a_word_that_is_being_typed_is_not_called_missing(page: Page, name: str) -> None:
    open_front_page(page)
    entries = page.evaluate("history.length")
    box(page).press_sequentially("zzxqj", delay=5)
    expect(page.get_by_text("No pictures for “zzxqj” so far.")).to_be_visible()
    missing = page.get_by_role("heading", name="No pictures found")
    expect(missing).to_have_count(0)
    box(page).press("Enter")
    expect(missing).to_be_visible()
    assert page.evaluate("history.length") == entries + 1
    expect(page.get_by_text("Try another word.")).to_be_visible()
    expect(
        page.get_by_text(
            "Words are looked for as contributors have written them, and related words with them."
        )
    ).to_be_visible()
    expect(page.get_by_text("described in English")).to_have_count(0)
    tags = page.get_by_role("list", name="Popular tags")
    expect(tags.locator("img[data-loaded]").first).to_be_visible()
    assert find_violations(page) == []
    # Nothing matches both, and a word of the library begins as the second one does.
    box(page).fill(f"zzxqj {name[:10]}zzzzzzzzz #zzxqj")
    box(page).press("Enter")
    expect(page.get_by_text("Try fewer or other words.")).to_be_visible()
    alike = page.get_by_role("list", name="Words here that begin alike").get_by_role(
        "link", name=name.lower(), exact=True
    )
    expect(alike).to_have_attribute("href", re.compile(rf"q=zzxqj\+{name.lower()}\+%23zzxqj"))
    box(page).fill("")
    box(page).press("Enter")

    # Suggestions have words, tags and the contributor, and none of them is of a file's name.
    box(page).fill("")
    box(page).press_sequentially(name[:-2].lower())
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.filter(has_text=re.compile(f"by.*{name}"))).to_have_count(1)
    assert find_violations(page) == []
    options.filter(has_text=re.compile(f"by.*{name}")).click()
    expect(page).to_have_url(re.compile(r"/by/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[data-count]")).to_have_text("2 pictures")
    expect(tiles(page)).to_have_count(2)
    page.reload()
    expect(page).to_have_title(f"{name} · Stockroom")
    assert find_violations(page) == []


def test_a_contributor_without_such_pictures_leads_to_those_of_everybody(
    page: Page, name: str, many: str
) -> None:
    owner = page.request.get(f"/api/images?q={name.lower()}").json()["images"][0]["owner_id"]
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/by/{owner}?license=all-rights-reserved")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    box(page).fill(many)
    box(page).press("Enter")
    expect(page.get_by_role("heading", name="No pictures found")).to_be_visible()
    expect(page.get_by_text(re.compile("^Only this contributor.s pictures were searched.$"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert find_violations(page) == []
    page.get_by_role("link", name=f"Search the whole library for “{many}”").click()
    # The filter stays, and the contributor does not.
    expect(page).to_have_url(re.compile(rf"/\?license=all-rights-reserved&q={many}$"))
    expect(tiles(page).first).to_be_visible()

    # Whoever has searched the whole library is not sent there.
    page.goto(f"/?q={many}zzxqj")
    expect(page.get_by_text("Try another word.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Search the whole library"))).to_have_count(0)


@pytest.mark.thorough
def test_a_query_of_any_length_leaves_room_for_the_rest(stack: LocalStack) -> None:
    with open_page(stack.url, expected="status of 400") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        for query, said in (
            ("word" * 300, page.get_by_text("The query has 1200 characters")),
            ("x" * 900, page.get_by_text("Try another word.")),
        ):
            page.goto(f"/?q={query}")
            expect(said).to_be_visible()
            for heading in page.get_by_role("heading").all():
                place = heading.bounding_box()
                assert place is not None
                assert place["height"] < 130
            expect(said).to_be_in_viewport(ratio=1)


@pytest.mark.thorough
def test_a_filter_that_there_is_not_is_said_in_words_and_dropped(stack: LocalStack, name: str) -> None:
    word = name.lower()
    with open_page(stack.url, expected="status of 400") as page:
        page.goto(f"/?q={word}&color=chartreuse")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("Pictures cannot be searched by the colour “chartreuse”.")
        expect(box(page)).not_to_have_attribute("aria-invalid", "true")
        assert find_violations(page) == []
        page.get_by_role("link", name="Search without this filter").click()
        expect(page).to_have_url(re.compile(rf"/\?q={word}$"))
        expect(tiles(page)).to_have_count(2)


@pytest.mark.thorough
def test_what_is_left_out_and_leaves_nothing_is_named(page: Page, name: str) -> None:
    word = name.lower()
    page.goto(f"/?q={word}+-night+-{word}a")
    page.get_by_role("link", name=f"Search without “-{word}a”").click()
    expect(page).to_have_url(re.compile(rf"\?q={word}\+-night$"))
    expect(tiles(page)).to_have_count(1)
    page.goto(f"/?q={word}+-zzxqj+-{word}a")
    expect(page.get_by_text(f"“-{word}a” leaves out all pictures that match the rest.")).to_be_visible()
    expect(page.get_by_text("Try another word.")).to_have_count(0)
    expect(page.get_by_role("link", name="Search without")).to_have_count(1)
    assert find_violations(page) == []


def test_any_or_all_of_the_tags_and_filters_are_in_the_address(page: Page, name: str) -> None:
    word = name.lower()
    page.goto(f"/?tag={word}a&tag={word}b")
    expect(tiles(page)).to_have_count(2)
    page.get_by_label("Pictures with").select_option("all of these tags")
    expect(tiles(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("tags=all"))
    # The way back asks for nothing.
    searches: list[str] = []
    page.on(
        "request", lambda request: searches.append(request.url) if "/api/images?" in request.url else None
    )
    page.go_back()
    expect(tiles(page)).to_have_count(2)
    assert searches == []

    page.get_by_role("button", name="Filters").click()
    added = page.get_by_role("group", name="Added").get_by_role("button", name="This year")
    added.click()
    expect(added).to_have_attribute("aria-pressed", "true")
    page.get_by_role("group", name="Shape").get_by_role("button", name="Portrait", exact=True).click()
    expect(page.get_by_role("heading", name="No pictures found")).to_be_visible()
    assert find_violations(page) == []
    # A text of twice the size has room on a narrow phone, with the panel of filters and without pictures.
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert find_violations(page) == []
    page.emulate_media(forced_colors="active")
    swatches = page.get_by_role("group", name="Colour").get_by_role("button")
    colors = {swatch.evaluate("node => getComputedStyle(node).backgroundColor") for swatch in swatches.all()}
    assert len(colors) == swatches.count()


def test_the_filters_of_a_phone_lead_to_what_they_have_found(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"/?q={name.lower()}")
    expect(tiles(page)).to_have_count(2)
    # Nothing of the row is cut off on the narrowest phone.
    expect(page.get_by_role("combobox", name="Order")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Tips", exact=True)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 390, "height": 700})
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="Portrait", exact=True).click()
    # The button is there while the fields above it go on below the screen.
    expect(page.get_by_label("From", exact=True)).not_to_be_in_viewport()
    expect(page.get_by_role("button", name="Close the filters")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Portrait", exact=True).click()
    show = page.get_by_role("button", name="Show 2 pictures")
    expect(show).to_be_in_viewport(ratio=1)
    assert find_violations(page) == []
    page.get_by_label("From", exact=True).scroll_into_view_if_needed()
    show.click()
    expect(show).to_have_count(0)
    expect(page.get_by_role("region", name="Results")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(tiles(page).first).to_be_in_viewport(ratio=1)


@pytest.mark.thorough
def test_a_finger_reads_what_the_pictures_of_a_phone_are_called(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/?q={name.lower()}")
    title = tiles(page).filter(has_text=f"A {name.lower()} by a lake").locator(".caption")
    expect(title).to_have_css("opacity", "0")
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    assert page.evaluate("matchMedia('(hover: none)').matches")
    expect(title).to_have_css("opacity", "1")
    expect(title).to_contain_text(name)
    tile, caption = tiles(page).first.bounding_box(), title.bounding_box()
    assert tile is not None
    assert caption is not None
    assert caption["height"] < tile["height"] / 2
    assert tile["height"] >= 150
    assert tile["width"] >= 105


@pytest.mark.thorough
def test_a_reload_stays_where_it_was_though_the_list_grows_below(page: Page, many: str) -> None:
    """A browser that holds on to the end of the list would scroll with it, and load page after page."""
    page.set_viewport_size({"width": 390, "height": 844})

    def shorten(route: Route) -> None:
        route.continue_(url=re.sub(r"limit=[0-9]+", "limit=8", route.request.url))

    page.route("**/api/images?*", shorten)
    for top in (150, 300, 450, 600):
        page.goto(f"/?q={many}")
        expect(tiles(page).first).to_be_visible()
        page.evaluate("top => scrollTo(0, top)", top)
        # The history remembers it a moment later.
        page.wait_for_timeout(500)
        place = page.evaluate("scrollY")
        page.reload()
        expect(tiles(page).first).to_be_visible()
        page.wait_for_timeout(1500)
        assert page.evaluate("scrollY") == place


@pytest.mark.thorough
def test_closing_a_picture_after_a_reload_leads_to_where_its_tile_was(page: Page, many: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for top in (150, 400, 600):
        page.goto(f"/?q={many}")
        expect(tiles(page).first).to_be_visible()
        page.evaluate("top => scrollTo(0, top)", top)
        # The grid has the tiles near the screen a moment later.
        page.wait_for_timeout(500)
        opened = tiles(page).nth(tiles(page).count() // 2)
        opened.scroll_into_view_if_needed()
        place, path = page.evaluate("scrollY"), opened.get_attribute("href")
        opened.click()
        expect(page.get_by_role("button", name="Previous picture")).to_be_visible()
        page.reload()
        page.get_by_role("button", name="Back to the results").click()
        expect(page.locator(f"[data-page]:not([hidden]) a[href='{path}']")).to_be_focused()
        assert page.evaluate("scrollY") == place


@pytest.mark.thorough
def test_a_finger_chooses_a_suggestion_and_not_the_picture_below_it(stack: LocalStack, many: str) -> None:
    with open_page(stack.url, has_touch=True) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/?q={many}&sort=newest")
        expect(tiles(page).first).to_be_visible()
        box(page).tap()
        box(page).press("End")
        for _ in range(2):
            box(page).press("Backspace")
        option = page.get_by_role("listbox", name="Suggestions").get_by_role("option", name=many).first
        expect(option).to_be_visible()
        expect(page).to_have_url(re.compile(rf"q={many[:-2]}&"))
        expect(page.locator("[data-stale]")).to_have_count(0)
        page.evaluate("scrollTo(0, 300)")
        place = option.bounding_box()
        assert place is not None
        x, y = place["x"] + 40, place["y"] + place["height"] / 2
        below = (
            "([x, y]) => document.elementsFromPoint(x, y).some((each) => each.closest('[data-picture-id]'))"
        )
        assert page.evaluate(below, [x, y])
        page.touchscreen.tap(x, y)
        expect(page).to_have_url(re.compile(rf"/\?q={many}"))
        # The next word may follow at once.
        expect(box(page)).to_have_value(f"{many} ")
        expect(option).to_have_count(0)
        page.wait_for_timeout(500)
        assert "/p/" not in page.url


@pytest.mark.thorough
def test_other_words_begin_at_the_top_and_typing_alone_moves_nothing(page: Page, many: str) -> None:
    page.set_viewport_size({"width": 390, "height": 480})
    page.goto(f"/?q={many}")
    expect(tiles(page).first).to_be_visible()
    place = page.evaluate("() => { scrollTo(0, 300); return scrollY; }")
    assert place == 300, "the page is too low"
    page.wait_for_timeout(500)
    # Playwright would scroll to the box, whose place in the document is further up.
    page.mouse.click(150, 28)
    expect(box(page)).to_be_focused()
    page.keyboard.press("End")
    top = page.evaluate("() => (window.box = document.activeElement).getBoundingClientRect().top")
    # One letter is no other search for a second.
    page.keyboard.type(" a")
    page.wait_for_timeout(400)
    assert page.evaluate("scrollY") == place
    for _ in range(4):
        page.keyboard.press("Backspace")
    # The pictures of other words are none of these words, before these are searched for.
    expect(page.locator("[data-stale]")).to_have_count(1)
    assert page.evaluate("location.search") == f"?q={many}"
    expect(page).to_have_url(re.compile(rf"/\?q={many[:-2]}$"))
    expect(page.locator("[data-count]")).to_have_text("24 pictures")
    expect(page.locator("[data-stale]")).to_have_count(0)
    # The results begin below the search box, which stays where it is.
    row = page.evaluate("scrollY")
    assert 0 < row < 60
    assert page.evaluate("box.getBoundingClientRect().top") == top
    # Also where there are too few pictures to fill the screen.
    page.keyboard.type("xqzzy")
    expect(page).to_have_url(re.compile("xqzzy$"))
    expect(page.locator("[data-stale]")).to_have_count(0)
    expect(tiles(page)).to_have_count(0)
    assert page.evaluate("scrollY") == row
    assert page.evaluate("box.getBoundingClientRect().top") == top
    page.go_back()
    page.wait_for_function("place => scrollY === place", arg=place)

    # The same words once more: their results are asked for anew, and begin at the top.
    box(page).evaluate("field => field.blur()")
    page.mouse.click(150, 28)
    with page.expect_request(lambda request: "/api/images?" in request.url):
        page.keyboard.press("Enter")
    assert page.evaluate("scrollY") == row
    expect(page.locator("[data-stale]")).to_have_count(0)
    expect(tiles(page).first).to_be_in_viewport()


@pytest.mark.thorough
def _give_pages_of_eight(route: Route) -> None:
    route.continue_(url=re.sub(r"limit=[0-9]+", "limit=8", route.request.url))


def _load_all(page: Page) -> None:
    """Scroll until all 24 pictures are loaded, of which each request brings eight."""
    page.wait_for_function("""() => {
        scrollTo(0, document.documentElement.scrollHeight);
        return document.querySelector("li[aria-setsize='24'][aria-posinset='24']") !== null;
    }""")


@pytest.mark.thorough
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_who_closes_a_picture_is_where_they_opened_it(
    stack: LocalStack, page: Page, many: str, is_signed_in: bool
) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.route("**/api/images?*", _give_pages_of_eight)
    if is_signed_in:
        page.goto(f"/signin#token={stack.token('viewer', name='Vera')}")
        expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    for leave in ("Escape", "button", "Back"):
        page.goto(f"/?q={many}")
        expect(tiles(page).first).to_be_visible()
        _load_all(page)
        last = page.locator("li[aria-posinset='24'] a[data-picture-id]")
        last.scroll_into_view_if_needed()
        # The history remembers the place a moment later.
        page.wait_for_timeout(500)
        place = page.evaluate("scrollY")
        last.click()
        expect(page.get_by_role("button", name="Back to the results")).to_be_visible()
        if leave == "Escape":
            page.keyboard.press("Escape")
        elif leave == "button":
            page.get_by_role("button", name="Back to the results").click()
        else:
            page.go_back()
        expect(last).to_be_focused()
        page.wait_for_timeout(1000)
        assert abs(page.evaluate("scrollY") - place) < 2, leave
        expect(last).to_be_in_viewport()


@pytest.mark.thorough
def test_who_comes_back_by_a_link_while_the_server_is_down_is_told_so(stack: LocalStack, many: str) -> None:
    with open_page(stack.url, expected="net::ERR") as page:
        page.route("**/api/images?*", _give_pages_of_eight)
        page.set_viewport_size({"width": 390, "height": 500})
        page.goto(f"/?q={many}")
        expect(tiles(page).first).to_be_visible()
        _load_all(page)
        page.wait_for_load_state("networkidle")
        link = page.get_by_role("link", name="Stockroom, start page")
        link.click()
        expect(page.get_by_role("heading", name="Newest pictures")).to_be_visible()
        page.wait_for_load_state("networkidle")
        shown = tiles(page).first.get_attribute("data-picture-id")
        page.get_by_role("link", name="Sign in").first.click()
        expect(page.get_by_role("heading", name="Sign in").first).to_be_visible()

        page.route("**/api/**", lambda route: route.abort("connectionrefused"))
        link.click()
        # The pictures are there at once, and it says that they are from before.
        expect(tiles(page).first).to_have_attribute("data-picture-id", shown or "")
        notice = page.locator("#results").get_by_text("The server cannot be reached.").first
        expect(notice).to_be_visible()
        expect(notice).to_be_in_viewport()
        assert find_violations(page) == []
        # "Back" and "Forward" show what was there.
        page.go_back()
        expect(page.get_by_role("heading", name="Sign in").first).to_be_visible()

        page.unroute("**/api/**")
        page.go_forward()
        expect(tiles(page).first).to_have_attribute("data-picture-id", shown or "")
        expect(notice).to_have_count(0)


def test_ones_own_pictures_are_selected_and_deleted_among_the_results(stack: LocalStack, page: Page) -> None:
    word = f"numbat{time.time_ns()}"
    person = Person(stack, stack.token(word, name="Nora"))
    for picture in person.upload(*[fresh_photo() for _ in range(3)], description=f"A {word}"):
        assert person.settled(picture)["state"] == "ready"
    page.goto(f"/?q={word}#token={person.token}")
    expect(tiles(page)).to_have_count(3)
    boxes = page.get_by_role("list", name="Pictures").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    boxes.first.click()
    boxes.last.click(modifiers=["Shift"])
    bar = page.get_by_role("group", name="Selection")
    expect(bar).to_contain_text("3 selected")
    assert find_violations(page) == []
    boxes.first.click()
    bar.get_by_role("button", name="Delete").click()
    expect(tiles(page)).to_have_count(1)
    expect(bar).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(tiles(page)).to_have_count(3)


@pytest.mark.thorough
@pytest.mark.usefixtures("name")
def test_a_reload_keeps_the_place(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 480})
    open_front_page(page)
    place = page.evaluate("() => { scrollTo(0, 100); return scrollY; }")
    assert place == 100, "the page is too low"
    page.reload()
    page.wait_for_function("() => scrollY === 100")


def test_a_sharp_screen_shows_small_files_first_and_then_larger_ones_each_once(page: Page, name: str) -> None:
    session = page.context.new_cdp_session(page)
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": True}
    session.send("Emulation.setDeviceMetricsOverride", screen)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/i/" in request.url else None)
    with page.expect_response(re.compile("/720p")):
        page.goto(f"/?q={name.lower()}")
    expect(tiles(page).locator("img[data-loaded]")).to_have_count(2)
    page.wait_for_load_state("networkidle")
    sizes = [re.findall("240p|720p", url)[0] for url in asked]
    assert sizes == ["240p", "240p", "720p", "720p"]
    assert len(set(asked)) == 4


@pytest.mark.thorough
@pytest.mark.usefixtures("name")
def test_covers_come_to_a_screen_that_is_too_low_for_the_pictures_below_them(page: Page) -> None:
    open_front_page(page)
    # A phone that lies on its side.
    page.set_viewport_size({"width": 740, "height": 320})
    page.reload()
    covers = page.get_by_role("list", name=re.compile("Popular tags|Contributors")).locator("img")
    expect(covers.first).to_have_attribute("data-loaded", "true")
    expect(tiles(page)).to_have_count(0)


# An observer that is told of two changes at once, of which the second one is how it is now.
TWO_CHANGES = """
    window.IntersectionObserver = class extends IntersectionObserver {
        constructor(callback, options) {
            super((entries, observer) => {
                const before = entries.map(({ isIntersecting }) => ({ isIntersecting: !isIntersecting }));
                callback([...before, ...entries], observer);
            }, options);
        }
    };
"""


@pytest.mark.thorough
def test_a_reload_of_a_picture_deep_in_the_results_keeps_its_place_among_them(page: Page, name: str) -> None:
    page.add_init_script(TWO_CHANGES)
    # One picture a request: the second one is further down than the first results.
    page.route(
        "**/api/images?*", lambda route: route.continue_(url=route.request.url.replace("limit=50", "limit=1"))
    )
    page.goto(f"/?q={name.lower()}")
    expect(tiles(page)).to_have_count(2)
    tiles(page).last.click()
    previous = page.get_by_role("button", name="Previous picture")
    expect(previous).to_be_enabled()
    page.reload()
    expect(previous).to_be_enabled()
    previous.click()
    expect(previous).to_be_disabled()


def test_every_style_sheet_is_there_once(page: Page, name: str) -> None:
    """Those of parts on demand follow the page's own one, which comes with the document."""
    page.goto(f"/?q={name.lower()}")
    expect(tiles(page)).to_have_count(2)
    page.wait_for_load_state("networkidle")
    sheets = page.locator("link[rel=stylesheet]").evaluate_all("links => links.map((link) => link.href)")
    assert len(sheets) > 1
    assert "/assets/index-" in sheets[0]
    assert sorted(sheets) == sorted(set(sheets))


def test_what_is_not_there_says_so(stack: LocalStack, name: str) -> None:
    with open_page(stack.url, expected=("404", "ERR_INTERNET_DISCONNECTED")) as page:
        page.goto("/by/999999999")
        expect(page.get_by_role("heading", name="There is no such contributor")).to_be_visible()
        expect(page.get_by_role("button", name="Filters")).to_have_count(0)
        assert find_violations(page) == []

        page.set_viewport_size({"width": 320, "height": 640})
        page.goto("/p/0000000000000")
        expect(page.get_by_text("There is no such picture.")).to_be_visible()
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        close, message = (
            shown.bounding_box()
            for shown in (page.get_by_label("To the search"), page.get_by_text("There is no such picture."))
        )
        assert close is not None
        assert message is not None
        assert close["y"] + close["height"] <= message["y"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

        # The answer of the search arrives, and the files of its pictures do not: the connection is lost.
        page.route("**/i/**", lambda route: route.abort("internetdisconnected"))
        page.goto(f"/?q={name.lower()}")
        not_loaded = page.get_by_role("list", name="Pictures").get_by_role("link", name="(not loaded)")
        expect(not_loaded).to_have_count(2)
        expect(not_loaded.first).to_contain_text("Not loaded")
        assert find_violations(page) == []
        # A style sheet that is being loaded for later, and fails now, would have the page loaded anew below.
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        page.unroute("**/i/**")
        page.context.set_offline(False)
        expect(not_loaded).to_have_count(0)
        for number in range(2):
            expect(tiles(page).nth(number).locator("img")).to_have_attribute("data-loaded", "true")

        # Chromium itself asks for a script that it has failed to load no second time.
        page.evaluate("window.isSamePage = true")
        page.route("**/assets/SignInPage-*.js*", lambda route: route.abort("internetdisconnected"))
        page.get_by_role("link", name="Sign in", exact=True).click()
        expect(page.get_by_text("This page could not be loaded.")).to_be_visible()
        page.unroute("**/assets/SignInPage-*.js*")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_label("Sign-in link")).to_be_visible()
        page.get_by_role("link", name="Stockroom, start page").click()
        page.route("**/assets/SearchHelp-*.js*", lambda route: route.abort("internetdisconnected"))
        page.get_by_role("button", name="Tips", exact=True).click()
        expect(page.get_by_text("This part of the page could not be loaded.")).to_be_visible()
        page.unroute("**/assets/SearchHelp-*.js*")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#search-help")).to_contain_text("#")
        assert page.evaluate("window.isSamePage")

        # A page and its style sheet that are loaded before anybody asks come once there is a network.
        page.route("**/assets/PicturePage-*", lambda route: route.abort("internetdisconnected"))
        with page.expect_event("requestfailed", lambda request: "/assets/PicturePage-" in request.url):
            page.goto(f"/?q={name.lower()}")
        page.unroute("**/assets/PicturePage-*")
        with page.expect_response("**/assets/PicturePage-*.js*"):
            page.evaluate("dispatchEvent(new Event('online'))")
        tiles(page).first.click()
        expect(page.get_by_role("button", name="Enlarge the picture")).to_have_css("border-radius", "50%")
        page.unroute_all()


@pytest.mark.thorough
@pytest.mark.parametrize("outage", ["failing", "hanging"])
def test_no_suggestion_covers_what_has_become_of_a_search(stack: LocalStack, many: str, outage: str) -> None:
    with open_page(stack.url, expected=("ERR_FAILED",), has_touch=True) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/?q={many}")
        expect(tiles(page).first).to_be_visible()
        page.route("**/api/images?*", lambda route: route.abort() if outage == "failing" else None)
        box(page).fill(many[:4])
        suggestions = page.get_by_role("listbox", name="Suggestions")
        notice = page.get_by_role("button", name="Try now")
        expect(notice).to_be_visible()
        expect(suggestions).to_be_hidden()
        # Further letters open none, as long as that is so.
        box(page).press_sequentially(many[4:6])
        expect(notice).to_be_visible()
        covers = """button => {
            const { x, y, width, height } = button.getBoundingClientRect();
            return !button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
        assert not notice.evaluate(covers)
        expect(suggestions).to_be_hidden()
        page.unroute_all()


@pytest.mark.thorough
def test_a_slash_leads_to_the_search_box(page: Page, many: str) -> None:
    page.goto(f"/?q={many}")
    expect(tiles(page).first).to_be_visible()
    # What listens for it comes after the first screen.
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value(many)
    page.keyboard.press("End")
    page.keyboard.press("/")
    expect(box(page)).to_have_value(f"{many}/")


@pytest.mark.thorough
def test_a_filter_that_was_typed_as_words_is_one_click_away(page: Page) -> None:
    page.goto("/?q=licence:cc0")
    expect(page.get_by_role("heading", name="“licence:cc0” is a filter here")).to_be_visible()
    expect(page.locator("[data-announcer]")).to_have_text("“licence:cc0” is a filter here.")
    assert find_violations(page) == []
    link = page.get_by_role("list", name="Filters").get_by_role("link", name="CC0 1.0 (public domain)")
    link.click()
    expect(page).to_have_url(re.compile(r"/\?license=CC0-1\.0$"))
    expect(page.get_by_role("button", name="Remove CC0 1.0 (public domain)")).to_be_visible()
