"""Uploads in a real browser whose person leaves: signs out, loads the page again, or closes the browser."""

import base64
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, FilePayload, Locator, Page, Route, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_kept_browser, open_page, wait_until_promised
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tests.integration.test_page import drop, wait_until_signed_in
from tests.integration.test_page_management import metadata_of, open_signed_in, publish, rows
from tests.integration.test_page_offline import STORES
from tests.integration.test_page_uploads import ARE_KEPT, HOLD, is_in_sight

pytestmark = [pytest.mark.integration, pytest.mark.browser]

SIGNED_OUT = "You are signed out."

# A deletion asks every page to end its connections, as a newer version of the database does.
DELETE_DATABASE = """() => new Promise((resolve) => {
    const request = indexedDB.deleteDatabase('stockroom');
    request.onsuccess = () => resolve('deleted');
    request.onblocked = () => resolve('blocked');
})"""


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


def begin(stack: LocalStack, page: Page, photos: dict[str, bytes], person: str = "alice") -> None:
    """Photos are under way, and go on only once the tab allows it."""
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto(f"/upload#token={stack.token(person, name=person.title())}")
    drop(page, photos)
    page.get_by_role("button", name=re.compile(f"^Upload {len(photos)} photos?$")).click()
    sending = min(4, len(photos))
    expect(page.get_by_role("list", name="Uploads").locator("li[data-state=uploading]")).to_have_count(
        sending
    )


