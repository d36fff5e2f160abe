"""Sign-in links in the page: good ones, those that are not, and one sign-in for all tabs."""

import json
import re
import time
from collections.abc import Iterator

import jwt
import pytest
from jwt.utils import base64url_encode
from playwright.sync_api import Page, Route, expect

from local import keys
from tests.integration.accessibility import find_violations
from tests.integration.browser import open_page
from tests.integration.stack import LocalStack
from tests.tokens import OTHER_KEY

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    # The API refuses a token with a 401, of which the console tells.
    with open_page(stack.url, expected="status of 401") as page:
        yield page


def make_expired_token(stack: LocalStack) -> str:
    """A token of this library as it is an hour after its end."""
    token = stack.token("alice", name="Alice")
    claims = jwt.decode(token, options={"verify_signature": False})
    payload = base64url_encode(json.dumps(claims | {"exp": int(time.time()) - 3600}).encode())
    header = token.split(".", 1)[0].encode()
    signature = keys.ensure(stack.layout).sign(header + b"." + payload)
    return b".".join((header, payload, base64url_encode(signature))).decode()


def make_foreign_token(stack: LocalStack) -> str:
    """What another library has signed."""
    token = stack.token("alice", name="Alice")
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers=jwt.get_unverified_header(token))


def make_token_of_another_kind(stack: LocalStack) -> str:
    """A whole token that is signed as no token of this library is."""
    claims = jwt.decode(stack.token("alice", name="Alice"), options={"verify_signature": False})
    return jwt.encode(claims, "a secret of another library, long enough", algorithm="HS256")


def test_a_link_that_is_not_good_says_why_and_signs_nobody_in_or_out(stack: LocalStack, page: Page) -> None:
    good = stack.token("alice", name="Alice")
    told = {
        "abc": "is not complete",
        good[:-20]: "is not complete",
        make_expired_token(stack): "ran out on",
        make_foreign_token(stack): "is from another library, or is no longer valid",
        make_token_of_another_kind(stack): "is from another library, or is no longer valid",
    }
    problem = page.get_by_role("alert")
    page.goto("/")
    for token, text in told.items():
        page.goto(f"/upload#token={token}")
        expect(problem).to_contain_text(text)
        expect(page).to_have_url(f"{stack.url}/signin")
        expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
        assert find_violations(page) == []
    assert page.evaluate("sessionStorage.getItem('stockroom.token')") is None

    # What is pasted is told apart in the same way, and a good link ends it.
    page.get_by_label("Sign-in link").fill(f"{stack.url}/#token={good[:-20]}")
    page.get_by_role("button", name="Sign in").click()
    expect(problem).to_contain_text("is not complete")
    page.get_by_label("Sign-in link").fill(f"{stack.url}/#token={good}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()

    # Whoever is signed in hears of it, too, and stays who they are.
    page.evaluate("token => location.hash = `token=${token}`", make_foreign_token(stack))
    page.goto("/")
    page.goto(f"/#token={make_expired_token(stack)}")
    expect(problem).to_contain_text("You are still signed in as Alice.")
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    assert find_violations(page) == []


def test_a_link_that_is_not_good_leads_to_its_message_and_shows_no_front_page_before(
    stack: LocalStack, page: Page
) -> None:
    # Whatever is shown in between, for a moment only, is noted.
    page.add_init_script(
        """window.seen = [];
        new MutationObserver(() => {
            const found = document.querySelector('[data-page=search], .first-tiles, [data-page=signin]');
            const what = found && (found.dataset.page ?? found.className);
            if (what && window.seen.at(-1) !== what) window.seen.push(what);
        }).observe(document, { childList: true, subtree: true });"""
    )

    def answer_late(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route(lambda address: "/api/uploads" in address, answer_late)
    for token in ("abc", make_foreign_token(stack)):
        page.goto("about:blank")
        page.goto(f"{stack.url}/#token={token}")
        expect(page.get_by_role("alert")).to_contain_text("This sign-in link is")
        assert page.evaluate("window.seen") == ["signin"]
    # A good link leads to the page that it was opened with.
    page.goto("about:blank")
    page.goto(f"{stack.url}/#token={stack.token('alice', name='Alice')}")
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/upload", "Upload photos"), ("/signin", "You are signed in")],
    ids=["upload", "signin"],
)
def test_who_signs_in_by_the_keyboard_is_on_the_heading_then(
    stack: LocalStack, page: Page, path: str, heading: str
) -> None:
    page.goto(path)
    page.get_by_label("Sign-in link").fill(f"#token={stack.token('alice', name='Alice')}")
    page.get_by_label("Sign-in link").press("Enter")
    expect(page.get_by_role("heading", name=heading)).to_be_focused()


def test_who_signs_in_with_a_link_may_stay_signed_in_at_once(stack: LocalStack, page: Page) -> None:
    page.goto("/signin")
    page.get_by_label("Sign-in link").fill(f"#token={stack.token('alice', name='Alice')}")
    page.get_by_label("Stay signed in in this browser").check()
    assert find_violations(page) == []
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    other = page.context.new_page()
    page.close()
    other.goto("/upload")
    expect(other.get_by_role("link", name="Signed in as Alice")).to_be_visible()


def test_new_tabs_are_signed_in_if_the_person_wants_that(stack: LocalStack, page: Page) -> None:
    page.goto(f"/signin#token={stack.token('alice', name='Alice')}")
    choice = page.get_by_label("Stay signed in in this browser")
    expect(choice).not_to_be_checked()
    # Unless that is wanted, the sign-in is that of this tab alone, also after a reload.
    with page.context.expect_page() as opened:
        page.evaluate("window.open('/uploads', '_blank', 'noopener')")
    alone = opened.value
    for _ in range(2):
        expect(alone.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
        assert "stockroom.token" not in alone.evaluate(
            "[...Object.keys(sessionStorage), ...Object.keys(localStorage)]"
        )
        alone.reload()
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    alone.close()

    choice.check()
    assert find_violations(page) == []
    with page.context.expect_page() as opened:
        page.evaluate("window.open('/uploads', '_blank', 'noopener')")
    other = opened.value
    expect(other.get_by_role("link", name="Signed in as Alice")).to_be_visible()

    # Whoever signs out in one of them has signed out in all.
    page.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    expect(page).not_to_have_url(re.compile("token"))
