"""Words that mean the same as those of a search, or are kinds of it: what the page says, and its links.

The answers are given here: which words are related is in the library's own tests.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]

# How far the page has moved by itself while it was seen.
SHIFTS = """
    window.shifts = [];
    const describe = ({ node, previousRect, currentRect }) =>
        `${node?.nodeName} ${node?.className}: ${previousRect.y} to ${currentRect.y}`;
    const add = (list) => shifts.push(...list.getEntries().flatMap(({ sources }) => sources.map(describe)));
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
"""
# Whether a link is as high as a finger needs it, and nothing lies over it.
IS_REACHED = """(link) => {
    const { x, y, width, height } = link.getBoundingClientRect();
    const reached = [1, height - 1].map((down) => document.elementFromPoint(x + width / 2, y + down));
    return height >= 44 && reached.every((element) => link.contains(element));
}"""
IS_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        page.add_init_script(SHIFTS)
        yield page


@pytest.fixture(scope="module")
def word(stack: LocalStack) -> str:
    """The word of three pictures, and of no other one."""
    word = f"wombat{time.time_ns()}"
    person = Person(stack, stack.token(word, name="Wilma"))
    for picture in person.upload(
        *[fresh_photo() for _ in range(3)], description=f"A wild {word}", tags=[word]
    ):
        assert person.settled(picture)["state"] == "ready"
    return word


@dataclass
class Related:
    """A word of two pictures, one of which also has the words of other pictures, or of none."""

    word: str
    # Of two more pictures, whose ids these are.
    kind: str
    others: list[str]
    # Of the picture alone that has all words.
    same: str


@pytest.fixture(scope="module")
def related(stack: LocalStack) -> Related:
    stamp = time.time_ns()
    word, kind, same = f"beast{stamp}", f"quokka{stamp}", f"numbat{stamp}"
    person = Person(stack, stack.token(word, name="Wilma"))
    own = person.upload(fresh_photo(), description=f"A {word}")
    own += person.upload(fresh_photo(), description=f"A {word}, a {kind} and a {same}")
    others = person.upload(fresh_photo(), fresh_photo(), description=f"Some {kind}")
    for picture in own + others:
        assert person.settled(picture)["state"] == "ready"
    return Related(word, kind, others, same)


def tiles(page: Page) -> Locator:
    return page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search")


def offers(page: Page) -> Locator:
    return page.get_by_role("list", name="Related searches").get_by_role("link")


def take_for(page: Page, typed: str, word: str, *others: str) -> None:
    """Have the API take a word for the one that pictures have, and for others."""

    def answer(route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        # What is asked for below the results may be under way when a test ends.
        if "expand" in query or typed not in query.get("q", [""])[0].lower():
            route.continue_()
            return
        found = route.fetch(url=re.sub(f"(?i){typed}", word, route.request.url))
        related = {typed: [word, *others]}
        route.fulfill(json={**found.json(), "related": related})

    page.route("**/api/images?*", answer)


def relate(page: Page, *words: str) -> list[str]:
    """Have the API answer these words to whatever word; the words that it is asked about."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(parse_qs(urlsplit(route.request.url).query)["related"][0])
        route.fulfill(json={"words": [{"word": word, "count": 3} for word in words]})

    page.route(re.compile(r"/api/words\?.*related="), answer)
    return asked


def note_searches(page: Page) -> list[str]:
    """The queries that the page searches for from now on."""
    searched: list[str] = []

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.path == "/api/images":
            searched.append(parse_qs(address.query).get("q", [""])[0])

    page.on("request", note)
    return searched


