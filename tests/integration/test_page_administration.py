"""What administrators do in the page: pictures taken down, files accepted again, the change log."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


def test_a_picture_is_taken_down_and_its_file_accepted_again(stack: LocalStack, page: Page) -> None:
    unique = time.time_ns()
    alice = Person(stack, stack.token(f"alice-{unique}", name="Alice"))
    root = Person(stack, stack.token(f"root-{unique}", "admin", name=f"Root {unique}"))
    content = fresh_photo()
    (picture,) = alice.upload(content)
    assert alice.settled(picture)["state"] == "ready"
    reason = f"A court order of {unique}."

    page.goto(f"/p/{picture}#token={root.token}")
    page.get_by_role("button", name="Take down …").click()
    dialog = page.get_by_role("dialog", name="Take “photo-0.jpg” down?")
    assert find_violations(page) == []
    dialog.get_by_role("button", name="Take down for good").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say why")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name="Take down for good").click()
    expect(dialog).to_have_count(0)
    assert alice.state(picture) is None

    page.goto("/admin")
    taken = page.get_by_role("list", name="Taken down").get_by_role("listitem").filter(has_text=reason)
    expect(taken).to_contain_text(f"Root {unique}")
    page.get_by_label("Links of pictures to take down").fill("nonsense")
    page.get_by_role("button", name="Take down …").click()
    expect(page.get_by_role("alert")).to_contain_text("“nonsense” is no link of a picture.")
    assert find_violations(page) == []
    taken.get_by_role("button", name="Accept again").click()
    page.get_by_role("dialog").get_by_role("button", name="Accept it again").click()
    expect(taken).to_have_count(0)

    page.get_by_role("link", name="Change log").click()
    entries = page.get_by_role("list", name="Change log").get_by_role("listitem")
    page.get_by_label("Person").fill(str(unique) + "?")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("no contributor, has this name")
    page.get_by_label("Person").fill(f"root {unique}")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?view=log&by=\d+$"))
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("Accepted again")
    expect(entries.last).to_contain_text(reason)
    assert find_violations(page) == []
    page.get_by_label("What was done").select_option("Taken down")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(entries).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Person")).to_have_value(f"Root {unique}")
    expect(page.get_by_label("What was done")).to_have_value("take-down")
    expect(entries).to_have_count(1)
    page.get_by_label("What was done").select_option("Published")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="The log has no such entry")).to_be_visible()
    page.get_by_role("link", name="Show all entries").click()
    expect(entries.nth(2)).to_be_visible()
    expect(page.get_by_label("Person")).to_have_value("")
    page.get_by_label("Picture").fill(f"{stack.url}/p/{picture}")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(entries.last).to_contain_text("Published")
    with page.expect_download() as table:
        page.get_by_role("button", name="Download as a table (CSV)").click()
    assert reason in Path(table.value.path()).read_text()


def test_nobody_else_finds_anything_there(stack: LocalStack, page: Page) -> None:
    page.goto(f"/admin#token={stack.token('alice', name='Alice')}")
    expect(page.get_by_text("This page is for administrators")).to_be_visible()
    assert find_violations(page) == []