def ask_to_sign_out(page: Page) -> None:
    page.get_by_role("link", name="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()


def count_rows(stack: LocalStack, name: str) -> dict[str, int]:
    with stack.database() as database, database.cursor() as cursor:
        cursor.execute("SELECT state, COUNT(*) FROM image WHERE name LIKE %s GROUP BY state", (f"{name}-%",))
        return dict(cursor.fetchall())


def test_the_wish_to_be_signed_out_after_the_uploads_outlives_a_reload(stack: LocalStack, page: Page) -> None:
    """One of four photos is damaged: it keeps nobody signed in, and is named after the sign-out."""
    name = f"wish-{time.time_ns()}"
    photos = {f"{name}-{number}.jpg": fresh_photo() for number in range(3)}
    begin(stack, page, {**photos, f"{name}-damaged.jpg": fresh_photo()[:-40_000]})
    ask_to_sign_out(page)
    page.get_by_role("dialog").get_by_role("button", name="Finish, then sign out").click()
    waits = page.get_by_text("You will be signed out once 4 more photos have been uploaded.")
    expect(waits).to_be_visible()
    wait_until_promised(page, ARE_KEPT, [4, 0])
    page.reload()
    expect(waits).to_be_visible()
    # The files are under way again, and are held.
    page.wait_for_function("() => sessionStorage.getItem('allowed') === '-8'")
    page.evaluate("sessionStorage.setItem('allowed', '99')")
    page.reload()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert count_rows(stack, name) == {"ready": 3, "failed": 1}
    outcome = page.get_by_role("status").filter(has_text=SIGNED_OUT)
    expect(outcome.get_by_role("listitem")).to_contain_text(f"{name}-damaged.jpg")
    expect(outcome).to_contain_text("1 photo has failed for good")
    assert find_violations(page) == []
    page.get_by_role("link", name="Search pictures").or_(
        page.get_by_role("link", name="Stockroom")
    ).first.click()
    expect(outcome).to_be_visible()
    outcome.get_by_role("link", name="Sign in again").click()

    # The wish ended with its session, and the next one has the damaged photo in its list.
    page.evaluate("link => location.hash = link", f"token={stack.token('alice', name='Alice')}")
    expect(outcome).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Upload")).first.click()
    expect(page.get_by_role("list", name="Uploads").locator("li[data-state=failed]")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("list", name="Uploads").locator("li[data-state=failed]")).to_have_count(1)
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()


# Files are added in parts. The sign-out comes from another tab, between the first part and the next ones.
CHOOSE_AND_LEAVE = """async (count) => {
    const transfer = new DataTransfer();
    for (let number = 0; number < count; number++)
        transfer.items.add(new File([`${number}`], `part-${number}.jpg`, { type: "image/jpeg" }));
    const input = document.getElementById("files");
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    while (document.querySelector("[aria-label=Uploads] [data-state]") === null)
        await new Promise((resolve) => requestAnimationFrame(resolve));
    dispatchEvent(new StorageEvent("storage", {
        key: "stockroom.token",
        oldValue: sessionStorage.getItem("stockroom.token"),
        newValue: null,
        storageArea: localStorage,
    }));
}"""


def test_files_that_are_still_being_added_stay_with_whoever_has_chosen_them(
    stack: LocalStack, page: Page
) -> None:
    count = 600
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    wait_until_signed_in(page)
    page.get_by_label("Choose photos").wait_for(state="attached")
    page.evaluate(CHOOSE_AND_LEAVE, count)
    page.evaluate("link => location.hash = link", f"token={stack.token('bob', name='Bob')}")
    # Asked as long as the list is not put away.
    signed_in = page.get_by_role("link", name="Signed in as Bob")
    consent = page.get_by_role("button", name="Sign in as Bob")
    expect(signed_in.or_(consent).first).to_be_visible()
    if consent.is_visible():
        consent.click()
    expect(signed_in).to_be_visible()
    expect(page.get_by_role("region", name="Photos in the list")).to_have_count(0)
    page.wait_for_timeout(1000)
    expect(page.get_by_role("region", name="Photos in the list")).to_have_count(0)
    page.get_by_role("link", name="Signed in as Bob").click()
    page.get_by_role("button", name="Sign out").click()
    page.evaluate("link => location.hash = link", f"token={stack.token('alice', name='Alice')}")
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Upload")).first.click()
    # They are no pictures, as each of them says once it has been looked at.
    expect(page.get_by_role("button", name="600 not taken", exact=True)).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize("has_line", [True, False], ids=["online", "offline"])
def test_what_is_forgotten_with_a_sign_out_is_cancelled_in_the_library(
    stack: LocalStack, has_line: bool
) -> None:
    name = f"forgotten-{time.time_ns()}"
    with open_page(stack.url, expected=() if has_line else "net::ERR") as page:
        begin(stack, page, {f"{name}-{number}.jpg": fresh_photo() for number in range(5)})
        assert count_rows(stack, name) == {"pending": 5}

        def answer(route: Route) -> None:
            if has_line:
                route.continue_()
            else:
                route.abort()

        page.route("**/api/uploads/cancel", answer)
        ask_to_sign_out(page)
        dialog = page.get_by_role("dialog", name="5 photos are still being uploaded")
        dialog.get_by_role("button", name="Sign out and forget").click()
        outcome = page.get_by_role("status").filter(has_text=SIGNED_OUT)
        expect(outcome).to_contain_text("This browser has forgotten 5 photos that had not been uploaded.")
        expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        if has_line:
            expect(outcome).to_contain_text("The library expects nothing more of them.")
            assert count_rows(stack, name).get("pending", 0) == 0
        else:
            expect(outcome).to_contain_text("The library has not answered")
        assert find_violations(page) == []


KEPT_NAMES = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const database = opening.result;
        const transaction = database.transaction(["uploads", "contents"]);
        const uploads = transaction.objectStore("uploads").getAll();
        const contents = transaction.objectStore("contents").getAll();
        transaction.oncomplete = () => {
            database.close();
            resolve([...uploads.result, ...contents.result].map(({ name }) => name));
        };
    };
})"""


@pytest.mark.parametrize("has_own", [True, False], ids=["with-own-photos", "without"])
def test_what_every_tab_has_is_forgotten_with_a_sign_out(
    stack: LocalStack, page: Page, has_own: bool
) -> None:
    name = f"tabs-{time.time_ns()}"
    page.goto("/")
    token = stack.token("alice", name="Alice")
    page.evaluate("token => localStorage.setItem('stockroom.token', token)", token)
    page.goto("/upload")
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    other = page.context.new_page()
    begin_shared(other, {f"{name}-{number}.jpg": fresh_photo() for number in range(2)})
    assert count_rows(stack, name) == {"pending": 2}
    wait_until_promised(other, f"async () => (await ({KEPT_NAMES})()).length === 4", [])
    if has_own:
        choose(page, {f"{name}-own.jpg": fresh_photo()})
        expect(page.get_by_role("list", name="Uploads").get_by_role("listitem")).to_have_count(1)

    ask_to_sign_out(page)
    dialog = page.get_by_role(
        "dialog", name="1 photo has not been uploaded" if has_own else "2 photos have not been uploaded"
    )
    expect(dialog).to_contain_text(
        "This browser has 2 more photos outside of this tab."
        if has_own
        else "They are not in the list of this tab."
    )
    assert find_violations(page) == []
    dialog.get_by_role("button", name="Sign out and forget").click()
    outcome = page.get_by_role("status").filter(has_text=SIGNED_OUT)
    expect(outcome).to_contain_text(f"This browser has forgotten {3 if has_own else 2} photos")
    expect(outcome).to_contain_text("The library expects nothing more of them.")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    wait_until_promised(page, f"async () => (await ({KEPT_NAMES})()).length === 0", [])
    assert count_rows(stack, name).get("pending", 0) == 0
    # The other tab writes nothing when it ends.
    other.close()
    assert page.evaluate(KEPT_NAMES) == []


def choose(page: Page, photos: dict[str, bytes]) -> None:
    """Choose photos, as `drop` does, where the tabs share a sign-in."""
    expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
    files: list[FilePayload] = [
        {"name": name, "mimeType": "image/jpeg", "buffer": content} for name, content in photos.items()
    ]
    page.locator("input[type=file]").first.set_input_files(files)


def begin_shared(page: Page, photos: dict[str, bytes]) -> None:
    """Photos are under way in another tab of a browser in which somebody is signed in, and are held."""
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto("/upload")
    choose(page, photos)
    page.get_by_role("button", name=f"Upload {len(photos)} photos").click()
    uploading = page.get_by_role("list", name="Uploads").locator("li[data-state=uploading]")
    expect(uploading).to_have_count(len(photos))


def test_rows_that_the_library_is_making_are_cancelled_when_they_are_forgotten(
    stack: LocalStack, page: Page
) -> None:
    name = f"making-{time.time_ns()}"
    held: list[Route] = []
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    page.route(
        "**/api/uploads", lambda route: held.append(route) if is_creation(route) else route.continue_()
    )
    drop(page, {f"{name}-{number}.jpg": fresh_photo() for number in range(2)})
    with page.expect_request(lambda request: request.url.endswith("/api/uploads")):
        page.get_by_role("button", name="Upload 2 photos").click()
    answer = held[0].fetch()
    assert count_rows(stack, name) == {"pending": 2}
    ask_to_sign_out(page)
    page.get_by_role("dialog").get_by_role("button", name="Sign out and forget").click()
    outcome = page.get_by_role("status").filter(has_text=SIGNED_OUT)
    expect(outcome).to_contain_text("This browser has forgotten 2 photos")
    expect(outcome).not_to_contain_text("The library")
    held[0].fulfill(response=answer)
    expect(outcome).to_contain_text("The library expects nothing more of them.")
    assert count_rows(stack, name).get("pending", 0) == 0


def is_creation(route: Route) -> bool:
    return route.request.method == "POST"


@pytest.mark.thorough
def test_the_question_before_a_sign_out_names_what_has_failed_while_uploads_run(
    stack: LocalStack, page: Page
) -> None:
    page.add_init_script(HOLD.replace("ALLOWED", "1"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {"damaged.jpg": fresh_photo()[:-40_000]})
    page.get_by_role("button", name="Upload 1 photo").click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=failed]")).to_have_count(1)
    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(2)})
    page.get_by_role("button", name="Upload 2 photos").click()
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(2)
    ask_to_sign_out(page)
    dialog = page.get_by_role("dialog", name="2 photos are still being uploaded")
    expect(dialog).to_contain_text("1 photo has failed so far.")
    expect(dialog.get_by_role("listitem")).to_contain_text("damaged.jpg")
    assert find_violations(page) == []


@pytest.mark.thorough
def test_dropped_photos_go_on_by_themselves_once_the_browser_is_opened_again(
    stack: LocalStack, tmp_path: Path
) -> None:
    """Dropped as a file manager drops them, so that the browser gives handles, and closed in the middle.

    A page that has only handles would have to ask before it reads the files again.
    """
    photos = [tmp_path / f"photo-{number:02}.jpg" for number in range(40)]
    for photo in photos:
        photo.write_bytes(fresh_photo())
    profile = tmp_path / "profile"
    token = stack.token("keeper", name="Keeper")
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(HOLD.replace("ALLOWED", "8"))
        page.goto(f"/upload#token={token}")
        wait_until_signed_in(page)
        page.get_by_role("main").wait_for()
        drop_from_desktop(context, page, photos)
        page.get_by_role("button", name="Upload 40 photos").click()
        page.get_by_role("button", name="Stay signed in in this browser").click()
        expect(page.get_by_role("group", name="Show").get_by_role("button", name="8 ready")).to_be_visible()
        wait_until_promised(page, ARE_KEPT, [40, 8])
        # The browser has nothing to ask.
        assert page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    with open_kept_browser(stack.url, profile) as context:
        sent: list[str] = []
        context.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
        page = context.new_page()
        page.goto("/upload")
        expect(page.get_by_text("What you had begun to upload goes on.")).to_be_visible()
        expect(page.get_by_role("group", name="Show").get_by_role("button", name="40 ready")).to_be_visible()
        assert len({url.split("?")[0] for url in sent}) == len(sent) == 32


# The handles come from the private files of the site, without anybody who chooses. Nothing is copied.
CHOOSE_HANDLES = """async ([count, data]) => {
    navigator.storage.estimate = async () => ({ quota: 0, usage: 0 });
    const folder = await navigator.storage.getDirectory();
    const photo = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    const create = async (_, number) => {
        const handle = await folder.getFileHandle(`photo-${number}.jpg`, { create: true });
        const stream = await handle.createWritable();
        await stream.write(photo);
        await stream.write(`${number}`);
        await stream.close();
        return handle;
    };
    const handles = await Promise.all(Array.from({ length: count }, create));
    window.showOpenFilePicker = async () => handles;
}"""

HAS_KEPT_A_HANDLE = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const listing = opening.result.transaction("contents").objectStore("contents").getAll();
        listing.onsuccess = () => {
            opening.result.close();
            resolve(listing.result.some(({ kind }) => kind === "file"));
        };
    };
})"""


