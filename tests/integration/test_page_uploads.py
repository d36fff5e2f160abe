"""The list of uploads in a real browser: on a phone, after failures, after the page was closed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.integration.accessibility import find_violations
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tests.integration.test_page import drop

pytestmark = [pytest.mark.integration, pytest.mark.browser]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


def top_of(part: Locator) -> float:
    """Pixels from the top of the screen."""
    box = part.bounding_box()
    assert box is not None
    return box["y"]


def test_on_a_phone_the_list_is_in_sight_and_what_failed_is_on_top(stack: LocalStack, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    photos = {f"photo-{number:02}.jpg": fresh_photo() for number in range(12)}
    drop(page, {**photos, "notes.jpg": b"just words"})
    upload = page.get_by_role("button", name="Upload 12 photos")
    rows = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(rows.first).to_have_attribute("data-state", "rejected")
    assert top_of(upload) < PHONE["height"]
    assert top_of(rows.first) < PHONE["height"]
    # The details are one tap away, and do not push the list down before.
    page.get_by_text("About these photos").click()
    page.get_by_label("Description", exact=True).first.fill("By the sea")
    page.get_by_text("About these photos").click()
    # What the button says stays in sight below the header, however far somebody scrolls.
    rows.last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    assert 0 < top_of(upload) < PHONE["height"] / 2
    assert find_violations(page) == []

    upload.click()
    show = page.get_by_role("group", name="Show")
    show.get_by_role("button", name="12 ready").click()
    expect(page.get_by_role("progressbar", name="All uploads")).to_have_attribute(
        "aria-valuetext", "12 ready, 1 not taken"
    )
    expect(rows.first).to_have_attribute("data-state", "ready")
    show.get_by_role("button", name="1 not taken").click()
    expect(rows).to_have_count(1)
    # The file itself is the cause, so that trying again would change nothing.
    expect(rows.get_by_role("button")).to_have_count(1)
    assert find_violations(page) == []
    page.get_by_role("button", name="Remove 12 finished").click()
    expect(show.get_by_role("button")).to_have_text([re.compile("1 not taken")])
