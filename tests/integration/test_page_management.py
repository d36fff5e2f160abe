"""What contributors do with published pictures in the page: edit, delete, restore; alone and in bulk."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    # Two people who edit one picture at once get a 412, of which the console tells.
    with open_page(
        stack.url, expected=("status of 412", "status of 503", "ERR_INTERNET_DISCONNECTED")
    ) as page:
        yield page


@pytest.fixture
def alice(stack: LocalStack) -> Person:
    """Somebody whose uploads no other test has made."""
    return Person(stack, stack.token(f"alice-{time.time_ns()}", name="Alice"))


def publish(person: Person, count: int) -> list[str]:
    """Pictures of this person, the newest first: photo-2.jpg, photo-1.jpg, photo-0.jpg."""
    pictures = person.upload(*[fresh_photo() for _ in range(count)])
    for picture in pictures:
        assert person.settled(picture)["state"] == "ready"
    return pictures[::-1]


def open_signed_in(page: Page, person: Person, path: str) -> None:
    page.goto(f"{path}#token={person.token}")


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="My pictures").locator("li[data-upload-id]")


def shorten_pages(page: Page) -> None:
    """Has the first page of the list show two pictures."""

    def shorten(route: Route) -> None:
        url = route.request.url
        route.continue_(url=f"{url}&limit=2" if url.endswith("/api/uploads?counts=1") else url)

    page.route("**/api/uploads*", shorten)


def metadata_of(person: Person, pictures: list[str]) -> list[dict[str, Any]]:
    """What the library has of each picture, without what every edit changes, and without its links."""
    changing = {"revision", "edited", "urls"}
    images = [state["image"] for picture in pictures if (state := person.state(picture))]
    return [{name: value for name, value in image.items() if name not in changing} for image in images]


def change_all(page: Page, count: int) -> None:
    """In My pictures, add a tag to all pictures, take one away, and set their credit."""
    page.get_by_label("Select all").click()
    expect(page.get_by_text(f"{count} selected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Edit {count} pictures")
    dialog.get_by_role("combobox", name="Add tags").fill("harbour")
    dialog.get_by_role("combobox", name="Remove tags").fill("a")
    dialog.get_by_label("What to do with: Credit").select_option("Set to …")
    dialog.get_by_label("Credit", exact=True).fill("Ann")
    dialog.get_by_role("button", name=f"Change {count} pictures").click()
    expect(dialog).to_have_count(0)


@pytest.mark.thorough
def test_an_edit_that_meets_another_one_loses_neither(page: Page, alice: Person) -> None:
    (picture,) = publish(alice, 1)
    word = f"quokka{time.time_ns()}"
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("link", name="photo-0.jpg").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit “photo-0.jpg”")
    dialog.get_by_label("Title").fill("Harbour")
    dialog.get_by_label("Description").fill(f"A {word}")
    dialog.get_by_role("combobox", name="Tags").fill("sea")
    dialog.get_by_label("Usage terms").fill("Ask first.")
    dialog.get_by_label("Address of the licence").fill("nowhere")
    assert find_violations(page) == []

    # Whoever wants to leave is asked, and has lost nothing.
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Leave without saving?")
    assert find_violations(page) == []
    page.keyboard.press("Enter")
    expect(question).to_have_count(0)
    page.evaluate("history.back()")
    question.get_by_role("button", name="Keep editing").click()
    expect(dialog.get_by_label("Title")).to_have_value("Harbour")

    edit = {"description": "A boat", "place": "Oslo"}
    assert alice.call("PATCH", f"/api/images/{picture}", edit, {"If-Match": "*"}).status == 200
    dialog.get_by_label("Address of the licence").fill("https://example.org/terms")
    dialog.get_by_label("Hidden from").scroll_into_view_if_needed()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("description")
    expect(dialog.get_by_role("alert")).to_be_in_viewport()
    expect(dialog.get_by_text("Meanwhile saved by somebody else: “A boat”")).to_be_visible()
    expect(dialog.get_by_label("Place")).to_have_value("Oslo")
    assert find_violations(page) == []
    dialog.get_by_role("button", name="Keep mine: Description").click()
    expect(dialog.get_by_label("Description")).to_be_focused()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_focused()

    expect(page.get_by_role("heading", level=1)).to_have_text("Harbour")
    expect(page.get_by_text("Ask first.")).to_be_visible()
    expect(page.locator("dl").get_by_role("link", name="Terms at example.org")).to_be_visible()
    expect(page.get_by_text("Oslo")).to_be_visible()
    assert find_violations(page) == []
    page.goto(f"/?q={word}")
    expect(page.locator(f"a[data-picture-id='{picture}']")).to_be_visible()


def test_a_deletion_is_undone_at_once_or_later(page: Page, alice: Person) -> None:
    newest, middle, _ = publish(alice, 3)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(3)

    page.get_by_role("button", name="Delete photo-2.jpg").press("Enter")
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_contain_text("Deleted “photo-2.jpg”.")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("Select photo-1.jpg")).to_be_focused()
    expect(page.locator("[data-announcer]")).to_have_text("1 picture deleted. Control Z undoes it.")
    assert find_violations(page) == []
    ready = page.get_by_role("navigation", name="Which pictures").get_by_role("link", name="Ready")
    expect(ready).to_have_text("Ready 2")
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(3)
    expect(ready).to_have_text("Ready 3")
    expect(undo).to_have_count(0)
    found = alice.state(newest)
    assert found is not None
    assert found["state"] == "ready"

    # From the picture's own page; later, it is restored from the list.
    # A picture that is deleted is like no other: its page would be told so by a complaint of the browser.
    with page.expect_response(lambda answer: "/similar" in answer.url):
        page.get_by_role("link", name="photo-1.jpg").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(f"{alice.stack.url}/uploads")
    expect(undo).to_contain_text("Deleted “photo-1.jpg”.")
    page.reload()
    expect(rows(page)).to_have_count(2)
    page.get_by_text("1 deleted picture can still be restored").click()
    deleted = page.get_by_role("list", name="Deleted pictures").locator("li")
    expect(deleted).to_contain_text("minutes left")
    # One sees what one restores; its page is gone.
    expect(deleted.locator("img")).to_have_js_property("complete", value=True)
    expect(deleted.get_by_role("link")).to_have_count(0)
    assert find_violations(page) == []
    deleted.get_by_role("button", name="Restore photo-1.jpg").click()
    expect(rows(page)).to_have_count(3)
    assert alice.call("GET", f"/api/images/{middle}").status == 200


@pytest.mark.thorough
def test_a_restoration_that_fails_says_why(page: Page, alice: Person) -> None:
    content = fresh_photo()
    (picture,) = alice.upload(content)
    assert alice.settled(picture)["state"] == "ready"
    assert alice.call("DELETE", f"/api/images/{picture}").status == 204
    open_signed_in(page, alice, "/uploads")
    page.get_by_text("1 deleted picture can still be restored").click()
    alice.upload(content)
    page.get_by_role("button", name="Restore photo-0.jpg").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("1 picture was not restored.")
    expect(problem).to_contain_text("You have uploaded the same photo again meanwhile. photo-0.jpg")


@pytest.mark.thorough
def test_many_pictures_are_changed_at_once(page: Page, alice: Person) -> None:
    pictures = publish(alice, 4)
    open_signed_in(page, alice, "/uploads")
    page.get_by_label("Select photo-3.jpg").press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_label("Select photo-0.jpg").click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected", exact=True)).to_be_visible()
    page.get_by_label("Select photo-1.jpg").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit 3 pictures")
    dialog.get_by_role("combobox", name="Add tags").fill("harbour")
    dialog.get_by_label("What to do with: Credit").select_option("Set to …")
    dialog.get_by_label("Credit", exact=True).fill("Ann")
    assert find_violations(page) == []
    # One of them goes meanwhile: the others are changed, and this one is named.
    assert alice.call("DELETE", f"/api/images/{pictures[0]}").status == 204
    dialog.get_by_label("What to do with: Hidden from").scroll_into_view_if_needed()
    dialog.get_by_role("button", name="Change 3 pictures").click()
    expect(dialog.get_by_role("alert")).to_contain_text("photo-3.jpg")
    expect(dialog.get_by_role("alert")).to_be_in_viewport()
    assert find_violations(page) == []
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("1 selected", exact=True)).to_be_visible()
    images = [state["image"] for picture in pictures[1:] if (state := alice.state(picture))]
    assert [(image["credit"], image["tags"]) for image in images] == [
        ("Ann", ["harbour"]),
        ("", []),
        ("Ann", ["harbour"]),
    ]

    page.get_by_label("Select photo-3.jpg").click()
    page.get_by_label("Select photo-2.jpg").click()
    page.get_by_label("Select photo-0.jpg").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit 2 pictures")
    dialog.get_by_role("combobox", name="Add tags").fill("pier")
    dialog.get_by_role("button", name="Change 2 pictures").click()
    # Seen, and not only heard, until somebody has read it.
    notice = page.locator(".notice", has_text="2 pictures changed.")
    expect(notice).to_be_in_viewport()
    assert find_violations(page) == []
    notice.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)

    page.keyboard.press("Control+a")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Select all", exact=True)).to_be_visible()
    assert len(rows(page).all()) == 4
    page.get_by_label("Select all").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("region", name="Undo")).to_contain_text("Deleted 4 pictures.")
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(4)


@pytest.mark.thorough
def test_an_edit_of_many_pictures_is_undone(page: Page, alice: Person) -> None:
    """Those that were not loaded, too. Each gets back what it had, unless somebody has changed it since."""
    pictures = publish(alice, 5)
    before = [{"credit": "Eve", "tags": ["b", "a"]}, {"license": "CC0-1.0"}, {}, {"tags": ["a"]}, {}]
    for picture, fields in zip(pictures, before, strict=True):
        if fields:
            assert alice.call("PATCH", f"/api/images/{picture}", fields, {"If-Match": "*"}).status == 200
    kept = metadata_of(alice, pictures)
    shorten_pages(page)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    change_all(page, 5)
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_contain_text("5 pictures changed.")
    expect(undo).to_contain_text("10 minutes left")
    expect(page.locator("[data-announcer]")).to_have_text("5 pictures changed. Control Z undoes it.")
    expect(page.get_by_label("Select all")).to_be_focused()
    assert [(each["credit"], each["tags"]) for each in metadata_of(alice, pictures)] == [
        ("Ann", ["b", "harbour"]), ("Ann", ["harbour"]), ("Ann", ["harbour"]), ("Ann", ["harbour"]),
        ("Ann", ["harbour"]),
    ]  # fmt: skip
    assert find_violations(page) == []
    page.keyboard.press("Control+z")
    expect(undo).to_have_count(0)
    expect(page.locator("[data-announcer]")).to_have_text("The change of 5 pictures is undone.")
    assert metadata_of(alice, pictures) == kept
    page.reload()
    expect(rows(page)).to_have_count(2)
    expect(undo).to_have_count(0)

    # A reload takes away nothing of the ten minutes.
    change_all(page, 5)
    expect(undo).to_contain_text("5 pictures changed.")
    page.reload()
    expect(undo).to_contain_text("5 pictures changed.")
    expect(undo).to_contain_text("minutes left")
    undo.get_by_role("button", name="Undo").click()
    expect(undo).to_have_count(0)
    assert metadata_of(alice, pictures) == kept

    # Of one picture that somebody else has changed since, nothing is overwritten.
    change_all(page, 5)
    expect(undo).to_contain_text("5 pictures changed.")
    edit = {"credit": "Mallory"}
    assert alice.call("PATCH", f"/api/images/{pictures[1]}", edit, {"If-Match": "*"}).status == 200
    undo.get_by_role("button", name="Undo").press("Enter")
    words = (
        "1 picture could not be changed back: Somebody has changed the picture since. It stays as it is now."
    )
    expect(undo).to_contain_text(words)
    expect(page.locator("[data-announcer]")).to_have_text(words)
    expect(page.get_by_label("Select photo-4.jpg")).to_be_focused()
    now = metadata_of(alice, pictures)
    assert (now[1]["credit"], now[1]["tags"]) == ("Mallory", ["harbour"])
    assert [*now[:1], *now[2:]] == [*kept[:1], *kept[2:]]
    assert find_violations(page) == []


@pytest.mark.thorough
def test_who_signs_out_leaves_no_undo_in_the_tab(page: Page, alice: Person) -> None:
    publish(alice, 1)
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("button", name="Delete photo-0.jpg").click()
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_contain_text("Deleted “photo-0.jpg”.")
    page.reload()
    expect(undo).to_contain_text("Deleted “photo-0.jpg”.")
    page.get_by_role("link", name="Signed in as").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('undo'))") == []


@pytest.mark.thorough
def test_who_is_followed_by_somebody_else_leaves_no_undo_in_the_tab(
    stack: LocalStack, page: Page, alice: Person
) -> None:
    publish(alice, 1)
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("button", name="Delete photo-0.jpg").click()
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_contain_text("Deleted “photo-0.jpg”.")
    bob = stack.token(f"bob-{time.time_ns()}", name="Bob")
    page.evaluate("token => (location.hash = `token=${token}`)", bob)
    page.get_by_role("button", name="Sign in as Bob").click()
    expect(page.get_by_role("link", name="Signed in as Bob")).to_be_visible()
    expect(undo).to_have_count(0)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('undo'))") == []


def test_who_signs_in_next_sees_nothing_of_what_was_listed_before(
    stack: LocalStack, page: Page, alice: Person
) -> None:
    """Not even while the library has not answered; and what was begun with those pictures is over."""
    publish(alice, 2)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    held: list[Route] = []
    saved: list[str] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.on("download", lambda download: saved.append(download.suggested_filename))
    page.route("**/api/images/*/original*", hold)
    page.get_by_role("checkbox", name="Select all").check()
    page.evaluate("delete window.showDirectoryPicker")
    page.get_by_role("button", name="Download originals").click()
    expect(page.get_by_role("region", name="Originals")).to_contain_text("photo-1.jpg")

    bob = stack.token(f"bob-{time.time_ns()}", name="Bob")
    page.evaluate("token => (location.hash = `token=${token}`)", bob)
    dialog = page.get_by_role("dialog", name="Sign in as Bob?")
    expect(dialog).to_be_visible()
    page.route("**/api/uploads*", lambda _route: None)
    dialog.get_by_role("button", name="Sign in as Bob").click()
    expect(page.get_by_role("link", name="Signed in as Bob")).to_be_visible()
    expect(page.get_by_text(re.compile(r"photo-\d\.jpg"))).to_have_count(0)
    expect(rows(page)).to_have_count(0)
    # The library answers after all: neither is the first original saved, nor is the second one asked for.
    (first,) = held
    first.continue_()
    page.wait_for_timeout(2000)
    assert len(held) == 1
    assert saved == []


@pytest.mark.thorough
def test_whoever_comes_back_from_a_picture_finds_the_place_among_all_rows(page: Page, alice: Person) -> None:
    publish(alice, 8)
    shorten_pages(page)
    page.set_viewport_size({"width": 390, "height": 500})
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Load more").click()
    expect(rows(page)).to_have_count(8)
    for leave in ("button", "Escape", "back", "reload"):
        row = rows(page).nth(6)
        row.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        before = row.bounding_box()
        if leave == "reload":
            page.reload()
        else:
            row.get_by_role("link").first.click()
            expect(page).to_have_url(re.compile("/p/"))
            expect(page.get_by_role("button", name="Enlarge the picture")).to_be_visible()
            expect(page.locator("[data-page=picture] h1")).to_be_focused()
        if leave == "button":
            page.locator(".controls .control").first.click()
        elif leave == "Escape":
            page.keyboard.press("Escape")
        elif leave == "back":
            page.go_back()
        expect(rows(page)).to_have_count(8)
        expect(rows(page).nth(6)).to_be_in_viewport()
        if leave != "reload":
            expect(rows(page).nth(6).get_by_role("link").first).to_be_focused()
        page.wait_for_timeout(1000)
        after = rows(page).nth(6).bounding_box()
        assert before is not None
        assert after is not None
        assert abs(after["y"] - before["y"]) < 3, leave
    # At the top of the list, the place further down is forgotten.
    page.set_viewport_size({"width": 390, "height": 1000})
    page.mouse.wheel(0, -10_000)
    page.wait_for_function("() => scrollY === 0")
    rows(page).first.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/p/"))
    page.go_back()
    expect(rows(page)).to_have_count(8)
    page.wait_for_timeout(1000)
    assert page.evaluate("scrollY") == 0
    # Whoever loads the page again there begins anew.
    page.reload()
    expect(rows(page)).to_have_count(2)


def test_the_place_in_my_pictures_outlives_reloads_that_fail_and_is_nobody_elses(
    page: Page, stack: LocalStack, alice: Person
) -> None:
    publish(alice, 6)
    shorten_pages(page)
    page.set_viewport_size({"width": 390, "height": 400})
    for view in ("list", "captions"):
        open_signed_in(page, alice, "/uploads" if view == "list" else "/uploads?view=captions")
        items = page.locator("li[data-upload-id]")
        expect(items).to_have_count(2)
        page.get_by_role("button", name="Load more").click()
        expect(items).to_have_count(6)
        items.nth(4).scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        before = items.nth(4).bounding_box()
        assert before is not None

        # No answer before the page is loaded once more.
        page.route("**/api/uploads*", lambda _route: None)
        page.reload()
        page.wait_for_timeout(500)
        page.unroute("**/api/uploads*")
        shorten_pages(page)
        # Then an answer that is none.
        page.route("**/api/uploads*", lambda route: route.fulfill(status=503, json={}))
        page.reload()
        expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=30_000)
        page.unroute("**/api/uploads*")
        shorten_pages(page)
        page.get_by_role("button", name="Try again").click()
        expect(items).to_have_count(6)
        page.wait_for_timeout(1000)
        after = items.nth(4).bounding_box()
        assert after is not None
        assert abs(after["y"] - before["y"]) < 3, view

    bob = stack.token(f"bob-{time.time_ns()}", name="Bob")
    page.evaluate("token => (location.hash = `token=${token}`)", bob)
    with page.expect_request(re.compile(r"/api/uploads\?.*counts=1")) as asked:
        page.get_by_role("dialog").get_by_role("button", name="Sign in as Bob").click()
    # A place of his would ask for large pages.
    assert "limit=100" not in asked.value.url


def test_an_edit_whose_answer_was_lost_is_undone(alice: Person) -> None:
    """And an undo that something in front of the library has refused goes on when it is tried again."""
    pictures = publish(alice, 2)
    kept = metadata_of(alice, pictures)
    requests: list[str] = []

    def lose_first(route: Route) -> None:
        """The library carries the request out, and nobody hears of it."""
        requests.append(route.request.url)
        if len(requests) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    def refuse(route: Route) -> None:
        route.fulfill(status=403, content_type="text/html", body="No.")

    address = "**/api/images/edit"
    with open_page(alice.stack.url, expected=("ERR_FAILED", "status of 403")) as page:
        open_signed_in(page, alice, "/uploads")
        page.route(address, lose_first)
        change_all(page, 2)
        undo = page.get_by_role("region", name="Undo")
        expect(undo).to_contain_text("2 pictures changed.")
        assert len(requests) == 2
        page.unroute(address)
        page.route(address, refuse)
        undo.get_by_role("button", name="Undo").click()
        expect(undo).to_contain_text("2 pictures could not be changed back")
        page.unroute(address)
        undo.get_by_role("button", name="Try again").click()
        expect(undo).to_have_count(0)
    assert metadata_of(alice, pictures) == kept


@pytest.mark.thorough
def test_the_edit_of_one_picture_is_undone(page: Page, alice: Person) -> None:
    (picture,) = publish(alice, 1)
    kept = metadata_of(alice, [picture])
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("button", name="Edit photo-0.jpg").click()
    dialog = page.get_by_role("dialog", name="Edit “photo-0.jpg”")
    dialog.get_by_label("Title").fill("Harbour")
    dialog.get_by_role("combobox", name="Tags").fill("sea")
    dialog.get_by_role("button", name="Save").click()
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_contain_text("“Harbour” changed.")
    expect(page.locator("[data-announcer]")).to_have_text("Saved. Control Z undoes it.")
    expect(page.get_by_role("button", name="Edit Harbour")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Edit photo-0.jpg")).to_be_visible()
    assert metadata_of(alice, [picture]) == kept


@pytest.mark.thorough
def test_many_pictures_are_deleted_after_a_question_and_restored_all_at_once(
    page: Page, alice: Person
) -> None:
    publish(alice, 52)
    asked = []

    def look(route: Route) -> None:
        """The deleted pictures come twenty at a time."""
        url = route.request.url
        if "state=deleted" in url:
            asked.append(url)
            url = url.replace("limit=100", "limit=20")
        route.continue_(url=url)

    page.route("**/api/uploads*", look)
    open_signed_in(page, alice, "/uploads")
    page.get_by_label("Select all").click()
    expect(page.get_by_text("52 selected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    question = page.get_by_role("dialog", name="Delete 52 pictures?")
    expect(question).to_contain_text("They can be restored for 10 minutes.")
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    page.get_by_role("button", name="Delete", exact=True).press("Enter")
    question.get_by_role("button", name="Delete 52 pictures").click()
    expect(page.get_by_text("52 deleted pictures can still be restored")).to_be_visible()
    expect(rows(page)).to_have_count(0)
    # Up to fifty, nothing is asked: in the other tests of this file.

    asked.clear()
    page.reload()
    # Those of the first page of the list, and those of the first page of deleted ones.
    summary = page.get_by_text("At least 50 deleted pictures can still be restored")
    expect(summary).to_be_visible()
    expect(page.get_by_text("Nothing is left")).to_be_visible()
    assert len(asked) == 1
    summary.click()
    expect(page.get_by_text("52 deleted pictures can still be restored")).to_be_visible()
    expect(page.get_by_role("list", name="Deleted pictures").locator("li")).to_have_count(52)
    assert len(asked) == 3
    assert find_violations(page) == []
    page.get_by_role("button", name="Restore all").click()
    expect(page.get_by_text("can still be restored")).to_have_count(0)
    # All of them are there again, also those that no page of the list had.
    expect(rows(page)).to_have_count(52)


@pytest.mark.parametrize("way", ["all of the list", "undo"])
def test_pictures_that_are_restored_after_a_reload_are_listed_at_once(
    page: Page, alice: Person, way: str
) -> None:
    publish(alice, 3)
    open_signed_in(page, alice, "/uploads?show=ready")
    page.get_by_label("Select all").click()
    expect(page.get_by_text("3 selected", exact=True)).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    nothing = page.get_by_text("No picture is ready yet")
    expect(nothing).to_be_visible()
    page.reload()
    expect(nothing).to_be_visible()
    if way == "undo":
        page.get_by_role("region", name="Undo").get_by_role("button", name="Undo").click()
    else:
        page.get_by_text("3 deleted pictures can still be restored").click()
        page.get_by_role("button", name="Restore all").click()
    expect(rows(page)).to_have_count(3)
    expect(nothing).to_have_count(0)
    ready = page.get_by_role("navigation", name="Which pictures").get_by_role("link", name="Ready")
    expect(ready).to_have_text("Ready 3")
    # The list is as long where the pictures have rows already.
    page.get_by_role("button", name="Delete photo-2.jpg").click()
    expect(rows(page)).to_have_count(2)
    page.get_by_role("region", name="Undo").get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(3)


@pytest.mark.thorough
def test_own_pictures_are_found_by_words_and_by_the_names_of_their_files(page: Page, alice: Person) -> None:
    *_, wanted = publish(alice, 3)
    open_signed_in(page, alice, "/uploads")
    field = page.get_by_label("Find my pictures by title or file name")
    field.fill("PHOTO-0")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_have_attribute("data-upload-id", wanted)
    assert find_violations(page) == []
    page.get_by_role("link", name="Search my descriptions and tags for “PHOTO-0”").click()
    found = page.get_by_role("list", name="Pictures").locator("a[data-picture-id]")
    expect(found).to_have_count(1)
    expect(found).to_have_attribute("data-picture-id", wanted)
    page.go_back()
    expect(field).to_have_value("PHOTO-0")
    page.get_by_role("link", name="Show pictures of all names").click()
    expect(rows(page)).to_have_count(3)
    expect(field).to_have_value("")
    order = page.get_by_role("combobox", name="Order")
    order.select_option("Oldest first")
    expect(rows(page).first).to_have_attribute("data-upload-id", wanted)
    expect(page).to_have_url(re.compile("order=oldest"))
    assert find_violations(page) == []
    order.select_option("Newest first")
    expect(rows(page).last).to_have_attribute("data-upload-id", wanted)
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Choose a month, such as 2026-05 for May 2026.")
    # The newest 50 are under way, and none of them says whose pictures these are.
    alice.announce(*(b"%d" % number for number in range(60)))
    page.reload()
    expect(rows(page)).to_have_count(50)
    field.fill("no such name")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text("No upload of yours is called “no such name”")).to_be_visible()
    assert find_violations(page) == []
    page.get_by_role("link", name="Search my descriptions and tags").click()
    expect(page).to_have_url(re.compile(r"/by/\d+\?q=no\+such\+name$"))


@pytest.mark.thorough
def test_a_photo_with_a_title_is_found_again_by_the_name_of_its_file(page: Page, alice: Person) -> None:
    """Those that have failed, too, which no search finds; and nobody else learns the name."""
    open_signed_in(page, alice, "/upload")
    broken = fresh_photo()[:-2000]
    contents = {"DSC_4711.JPG": fresh_photo(), "DSC_4712.JPG": broken}
    page.locator("#files").set_input_files(
        [FilePayload(name=name, mimeType="image/jpeg", buffer=content) for name, content in contents.items()]
    )
    for name, title in (("DSC_4711.JPG", "The harbour"), ("DSC_4712.JPG", "The pier")):
        item = page.locator(f"li[data-name='{name}']")
        item.get_by_role("button", name=f"Details of {name}").press("Enter")
        item.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Upload 2 photos").click()
    expect(page.locator("li[data-state=ready]")).to_have_count(1)
    expect(page.locator("li[data-state=failed]")).to_have_count(1)

    page.goto("/uploads")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Find my pictures by title or file name").fill("dsc_4711")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("The harbour")
    expect(rows(page).get_by_text("DSC_4711.JPG", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Which pictures").get_by_role("link", name="Failed").click()
    expect(page.get_by_text("No failed upload of yours is called “dsc_4711”")).to_be_visible()
    page.get_by_role("link", name="Look among all of my pictures").click()
    expect(rows(page)).to_contain_text("The harbour")
    page.get_by_role("navigation", name="Which pictures").get_by_role("link", name="Failed").click()
    page.get_by_label("Find my pictures by title or file name").fill("4712.jpg")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("The pier")
    expect(rows(page).get_by_text("DSC_4712.JPG", exact=True)).to_be_visible()

    (picture,) = alice.call("GET", "/api/uploads?state=ready").json["uploads"]
    public = alice.call("GET", f"/api/images/{picture['id']}")
    assert (public.status, b"DSC_4711" in public.body) == (200, False)
    # The picture's page has the name for its owner alone, who gets the original under it.
    page.goto(f"/p/{picture['id']}")
    details = page.get_by_role("article").locator("dl")
    expect(details).to_contain_text("DSC_4711.JPG")
    expect(page.get_by_role("heading", level=1)).to_have_text("The harbour")
    with page.expect_download() as original:
        page.get_by_role("button", name="Download original").click()
    assert original.value.suggested_filename == "DSC_4711.JPG"
    with open_page(alice.stack.url) as other:
        other.goto(f"/p/{picture['id']}")
        expect(other.get_by_role("heading", level=1)).to_have_text("The harbour")
        expect(other.get_by_role("article").locator("dl")).to_contain_text("Size")
        expect(other.get_by_text("DSC_4711")).to_have_count(0)
    # So has a tile of My pictures, below the title.
    page.goto("/uploads?view=grid")
    expect(rows(page).filter(has_text="The harbour")).to_contain_text("DSC_4711.JPG")
    assert alice.call("GET", "/api/images?q=DSC_4711").json["images"] == []


@pytest.mark.thorough
def test_all_pictures_are_selected_with_one_click(page: Page, alice: Person) -> None:
    """Also those that are not loaded yet, of a list that comes two at a time."""
    publish(alice, 5)
    shorten_pages(page)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Select all").click()
    expect(page.get_by_text("5 selected", exact=True)).to_be_visible()
    expect(page.get_by_label("Select all")).to_be_checked()
    page.get_by_label("Select all").click()
    expect(page.get_by_text("Select all", exact=True)).to_be_visible()
    assert find_violations(page) == []


def hold_further_pages(page: Page) -> list[Route]:
    """The requests for all pages of the list but the first, which wait for `fallback`."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/uploads?*cursor=*", hold)
    return held