def expand(page: Page, related: Related, *words: str, after: str | None = None) -> list[str]:
    """Have the API find pictures of a related word, too, and say these words; what it was asked for so far.

    `after`: the cursor of a next page, whose pictures are those of another word.
    """
    asked: list[str] = []

    def answer(route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        if "expand" not in query:
            route.fallback()
            return
        asked.append(urlsplit(route.request.url).query)
        url = re.sub("&?(expand|cursor)=[^&]+", "", route.request.url).replace(related.word, related.kind)
        found = route.fetch(url=url.replace("?&", "?")).json()
        is_last = after is None or "cursor" in query
        route.fulfill(json={**found, "related": {related.word: words}, "next": None if is_last else after})

    page.route("**/api/images?*", answer)
    return asked


def related_pictures(page: Page) -> Locator:
    return page.get_by_role("region", name="Related pictures")


def related_tiles(page: Page) -> Locator:
    return related_pictures(page).get_by_role("list").locator("a[data-picture-id]")


def ids(found: Locator) -> list[str]:
    return found.evaluate_all("(links) => links.map((link) => link.dataset.pictureId)")  # type: ignore[no-any-return]


def fulfil(route: Route, status: int, body: object) -> None:
    route.fulfill(status=status, json=body)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_word_that_no_picture_has_is_shown_with_what_it_was_taken_for(
    page: Page, word: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    take_for(page, "animal", word, "dog", "gull")
    asked = relate(page, "bird")
    page.goto("/?q=wild+Animal&sort=newest")
    said = page.locator("p", has_text="No picture has")
    expect(said).to_have_text(
        re.compile(rf"^\s*No picture has “Animal”\.\s+These are pictures of {word}, dog and gull\.\s*$")
    )
    expect(tiles(page)).to_have_count(3)
    ink = page.get_by_role("heading", level=1).evaluate("(heading) => getComputedStyle(heading).color")
    expect(said).to_have_css("color", ink)
    expect(page.locator("[data-announcer]")).to_have_text(
        f"No picture has “Animal”. These are pictures of {word}, dog and gull. 3 pictures found."
    )
    # All words were answered: nobody asks for some of them, nor for words like them.
    expect(page.get_by_role("heading", name="Nothing matches all")).to_have_count(0)
    expect(page.get_by_role("list", name="Pictures of a part")).to_have_count(0)
    expect(offers(page)).to_have_count(0)
    assert page.evaluate("shifts") == []
    assert not page.evaluate(IS_WIDE)
    assert find_violations(page) == []

    said.get_by_role("link", name=word).press("Enter")
    expect(page).to_have_url(re.compile(rf"\?q=wild\+{word}&sort=newest$"))
    expect(said).to_have_count(0)
    expect(tiles(page)).to_have_count(3)
    # Beside another word, a related one may find nothing.
    expect(offers(page)).to_have_count(0)
    assert asked == []
    page.go_back()
    expect(said).to_be_visible()
    expect(offers(page)).to_have_count(0)


@pytest.mark.thorough
def test_links_to_related_words_lie_on_nothing_where_a_text_is_twice_as_large(page: Page, word: str) -> None:
    """The number of pictures takes the whole line then, and the links stand beside it or nowhere."""
    relate(page, "marigold", "blossom")
    page.goto(f"/?q={word}")
    expect(offers(page)).to_have_count(2)
    page.set_viewport_size({"width": 320, "height": 700})
    page.evaluate("""() => {
        document.documentElement.style.fontSize = "200%";
        document.querySelector("[data-count]").textContent = "1,234 pictures and 567 related";
    }""")
    overlapped = page.evaluate("""() => {
        const sort = document.querySelector("[data-page=search] select").getBoundingClientRect();
        const links = document.querySelectorAll("ul[aria-label='Related searches'] a");
        return [...links].map((link) => link.getBoundingClientRect()).some(
            ({ top, bottom, width }) => width > 0 && top < sort.bottom && bottom > sort.top,
        );
    }""")
    assert not overlapped
    assert not page.evaluate(IS_WIDE)


@pytest.mark.thorough
def test_a_word_that_is_being_typed_may_be_a_word_of_its_own(page: Page, word: str) -> None:
    take_for(page, "animal", word)
    relate(page)
    page.goto(f"/?q={word}")
    expect(tiles(page)).to_have_count(3)
    box(page).fill("")
    box(page).press_sequentially("animal", delay=5)
    said = page.locator("p", has_text="No picture has")
    expect(said).to_have_text(re.compile("“animal” so far. Type on, or press Enter.+These are pictures of"))
    box(page).press("Enter")
    expect(said).to_have_text(re.compile(r"“animal”\.\s+These are pictures of"))


@pytest.mark.thorough
def test_where_words_are_missing_all_the_same_both_is_said(page: Page, word: str) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    take_for(page, "animal", word, "dog", "gull", "cat")
    page.goto("/?q=animal+xqzzyqj")
    expect(page.locator("p", has_text="No picture has “animal”")).to_contain_text("Looked for instead:")
    expect(page.get_by_role("heading", name="Nothing matches all of “animal xqzzyqj”")).to_be_visible()
    part = page.get_by_role("list", name="Pictures of a part").get_by_role("link")
    expect(part).to_have_text(f"animal ({word}, dog, gull, …) · 3 pictures")
    expect(tiles(page).first).to_be_visible()
    expect(page.get_by_text("No picture has “xqzzyqj”.")).to_have_count(1)
    assert page.evaluate("shifts") == []
    assert not page.evaluate(IS_WIDE)


@pytest.mark.thorough
def test_pictures_wait_for_the_sentence_above_them_and_do_without_it(stack: LocalStack, word: str) -> None:
    with open_page(stack.url, expected="Failed to load resource") as page:
        page.add_init_script(SHIFTS)
        held: list[Route] = []

        def hold(script: Route) -> None:
            held.append(script)

        page.route("**/assets/Interpretation-*.js", hold)
        take_for(page, "animal", word)
        page.goto("/?q=animal")
        # The list of what is hidden has no role.
        page.locator("a[data-picture-id]").first.wait_for(state="attached")
        expect(tiles(page)).to_have_count(0)
        while not held:
            page.wait_for_timeout(20)
        for script in held:
            script.continue_()
        expect(page.locator("p", has_text="No picture has")).to_be_visible()
        expect(tiles(page).first).to_be_visible()
        assert page.evaluate("shifts") == []

        page.unroute("**/assets/Interpretation-*.js")
        page.route("**/assets/Interpretation-*", lambda route: route.abort("internetdisconnected"))
        page.reload()
        expect(tiles(page).first).to_be_visible()
        expect(page.locator("p", has_text="No picture has")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 700, 1280])
def test_related_searches_come_after_the_pictures_and_move_nothing(
    stack: LocalStack, word: str, width: int
) -> None:
    with open_page(stack.url, has_touch=True) as page:
        page.set_viewport_size({"width": width, "height": 900})
        page.add_init_script(SHIFTS)
        asked = relate(page, "gull", "duck", word, "penguin", "kingfisher", "nightingale", "swan", "heron")
        page.goto(f"/?q={word}")
        expect(offers(page)).to_have_count(7)
        expect(tiles(page)).to_have_count(3)
        assert asked == [word]
        assert page.evaluate("shifts") == []
        assert not page.evaluate(IS_WIDE)
        assert offers(page).first.evaluate(IS_REACHED)
        assert find_violations(page) == []
        # The last one is scrolled to, within the row.
        offers(page).last.focus()
        assert offers(page).last.evaluate(IS_REACHED)
        assert not page.evaluate(IS_WIDE)
        assert page.evaluate("scrollY") == 0

        offers(page).nth(1).tap()
        expect(page).to_have_url(re.compile(r"/\?q=duck$"))
        expect(page.get_by_role("heading", name="No pictures found")).to_be_visible()
        expect(offers(page)).to_have_count(0)
        assert asked == [word]


@pytest.mark.thorough
def test_related_searches_are_for_words_that_somebody_has_finished(page: Page, word: str) -> None:
    asked = relate(page, "gull")
    page.goto("/")
    box(page).press_sequentially(word, delay=5)
    expect(tiles(page)).to_have_count(3)
    expect(page.locator("[data-count]")).to_have_text("3 pictures")
    page.wait_for_timeout(300)
    assert asked == []
    box(page).press("Enter")
    expect(offers(page)).to_have_text(["gull"])
    # From the box, by the keyboard: past its button and the links of the header.
    for _ in range(20):
        page.keyboard.press("Tab")
        if offers(page).first.evaluate("(link) => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=gull$"))

    # Neither filters, nor anything but one plain word, beside which a related one may find nothing.
    for query in (f"{word}&sort=newest&color=red", f"%23{word}", f"wild+{word}", f"{word}+-dog"):
        page.goto(f"/?q={query}")
        expect(page.locator("[data-count]")).not_to_have_text("Looking …")
        page.wait_for_timeout(300)
    assert asked == [word]