@pytest.mark.thorough
def test_nothing_is_left_of_thousands_of_photos_that_are_forgotten_while_they_are_being_kept(
    stack: LocalStack, page: Page
) -> None:
    """The page is closed a second later, which is no time for thousands of writes one after another."""
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    wait_until_signed_in(page)
    page.evaluate(CHOOSE_HANDLES, [2000, base64.b64encode(fresh_photo()[:3000]).decode()])
    page.get_by_label("Choose photos").dispatch_event("click")
    wait_until_promised(page, HAS_KEPT_A_HANDLE)
    ask_to_sign_out(page)
    page.get_by_role("dialog").get_by_role("button", name="Sign out and forget").click()
    expect(page.get_by_role("status").filter(has_text=SIGNED_OUT)).to_contain_text("has forgotten")
    page.wait_for_timeout(1000)
    beside = page.context.new_page()
    page.close()
    beside.goto("/robots.txt")
    assert beside.evaluate(ARE_KEPT, [0, 0])


ARE_PAUSED = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const reading = opening.result.transaction("uploads").objectStore("uploads").getAll();
        reading.onsuccess = () => {
            opening.result.close();
            resolve(reading.result.every(({ isHalted }) => isHalted));
        };
    };
})"""


@pytest.mark.thorough
def test_a_pause_outlives_the_browser_and_its_end_outlives_a_crash(stack: LocalStack, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(HOLD.replace("ALLOWED", "0"))
        page.goto(f"/upload#token={stack.token('pauser', name='Pauser')}")
        wait_until_signed_in(page)
        drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(3)})
        page.get_by_role("button", name="Upload 3 photos").click()
        page.get_by_role("button", name="Stay signed in in this browser").click()
        page.get_by_role("button", name="Pause").click()
        wait_until_promised(page, ARE_KEPT, [3, 0])
        wait_until_promised(page, ARE_PAUSED)
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(HOLD.replace("ALLOWED", "0"))
        page.goto("/upload")
        expect(page.get_by_text("It is paused: press Resume to go on.")).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("li[data-state=uploading]")).to_have_count(3)
        page.wait_for_timeout(1000)
        with context.expect_event("close"):
            kill_browser(profile)
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.goto("/upload")
        expect(page.get_by_text("What you had begun to upload goes on.")).to_be_visible()
        expect(page.locator("li[data-state=ready]")).to_have_count(3)


# Nothing is hashed, and no copy of a file has room.
CRASH_EARLY = """
    Worker.prototype.postMessage = () => undefined;
    navigator.storage.estimate = async () => ({ quota: 0, usage: 0 });