@pytest.mark.thorough
def test_the_focus_stays_in_the_bar_of_a_selection_when_its_buttons_go(page: Page, alice: Person) -> None:
    """Whether they were pressed or go by themselves, as “Stop” does with the loading."""
    publish(alice, 5)
    shorten_pages(page)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    held = hold_further_pages(page)
    everything = page.get_by_label("Select all")
    stop = page.get_by_role("button", name="Stop")
    everything.press("Space")
    stop.press("Enter")
    expect(everything).to_be_focused()
    page.get_by_role("button", name="Select also those that are not loaded yet").press("Enter")
    expect(everything).to_be_focused()
    stop.focus()
    page.unroute("**/api/uploads?*cursor=*")
    held[-1].fallback()
    expect(page.get_by_text("5 selected", exact=True)).to_be_visible()
    expect(everything).to_be_focused()


@pytest.mark.thorough
def test_the_bar_of_a_selection_takes_the_focus_from_nobody_who_has_left_it(
    page: Page, alice: Person
) -> None:
    publish(alice, 5)
    shorten_pages(page)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    held = hold_further_pages(page)
    page.get_by_label("Select all").press("Space")
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    # As a click on nothing does.
    stop.blur()
    assert page.evaluate("document.activeElement === document.body")
    page.unroute("**/api/uploads?*cursor=*")
    held[-1].fallback()
    expect(page.get_by_text("5 selected", exact=True)).to_be_visible()
    expect(stop).to_have_count(0)
    page.evaluate("new Promise((resolve) => setTimeout(resolve))")
    assert page.evaluate("document.activeElement === document.body")


