"""The page in a real browser: sign in by link, drop photographs, watch them become ready, find them."""

import base64
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import PATIENCE, Person
from tests.integration.browser import open_page, wait_until_promised
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


def wait_until_signed_in(page: Page) -> None:
    """Wait until the API has accepted the token of a sign-in link.

    Photos that are chosen before wait, and the page asks whether they are meant to go with the token.
    """
    # A function: what is no function is evaluated anew each time, which the page's policy allows only once.
    page.wait_for_function("() => sessionStorage.getItem('stockroom.token') !== null")


def drop(page: Page, photos: dict[str, bytes]) -> None:
    """Drop files anywhere on the page, as from a file manager, once somebody is signed in."""
    wait_until_signed_in(page)
    # The page is made once the first pictures are known, which may be after the sign-in.
    page.get_by_role("main").wait_for()
    files = [[name, base64.b64encode(data).decode()] for name, data in photos.items()]
    transfer = page.evaluate_handle(
        """async (files) => {
            const transfer = new DataTransfer();
            for (const [name, data] of files) {
                const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
            }
            return transfer;
        }""",
        files,
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    # What takes the files is loaded meanwhile. A pointer that is over the page says so all the time.
    taken = page.get_by_text("Drop photos or folders to upload them")
    while not taken.is_visible():
        page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
        page.wait_for_timeout(20)
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})


def test_five_photographs_are_dropped_and_one_is_found(stack: LocalStack, page: Page) -> None:
    word = f"quokka{time.time_ns()}"
    page.goto(f"/#token={stack.token('alice', name='Alice')}")
    expect(page).not_to_have_url(re.compile("token"))

    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(5)})
    page.get_by_label("Description", exact=True).first.fill(f"Five times a {word} #{word}tag")
    page.get_by_role("button", name="Upload 5 photos").click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=ready]")).to_have_count(5)

    page.goto("/")
    page.get_by_role("searchbox", name="Search").fill(word)
    page.get_by_role("searchbox", name="Search").press("Enter")
    pictures = page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")
    expect(pictures).to_have_count(5)
    expect(pictures.first.locator("img")).to_have_attribute("data-loaded", "true")

    pictures.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"photo-\d\.jpg"))
    expect(page.get_by_role("button", name="Copy image link")).to_be_visible()
    page.get_by_role("list", name="Tags").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(f"tag={word}tag"))
    expect(pictures).to_have_count(5)


def test_a_file_that_is_no_picture_is_named_and_the_rest_goes_on(stack: LocalStack, page: Page) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {"notes.jpg": b"just words", "photo.jpg": fresh_photo()})
    page.get_by_role("button", name=re.compile("^Upload 1 photo")).click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-name='photo.jpg'][data-state=ready]")).to_have_count(1)
    expect(uploads.locator("li[data-name='notes.jpg'][data-state=rejected]")).to_have_count(1)