"""

HAS_RECORDS = """(count) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const counting = opening.result.transaction("uploads").objectStore("uploads").count();
        counting.onsuccess = () => { opening.result.close(); resolve(counting.result === count); };
    };
})"""


@pytest.mark.thorough
def test_photos_whose_browser_crashed_are_found_again_in_their_folder_with_what_was_typed_about_them(
    stack: LocalStack, tmp_path: Path
) -> None:
    """Chosen as photos, which have no path, before any was hashed; then with their folder, and so a path."""
    folder = tmp_path / "trip"
    folder.mkdir()
    photos = [folder / f"photo-{number}.jpg" for number in range(5)]
    for photo in photos:
        photo.write_bytes(fresh_photo())
    profile = tmp_path / "profile"
    token = stack.token("crasher", name="Crasher")
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(CRASH_EARLY)
        page.goto(f"/upload#token={token}")
        wait_until_signed_in(page)
        page.get_by_label("Choose photos").set_input_files(photos[:3])
        wait_until_promised(page, HAS_RECORDS, 3)
        # A second after the last letter they are kept.
        page.get_by_label("Description", exact=True).fill("Our trip")
        page.get_by_role("combobox", name="Tags").press_sequentially("alps,Mount")
        page.wait_for_timeout(2000)
        with context.expect_event("close"):
            kill_browser(profile)
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.goto("/upload")
        expect(page.get_by_text("They have to be chosen again then")).to_be_visible()
        page.goto(f"/upload#token={token}")
        missing = page.locator("li[data-state=missing]")
        expect(missing).to_have_count(3)
        expect(page.get_by_label("Description", exact=True)).to_have_value("Our trip")
        expect(page.get_by_role("button", name="Remove tag alps")).to_be_visible()
        expect(page.get_by_role("combobox", name="Tags")).to_have_value("Mount")
        page.get_by_label("Choose a folder").set_input_files(folder)
        expect(page.get_by_text("5 files chosen: 3 were found again, 2 are new.")).to_be_attached()
        expect(missing).to_have_count(0)
        expect(page.get_by_role("list", name="Uploads").get_by_role("listitem")).to_have_count(5)
        page.get_by_role("button", name="Upload 5 photos").click()
        expect(page.get_by_role("button", name="Remove tag mount")).to_be_visible()
        expect(page.locator("li[data-state=ready]")).to_have_count(5)


def test_photos_that_are_chosen_again_before_the_sign_in_are_in_the_list_and_sent_once(
    stack: LocalStack, tmp_path: Path
) -> None:
    """Killed in mid-upload by somebody who does not stay signed in; then their folder is chosen."""
    folder = tmp_path / "trip"
    folder.mkdir()
    name = f"once-{time.time_ns()}"
    photos = [folder / f"{name}-{number}.jpg" for number in range(4)]
    for photo in photos:
        photo.write_bytes(fresh_photo())
    photos[1].write_bytes(fresh_photo()[:-40_000])
    notes = folder / "notes.txt"
    notes.write_text("No picture.")
    profile = tmp_path / "profile"
    link = f"/upload#token={stack.token('doubler', name='Doubler')}"
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(HOLD.replace("ALLOWED", "2"))
        page.goto(link)
        wait_until_signed_in(page)
        page.get_by_label("Choose photos").set_input_files([*photos, notes])
        page.get_by_role("button", name="Upload 4 photos").click()
        expect(page.locator("li[data-state=ready]")).to_have_count(1)
        expect(page.locator("li[data-state=failed]")).to_have_count(1)
        wait_until_promised(page, ARE_WRITTEN, ["failed", "queued", "queued", "ready", "rejected"])
        with context.expect_event("close"):
            kill_browser(profile)
    with open_kept_browser(stack.url, profile) as context:
        sent: list[str] = []
        context.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
        page = context.new_page()
        page.goto("/upload")
        expect(page.get_by_text("2 photos wait for your sign-in")).to_be_visible()
        page.get_by_label("Choose a folder").set_input_files(folder)
        everything = page.get_by_role("group", name="Show").get_by_role("button", name="All")
        expect(everything).to_have_text("All 5")
        page.goto(link)
        page.get_by_role("dialog").get_by_role("button", name="Sign in as Doubler").click()
        expect(page.get_by_text("3 of 5 in the library · 1 failed · 1 not taken")).to_be_visible()
        expect(everything).to_have_text("All 5")
        expect(page.get_by_role("button", name=re.compile("^Upload [0-9]"))).to_have_count(0)
        assert len(sent) == 2
    assert count_rows(stack, name) == {"ready": 3, "failed": 1}


# After the first photos, no other one is written: the machine is busy.
CRASH_IN_A_CHOICE = """
    const put = IDBObjectStore.prototype.put;
    let isBusy = false;
    IDBObjectStore.prototype.put = function (...values) {
        if (this.name === "uploads") {
            if (isBusy) throw new Error("busy");
            this.transaction.addEventListener("complete", () => { isBusy = true; });
        }
        return put.apply(this, values);
    };