@pytest.mark.thorough
def test_related_searches_fail_in_silence_and_take_no_room_where_there_are_none(
    stack: LocalStack, word: str
) -> None:
    with open_page(stack.url, expected="Failed to load resource") as page:
        tops = []
        for status, related in ((200, []), (200, ["gull"]), (400, [])):
            body = {"words": [{"word": each, "count": 1} for each in related]}
            page.unroute(re.compile("related="))
            page.route(re.compile("related="), partial(fulfil, status=status, body=body))
            with page.expect_response(re.compile("related=")):
                page.goto(f"/?q={word}")
            page.wait_for_timeout(200)
            expect(offers(page)).to_have_text(related)
            expect(page.get_by_role("alert")).to_have_count(0)
            tops.append(tiles(page).first.evaluate("(tile) => tile.getBoundingClientRect().y"))
        assert len(set(tops)) == 1


@pytest.mark.thorough
def test_related_words_are_told_in_german(stack: LocalStack, word: str) -> None:
    with open_page(stack.url, language="de-DE") as page:
        take_for(page, "berge", word, "hill", "alp", "peak", "fell", "ridge", "mountain")
        relate(page, "gull")
        page.goto("/?q=Berge")
        said = page.locator("p", has_text="Kein Bild hat")
        expect(said).to_have_text(
            re.compile(rf"„Berge“\.\s+Dies sind Bilder von {word}, hill, alp, peak, fell und 2 weiteren\.")
        )
        assert find_violations(page) == []
        said.get_by_role("link", name=word).click()
        expect(page.get_by_role("list", name="Verwandte Suchen").get_by_role("link")).to_have_text("gull")


