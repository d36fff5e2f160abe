"""The page without a network: what its service worker keeps, and how a new release replaces it."""

import re
import time

import pytest
from playwright.sync_api import FilePayload, expect

from operations.publish import REVALIDATE, content_type
from tests.integration.api import send
from tests.integration.browser import open_page, wait_until_promised
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.thorough]

# The console tells of each request that has no network.
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
STORES = """async (name) => {
    const registration = await navigator.serviceWorker.getRegistration();
    return registration?.active?.state === "activated" && navigator.serviceWorker.controller !== null
        && (await Promise.all((await caches.keys()).map(async (each) => (await caches.open(each)).keys())))
            .flat().some(({ url }) => url.includes(name));
}"""
# Whoever closes the page is asked whether to go, as long as the browser does not have a copy of each photo.
IS_KEPT = "async () => dispatchEvent(new Event('beforeunload', { cancelable: true }))"
RELEASES = "async () => (await caches.keys()).filter((name) => name.startsWith('release-')).join()"


def _make_photo(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": fresh_photo()}


def test_the_page_is_there_without_a_network_and_goes_on_after_it(stack: LocalStack) -> None:
    name = f"offline-{time.time_ns()}.jpg"
    with open_page(stack.url, has_service_worker=True, expected=OFFLINE) as page:
        page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
        expect(page.get_by_role("link", name="Signed in as")).to_be_visible()
        # A page that is being loaded when the worker starts is not taken over by it.
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        # The worker stores what uploads need once the page has told it that somebody is signed in.
        page.reload()
        wait_until_promised(page, STORES, "/assets/hash.worker")
        # Chromium asks no second time for a script that it has failed to load, not even with a network again.
        assert page.evaluate(STORES, "/assets/suggesting")

        page.context.set_offline(True)
        page.reload()
        expect(page.get_by_text("This page is offline.")).to_be_visible()
        page.get_by_label("Choose photos").set_input_files(files=_make_photo(name))
        row = page.locator(f"li[data-name='{name}']")
        expect(row).to_have_attribute("data-state", "hashed")
        # Whatever waits is kept, also without a network.
        wait_until_promised(page, IS_KEPT)
        page.reload()
        expect(row).to_have_attribute("data-state", "hashed")
        # The pages of those who are signed in are there, too, and say what they wait for.
        page.goto("/uploads")
        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
        page.goto("/signin")
        expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
        page.goto("/")
        expect(page.get_by_text("The server cannot be reached.").first).to_be_visible()
        expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
        # What else comes after the first pictures waits for none that do not come.
        expect(page.get_by_text("This page is offline.")).to_be_visible()
        expect(page.get_by_label("Language")).to_be_visible()
        assert page.evaluate("performance.now()") < 4000

        page.goto("/uploads")
        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()

        page.context.set_offline(False)
        expect(page.get_by_text("This page is offline.")).to_have_count(0)
        # The list comes by itself.
        expect(page.get_by_role("heading", name="You are offline")).to_have_count(0)
        page.goto("/upload")
        page.get_by_role("button", name="Upload 1 photo").click()
        expect(row).to_have_attribute("data-state", "ready")


def test_one_notice_says_on_the_upload_page_that_there_is_no_network(stack: LocalStack) -> None:
    with open_page(stack.url, has_service_worker=True, expected=OFFLINE) as page:
        page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
        expect(page.get_by_role("link", name="Signed in as")).to_be_visible()
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        page.reload()
        wait_until_promised(page, STORES, "/assets/hash.worker")
        page.get_by_label("Choose photos").set_input_files(files=_make_photo(f"one-{time.time_ns()}.jpg"))
        expect(page.get_by_role("button", name="Upload 1 photo")).to_be_visible()
        wait_until_promised(page, IS_KEPT)
        # As where a browser takes a network without a way out for one, too.
        page.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => true });")
        page.context.set_offline(True)
        page.reload()
        expect(page.get_by_text("This page is offline.")).to_be_visible()
        page.get_by_role("button", name="Upload 1 photo").click()
        expect(page.locator("li[data-state=hashed]")).to_have_count(1)
        page.wait_for_timeout(2000)
        expect(page.get_by_role("main").get_by_text("cannot be reached")).to_have_count(0)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.context.set_offline(False)
        expect(page.get_by_text("This page is offline.")).to_have_count(0)
        # The limits come by themselves.
        expect(page.get_by_text("megapixels each.")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_that_there_is_no_network_is_said_below_the_header(stack: LocalStack, width: int) -> None:
    with open_page(stack.url, expected=OFFLINE) as page:
        page.set_viewport_size({"width": width, "height": 500})
        page.goto("/")
        # The page is long enough to be scrolled, however few pictures there are.
        page.evaluate("document.body.style.minHeight = '2000px'")
        page.locator(".offline").wait_for(state="attached")
        page.context.set_offline(True)
        notice = page.get_by_text("This page is offline.")
        expect(notice).to_be_visible()
        # It lies on nothing, and a reader who scrolls still sees it, below the search box.
        find = """() => [["header", "bottom"], [".offline", "top"], [".offline", "bottom"], ["main", "top"]]
            .map(([selector, side]) => document.querySelector(selector).getBoundingClientRect()[side])"""
        header, top, bottom, content = page.evaluate(find)
        assert top == pytest.approx(header, abs=1)
        assert content == pytest.approx(bottom, abs=1)
        page.evaluate("scrollTo(0, 200)")
        header, top, bottom, content = page.evaluate(find)
        assert 0 < header < 100
        assert top == pytest.approx(header, abs=1)
        assert content < bottom - 10
        # On a low screen, such as one at 400 %, it leaves with what it stands above.
        page.set_viewport_size({"width": width, "height": 300})
        header, top, bottom, content = page.evaluate(find)
        assert top < header - 10
        assert content == pytest.approx(bottom, abs=1)
        page.context.set_offline(False)
        expect(notice).to_have_count(0)
        expect(page.locator("html")).to_have_attribute("style", re.compile("--offline: 0px"))


def test_a_new_release_replaces_the_worker_and_what_it_has_stored(stack: LocalStack) -> None:
    worker = send("GET", f"{stack.url}/sw.js")
    assert worker.headers["cache-control"] == REVALIDATE
    assert worker.headers["content-type"].startswith("text/javascript")
    text = worker.body.decode()
    (release,) = (line.split("'")[1] for line in text.splitlines() if line.startswith("const RELEASE"))

    def publish(body: str) -> None:
        stack.s3.put_object(
            Bucket=stack.outputs["SiteBucket"],
            Key="sw.js",
            Body=body.encode(),
            ContentType=content_type("sw.js"),
            CacheControl=REVALIDATE,
        )

    with open_page(stack.url, has_service_worker=True) as page:
        page.goto("/")
        wait_until_promised(page, STORES, "/index.html")
        assert page.evaluate(RELEASES) == f"release-{release}"
        publish(text.replace(release, "the-next-one"))
        try:
            page.reload()
            wait_until_promised(page, f"async () => (await ({RELEASES})()) === 'release-the-next-one'")
            page.reload()
            expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
        finally:
            publish(text)


def test_photos_that_are_shared_with_the_page_wait_to_be_uploaded(stack: LocalStack) -> None:
    name = f"shared {time.time_ns()} größe.jpg"
    manifest = send("GET", f"{stack.url}/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    target = manifest.json["share_target"]
    for icon in manifest.json["icons"]:
        assert send("GET", f"{stack.url}{icon['src']}").status == 200
    with open_page(stack.url, has_service_worker=True) as page:
        page.goto("/")
        wait_until_promised(page, STORES, "/index.html")
        # As the system does when somebody shares a photo with the installed page.
        page.evaluate(
            """({ action, method, enctype, params }) => {
                const form = Object.assign(document.createElement("form"), { action, method, enctype });
                const input = Object.assign(document.createElement("input"), { type: "file" });
                input.name = params.files[0].name;
                input.setAttribute("aria-label", "Shared");
                form.append(input);
                document.body.append(form);
            }""",
            target,
        )
        page.get_by_label("Shared").set_input_files(files=_make_photo(name))
        page.evaluate("document.querySelector('form[enctype]').requestSubmit()")
        expect(page).to_have_url(f"{stack.url}/upload")
        expect(page.locator(f"li[data-name='{name}']")).to_have_attribute("data-state", "hashed")