"""

# The states of what the browser has written, in their order.
ARE_WRITTEN = """(states) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const listing = opening.result.transaction("uploads").objectStore("uploads").getAll();
        listing.onsuccess = () => {
            opening.result.close();
            resolve(`${listing.result.map(({ state }) => state.name).sort()}` === `${states}`);
        };
    };
})"""

HAS_SOME_RECORDS = HAS_RECORDS.replace("counting.result === count", "counting.result > count")


@pytest.mark.thorough
def test_after_a_crash_in_the_middle_of_a_choice_the_page_says_how_many_photos_it_does_not_know(
    stack: LocalStack, tmp_path: Path
) -> None:
    folder = tmp_path / "trip"
    folder.mkdir()
    photo = fresh_photo()
    for number in range(302):
        (folder / f"photo-{number}.jpg").write_bytes(photo + str(number).encode())
    profile = tmp_path / "profile"
    token = stack.token("chooser", name="Chooser")
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(CRASH_EARLY + CRASH_IN_A_CHOICE)
        page.goto(f"/upload#token={token}")
        wait_until_signed_in(page)
        page.get_by_label("Choose a folder").set_input_files(folder)
        wait_until_promised(page, HAS_SOME_RECORDS, 0)
        page.wait_for_timeout(1000)
        with context.expect_event("close"):
            kill_browser(profile)
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        page.add_init_script(CRASH_EARLY)
        page.goto(f"/upload#token={token}")
        said = page.get_by_role("status").filter(has_text="302 photos were chosen.")
        expect(said).to_be_visible()
        found = re.search(r"(\d+) of them w\w+ known here.*other (\d+)", said.inner_text())
        assert found is not None
        known, others = map(int, found.groups())
        assert known + others == 302
        expect(page.locator("li[data-state=missing]")).to_have_count(known)
        page.reload()
        expect(said).to_be_visible()
        page.get_by_label("Choose a folder").set_input_files(folder)
        expect(said).to_have_count(0)
        wait_until_promised(page, HAS_RECORDS, 302)
        page.reload()
        expect(page.get_by_text("The page was closed before 302 photos had been uploaded")).to_be_visible()
        expect(said).to_have_count(0)


# A record of what a page has still to do lies in the database once this is true.
HAS_PENDING = """() => new Promise((resolve) => {
    const opening = indexedDB.open('stockroom');
    opening.onsuccess = () => {
        const keys = opening.result.transaction('contents').objectStore('contents').getAllKeys();
        keys.onsuccess = () => {
            opening.result.close();
            resolve(keys.result.some((key) => key.startsWith('KIND:')));
        };
    };
})"""
HAS_DELETION = HAS_PENDING.replace("KIND", "deletion")
HAS_EDIT = HAS_PENDING.replace("KIND", "edit")
# How many edits are kept there.
READ_EDITS = """() => new Promise((resolve) => {
    const opening = indexedDB.open('stockroom');
    opening.onsuccess = () => {
        const records = opening.result.transaction('contents').objectStore('contents').getAll(
            IDBKeyRange.bound('edit:', 'edit;'));
        records.onsuccess = () => {
            opening.result.close();
            resolve(records.result.flatMap(({ edits }) => edits).length);
        };
    };
})"""


@pytest.mark.thorough
def test_what_was_still_to_be_deleted_when_the_browser_crashed_is_asked_about(
    stack: LocalStack, tmp_path: Path
) -> None:
    alice = Person(stack, stack.token(f"alice-{time.time_ns()}", name="Alice"))
    bob = Person(stack, stack.token(f"bob-{time.time_ns()}", name="Bob"))
    publish(alice, 4)
    publish(bob, 1)
    profile = tmp_path / "profile"
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        open_signed_in(page, alice, "/uploads")
        expect(rows(page)).to_have_count(4)
        # A page that is just being loaded again may have a network for a moment.
        page.route("**/api/images/delete", lambda route: route.abort())
        context.set_offline(True)
        for number in range(2):
            page.get_by_role("button", name=f"Delete photo-{number}.jpg").click()
        expect(page.get_by_text("To be deleted: 2 pictures.")).to_be_visible()
        wait_until_promised(page, HAS_DELETION)
        # The page asks before it is left, and does what it was asked for only once it is asked again.
        asked: list[str] = []

        def accept(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.once("dialog", accept)
        page.reload()
        assert asked == ["beforeunload"]
        told = page.get_by_text("2 pictures were still to be deleted when the page was closed.")
        expect(told).to_be_visible()
        page.unroute("**/api/images/delete")
        context.set_offline(False)
        expect(rows(page)).to_have_count(4)
        page.route("**/api/images/delete", lambda route: route.abort())
        context.set_offline(True)
        page.get_by_role("button", name="Delete photo-2.jpg").click()
        expect(page.get_by_text("To be deleted: 1 picture.")).to_be_visible()
        # Another tab tells nothing of what this one is to delete by itself.
        other = context.new_page()
        context.set_offline(False)
        open_signed_in(other, alice, "/uploads")
        expect(other.get_by_text("2 pictures were still to be deleted")).to_be_visible()
        with context.expect_event("close"):
            kill_browser(profile)

    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        # It is nobody else's.
        open_signed_in(page, bob, "/uploads")
        expect(rows(page)).to_have_count(1)
        expect(page.get_by_text("still to be deleted")).to_have_count(0)
        page.close()

        page = context.new_page()
        open_signed_in(page, alice, "/")
        told = page.get_by_text("3 pictures were still to be deleted when the page was closed.")
        expect(told).to_be_in_viewport()
        assert find_violations(page) == []
        # A sign-out would forget it, and asks before.
        ask_to_sign_out(page)
        dialog = page.get_by_role("dialog", name="3 pictures are still to be deleted")
        dialog.get_by_role("button", name="Stay signed in").click()
        page.get_by_role("link", name="My pictures").first.click()
        expect(rows(page)).to_have_count(4)
        expect(told).to_have_count(1)
        assert find_violations(page) == []
        page.get_by_role("button", name="Delete them").click()
        expect(rows(page)).to_have_count(1)
        expect(told).to_have_count(0)
        expect(page.get_by_role("heading", name="My pictures")).to_be_focused()
        undo = page.get_by_role("region", name="Undo")
        expect(undo).to_contain_text("3 pictures")
        page.reload()
        expect(rows(page)).to_have_count(1)
        expect(undo).to_be_visible()
        expect(told).to_have_count(0)
        undo.get_by_role("button", name="Undo").click()
        expect(rows(page)).to_have_count(4)


@pytest.mark.thorough
def test_edits_that_were_not_saved_when_the_browser_crashed_are_saved_on_request(
    stack: LocalStack, tmp_path: Path
) -> None:
    alice = Person(stack, stack.token(f"alice-{time.time_ns()}", name="Alice"))
    bob = Person(stack, stack.token(f"bob-{time.time_ns()}", name="Bob"))
    pictures = publish(alice, 4)

    def descriptions() -> list[str]:
        return [image["description"] for image in metadata_of(alice, pictures)]

    profile = tmp_path / "profile"
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        open_signed_in(page, alice, "/uploads?view=captions")
        fields = page.get_by_role("list", name="Captions").get_by_role("textbox")
        expect(fields).to_have_count(4)
        context.set_offline(True)
        fields.nth(0).fill("A harbour")
        fields.nth(0).press("Enter")
        fields.nth(1).fill("A boat")
        fields.nth(1).press("Enter")
        expect(page.get_by_text("It is sent again by itself.")).to_have_count(2)
        # What nobody has sent yet is kept as well.
        fields.nth(2).fill("A barn")
        wait_until_promised(page, f"async () => (await ({READ_EDITS})()) === 3")
        with context.expect_event("close"):
            kill_browser(profile)

    # Somebody describes one of them meanwhile.
    edit = {"ids": [pictures[1]], "set": {"description": "A raft"}}
    assert alice.call("POST", "/api/images/edit", edit).status == 200
    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        # It is nobody else's.
        open_signed_in(page, bob, "/uploads")
        expect(page.get_by_text("Nothing uploaded yet")).to_be_visible()
        expect(page.get_by_text("saved when the page was closed")).to_have_count(0)
        page.close()

        page = context.new_page()
        open_signed_in(page, alice, "/")
        told = page.get_by_text("3 edits were not saved when the page was closed.")
        expect(told).to_be_in_viewport()
        assert find_violations(page) == []
        page.get_by_text("Show what was typed").click()
        expect(page.get_by_text("Description: A barn")).to_be_visible()
        assert find_violations(page) == []
        # A sign-out would lose it, and asks before.
        ask_to_sign_out(page)
        dialog = page.get_by_role("dialog", name="3 edits are not saved")
        dialog.get_by_role("button", name="Stay signed in").click()
        page.get_by_role("link", name="My pictures").first.click()
        expect(rows(page)).to_have_count(4)
        expect(told).to_have_count(1)
        page.get_by_role("button", name="Save them").click()
        expect(page.get_by_text("1 edit could not be saved.")).to_be_visible()
        expect(told).to_have_count(0)
        expect(page.get_by_text("This was changed meanwhile")).to_contain_text("A raft")
        assert find_violations(page) == []
        assert descriptions() == ["A harbour", "A raft", "A barn", ""]
        # What somebody knows of takes the place of what stood there.
        page.get_by_role("button", name="Save it").click()
        expect(page.get_by_text("could not be saved")).to_have_count(0)
        expect(page.get_by_role("heading", name="My pictures")).to_be_focused()
        assert descriptions() == ["A harbour", "A boat", "A barn", ""]
        wait_until_promised(page, f"async () => !(await ({HAS_EDIT})())")

        # An edit of many pictures.
        page.get_by_label("Select all").click()
        page.get_by_role("button", name="Edit", exact=True).click()
        dialog = page.get_by_role("dialog", name="Edit 4 pictures")
        dialog.get_by_label("What to do with: Credit").select_option("Set to …")
        dialog.get_by_label("Credit", exact=True).fill("Ann")
        context.set_offline(True)
        dialog.get_by_role("button", name="Change 4 pictures").click()
        expect(dialog.get_by_text("It goes on by itself")).to_be_visible()
        wait_until_promised(page, HAS_EDIT)
        with context.expect_event("close"):
            kill_browser(profile)

    with open_kept_browser(stack.url, profile) as context:
        page = context.new_page()
        open_signed_in(page, alice, "/uploads")
        expect(page.get_by_text("1 edit was not saved when the page was closed.")).to_be_visible()
        expect(page.get_by_text("Credit: Ann")).to_be_visible()
        context.set_offline(True)
        page.get_by_role("button", name="Save it").click()
        expect(page.get_by_text("It goes on by itself when the connection is back.")).to_be_visible()
        assert find_violations(page) == []
        context.set_offline(False)
        undo = page.get_by_role("region", name="Undo")
        expect(undo).to_contain_text("4 pictures")
        assert {image["credit"] for image in metadata_of(alice, pictures)} == {"Ann"}
        undo.get_by_role("button", name="Undo").click()
        expect(undo).to_have_count(0)
        assert {image["credit"] for image in metadata_of(alice, pictures)} == {""}
        assert descriptions() == ["A harbour", "A boat", "A barn", ""]


@pytest.mark.thorough
def test_pictures_that_were_still_to_be_deleted_are_kept_by_choice_and_by_a_sign_out(
    stack: LocalStack,
) -> None:
    alice = Person(stack, stack.token(f"alice-{time.time_ns()}", name="Alice"))
    publish(alice, 2)
    told = "2 pictures were still to be deleted when the page was closed."
    with open_page(stack.url, expected="ERR_FAILED") as page:
        open_signed_in(page, alice, "/uploads")
        for answer in ("Keep them", "Sign out"):
            page.route("**/api/images/delete", lambda route: route.abort())
            for number in range(2):
                page.get_by_role("button", name=f"Delete photo-{number}.jpg").click()
            expect(page.get_by_text("To be deleted: 2 pictures.")).to_be_visible()
            wait_until_promised(page, HAS_DELETION)
            page.reload()
            expect(page.get_by_text(told)).to_be_visible()
            page.unroute("**/api/images/delete")
            if answer == "Keep them":
                page.get_by_role("button", name=answer).click()
                expect(page.get_by_role("heading", name="My pictures")).to_be_focused()
            else:
                ask_to_sign_out(page)
                page.get_by_role("dialog").get_by_role("button", name=answer).click()
                expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
            wait_until_promised(page, f"async () => !(await ({HAS_DELETION})())")
            if answer == "Sign out":
                open_signed_in(page, alice, "/uploads")
                expect(rows(page)).to_have_count(2)
            page.reload()
            expect(rows(page)).to_have_count(2)
            expect(page.get_by_text(told)).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize("has_service_worker", [True, False])
def test_the_question_before_a_sign_out_is_there_without_a_network(
    stack: LocalStack, has_service_worker: bool
) -> None:
    """Also where the browser has no worker, to whoever has seen the account's page before."""
    alice = Person(stack, stack.token(f"alice-{time.time_ns()}", name="Alice"))
    publish(alice, 1)
    with open_page(
        stack.url, has_service_worker=has_service_worker, expected="ERR_INTERNET_DISCONNECTED"
    ) as page:
        open_signed_in(page, alice, "/uploads" if has_service_worker else "/signin")
        if has_service_worker:
            wait_until_promised(page, STORES, "/assets/MyPictures")
        else:
            page.get_by_role("link", name="My pictures").last.click()
            page.wait_for_load_state("networkidle")
        expect(rows(page)).to_have_count(1)
        page.context.set_offline(True)
        page.get_by_role("button", name="Delete photo-0.jpg").click()
        expect(page.get_by_text("To be deleted: 1 picture.")).to_be_visible()
        ask_to_sign_out(page)
        dialog = page.get_by_role("dialog", name="1 picture is still to be deleted")
        dialog.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
        page.context.set_offline(False)


