"""A browser with one page of the site; whatever the page complains about in the console fails the test.

All visits share one Chromium, whose start takes longer than most visits. Each visit has a context of its own:
no storage, no cache and no session is left from the one before. What one visit shows in passing is asserted
in that visit: a new one costs the page's start, and pictures that it looks at cost their upload.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

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


@dataclass
class _Running:
    """What runs in this process, if it does."""

    playwright: Playwright | None = None
    browser: Browser | None = None


_running = _Running()


@contextmanager
def open_page(
    url: str,
    *,
    trusts_every_certificate: bool = False,
    expected: str | tuple[str, ...] = (),
    language: str = "en-US",
    has_service_worker: bool = False,
    has_touch: bool = False,
) -> Iterator[Page]:
    """`expected`: a complaint with such a text is no failure: browsers tell of each answer that is one.

    `language`: the one that the browser prefers. Without the service worker, a test sees and changes every
    request of the page.
    """
    tolerated = (expected,) if isinstance(expected, str) else expected
    complaints: list[str] = []
    context = _ensure_browser().new_context(
        base_url=url,
        viewport={"width": 1280, "height": 900},
        locale=language,
        ignore_https_errors=trusts_every_certificate,
        has_touch=has_touch,
        service_workers="allow" if has_service_worker else "block",
    )
    try:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        expect.set_options(timeout=PATIENCE)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    finally:
        context.close()
    found = [text for text in complaints if not any(part in text for part in tolerated)]
    assert found == [], found


@contextmanager
def open_kept_browser(url: str, profile: Path) -> Iterator[BrowserContext]:
    """A browser of its own, which finds in the folder `profile` what one before it has stored."""
    _ensure_browser()
    assert _running.playwright is not None
    context = _running.playwright.chromium.launch_persistent_context(
        profile,
        executable_path=programs.find_browser(),
        args=[*QUIET, "--no-sandbox"],
        base_url=url,
        viewport={"width": 1280, "height": 900},
        locale="en-US",
    )
    try:
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield context
    finally:
        context.close()


def wait_until_promised(page: Page, condition: str, argument: object = None) -> None:
    """Wait until the promise that a function in the page returns is kept with something true.

    Playwright's `wait_for_function` takes the promise itself for something true.
    """
    ends = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition, argument):
        assert time.monotonic() < ends, condition
        page.wait_for_timeout(50)


def close_browser() -> None:
    """End the browser, if there is one; the next visit starts another one."""
    if _running.browser is not None:
        _running.browser.close()
    if _running.playwright is not None:
        _running.playwright.stop()
    _running.browser = _running.playwright = None


def _ensure_browser() -> Browser:
    """The browser of this process: a new one, too, after the last one has crashed."""
    if _running.browser is not None and _running.browser.is_connected():
        return _running.browser
    close_browser()
    program = programs.find_browser()
    assert program, "no browser is installed: run `make setup-test`"
    _running.playwright = sync_playwright().start()
    # The sandbox needs a user that is not root, which test machines do not have.
    _running.browser = _running.playwright.chromium.launch(
        executable_path=program, args=[*QUIET, "--no-sandbox"]
    )
    return _running.browser