@pytest.mark.parametrize("width", [pytest.param(320, marks=pytest.mark.thorough), 1280])
def test_pictures_of_longer_words_are_shown_below_few_results_while_somebody_types(
    page: Page, related: Related, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    asked = expand(page, related, related.kind)
    page.goto("/")
    box(page).press_sequentially(related.word, delay=5)
    longer = page.get_by_role("region", name="Words that begin like this")
    expect(longer.locator("p")).to_have_text(f"With {related.kind}")
    expect(tiles(page)).to_have_count(2)
    assert asked[-1] == f"expand=completions&limit=50&q={related.word}&sort=relevance"
    expect(page.locator("[data-count]")).to_have_text("2 pictures")
    assert not page.evaluate(IS_WIDE)
    assert find_violations(page) == []
    box(page).press("Enter")
    expect(related_pictures(page).get_by_role("heading")).to_have_text(["Related pictures"])
    expect(longer).to_have_count(0)
    assert asked[-1] == f"expand=related&limit=50&q={related.word}&sort=relevance"


def test_a_picture_of_a_longer_word_opens_for_whoever_clicks_on_it_from_the_search_box(
    page: Page, related: Related
) -> None:
    expand(page, related, related.kind)
    page.goto("/")
    box(page).press_sequentially(related.word, delay=5)
    longer = page.get_by_role("region", name="Words that begin like this")
    # The press takes the focus from the box, and the tile is still there for the click.
    longer.locator("a[data-picture-id]").first.click()
    expect(page.get_by_role("button", name="Enlarge the picture")).to_be_visible()
    page.go_back()
    expect(box(page)).to_have_value(related.word)
    expect(tiles(page)).to_have_count(2)


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (1280, "dark")])
def test_pictures_of_related_words_are_shown_below_few_results(
    page: Page, related: Related, width: int, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    asked, searched = expand(page, related, related.kind, "dog", "cat"), note_searches(page)
    page.goto(f"/?q={related.word}")
    expect(related_pictures(page).get_by_role("heading")).to_have_text(["Related pictures"])
    expect(related_pictures(page).locator("p")).to_have_text(f"With {related.kind}, dog and cat")
    # The picture that has both words is among the results. On a small screen the last one is below it.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(related_tiles(page)).to_have_count(2)
    assert sorted(ids(related_tiles(page))) == sorted(related.others)
    expect(tiles(page)).to_have_count(2)
    assert asked == [f"expand=related&limit=50&q={related.word}&sort=relevance"]
    assert searched == [related.word] * 2
    # Nothing says that two are all.
    expect(page.get_by_text("That is all")).to_have_count(0)
    expect(page.get_by_role("link", name="Show all")).to_have_count(0)
    expect(page.locator("[data-count]")).to_have_text("2 pictures and 2 related")
    expect(page.locator("[data-announcer]")).to_have_text("2 pictures and 2 related found.")
    # In rows as those above them, from edge to edge as they are.
    grids = [
        page.get_by_role("list", name=name, exact=True).bounding_box()
        for name in ("Pictures", "With related words")
    ]
    assert grids[0] is not None
    assert grids[1] is not None
    assert (grids[0]["x"], grids[0]["width"]) == (grids[1]["x"], grids[1]["width"])
    related_tiles(page).first.scroll_into_view_if_needed()
    expect(related_tiles(page).first.locator("img")).to_have_attribute("data-loaded", "true")
    assert page.evaluate("shifts") == []
    assert not page.evaluate(IS_WIDE)
    assert find_violations(page) == []

    # Arrow keys lead through the section; a picture opens by key, and the way back leads to its tile.
    related_tiles(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(related_tiles(page).last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Enlarge the picture")).to_be_visible()
    expect(page.get_by_role("button", name="Next picture")).to_have_count(0)
    searched.clear()
    page.get_by_role("button", name="Back to the results").click()
    expect(related_tiles(page).last).to_be_focused()
    expect(page.locator("[data-count]")).to_have_text("2 pictures and 2 related")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Enlarge the picture")).to_be_visible()
    page.go_back()
    expect(related_tiles(page).last).to_be_focused()
    assert searched == []

    related_pictures(page).get_by_role("link", name=related.kind, exact=True).click()
    expect(page).to_have_url(re.compile(rf"\?q={related.kind}$"))
    expect(tiles(page)).to_have_count(3)
    expect(page.locator("[data-count]")).to_have_text("3 pictures")
    page.go_back()
    expect(related_tiles(page)).to_have_count(2)
    expect(page.locator("[data-count]")).to_have_text("2 pictures and 2 related")


@pytest.mark.thorough
def test_links_to_related_searches_come_with_the_count_of_related_pictures(
    page: Page, related: Related
) -> None:
    relate(page, related.kind)
    expand(page, related, related.kind)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("expand="), hold)
    with page.expect_response(re.compile(r"/api/words\?.*related=")):
        page.goto(f"/?q={related.word}")
    page.wait_for_timeout(300)
    expect(page.locator("[data-count]")).to_have_text("2 pictures")
    expect(offers(page)).to_have_count(0)
    expect(page.get_by_text("That is all")).to_have_count(0)
    for route in held:
        route.fallback()
    expect(page.locator("[data-count]")).to_have_text("2 pictures and 2 related")
    expect(offers(page)).to_have_text([related.kind])
    assert page.evaluate("shifts") == []


def test_all_pictures_of_related_words_are_a_search_of_their_own(page: Page, related: Related) -> None:
    asked = expand(page, related, related.kind, "dog", after="more")
    page.goto(f"/?q={related.word}")
    expect(page.locator("[data-count]")).to_have_text("2 pictures and more than 2 related")
    expect(page.locator("[data-announcer]")).to_have_text("2 pictures and more than 2 related found.")
    # The link stands below the pictures from the first moment on.
    assert page.evaluate("shifts") == []
    asked.clear()
    related_pictures(page).get_by_role("link", name="Show all").press("Enter")
    expect(page).to_have_url(re.compile(rf"\?expand=related&q={related.word}$"))
    expect(tiles(page)).to_have_count(3)
    said = page.locator("p", has_text="With related words")
    expect(said).to_have_text(
        re.compile(rf"^\s*With related words:\s+{related.kind} and dog\.\s+Only “{related.word}”\s*$")
    )
    expect(related_pictures(page)).to_have_count(0)
    # Page by page, as any search.
    assert asked == [
        f"{cursor}expand=related&limit=50&q={related.word}&sort=relevance" for cursor in ("", "cursor=more&")
    ]
    assert find_violations(page) == []

    page.reload()
    expect(said).to_be_visible()
    expect(tiles(page)).to_have_count(3)
    assert page.evaluate("shifts") == []
    page.go_back()
    expect(related_tiles(page)).to_have_count(2)
    expect(said).to_have_count(0)
    page.go_forward()
    expect(tiles(page)).to_have_count(3)
    said.get_by_role("link", name="Only").click()
    expect(page).to_have_url(re.compile(rf"/\?q={related.word}$"))
    expect(tiles(page)).to_have_count(2)

    # Other words are searched for without related ones.
    page.go_back()
    expect(said).to_be_visible()
    box(page).fill(related.kind)
    box(page).press("Enter")
    expect(page).to_have_url(re.compile(rf"/\?q={related.kind}$"))
    expect(page.get_by_text("That is all: 3 pictures.")).to_be_visible()

    expand(page, related, related.kind, "dog")
    page.goto(f"/?q={related.word}&expand=related")
    expect(page.locator("[data-announcer]")).to_have_text(
        f"With words related to “{related.word}”: {related.kind} and dog. 3 pictures found."
    )


@pytest.mark.thorough
def test_pictures_of_related_words_wait_for_the_results_and_are_given_up_with_them(
    page: Page, related: Related
) -> None:
    page.goto("/")
    expect(tiles(page).first.locator("img")).to_have_attribute("data-loaded", "true")
    asked = expand(page, related, related.kind)
    searched = note_searches(page)
    held: list[Route] = []

    def hold(file: Route) -> None:
        held.append(file)

    page.route("**/i/**", hold)
    box(page).fill(related.word)
    box(page).press("Enter")
    expect(tiles(page)).to_have_count(2)
    page.wait_for_timeout(300)
    assert searched == [related.word]
    page.unroute("**/i/**")
    for file in held:
        file.continue_()
    expect(related_pictures(page)).to_be_visible()
    assert len(asked) == 1

    # Somebody searches on before there is an answer.
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.route(re.compile(r"/api/images\?.*expand="), lambda _: None)
    with page.expect_request(re.compile("expand=")):
        page.reload()
    box(page).fill("xqzzyqj")
    box(page).press("Enter")
    expect(page.get_by_role("heading", name="No pictures found")).to_be_visible()
    assert any("expand=" in url for url in failed)
    expect(related_pictures(page)).to_have_count(0)


@pytest.mark.thorough
def test_pictures_of_related_words_fail_in_silence_and_only_plain_words_have_them(
    stack: LocalStack, related: Related
) -> None:
    with open_page(stack.url, expected="Failed to load resource") as page:
        page.route(re.compile("expand="), partial(fulfil, status=400, body={"detail": "No."}))
        with page.expect_response(re.compile("expand=")):
            page.goto(f"/?q={related.word}")
        expect(page.get_by_text("That is all: 2 pictures.")).to_be_visible()
        expect(page.locator("[data-count]")).to_have_text("2 pictures")
        expect(related_pictures(page)).to_have_count(0)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.unroute(re.compile("expand="))
        asked = expand(page, related, related.kind)
        for query in (
            f"{related.word}&license=all-rights-reserved",
            f'"{related.word}"',
            f"{related.word}+-dog",
        ):
            page.goto(f"/?q={query}")
            expect(page.locator("[data-count]")).not_to_have_text("Looking …")
            page.wait_for_timeout(300)
            expect(related_pictures(page)).to_have_count(0)
        assert asked == []


@pytest.mark.thorough
def test_related_pictures_are_told_in_german(stack: LocalStack, related: Related) -> None:
    with open_page(stack.url, language="de-DE") as page:
        expand(page, related, related.kind, "dog", after="more")
        page.goto(f"/?q={related.word}")
        section = page.get_by_role("region", name="Verwandte Bilder")
        expect(section.get_by_role("heading")).to_have_text(["Verwandte Bilder"])
        expect(section.locator("p").first).to_have_text(f"Mit {related.kind} und dog")
        expect(page.locator("[data-count]")).to_have_text("2 Bilder und mehr als 2 verwandte")
        section.get_by_role("link", name="Alle zeigen").click()
        said = page.locator("p", has_text="Mit verwandten Wörtern")
        expect(said).to_contain_text(f"{related.kind} und dog.")
        expect(said.get_by_role("link", name=f"Nur „{related.word}“")).to_be_visible()
        assert find_violations(page) == []