def kill_browser(profile: Path) -> None:
    """End the browser with this profile as a crash does, so that it writes nothing more."""
    mark = f"--user-data-dir={profile}".encode()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):
            arguments = process.read_bytes().split(b"\0")
            if mark in arguments and not any(part.startswith(b"--type=") for part in arguments):
                os.kill(int(process.parent.name), signal.SIGKILL)


def drop_from_desktop(context: BrowserContext, page: Page, files: list[Path]) -> None:
    """Drop files with their paths, as no script can, over the middle of the page."""
    session = context.new_cdp_session(page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}

    def dispatch(kind: str) -> None:
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 640, "y": 400, "data": data})

    dispatch("dragEnter")
    taken = page.get_by_text("Drop photos or folders to upload them")
    while not taken.is_visible():
        dispatch("dragOver")
        page.wait_for_timeout(20)
    dispatch("drop")


@pytest.mark.thorough
def test_a_tag_that_is_half_typed_when_another_tab_signs_out_goes_to_nobody_else(
    stack: LocalStack, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    token = stack.token("carla", name="Carla")
    page.evaluate("token => localStorage.setItem('stockroom.token', token)", token)
    page.goto("/upload")
    expect(page.get_by_role("link", name="Signed in as Carla")).to_be_visible()
    page.locator("#files").set_input_files(
        FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=fresh_photo())
    )
    page.get_by_role("button", name="Details", exact=True).click()
    page.get_by_role("combobox", name="Tags").fill("secret")
    beside = page.context.new_page()
    beside.goto("/signin")
    beside.get_by_role("button", name="Sign out").click()
    beside.get_by_role("button", name="Sign out, finish later").click()
    expect(page.get_by_role("list", name="Uploads")).to_have_count(0)
    page.goto(f"/upload#token={stack.token('bob', name='Bob')}")
    wait_until_signed_in(page)
    drop(page, {"of-bob.jpg": fresh_photo()})
    expect(page.get_by_role("button", name="Upload 1 photo")).to_be_enabled()
    expect(page.get_by_text("secret")).to_have_count(0)
    page.get_by_role("button", name="Details", exact=True).click()
    expect(page.get_by_role("combobox", name="Tags")).to_have_value("")
    expect(page.get_by_role("button", name="Remove tag secret")).to_have_count(0)


