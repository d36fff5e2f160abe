"""Signing in at an OpenID provider, in a real browser: the stack trusts a provider on this machine."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.integration.stack import LocalStack
from tests.integration.test_page import PATIENCE, QUIET
from tests.oidc.authorization import Authorization
from tooling import programs

pytestmark = [pytest.mark.integration, pytest.mark.browser]


@pytest.fixture
def page(stack: LocalStack, authorization: Authorization) -> Iterator[Page]:
    authorization.refusal, authorization.access_token, authorization.nonce = {}, "", ""
    program = programs.find_browser()
    assert program, "no browser is installed: run `make setup-test`"
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
        # The provider's certificate is signed by nobody.
        page = browser.new_page(base_url=stack.url, ignore_https_errors=True)
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []
    assert authorization.problems == []


def begin(page: Page, authorization: Authorization, address: str = "/signin") -> None:
    name = authorization.provider.url.removeprefix("https://")
    page.goto(address)
    page.get_by_role("button", name=f"Continue with {name}").click()


def test_somebody_signs_in_at_the_provider_and_the_api_knows_them(
    page: Page, authorization: Authorization
) -> None:
    begin(page, authorization, "/uploads?from=here")
    expect(page.get_by_role("link", name="Signed in as Alice of the provider")).to_be_visible()
    expect(page).to_have_url("/uploads?from=here")
    assert authorization.asked["scope"] == "openid profile read upload"
    assert authorization.asked["audience"] == "stockroom"
    assert authorization.asked["code_challenge_method"] == "S256"
    status = page.evaluate(
        """async () => {
            const token = sessionStorage.getItem("stockroom.token");
            const answer = await fetch("/api/uploads", { headers: { Authorization: `Bearer ${token}` } });
            return answer.status;
        }"""
    )
    assert status == 200
    assert page.evaluate("sessionStorage.getItem('stockroom.authorization')") is None


def test_a_refusal_is_told_and_a_second_attempt_works(page: Page, authorization: Authorization) -> None:
    authorization.refusal = {"error": "access_denied"}
    begin(page, authorization)
    expect(page.get_by_role("alert")).to_contain_text("cancelled or not allowed")
    expect(page).to_have_url("/signin")
    authorization.refusal = {"error": "invalid_scope", "error_description": "Who is read?"}
    begin(page, authorization)
    expect(page.get_by_role("alert")).to_contain_text("refuses the sign-in: Who is read?")
    authorization.refusal = {}
    begin(page, authorization)
    expect(page.get_by_role("link", name="Signed in as Alice of the provider")).to_be_visible()


def test_an_answer_that_nobody_asked_for_signs_nobody_in(page: Page) -> None:
    page.goto("/signin?code=stolen&state=guessed")
    expect(page.get_by_role("alert")).to_contain_text("not begun in this tab")
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('stockroom.token')") is None


@pytest.mark.parametrize(
    ("name", "value", "told"), [("access_token", "opaque", "no JWT"), ("nonce", "another", "nonce")]
)
def test_an_answer_that_is_not_good_signs_nobody_in(
    page: Page, authorization: Authorization, name: str, value: str, told: str
) -> None:
    setattr(authorization, name, value)
    begin(page, authorization)
    expect(page.get_by_role("alert")).to_contain_text(told)
    assert page.evaluate("sessionStorage.getItem('stockroom.token')") is None