@pytest.mark.thorough
def test_captions_are_typed_one_after_another(page: Page, alice: Person) -> None:
    publish(alice, 3)
    page.set_viewport_size({"width": 320, "height": 700})
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("link", name="Captions").click()
    captions = page.get_by_role("list", name="Captions")
    captions.get_by_role("textbox", name="photo-2.jpg").click()
    for number in (2, 1, 0):
        expect(captions.get_by_role("textbox", name=f"photo-{number}.jpg")).to_be_focused()
        page.keyboard.type(f"Caption {number} #sea")
        page.keyboard.press("Enter")
    expect(captions.locator("li[data-caption=saved]")).to_have_count(3)
    assert find_violations(page) == []
    listed = alice.call("GET", "/api/uploads").json["uploads"]
    assert [upload["image"]["description"] for upload in listed] == [
        f"Caption {number} #sea" for number in (2, 1, 0)
    ]


@pytest.mark.thorough
def test_a_picture_is_hidden_until_a_day(page: Page, alice: Person) -> None:
    (picture,) = publish(alice, 1)
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("button", name="Edit photo-0.jpg").click()
    dialog = page.get_by_role("dialog", name="Edit “photo-0.jpg”")
    dialog.get_by_label("Hidden until").fill("2040-01-01T12:00")
    dialog.get_by_role("button", name="Save").click()
    row = rows(page).and_(page.locator("[data-state=hidden]"))
    expect(row).to_contain_text("Hidden until Jan 1, 2040")
    expect(page.get_by_role("button", name="Edit photo-0.jpg")).to_be_focused()
    assert find_violations(page) == []
    assert Person(alice.stack).call("GET", f"/api/images/{picture}").status == 404

    page.get_by_role("button", name="Edit photo-0.jpg").click()
    dialog.get_by_label("Hidden until").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    # Its renditions are made again, which the page follows by itself.
    expect(rows(page).and_(page.locator("[data-state=ready]"))).to_have_count(1)