def test_photos_wait_for_whoever_has_chosen_them_when_somebody_else_signs_in(
    stack: LocalStack, page: Page
) -> None:
    """Two photos are under way when another person signs in: they go on as those of the first person."""
    name = f"replaced-{time.time_ns()}"
    begin(stack, page, {f"{name}-{number}.jpg": fresh_photo() for number in range(2)}, "carla")
    wait_until_promised(page, ARE_KEPT, [2, 0])
    page.evaluate("sessionStorage.setItem('allowed', '99')")
    page.goto(f"/upload#token={stack.token('bob', name='Bob')}")
    dialog = page.get_by_role("dialog", name="Sign in as Bob?")
    expect(dialog).to_contain_text("Photos of Carla that are not uploaded yet wait in this browser")
    dialog.get_by_role("button", name="Sign in as Bob").click()
    expect(page.get_by_role("link", name="Signed in as Bob")).to_be_visible()
    expect(page.get_by_role("list", name="Uploads").get_by_role("listitem")).to_have_count(0)
    assert count_rows(stack, name) == {"pending": 2}
    page.goto(f"/upload#token={stack.token('carla', name='Carla')}")
    page.get_by_role("dialog").get_by_role("button", name="Sign in as Carla").click()
    ready = page.get_by_role("list", name="Uploads").locator("li[data-state=ready]")
    expect(ready).to_have_count(2)
    assert count_rows(stack, name) == {"ready": 2}
    bob = Person(stack, stack.token("bob", name="Bob"))
    assert name.encode() not in bob.call("GET", "/api/uploads").body


