"""Signing in at an OpenID provider, in a real browser: the stack trusts a provider on this machine."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from stockroom.runtime.settings import issuer_slug
from tests.integration.browser import open_page
from tests.integration.stack import LocalStack
from tests.oidc.authorization import Authorization

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture
def page(stack: LocalStack, authorization: Authorization) -> Iterator[Page]:
    authorization.refusal, authorization.access_token, authorization.nonce = {}, "", ""
    authorization.answer_path, authorization.exchanges = "", 0
    # The provider's certificate is signed by nobody.
    with open_page(stack.url, trusts_every_certificate=True) as page:
        yield page
    assert authorization.problems == []


def begin(page: Page, authorization: Authorization, address: str = "/signin") -> None:
    name = authorization.provider.url.removeprefix("https://")
    page.goto(address)
    page.get_by_role("button", name=f"Continue with {name}").click()


def test_the_name_of_a_provider_fits_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/signin")
    expect(page.get_by_role("button", name="Continue with")).to_be_visible()
    expect(page.get_by_text("or an account at a provider that is named above")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_somebody_signs_in_at_the_provider_and_the_api_knows_them(
    page: Page, authorization: Authorization
) -> None:
    begin(page, authorization, "/uploads?from=here")
    expect(page.get_by_role("link", name="Signed in as Alice of the provider")).to_be_visible()
    expect(page).to_have_url("/uploads?from=here")
    assert authorization.asked["scope"] == "openid profile read upload"
    assert authorization.asked["audience"] == "stockroom"
    assert authorization.asked["code_challenge_method"] == "S256"
    slug = issuer_slug(authorization.provider.url)
    assert urlsplit(authorization.asked["redirect_uri"]).path == f"/signin/{slug}/answer"
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
    page.goto("/signin/https-id.example/answer?code=stolen&state=guessed")
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


def test_the_answer_of_another_provider_signs_nobody_in(page: Page, authorization: Authorization) -> None:
    """The provider has passed the person on to another one, which sends them back to its own address."""
    authorization.answer_path = "/signin/https-another.example/answer"
    begin(page, authorization)
    expect(page.get_by_role("alert")).to_contain_text("the answer is that of another provider")
    assert page.evaluate("sessionStorage.getItem('stockroom.token')") is None
    assert authorization.exchanges == 0, "nobody is sent its code"