@pytest.mark.thorough
def test_captions_that_were_typed_offline_are_sent_when_the_network_is_back(
    page: Page, alice: Person
) -> None:
    (picture,) = publish(alice, 1)
    open_signed_in(page, alice, "/uploads?view=captions")
    caption = page.get_by_role("textbox", name="photo-0.jpg")
    expect(caption).to_be_visible()
    page.context.set_offline(True)
    caption.fill("A quokka")
    caption.blur()
    expect(page.locator("li[data-caption=failed]")).to_contain_text("It is sent again by itself.")
    assert find_violations(page) == []
    page.context.set_offline(False)
    expect(page.locator("li[data-caption=saved]")).to_have_count(1)
    found = alice.state(picture)
    assert found is not None
    assert found["image"]["description"] == "A quokka"


@pytest.mark.thorough
@pytest.mark.parametrize("what", ["edit", "deletion"])
def test_an_undo_without_a_network_goes_on_once_it_is_back(page: Page, alice: Person, what: str) -> None:
    pictures = publish(alice, 2)
    kept = metadata_of(alice, pictures)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    if what == "edit":
        change_all(page, 2)
        act = "2 pictures changed."
    else:
        page.get_by_label("Select all").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        act = "Deleted 2 pictures."
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_contain_text(act)
    page.context.set_offline(True)
    undo.get_by_role("button", name="Undo").press("Enter")
    expect(undo.get_by_role("status")).to_contain_text("It goes on by itself when the connection is back.")
    assert find_violations(page) == []
    # More attempts than a request has that fails for another reason.
    page.wait_for_timeout(9000)
    stop = undo.get_by_role("button", name="Stop")
    expect(stop).to_be_focused()
    stop.press("Enter")
    expect(undo).to_contain_text(
        "The undo of 2 pictures may have been done all the same: Stopped before an answer came."
    )
    expect(undo.get_by_role("button", name="Try again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(undo.get_by_role("status")).to_be_visible()
    page.context.set_offline(False)
    expect(undo).to_have_count(0)
    assert metadata_of(alice, pictures) == kept


@pytest.mark.thorough
def test_an_edit_without_a_network_is_saved_once_it_is_back(page: Page, alice: Person) -> None:
    (picture,) = publish(alice, 1)
    open_signed_in(page, alice, "/uploads")
    page.get_by_role("button", name="Edit photo-0.jpg").click()
    dialog = page.get_by_role("dialog", name="Edit “photo-0.jpg”")
    expect(dialog.get_by_label("Licence").locator("option").nth(3)).to_be_attached()
    page.context.set_offline(True)
    dialog.get_by_label("Description").fill("A quokka")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status")).to_contain_text("It is saved by itself")
    expect(dialog.get_by_role("button", name="Saving …")).to_be_focused()
    assert find_violations(page) == []
    page.wait_for_timeout(1500)
    page.context.set_offline(False)
    expect(dialog).to_have_count(0)
    found = alice.state(picture)
    assert found is not None
    assert found["image"]["description"] == "A quokka"
    page.keyboard.press("Control+z")
    expect(page.locator("[data-announcer]")).to_have_text("The change of “photo-0.jpg” is undone.")
    found = alice.state(picture)
    assert found is not None
    assert found["image"]["description"] == ""


@pytest.mark.thorough
def test_who_stops_what_waits_for_the_network_keeps_the_focus(page: Page, alice: Person) -> None:
    publish(alice, 2)
    open_signed_in(page, alice, "/uploads")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Edit photo-0.jpg").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Licence").locator("option").nth(3)).to_be_attached()
    dialog.get_by_label("Description").fill("A quokka")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Save").press("Enter")
    dialog.get_by_role("button", name="Stop").press("Enter")
    expect(dialog.get_by_role("button", name="Save", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard the changes").click()
    expect(dialog).to_have_count(0)

    page.get_by_label("Select all").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog.get_by_label("What to do with: Credit").select_option("Set to …")
    dialog.get_by_label("Credit", exact=True).fill("Ann")
    dialog.get_by_label("Credit", exact=True).press("Enter")
    for _ in range(2):
        expect(dialog.get_by_role("button", name="Stop")).to_be_focused()
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("button", name="Try again: 2 pictures")).to_be_focused()
        page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Stop").press("Enter")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(dialog).to_have_count(0)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Delete photo-0.jpg").press("Enter")
    page.get_by_role("button", name="Stop the deletion").press("Enter")
    expect(page.get_by_text("Of 1 picture it is not known whether it was deleted.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="photo-0.jpg")).to_be_focused()
    page.context.set_offline(False)


@pytest.mark.thorough
def test_a_deletion_without_a_network_says_so_and_goes_on_once_it_is_back(page: Page, alice: Person) -> None:
    publish(alice, 2)
    open_signed_in(page, alice, "/uploads")
    waits = page.get_by_text("There is no connection. The deletion goes on by itself")
    expect(rows(page)).to_have_count(2)
    page.context.set_offline(True)
    page.get_by_role("button", name="Delete photo-0.jpg").click()
    expect(waits).to_be_in_viewport()
    assert find_violations(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(waits).to_have_count(0)
    expect(rows(page)).to_have_count(2)
    # It goes on, is told of and can be stopped on another page, too, and after a look at one.
    page.get_by_role("button", name="Delete photo-1.jpg").click()
    expect(waits).to_be_visible()
    page.get_by_role("link", name="Stockroom, start page").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(waits).to_have_count(1)
    expect(waits).to_contain_text("To be deleted: 1 picture.")
    expect(waits).to_be_in_viewport()
    assert find_violations(page) == []
    page.go_back()
    expect(waits).to_be_in_viewport()
    expect(waits).to_have_count(1)
    page.get_by_role("link", name="Captions").click()
    expect(waits).to_be_in_viewport()
    page.get_by_role("link", name="Stockroom, start page").click()
    page.get_by_role("button", name="Stop the deletion").click()
    expect(waits).to_have_count(0)
    page.go_back()
    expect(page.get_by_text("Of 1 picture it is not known whether it was deleted.")).to_be_visible()
    page.go_back()
    expect(waits).to_have_count(0)
    page.context.set_offline(False)
    expect(rows(page)).to_have_count(2)
    page.context.set_offline(True)
    page.get_by_role("button", name="Delete photo-1.jpg").click()
    expect(waits).to_be_visible()
    page.context.set_offline(False)
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("photo-0.jpg")
    expect(page.get_by_role("region", name="Undo")).to_contain_text("“photo-1.jpg”")


@pytest.mark.thorough
def test_deletions_from_results_and_from_a_pictures_page_wait_for_the_network(
    page: Page, alice: Person
) -> None:
    word = f"quokka{time.time_ns()}"
    edit = {"ids": publish(alice, 3), "set": {"description": word}}
    assert alice.call("POST", "/api/images/edit", edit).status == 200
    open_signed_in(page, alice, f"/?q={word}")
    pictures = page.get_by_role("list", name="Pictures").locator("[data-picture-id]")
    boxes = page.get_by_role("list", name="Pictures").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    waits = page.get_by_text("The deletion goes on by itself")
    boxes.nth(1).click()
    boxes.nth(2).click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(waits).to_contain_text("To be deleted: 2 pictures.")
    expect(waits).to_be_in_viewport()
    assert find_violations(page) == []
    # What somebody stops says so, and stays selected.
    page.get_by_role("button", name="Stop the deletion").click()
    expect(waits).to_have_count(0)
    expect(page.get_by_text("it is not known whether")).to_be_in_viewport()
    expect(page.get_by_text("2 selected", exact=True)).to_be_visible()
    assert find_violations(page) == []
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(waits).to_be_visible()
    page.context.set_offline(False)
    expect(pictures).to_have_count(1)
    expect(page.get_by_text("selected", exact=True)).to_have_count(0)
    expect(page.get_by_role("region", name="Undo")).to_contain_text("Deleted 2 pictures.")

    pictures.click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_visible()
    page.context.set_offline(True)
    delete.click()
    expect(waits).to_contain_text("To be deleted: 1 picture.")
    page.get_by_role("button", name="Stop the deletion").click()
    expect(page.get_by_text("Stopped before an answer came.")).to_be_visible()
    assert find_violations(page) == []
    delete.click()
    expect(waits).to_be_visible()
    # Whoever has gone on by then stays where they are.
    page.get_by_role("link", name="Upload", exact=True).click()
    expect(waits).to_be_in_viewport()
    page.context.set_offline(False)
    expect(page.get_by_role("region", name="Undo")).to_contain_text("Deleted “photo-2.jpg”.")
    expect(page.get_by_role("heading", name="Upload photos")).to_be_visible()


@pytest.mark.thorough
def test_a_deletion_that_waits_ends_with_the_sign_out(stack: LocalStack, alice: Person) -> None:
    publish(alice, 1)
    attempts: list[Route] = []

    def lose(route: Route) -> None:
        attempts.append(route)
        route.abort()

    with open_page(stack.url, expected="ERR_FAILED") as page:
        open_signed_in(page, alice, "/uploads")
        page.route("**/api/images/delete", lose)
        page.get_by_role("button", name="Delete photo-0.jpg").click()
        waits = page.get_by_text("The deletion goes on by itself")
        expect(waits).to_be_visible()
        page.get_by_role("link", name="Signed in as").click()
        page.get_by_role("button", name="Sign out").click()
        dialog = page.get_by_role("dialog", name="1 picture is still to be deleted")
        dialog.get_by_role("button", name="Sign out").click()
        page.get_by_label("Sign-in link").fill(f"{stack.url}/#token={alice.token}")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("link", name="My pictures").click()
        expect(rows(page)).to_have_count(1)
        expect(waits).to_have_count(0)
        before = len(attempts)
        # Longer than between two attempts.
        page.wait_for_timeout(5000)
        assert len(attempts) == before
        expect(rows(page)).to_have_attribute("aria-busy", "false")


@pytest.mark.thorough
def test_what_was_typed_outlives_the_sign_in_that_has_run_out(stack: LocalStack, alice: Person) -> None:
    (picture,) = publish(alice, 1)
    with open_page(stack.url, expected="status of 401") as page:
        open_signed_in(page, alice, "/uploads")
        page.get_by_role("button", name="Edit photo-0.jpg").click()
        dialog = page.get_by_role("dialog", name="Edit “photo-0.jpg”")
        dialog.get_by_label("Description").fill("A quokka")
        refusal = '{"code": "token-expired", "detail": "The token has run out."}'
        page.route(
            "**/api/images/*",
            lambda route: route.fulfill(status=401, content_type="application/json", body=refusal),
        )
        dialog.get_by_role("button", name="Save").click()
        # The dialog makes way for the sign-in, and is there again after it.
        expect(dialog).to_be_hidden()
        expect(page.get_by_label("Sign-in link")).to_be_visible()
        assert find_violations(page) == []
        page.unroute("**/api/images/*")
        page.get_by_label("Sign-in link").fill(f"{alice.stack.url}/#token={alice.token}")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(dialog.get_by_label("Description")).to_have_value("A quokka")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        found = alice.state(picture)
        assert found is not None
        assert found["image"]["description"] == "A quokka"


@pytest.mark.thorough
def test_of_duplicates_one_is_kept_and_the_others_can_be_restored(page: Page, alice: Person) -> None:
    publish(alice, 3)
    open_signed_in(page, alice, "/uploads?view=duplicates")
    groups = page.get_by_role("list", name="Groups of duplicates").get_by_role("listitem")
    expect(groups).to_have_count(1)
    assert find_violations(page) == []
    groups.get_by_role("radio", name="photo-1.jpg").check()
    groups.get_by_role("button", name="Keep one, delete the other 2").click()
    expect(page.get_by_role("region", name="Undo")).to_contain_text("Deleted 2 pictures.")
    expect(page.get_by_role("heading", name="No two of your pictures are the same")).to_be_visible()
    assert find_violations(page) == []
    assert [upload["name"] for upload in listed_as_ready(alice)] == ["photo-1.jpg"]
    page.get_by_role("button", name="Undo").click()
    expect(groups).to_have_count(1)
    assert len(listed_as_ready(alice)) == 3


def listed_as_ready(person: Person) -> list[Any]:
    return list(person.call("GET", "/api/uploads?state=ready").json["uploads"])


@pytest.mark.thorough
def test_tiles_are_selected_by_keys_and_by_a_drag(page: Page, alice: Person) -> None:
    publish(alice, 4)
    open_signed_in(page, alice, "/uploads?view=grid")
    expect(rows(page)).to_have_count(4)
    page.get_by_label("Select photo-3.jpg").press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("2 selected", exact=True)).to_be_visible()
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_label("Select photo-2.jpg").hover()
    page.mouse.down()
    page.get_by_role("link", name="Open photo-0.jpg").hover()
    page.mouse.up()
    expect(page.get_by_text("3 selected", exact=True)).to_be_visible()
    expect(page.get_by_label("Select photo-3.jpg")).not_to_be_checked()
    # Between two tiles, too, where nothing is to be marked as text.
    page.get_by_role("button", name="Clear the selection").click()
    first, second = (rows(page).nth(index).bounding_box() for index in (0, 1))
    assert first is not None
    assert second is not None
    gutter = (first["x"] + first["width"] + second["x"]) / 2
    page.mouse.move(gutter, second["y"] + second["height"] / 2)
    page.mouse.down()
    page.get_by_role("link", name="Open photo-2.jpg").hover()
    page.get_by_role("link", name="Open photo-1.jpg").hover()
    page.mouse.up()
    expect(page.get_by_text("2 selected", exact=True)).to_be_visible()
    assert page.evaluate("getSelection().toString()") == ""
    page.get_by_role("link", name="Failed").click()
    expect(page.get_by_role("heading", name="Nothing has failed")).to_be_visible()
    assert find_violations(page) == []
    # Whoever comes back finds tiles again, as chosen.
    page.goto("/uploads")
    expect(page.get_by_role("link", name="Grid")).to_have_attribute("aria-current", "page")


@pytest.mark.thorough
def test_the_original_is_downloaded_as_it_is_or_with_its_details(page: Page, alice: Person) -> None:
    content = fresh_photo()
    (picture,) = alice.upload(content, description="A quokka")
    assert alice.settled(picture)["state"] == "ready"
    open_signed_in(page, alice, f"/p/{picture}")
    with page.expect_download() as plain:
        page.get_by_role("button", name="Download original").click()
    assert Path(plain.value.path()).read_bytes() == content
    with page.expect_download() as described:
        page.get_by_role("button", name="Original with caption and rights").click()
    assert b"A quokka" in Path(described.value.path()).read_bytes()


# A folder of the page's own in place of one that somebody would choose, with a file in it.
CHOOSE_FOLDER = """(() => {
    window.showDirectoryPicker = async () => {
        const folder = await navigator.storage.getDirectory();
        await folder.getFileHandle("photo-0.jpg", { create: true });
        return folder;
    };
})()"""

LIST_FOLDER = """async () => {
    const files = {};
    for await (const [name, handle] of (await navigator.storage.getDirectory()).entries())
        files[name] = (await handle.getFile()).size;
    return files;
}"""


@pytest.mark.thorough
def test_the_originals_of_the_selection_are_downloaded_into_a_folder(
    stack: LocalStack, alice: Person
) -> None:
    """One of three cannot be fetched at first. What lies in the folder stays as it is."""
    contents = [fresh_photo() for _ in range(3)]
    for picture in alice.upload(*contents):
        assert alice.settled(picture)["state"] == "ready"
    with open_page(stack.url, expected="net::ERR") as page:
        page.add_init_script(CHOOSE_FOLDER)
        open_signed_in(page, alice, "/uploads")
        page.get_by_label("Select all").click()
        links: list[str] = []

        def answer(route: Route) -> None:
            links.append(route.request.url)
            if len(links) == 2:
                route.abort()
            else:
                route.continue_()

        page.route(re.compile("response-content-disposition"), answer)
        page.get_by_role("button", name="Download originals").click()
        originals = page.get_by_role("region", name="Originals")
        expect(originals).to_contain_text("2 originals saved. 1 could not be downloaded:")
        failed = originals.get_by_role("list", name="Originals that could not be downloaded")
        expect(failed.get_by_role("listitem")).to_contain_text(["The server cannot be reached."])
        assert find_violations(page) == []
        originals.get_by_role("button", name="Try again").click()
        expect(originals).to_contain_text("1 original saved.")
        saved = page.evaluate(LIST_FOLDER)
        assert set(saved) == {"photo-0.jpg", "photo-0 (2).jpg", "photo-1.jpg", "photo-2.jpg"}
        assert saved.pop("photo-0.jpg") == 0
        assert sorted(saved.values()) == sorted(map(len, contents))
        originals.get_by_role("button", name="Dismiss").click()
        expect(originals).to_have_count(0)
        expect(page.get_by_label("Select all")).to_be_focused()


@pytest.mark.thorough
def test_originals_are_downloads_where_the_browser_writes_into_no_folder(page: Page, alice: Person) -> None:
    content = fresh_photo()
    (picture,) = alice.upload(content)
    assert alice.settled(picture)["state"] == "ready"
    page.add_init_script("delete window.showDirectoryPicker")
    open_signed_in(page, alice, "/uploads")
    page.get_by_label("Select all").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download originals").click()
    assert Path(download.value.path()).read_bytes() == content
    assert download.value.suggested_filename == "photo-0.jpg"
    expect(page.get_by_role("region", name="Originals")).to_contain_text("1 original saved.")
    assert find_violations(page) == []
