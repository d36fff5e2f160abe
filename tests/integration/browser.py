"""A browser with one page of the site; whatever the page complains about in the console fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect, sync_playwright

from tooling import programs

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
)
PATIENCE = 120_000  # milliseconds


@contextmanager
def open_page(
    url: str, *, trusts_every_certificate: bool = False, expected: str | tuple[str, ...] = ()
) -> Iterator[Page]:
    """`expected`: a complaint with such a text is no failure: browsers tell of each answer that is one."""
    tolerated = (expected,) if isinstance(expected, str) else expected
    program = programs.find_browser()
    assert program, "no browser is installed: run `make setup-test`"
    complaints: list[str] = []
    with sync_playwright() as playwright:
        # The sandbox needs a user that is not root, which test machines do not have.
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
        context = browser.new_context(
            base_url=url,
            viewport={"width": 1280, "height": 900},
            ignore_https_errors=trusts_every_certificate,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        expect.set_options(timeout=PATIENCE)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert [text for text in complaints if not any(part in text for part in tolerated)] == []
