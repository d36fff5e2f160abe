"""Several tabs of one browser, in a real browser: what one leaves that is closed goes on in another one."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.integration.accessibility import find_violations
from tests.integration.browser import open_page, wait_until_promised
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tests.integration.test_page import wait_until_signed_in
from tests.integration.test_page_uploads import ARE_KEPT, HOLD

pytestmark = [pytest.mark.integration, pytest.mark.browser]

ARE_BACK = re.compile(r"3 photos from before are in the list again\. What you had begun to upload goes on\.")
ELSEWHERE = re.compile(r"Another tab is uploading \d photos?\.")


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


def sign_in_for_all_tabs(stack: LocalStack, page: Page) -> None:
    page.goto("/")
    token = stack.token("alice", name="Alice")
    page.evaluate("token => localStorage.setItem('stockroom.token', token)", token)


def choose(page: Page, name: str, count: int) -> None:
    page.goto("/upload")
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    page.locator("#files").set_input_files(
        [
            FilePayload(name=f"{name}-{number}.jpg", mimeType="image/jpeg", buffer=fresh_photo())
            for number in range(count)
        ]
    )


def begin(page: Page, count: int = 3) -> None:
    """Photos are under way in a tab, and are held."""
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    choose(page, f"begun-{time.time_ns()}", count)
    page.get_by_role("button", name=f"Upload {count} photos").click()
    expect(page.locator("li[data-state=uploading]")).to_have_count(count)
    wait_until_promised(page, ARE_KEPT, [count, 0])


def open_beside(page: Page, path: str = "/upload") -> Page:
    beside = page.context.new_page()
    beside.goto(path)
    return beside


def test_what_a_closed_tab_leaves_goes_on_in_exactly_one_other(stack: LocalStack, page: Page) -> None:
    """One of the two has a list of its own, and then both; a tab with a search leaves the photos to them."""
    sign_in_for_all_tabs(stack, page)
    begin(page)
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    search = open_beside(page, "/")
    expect(search.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    tabs = [open_beside(page) for _ in range(2)]
    for tab in tabs:
        expect(tab.get_by_role("main").get_by_text("Another tab is uploading 3 photos.")).to_be_visible()
    own = tabs[0]
    choose(own, f"own-{time.time_ns()}", 1)
    expect(own.locator("li[data-state=hashed]")).to_have_count(1)

    page.close()
    for _ in range(100):
        lists = [tab.locator("li[data-state=ready]").count() for tab in tabs]
        if sum(lists) == 3:
            break
        own.wait_for_timeout(200)
    assert sorted(lists) == [0, 3]
    expect(own.locator("li[data-state=hashed]")).to_have_count(1)
    assert len({url.split("?")[0] for url in sent}) == len(sent) == 3
    for tab in tabs:
        expect(tab.get_by_role("main").get_by_text(ELSEWHERE)).to_have_count(0)


def test_a_tab_says_what_it_goes_on_with_after_another_was_closed(stack: LocalStack, page: Page) -> None:
    sign_in_for_all_tabs(stack, page)
    begin(page)
    beside = page.context.new_page()
    beside.add_init_script(HOLD.replace("ALLOWED", "0"))
    beside.goto("/upload")
    expect(beside.get_by_role("main").get_by_text(ELSEWHERE)).to_be_visible()
    page.close()
    expect(beside.get_by_text(ARE_BACK)).to_be_visible()
    expect(beside.locator("li[data-state=uploading]")).to_have_count(3)
    expect(beside.get_by_role("main").get_by_text(ELSEWHERE)).to_have_count(0)
    assert find_violations(beside) == []


def test_a_tab_that_shows_something_else_goes_on_too_and_counts_in_the_header(
    stack: LocalStack, page: Page
) -> None:
    sign_in_for_all_tabs(stack, page)
    begin(page)
    search = page.context.new_page()
    search.add_init_script(HOLD.replace("ALLOWED", "0"))
    search.goto("/")
    expect(search.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    page.close()
    expect(search.get_by_role("banner").get_by_text("0/3")).to_be_visible()


def test_a_tab_that_is_loaded_again_has_its_list_and_the_other_says_so(stack: LocalStack, page: Page) -> None:
    sign_in_for_all_tabs(stack, page)
    begin(page)
    beside = open_beside(page)
    said = beside.get_by_role("main").get_by_text("Another tab is uploading 3 photos.")
    expect(said).to_be_visible()
    page.reload()
    expect(page.get_by_text(ARE_BACK)).to_be_visible()
    beside.wait_for_timeout(3000)
    expect(said).to_be_visible()
    expect(beside.get_by_role("list", name="Uploads")).to_have_count(0)
    expect(page.locator("li[data-state=uploading]")).to_have_count(3)


def test_a_pause_goes_on_in_the_other_tab(stack: LocalStack, page: Page) -> None:
    sign_in_for_all_tabs(stack, page)
    begin(page)
    beside = open_beside(page)
    expect(beside.get_by_role("main").get_by_text(ELSEWHERE)).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(beside.get_by_role("main").get_by_text(ELSEWHERE)).to_have_count(0)
    page.close()
    expect(beside.get_by_text("3 photos from before are in the list again.")).to_be_visible()
    expect(beside.get_by_role("button", name="Resume")).to_be_visible()
    expect(beside.locator("li[data-state=ready]")).to_have_count(0)
    beside.get_by_role("button", name="Resume").click()
    expect(beside.locator("li[data-state=ready]")).to_have_count(3)


@pytest.mark.parametrize("path", ["/", "/upload"])
def test_a_tab_without_a_sign_in_says_that_photos_wait_once_the_other_is_closed(
    stack: LocalStack, page: Page, path: str
) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    wait_until_signed_in(page)
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.reload()
    begin(page)
    beside = open_beside(page, path)
    waits = beside.get_by_text("3 photos wait for your sign-in.")
    expect(beside.get_by_role("heading").first).to_be_visible()
    beside.wait_for_timeout(500)
    expect(waits).to_have_count(0)
    page.close()
    expect(waits).to_be_visible(timeout=9000)


def test_somebody_else_does_not_go_on_with_them(stack: LocalStack, page: Page) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    wait_until_signed_in(page)
    begin(page)
    beside = open_beside(page, f"/upload#token={stack.token('bob', name='Bob')}")
    wait_until_signed_in(beside)
    page.close()
    beside.wait_for_timeout(3000)
    expect(beside.get_by_role("list", name="Uploads")).to_have_count(0)


def test_they_go_on_where_their_owner_is_though_another_tab_looks_at_them_first(
    stack: LocalStack, page: Page
) -> None:
    """That may be the tab of somebody else, who leaves them."""
    sign_in_for_all_tabs(stack, page)
    begin(page)
    name = page.evaluate("sessionStorage.getItem('stockroom.page')")
    beside = open_beside(page)
    expect(beside.get_by_role("main").get_by_text(ELSEWHERE)).to_be_visible()
    other = open_beside(page, "/api/config")
    look = """name => void navigator.locks.request(
        `stockroom.uploads.${name}`, () => new Promise((resolve) => setTimeout(resolve, 3000)))"""
    other.evaluate(look, name)
    page.close()
    expect(beside.locator("li[data-state=ready]")).to_have_count(3, timeout=15_000)