@pytest.mark.thorough
def test_a_sign_in_link_asks_before_it_replaces_a_session(stack: LocalStack, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/#token={stack.token('alice', name='Alice')}")
    signed_in = page.get_by_role("link", name="Signed in as")
    expect(signed_in).to_have_accessible_name("Signed in as Alice")
    link = f"/#token={stack.token('bob', name='Bob')}"

    page.goto(link)
    dialog = page.get_by_role("dialog", name="Sign in as Bob?")
    expect(page).not_to_have_url(re.compile("token"))
    expect(dialog.get_by_role("button", name="Stay Alice")).to_be_focused()
    # The keyboard stays in the dialog, which is light on dark as the rest of the page.
    assert dialog.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(28, 30, 27)"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(signed_in).to_have_accessible_name("Signed in as Alice")

    page.goto(link)
    expect(dialog.get_by_role("button", name="Stay Alice")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(signed_in).to_have_accessible_name("Signed in as Bob")
    expect(page).not_to_have_url(re.compile("token"))


@pytest.mark.thorough
def test_a_sign_in_link_asks_before_it_takes_over_photos_that_wait(stack: LocalStack, page: Page) -> None:
    page.goto(f"/signin#token={stack.token('alice-1', name='Alice')}")
    drop(page, {"photo.jpg": fresh_photo()})
    waiting = page.get_by_role("list", name="Uploads").locator("li[data-state=hashed]")
    expect(waiting).to_have_count(1)
    link = f"token={stack.token('alice-2', name='Alice')}"

    page.evaluate("link => location.hash = link", link)
    dialog = page.get_by_role("dialog", name="Sign in as Alice (alice-2)?")
    dialog.get_by_role("button", name="Stay Alice (alice-1)").click()
    page.get_by_role("link", name="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="1 photo has not been uploaded")
    expect(dialog.get_by_role("button", name="Sign out, finish later")).to_be_focused()
    page.keyboard.press("Enter")

    # Whoever uses the page next neither sees nor uploads them.
    page.get_by_role("link", name=re.compile("^Upload")).click()
    expect(page.get_by_label("Choose photos")).to_be_attached()
    expect(waiting).to_have_count(0)
    page.evaluate("link => location.hash = link", link)
    expect(page.get_by_role("link", name="Signed in as")).to_be_visible()
    expect(waiting).to_have_count(0)

    page.evaluate("link => location.hash = link", f"token={stack.token('alice-1', name='Alice')}")
    dialog = page.get_by_role("dialog", name="Sign in as Alice (alice-1)?")
    dialog.get_by_role("button", name="Sign in as Alice (alice-1)").click()
    expect(waiting).to_have_count(1)


@pytest.mark.thorough
def test_whoever_signs_out_can_have_the_photos_that_wait_forgotten(stack: LocalStack, page: Page) -> None:
    """One is being sent, the other one waits. Afterwards neither the browser nor the library has them."""
    alice = Person(stack, stack.token(f"alice-{time.time_ns()}", name="Alice"))
    page.goto(f"/signin#token={alice.token}")
    # What is sent does not arrive.
    page.route("**/*", lambda route: None if route.request.method == "PUT" else route.continue_())
    drop(page, {"first.jpg": fresh_photo()})
    page.get_by_role("button", name="Upload 1 photo").click()
    uploads = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(uploads.and_(page.locator("[data-state=uploading]"))).to_have_count(1)
    assert [upload["state"] for upload in alice.call("GET", "/api/uploads").json["uploads"]] == ["pending"]
    drop(page, {"second.jpg": fresh_photo()})
    expect(uploads.and_(page.locator("[data-state=hashed]"))).to_have_count(1)
    page.get_by_label("Description", exact=True).first.fill("A secret place")
    drafts = """() => Object.entries(localStorage)
        .filter(([key]) => key.startsWith('stockroom.draft.'))
        .map(([, draft]) => draft)"""
    page.wait_for_function(f"() => ({drafts})().join().includes('A secret place')")
    has_kept = """expected => new Promise((resolve, reject) => {
        const opening = indexedDB.open('stockroom');
        opening.onerror = reject;
        opening.onsuccess = () => {
            const stores = [...opening.result.objectStoreNames];
            const transaction = opening.result.transaction(stores);
            const requests = stores.map(name => transaction.objectStore(name).count());
            transaction.oncomplete = () => {
                opening.result.close();
                resolve(requests.every(request => request.result === expected));
            };
        };
    })"""
    wait_until_promised(page, has_kept, 2)
    page.get_by_role("link", name="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="1 photo is still being uploaded")
    expect(dialog).to_be_visible()
    assert find_violations(page) == []
    dialog.get_by_role("button", name="Sign out and forget").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    wait_until_promised(page, has_kept, 0)
    assert page.evaluate(drafts) == []
    ends = time.monotonic() + PATIENCE
    while alice.call("GET", "/api/uploads").json["uploads"]:
        assert time.monotonic() < ends
        page.wait_for_timeout(50)
    page.get_by_role("link", name=re.compile("^Upload")).click()
    expect(page.get_by_label("Choose photos")).to_be_attached()
    expect(uploads).to_have_count(0)


@pytest.mark.thorough
def test_whoever_signs_out_uploads_nothing_more(stack: LocalStack, page: Page) -> None:
    """Whoever uses the page next does not see what had not arrived, which goes on once its owner is back."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT":
            held.append(route)
        else:
            route.continue_()

    name = f"signed-out-{time.time_ns()}"
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    page.route("**/*", hold)
    drop(page, {f"{name}-{number}.jpg": fresh_photo() for number in range(6)})
    page.get_by_role("button", name="Upload 6 photos").click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(4)
    page.get_by_role("link", name="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="6 photos are still being uploaded")
    expect(dialog.get_by_role("button", name="Finish, then sign out")).to_be_focused()
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    dialog.get_by_role("button", name="Stop, finish later").click()
    page.get_by_role("link", name=re.compile("^Upload")).click()
    expect(uploads).to_have_count(0)
    assert len(held) == 4

    page.unroute("**/*")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.get_by_label("Sign-in link").fill(stack.token("bob", name="Bob"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Signed in as Bob")).to_be_visible()
    expect(uploads).to_have_count(0)
    page.evaluate("link => location.hash = link", f"token={stack.token('alice', name='Alice')}")
    page.get_by_role("dialog").get_by_role("button", name="Sign in as Alice").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(6)
    assert len({url.split("?")[0] for url in sent}) == len(sent) == 6
    with stack.database() as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT o.subject, COUNT(*) FROM image i JOIN owner o USING (owner_id)"
            " WHERE i.name LIKE %s AND i.state = 'ready' GROUP BY o.subject",
            (f"{name}-%",),
        )
        assert list(cursor.fetchall()) == [("alice", 6)]


def test_an_address_that_looks_like_another_host_stays_on_the_site(stack: LocalStack) -> None:
    # There is no such page, of which the console tells.
    with open_page(stack.url, expected="404") as page:
        page.goto(f"{stack.url}//elsewhere.test/x#token={stack.token('alice', name='Alice')}")
        expect(page).to_have_url(f"{stack.url}/elsewhere.test/x")
        expect(page.get_by_role("link", name="Signed in as")).to_be_visible()
        expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()
        expect(page.get_by_role("searchbox", name="Search")).to_be_visible()


def test_without_a_token_the_page_says_how_to_sign_in(page: Page) -> None:
    page.goto("/upload")
    expect(page.get_by_text("sign-in link", exact=False).first).to_be_visible()

    # The details can be typed on a small telephone, too, with letters of twice their size.
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_text("About these photos").click()
    right = page.get_by_role("combobox", name="Tags").evaluate("field => field.getBoundingClientRect().right")
    assert 0 < right <= 320


# Links of the header of which something is cut off, or which lie on one another.
FIND_CUT = """() => {
    const links = [...document.querySelectorAll("header a, header button")];
    const boxes = links.map((link) => link.getBoundingClientRect());
    return links.filter((link, index) => {
        const { left, right, top, bottom } = boxes[index];
        const { overflowX } = getComputedStyle(link.parentElement);
        const outer = link.parentElement.getBoundingClientRect();
        return left < 0 || right > innerWidth || link.scrollWidth > link.clientWidth
            || (overflowX !== "visible" && (left < outer.left - 1 || right > outer.right + 1))
            || boxes.some((other, number) => number > index
                && other.left < right - 1 && left < other.right - 1
                && other.top < bottom - 1 && top < other.bottom - 1);
    }).map((link) => link.outerHTML.slice(0, 80));
}"""


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_the_header_shows_all_of_a_text_of_twice_the_size(stack: LocalStack, language: str) -> None:
    with open_page(stack.url, language=language) as page:
        icons: list[str] = []
        page.on("request", lambda each: icons.append(each.url) if "favicon" in each.url else None)
        page.set_viewport_size({"width": 320, "height": 640})
        page.goto("/")
        search = page.get_by_role("searchbox")
        expect(search).to_be_visible()
        assert page.evaluate(FIND_CUT) == []
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FIND_CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        # The field stays where it can be used.
        search.fill("sea")
        expect(search).to_be_in_viewport(ratio=1)
        # The icon of the page is its logo, too, and one request.
        assert len(icons) <= 1


@pytest.mark.thorough
def test_a_bad_connection_is_told_and_the_page_goes_on_after_it(stack: LocalStack, page: Page) -> None:
    name = f"broken-{time.time_ns()}.jpg"
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {name: fresh_photo()})
    page.get_by_role("button", name="Upload 1 photo").click()
    # An answer that is no picture fails as a broken connection does, about which the console would complain.
    page.route("**/720p.*", lambda route: route.fulfill(body="no picture"))
    page.get_by_role("list", name="Uploads").get_by_role("link", name=name).click()
    # The small picture is there, with a mark that leaves it alone.
    frame = page.locator(".picture-frame")
    expect(frame.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_text("The picture could not be loaded.")).to_be_hidden()
    expect(frame.locator("picture")).to_have_css("background-image", re.compile("240p"))
    # Nothing at all is there where no file comes.
    page.route("**/240p.*", lambda route: route.fulfill(body="no picture"))
    page.reload()
    expect(page.get_by_text("The picture could not be loaded.")).to_be_visible()

    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("img", name=name).first).to_have_attribute("data-loaded", "true")

    page.goto("/")
    pictures = page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")
    expect(pictures.first).to_be_visible()
    # The console would complain about a request that the browser itself could not send.
    page.evaluate("[window.goodFetch, window.fetch] = [fetch, async () => { throw new TypeError() }]")
    page.get_by_role("searchbox", name="Search").fill(name)
    page.get_by_role("searchbox", name="Search").press("Enter")
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible()
    expect(pictures).to_have_count(0)
    page.evaluate("window.fetch = goodFetch; dispatchEvent(new Event('online'))")
    expect(pictures).to_have_count(1)