def test_every_page_says_that_photos_wait_once_a_sign_in_has_run_out(stack: LocalStack, page: Page) -> None:
    page.clock.install()
    begin(stack, page, {f"photo-{number}.jpg": fresh_photo() for number in range(3)})
    # By the library's clock, which stands still, storage would still take them, and they would not wait.
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("link", name="Stockroom, start page").click()
    upload = page.get_by_role("navigation", name="Main").get_by_role("link", name="Upload")
    expect(upload).to_contain_text("0/3")
    notice = page.get_by_text("3 photos wait for your sign-in.", exact=True)
    expect(notice).to_have_count(0)
    # A day and more.
    page.clock.fast_forward(90_000_000)
    expect(notice).to_be_visible()
    expect(upload).to_contain_text("3 wait")
    expect(upload.get_by_role("img", name="3 photos wait for your sign-in.")).to_be_visible()
    assert find_violations(page) == []

    # On a small phone it covers nothing that can be pressed, once one is at the end of the page.
    page.set_viewport_size({"width": 320, "height": 568})
    page.get_by_role("link", name="My pictures").click()
    expect(page.get_by_role("heading", name="My pictures")).to_be_visible()
    assert is_in_sight(notice)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    for control in page.get_by_role("main").locator("a, button, input").all():
        assert not overlaps(control, notice)
    assert find_violations(page) == []
    sign_in = page.get_by_role("link", name="Sign in", exact=True).last
    sign_in.click()
    expect(page).to_have_url(f"{stack.url}/upload")
    expect(page.get_by_text("The 3 photos in the list below are kept")).to_be_visible()
    # That page has the photos themselves.
    expect(notice).to_have_count(0)

    page.get_by_role("link", name="My pictures").click()
    region = page.get_by_role("region", name="Photos that wait")
    region.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)
    # Neither is there a region without content, nor is the focus lost with the button.
    expect(region).to_have_count(0)
    expect(page.get_by_role("main")).to_be_focused()
    page.get_by_role("link", name="Stockroom, start page").click()
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
    expect(notice).to_have_count(0)
    expect(upload).to_contain_text("3 wait")


def overlaps(one: Locator, other: Locator) -> bool:
    """Whether two parts lie over each other on the screen, in their heights."""
    first, second = one.bounding_box(), other.bounding_box()
    if first is None or second is None:
        return False
    return first["y"] < second["y"] + second["height"] and second["y"] < first["y"] + first["height"]


def test_a_page_that_is_opened_again_says_that_photos_wait_and_not_whose(
    stack: LocalStack, page: Page
) -> None:
    """Closed in mid-upload by somebody who does not stay signed in, then forgotten by a sign-out."""
    name = f"closed-{time.time_ns()}"
    begin(stack, page, {f"{name}-{number}.jpg": fresh_photo() for number in range(3)}, "dora")
    wait_until_promised(page, ARE_KEPT, [3, 0])
    context = page.context
    page.close()
    page = context.new_page()
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    notice = page.get_by_text("3 photos wait for your sign-in.", exact=True)
    # What could not be loaded is tried again once there is a connection.
    scripts = "**/WaitingNotice-*.js*"
    page.route(scripts, lambda route: route.abort())
    # The page asks a second time at once, at another address.
    with page.expect_event(
        "requestfailed", lambda request: "/WaitingNotice-" in request.url and "?" in request.url
    ):
        page.goto("/")
    expect(notice).to_have_count(0)
    page.unroute(scripts)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(notice).to_be_visible()
    assert name not in page.content()
    assert "dora" not in page.content().lower()
    page.goto("/uploads")
    expect(notice).to_be_visible()
    page.evaluate("localStorage.setItem('stockroom.language', 'de')")
    page.reload()
    expect(page.get_by_text("3 Fotos warten darauf, dass Sie sich anmelden.")).to_be_visible()
    page.evaluate("localStorage.removeItem('stockroom.language')")

    page.goto(f"/#token={stack.token('dora', name='Dora')}")
    wait_until_signed_in(page)
    upload = page.get_by_role("navigation", name="Main").get_by_role("link", name="Upload")
    expect(upload).to_contain_text("0/3")
    expect(notice).to_have_count(0)
    # What a page has that lives waits for nobody else.
    beside = context.new_page()
    beside.goto("/")
    expect(beside.locator(".waiting")).to_be_attached()
    waits = beside.get_by_text("your sign-in.")
    expect(waits).to_have_count(0)

    ask_to_sign_out(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign out and forget").click()
    expect(page.get_by_role("status").filter(has_text=SIGNED_OUT)).to_be_visible()
    wait_until_promised(page, ARE_KEPT, [0, 0])
    page.get_by_role("button", name="Dismiss").click()
    page.goto("/")
    expect(page.locator(".waiting")).to_be_attached()
    expect(page.get_by_text("your sign-in.")).to_have_count(0)
    beside.reload()
    expect(beside.locator(".waiting")).to_be_attached()
    expect(waits).to_have_count(0)
    # No page keeps another one waiting that changes the database, however often it has looked.
    for path in ("/uploads", "/"):
        page.goto(path)
        expect(page.locator(".waiting")).to_be_attached()
    assert page.evaluate(DELETE_DATABASE) == "deleted"
