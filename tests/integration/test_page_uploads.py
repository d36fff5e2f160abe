"""The list of uploads in a real browser: on a phone, after failures, after the page was closed."""

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, ViewportSize, expect

from tests.integration.accessibility import find_violations
from tests.integration.api import Person
from tests.integration.browser import open_page, wait_until_promised
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tests.integration.test_page import drop, wait_until_signed_in
from tests.renditions.embedded.blocks import caption, xmp

pytestmark = [pytest.mark.integration, pytest.mark.browser]

PHONE: ViewportSize = {"width": 390, "height": 844}

# A line that takes so many files and then no more, in this tab.
HOLD = """(() => {
    const { open, send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (method, ...rest) {
        this.isPut = method === "PUT";
        return open.call(this, method, ...rest);
    };
    XMLHttpRequest.prototype.send = function (body) {
        if (this.isPut) {
            const allowed = Number(sessionStorage.getItem("allowed") ?? ALLOWED);
            sessionStorage.setItem("allowed", String(allowed - 1));
            if (allowed <= 0) {
                this.abort = () => this.dispatchEvent(new Event("abort"));
                return;
            }
        }
        send.call(this, body);
    };
})()"""

# As the browser tells it, and without the failed requests of which its console would tell, too.
GO_OFFLINE = """(() => {
    Object.defineProperty(navigator, "onLine", { value: false });
    dispatchEvent(new Event("offline"));
})()"""

# Whether the browser keeps so many files, of which so many have arrived, and the content of the others.
ARE_KEPT = """([files, arrived]) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const database = opening.result;
        const transaction = database.transaction(["uploads", "contents"]);
        const uploads = transaction.objectStore("uploads").getAll();
        const contents = transaction.objectStore("contents").count();
        transaction.oncomplete = () => {
            database.close();
            const ready = uploads.result.filter(({ state }) => state.name === "ready");
            const isWritten = uploads.result.length === files && ready.length === arrived;
            resolve(isWritten && contents.result === files - arrived);
        };
    };
})"""


# Whether the browser keeps the contents of so many files.
ARE_CONTENTS_KEPT = """(count) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("stockroom");
    opening.onerror = reject;
    opening.onsuccess = () => {
        const database = opening.result;
        const contents = database.transaction(["contents"]).objectStore("contents").count();
        contents.onsuccess = () => {
            database.close();
            resolve(contents.result === count);
        };
    };
})"""


@pytest.fixture
def page(stack: LocalStack) -> Iterator[Page]:
    with open_page(stack.url) as page:
        yield page


def top_of(part: Locator) -> float:
    """Pixels from the top of the screen."""
    box = part.bounding_box()
    assert box is not None
    return box["y"]


def height_of(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["height"]


def is_in_sight(part: Locator) -> bool:
    """Whether all of it is on the screen, and nothing covers its middle."""
    expect(part).to_be_visible()
    return bool(
        part.evaluate(
            """(part) => {
                const { left, top, right, bottom } = part.getBoundingClientRect();
                const found = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                return top >= 0 && bottom <= innerHeight && part.contains(found);
            }"""
        )
    )


@pytest.mark.parametrize(
    ("language", "label"), [("en-US", "Upload 3 photos"), ("de-DE", "3 Fotos hochladen")]
)
def test_upload_is_in_sight_on_a_small_phone_as_soon_as_photos_are_chosen(
    stack: LocalStack, language: str, label: str
) -> None:
    with open_page(stack.url, language=language) as page:
        page.set_viewport_size({"width": 390, "height": 664})
        page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
        photos: list[FilePayload] = [
            {"name": f"photo-{number}.jpg", "mimeType": "image/jpeg", "buffer": fresh_photo()}
            for number in range(3)
        ]
        page.locator("#files").set_input_files(photos)
        upload = page.get_by_role("button", name=label)
        assert is_in_sight(upload)
        wait_until_promised(page, ARE_KEPT, [3, 0])
        # Also with the notice that the files have come back, of which nothing is under way,
        page.reload()
        notice = page.get_by_role("status").filter(has_text="3").first
        expect(notice).to_be_visible()
        assert height_of(notice) <= 80
        expect(page.get_by_text("What you had begun")).to_have_count(0)
        assert is_in_sight(upload)
        # and above the notice that there is no network.
        page.evaluate(GO_OFFLINE)
        expect(page.get_by_text("offline").last).to_be_visible()
        assert is_in_sight(upload)
        assert find_violations(page) == []
        # What is set can be read while the fields are closed.
        opener = page.locator("button[aria-haspopup=dialog]").first
        opener.click()
        dialog = page.get_by_role("dialog")
        page.locator("#all-tags").fill("wedding")
        page.locator("#all-tags").press("Enter")
        assert find_violations(page) == []
        dialog.locator("button.primary").click()
        expect(dialog).to_have_count(0)
        expect(opener).to_be_focused()
        expect(page.locator("#details-set")).to_have_text("#wedding")


@pytest.mark.thorough
def test_on_a_phone_the_list_is_in_sight_and_what_failed_is_on_top(stack: LocalStack, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    photos = {f"photo-{number:02}.jpg": fresh_photo() for number in range(12)}
    drop(page, {**photos, "notes.jpg": b"just words"})
    upload = page.get_by_role("button", name="Upload 12 photos")
    rows = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(rows.first).to_have_attribute("data-state", "rejected")
    # A file that is not taken gets no title made of its name.
    expect(rows.first).not_to_contain_text("“Notes”")
    assert top_of(upload) < PHONE["height"]
    assert top_of(rows.first) < PHONE["height"]
    # Directly under the chooser. The details are one tap away, in a dialog.
    chooser = page.get_by_role("button", name="Details", exact=True).bounding_box()
    assert chooser is not None
    assert (
        top_of(page.get_by_role("region", name="Photos in the list")) - chooser["y"] - chooser["height"] < 30
    )
    page.get_by_role("button", name="Details", exact=True).click()
    page.get_by_label("Description", exact=True).fill("By the sea")
    page.keyboard.press("Escape")
    expect(page.get_by_text("“By the sea”")).to_be_visible()
    # The numbers stay in sight below the header, however far somebody scrolls, and the button at the foot of
    # the screen. Both leave room to the list.
    assert height_of(page.locator(".summary")) <= 160
    rows.last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    # A turn of the wheel scrolls the page a moment later.
    page.wait_for_function(
        """part => {
            const { top } = part.getBoundingClientRect();
            return top > 0 && top < innerHeight / 4;
        }""",
        arg=page.locator(".summary").element_handle(),
    )
    assert is_in_sight(upload)
    assert find_violations(page) == []

    upload.click()
    expect(page.get_by_text("“By the sea”")).to_have_count(0)
    page.get_by_role("button", name="Details", exact=True).click()
    page.get_by_role("button", name="Use it again").click()
    expect(page.get_by_label("Description", exact=True)).to_have_value("By the sea")
    expect(page.get_by_label("Description", exact=True)).to_be_focused()
    page.get_by_role("button", name="Done").click()
    show = page.get_by_role("group", name="Show")
    more = page.get_by_role("button", name="More")
    expect(more).to_have_attribute("aria-expanded", "false")
    expect(show.get_by_role("button", name="12 ready")).to_be_in_viewport()
    expect(show.get_by_role("button", name="1 not taken")).to_be_in_viewport()
    assert height_of(page.locator(".summary")) <= 160
    assert find_violations(page) == []
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


def test_a_page_that_is_closed_in_the_middle_goes_on_and_sends_nothing_twice(
    stack: LocalStack, page: Page
) -> None:
    """Reloaded in mid-upload, then taken over by a new tab. A second tab beside it leaves its queue alone."""
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.add_init_script(HOLD.replace("ALLOWED", "2"))
    link = f"/upload#token={stack.token('alice', name='Alice')}"
    page.goto(link)
    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(6)})
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(6)
    page.get_by_role("button", name="Upload 6 photos").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(2)
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(4)
    # By choice, the sign-in outlives this tab as the photos do.
    page.get_by_role("button", name="Stay signed in in this browser").click()
    shared = "localStorage.getItem('stockroom.token')"
    assert page.evaluate(shared) is not None
    page.get_by_role("button", name="Only in this tab").click()
    assert page.evaluate(shared) is None
    # Nothing is lost with the page, so that the browser has nothing to ask.
    wait_until_promised(page, ARE_KEPT, [6, 2])
    assert page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    # Said above the list and, however far somebody has scrolled, in the bar that stays in sight.
    page.evaluate(GO_OFFLINE)
    expect(page.get_by_text("2 of 6 in the library · offline")).to_be_visible()
    expect(page.get_by_text("offline")).to_have_count(2)
    expect(page.get_by_text("This page is offline.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("4 photos from before are in the list again. What you had begun")).to_be_visible()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(2)
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(4)
    assert find_violations(page) == []

    beside = page.context.new_page()
    beside.goto(link)
    expect(beside.get_by_label("Choose photos")).to_be_attached()
    wait_until_promised(beside, "() => navigator.locks.query().then(({ held }) => held.length === 2)")
    expect(beside.get_by_role("list", name="Uploads")).to_have_count(0)
    # It says what it does not show, also to whoever is not signed in there, and whenever that changes.
    expect(beside.get_by_role("main").get_by_text("Another tab is uploading 4 photos.")).to_be_visible()
    assert find_violations(beside) == []
    page.get_by_role("button", name="Pause").click()
    expect(beside.get_by_role("main").get_by_text("Another tab is uploading")).to_have_count(0)
    page.get_by_role("button", name="Resume").click()
    expect(beside.get_by_role("main").get_by_text("Another tab is uploading 4 photos.")).to_be_visible()
    beside.close()

    assert len(sent) == 2
    page.close()
    page = page.context.new_page()
    # A new tab has no sign-in: it says that photos wait for one, and not whose or which.
    page.goto("/upload")
    waits = page.get_by_text("4 photos wait for your sign-in. They are in the list again once")
    expect(waits).to_be_visible()
    page.goto(link)
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=ready]")).to_have_count(6)
    expect(waits).to_have_count(0)
    assert len({url.split("?")[0] for url in sent}) == len(sent) == 6


@pytest.mark.thorough
def test_what_another_tab_uploads_keeps_its_details(stack: LocalStack, page: Page, tmp_path: Path) -> None:
    """The library takes the newest details of a file that is still under way."""
    alice = Person(stack, stack.token("alice", name="Alice"))
    name = f"beside-{time.time_ns()}"
    paths = [tmp_path / f"{name}-{number}.jpg" for number in range(2)]
    for path in paths:
        path.write_bytes(fresh_photo())
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    link = f"/upload#token={stack.token('alice', name='Alice')}"
    page.goto(link)
    wait_until_signed_in(page)
    page.locator("#files").set_input_files(paths)
    page.get_by_label("Description").first.fill(f"Words of the first tab, {name}")
    page.get_by_role("button", name="Upload 2 photos").click()
    expect(page.locator("li[data-state=uploading]")).to_have_count(2)
    wait_until_promised(page, ARE_KEPT, [2, 0])

    beside = page.context.new_page()
    beside.goto(link)
    wait_until_signed_in(beside)
    beside.locator("#files").set_input_files(paths)
    said = beside.get_by_text("2 files chosen: 2 are under way in another tab.").first
    expect(said).to_be_visible()
    expect(beside.get_by_role("list", name="Uploads")).to_have_count(0)
    # What no other tab has is taken.
    other = tmp_path / f"{name}-other.jpg"
    other.write_bytes(fresh_photo())
    beside.locator("#files").set_input_files([*paths, other])
    expect(beside.get_by_role("button", name="Upload 1 photo")).to_be_visible()
    beside.close()
    page.evaluate("sessionStorage.setItem('allowed', '9')")
    page.reload()
    expect(page.locator("li[data-state=ready]")).to_have_count(2)
    found = alice.call("GET", f"/api/uploads?name={name}").json["uploads"]
    assert [each["image"]["description"] for each in found] == [f"Words of the first tab, {name}"] * 2


@pytest.mark.thorough
def test_a_file_with_a_handle_is_not_copied(stack: LocalStack, page: Page) -> None:
    """The handles come from the private files of the site, which a browser without a screen has, too."""
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    wait_until_signed_in(page)
    page.evaluate(
        """async (data) => {
            const folder = await navigator.storage.getDirectory();
            const handle = await folder.getFileHandle("photo.jpg", { create: true });
            const stream = await handle.createWritable();
            await stream.write(Uint8Array.from(atob(data), (char) => char.charCodeAt(0)));
            await stream.close();
            window.showOpenFilePicker = async () => [handle];
        }""",
        base64.b64encode(fresh_photo()).decode(),
    )
    page.get_by_label("Choose photos").dispatch_event("click")
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(1)
    wait_until_promised(page, ARE_KEPT, [1, 0])
    page.reload()
    page.get_by_role("button", name="Upload 1 photo").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(1)


@pytest.mark.thorough
def test_cancellations_one_by_one_are_counted_as_undo_counts_them(stack: LocalStack, page: Page) -> None:
    """One has a row, which the library is asked to remove; two have none, and are cancelled at once."""
    page.route("**/api/uploads/cancel", lambda _: None)
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {"sent.jpg": fresh_photo()})
    page.get_by_role("button", name="Upload 1 photo").click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(1)
    drop(page, {f"staged-{number}.jpg": fresh_photo() for number in range(2)})
    for name in ["staged-0.jpg", "staged-1.jpg", "sent.jpg"]:
        page.get_by_role("button", name=f"Cancel {name}").click()
    expect(page.get_by_text("Cancelling 3 photos …", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Upload 2 photos")).to_be_visible()
    expect(uploads.locator("li[data-state=cancelled]")).to_have_count(0)


def test_files_of_a_long_list_are_found_by_their_names(stack: LocalStack, page: Page) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    name = page.get_by_role("searchbox", name="Name")
    drop(page, {f"photo-{number:02}.jpg": b"just words" for number in range(19)})
    rows = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    expect(name).to_have_count(0)
    # Choices of which nothing is said yet are told of together.
    expect(page.locator("[data-announcer]")).to_have_text("19 files were not taken.")
    drop(page, {"Überblick.jpg": fresh_photo()})
    expect(page.locator("[data-announcer]")).to_have_text("1 photo added to the list.")
    name.fill("uber")
    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("data-name", "Überblick.jpg")
    expect(page.locator("[data-announcer]")).to_have_text("1 photo shown.")
    # Within what is shown by outcome.
    page.get_by_role("group", name="Show").get_by_role("button", name="19 not taken").click()
    expect(page.get_by_text("No photo in the list has such a name.")).to_be_visible()
    assert find_violations(page) == []
    name.fill("photo-1")
    # Only those near the screen have rows.
    expect(page.locator("[data-announcer]")).to_have_text("9 photos shown.")
    expect(rows.first).to_have_attribute("data-name", "photo-10.jpg")
    name.press("Escape")
    expect(name).to_have_value("")
    expect(page.locator("[data-announcer]")).to_have_text("19 photos shown.")


def with_xmp(photo: bytes, packet: bytes) -> bytes:
    content = b"http://ns.adobe.com/xap/1.0/\0" + packet
    return photo[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2) + content + photo[2:]


def test_what_a_file_says_is_shown_before_the_upload_and_left_to_the_library(
    stack: LocalStack, page: Page
) -> None:
    """What somebody types comes before it, and the library reads the rest itself."""
    said = xmp(
        "<dc:title>Harbour</dc:title>"
        + caption("Boats at dawn")
        + "<dc:subject><rdf:Bag><rdf:li>boats</rdf:li></rdf:Bag></dc:subject>"
        + "<dc:creator><rdf:Seq><rdf:li>Ann Example</rdf:li></rdf:Seq></dc:creator>"
        + "<photoshop:Credit>An agency</photoshop:Credit>"
        + '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
    )
    token = stack.token("harbour", name="Harbour Master")
    page.goto(f"/upload#token={token}")
    photos = {"IMG_1.jpg": with_xmp(fresh_photo(), said), "IMG_2.jpg": with_xmp(fresh_photo(), said[:-90])}
    photos["the-lamp.jpg"] = with_xmp(fresh_photo(), xmp("<dc:title>Lighthouse</dc:title>"))
    drop(page, photos)
    telling = page.locator("li[data-name='IMG_1.jpg']")
    # Between isolates, as a title may be written from right to left.
    expect(telling.get_by_text("“\u2068Harbour\u2069”")).to_be_visible()
    telling.get_by_role("button", name="Details of IMG_1.jpg").click()
    said_in_file = telling.get_by_role("region", name="From the file")
    expect(said_in_file.get_by_role("definition")).to_have_text(
        ["Harbour", "Boats at dawn", "boats", "Ann Example", "An agency", "CC BY 4.0"]
    )
    expect(telling.get_by_label("Title")).to_have_value("")
    expect(telling.get_by_label("Title")).to_have_attribute("placeholder", "Harbour")
    expect(telling.get_by_label("Description")).to_have_attribute("placeholder", "Boats at dawn")
    expect(telling.get_by_label("Credit")).to_have_attribute("placeholder", "An agency")
    # What is said of all photos comes before the file, too.
    page.get_by_label("Credit", exact=True).last.fill("All of us")
    expect(telling.get_by_label("Credit")).to_have_attribute("placeholder", "Who is to be named")
    page.get_by_label("Credit", exact=True).last.fill("")
    assert find_violations(page) == []

    # A file whose metadata are damaged is as if it had none.
    damaged = page.locator("li[data-name='IMG_2.jpg']")
    # It is below the screen, where rows come with scrolling.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    # A pointer's click is lost while the list still scrolls: its rows take none then.
    damaged.get_by_role("button", name="Details of IMG_2.jpg").press("Enter")
    expect(damaged.get_by_label("Title")).to_have_attribute("placeholder", "IMG_2.jpg")
    expect(damaged.get_by_role("region", name="From the file")).to_have_count(0)

    page.evaluate("scrollTo(0, 0)")
    telling.get_by_label("Title").fill("Port")
    telling.get_by_label("Description").fill("Seen from the pier")
    with page.expect_request(lambda request: request.method == "POST") as asked:
        page.get_by_role("button", name="Upload 3 photos").click()
    files = {file["name"]: file for file in json.loads(asked.value.post_data or "")["files"]}
    # A picture is called as the list has shown it: by the title in the file, before the file's name.
    assert set(files) == {"Port", "IMG_2.jpg", "Lighthouse"}
    assert files["Port"]["description"] == "Seen from the pier"
    assert {"tags", "license", "credit"}.isdisjoint(files["Port"])
    expect(page.locator("li[data-state=ready]")).to_have_count(3)
    uploads = Person(stack, token).call("GET", "/api/uploads").json["uploads"]
    image = next(upload["image"] for upload in uploads if upload["name"] == "Port")
    found = [image[field] for field in ("title", "description", "credit", "creator", "license", "tags")]
    assert found == ["Harbour", "Seen from the pier", "An agency", "Ann Example", "CC-BY-4.0", ["boats"]]


def test_photos_keep_captions_of_their_own_unless_they_are_to_be_replaced(
    stack: LocalStack, page: Page
) -> None:
    said = xmp(caption("Boats at dawn"))
    token = stack.token("captions", name="Captioned")
    page.goto(f"/upload#token={token}")
    uploads = page.get_by_role("list", name="Uploads")
    details = page.get_by_role("region", name="About these photos")
    for day in ("monday", "tuesday"):
        photos = {f"{day} boats.jpg": with_xmp(fresh_photo(), said), f"{day} sea.jpg": fresh_photo()}
        drop(page, photos)
        expect(page.get_by_role("button", name="Upload 2 photos")).to_be_enabled()
        choice = details.get_by_role("group", name="1 photo has a caption of its own in the file.")
        expect(choice).to_have_count(0)
        details.get_by_label("Description").fill("Trip to the #sea")
        # What loses nothing is chosen beforehand, for each batch anew.
        expect(choice.get_by_label("Keep their own")).to_be_checked()
        if day == "tuesday":
            choice.get_by_label("Replace with this description").check()
            wait_until_promised(page, ARE_KEPT, [4, 2])
            page.reload()
            expect(choice.get_by_label("Replace with this description")).to_be_checked()
        assert find_violations(page) == []
        page.get_by_role("button", name="Upload 2 photos").click()
        expect(uploads.locator("li[data-state=ready]")).to_have_count(2 if day == "monday" else 4)
    found = Person(stack, token).call("GET", "/api/uploads").json["uploads"]
    assert {each["name"]: (each["image"]["description"], each["image"]["tags"]) for each in found} == {
        "Monday boats": ("Boats at dawn", ["sea"]),
        "Monday sea": ("Trip to the #sea", ["sea"]),
        "Tuesday boats": ("Trip to the #sea", ["sea"]),
        "Tuesday sea": ("Trip to the #sea", ["sea"]),
    }


@pytest.mark.thorough
def test_uploads_are_paused_and_cancelled_and_both_is_taken_back(stack: LocalStack, page: Page) -> None:
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(5)})
    page.get_by_role("button", name="Upload 5 photos").click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(4)
    page.get_by_role("button", name="Pause").click()
    expect(uploads.locator("li[data-state=queued]")).to_have_count(5)
    page.get_by_label("Order").select_option("By name")
    page.get_by_role("button", name="Cancel all").click()
    expect(uploads.locator("li[data-state=cancelled]")).to_have_count(5)
    assert find_violations(page) == []
    page.get_by_role("button", name="Undo").click()
    page.evaluate("sessionStorage.setItem('allowed', '99')")
    page.get_by_role("button", name="Resume").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(5)


@pytest.mark.thorough
def test_finishing_before_a_sign_out_ends_a_pause(stack: LocalStack, page: Page) -> None:
    name = f"rest-{time.time_ns()}"
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {f"{name}-{number}.jpg": fresh_photo() for number in range(5)})
    page.get_by_role("button", name="Upload 5 photos").click()
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(4)
    page.get_by_role("button", name="Pause").click()
    expect(uploads.locator("li[data-state=queued]")).to_have_count(5)
    page.evaluate("sessionStorage.setItem('allowed', '99')")
    page.get_by_role("link", name="Signed in as").click()
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="5 photos are still being uploaded")
    dialog.get_by_role("button", name="Finish, then sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    with stack.database() as database, database.cursor() as cursor:
        cursor.execute("SELECT state, COUNT(*) FROM image WHERE name LIKE %s GROUP BY state", (f"{name}-%",))
        assert list(cursor.fetchall()) == [("ready", 5)]


def test_whoever_finishes_before_a_sign_out_hears_what_has_failed(stack: LocalStack) -> None:
    """Storage refuses two of four photos, twice: they are kept, and go on once their owner is back."""
    held: list[Route] = []
    refused: set[str] = set()
    is_holding = True

    def answer(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
        elif is_holding:
            held.append(route)
        elif route.request.url.split("?")[0] in refused:
            route.fulfill(status=403)
        else:
            route.continue_()

    with open_page(stack.url, expected="status of 403") as page:
        page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
        page.route("**/*", answer)
        drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(4)})
        page.get_by_role("button", name="Upload 4 photos").click()
        uploads = page.get_by_role("list", name="Uploads")
        expect(uploads.locator("li[data-state=uploading]")).to_have_count(4)
        while len(held) < 4:
            page.wait_for_timeout(20)
        page.get_by_role("link", name="Signed in as").click()
        page.get_by_role("button", name="Sign out").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Finish, then sign out").click()
        # Wherever somebody waits for it.
        page.get_by_role("navigation").get_by_role("link", name="My pictures").click()
        is_holding = False
        refused = {route.request.url.split("?")[0] for route in held[:2]}
        for route in held:
            answer(route)

        dialog = page.get_by_role("dialog", name="2 photos have failed")
        expect(dialog).to_contain_text("You are still signed in.")
        expect(dialog.get_by_role("listitem")).to_have_count(2)
        expect(dialog.get_by_role("listitem").first).to_contain_text("photo-")
        expect(page.get_by_role("link", name="Signed in as Alice")).to_be_visible()
        expect(page.get_by_label("2 of 4 uploads done · 2 failed")).to_be_visible()
        assert find_violations(page) == []
        retry = dialog.get_by_role("button", name="Retry, then sign out")
        expect(retry).to_be_focused()
        retry.click()
        expect(dialog).to_have_count(0)
        dialog.get_by_role("button", name="Sign out, finish later").click()
        kept = page.get_by_role("status").filter(has_text="You are signed out. 2 photos have not been")
        expect(kept).to_be_visible()
        assert find_violations(page) == []

        refused = set()
        page.evaluate("link => location.hash = link", f"token={stack.token('alice', name='Alice')}")
        expect(kept).to_have_count(0)
        page.get_by_role("link", name=re.compile("^Upload")).click()
        expect(uploads.locator("li[data-state=ready]")).to_have_count(4)


@pytest.mark.thorough
def test_what_was_typed_about_the_photos_comes_back_with_them(stack: LocalStack, page: Page) -> None:
    """Reloaded while somebody types, first about all photos, then about one of them."""
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(2)})
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(2)
    wait_until_promised(page, ARE_KEPT, [2, 0])
    details = page.get_by_role("region", name="About these photos")
    details.get_by_label("Description").fill("By the sea")
    details.get_by_label("Credit").fill("Ann")
    # A tag that nothing has ended yet.
    details.get_by_role("combobox", name="Tags").press_sequentially("harbour")
    page.reload()
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(2)
    expect(details.get_by_label("Description")).to_have_value("By the sea")
    expect(details.get_by_label("Credit")).to_have_value("Ann")
    expect(details.get_by_role("button", name="Remove tag harbour")).to_be_visible()

    page.get_by_role("button", name="Details of photo-1.jpg").click()
    own = uploads.locator("li[data-name='photo-1.jpg']")
    own.get_by_label("Description").press_sequentially("The lighthouse")
    page.reload()
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(2)
    expect(own).to_contain_text("own details")
    page.get_by_role("button", name="Details of photo-1.jpg").click()
    expect(own.get_by_label("Description")).to_have_value("The lighthouse")
    own.get_by_label("Title").press_sequentially("Tall")
    page.reload()
    expect(own).to_contain_text("“\u2068Tall\u2069”")


@pytest.mark.thorough
def test_a_file_comes_back_with_its_details_that_was_taken_out_of_the_list(
    stack: LocalStack, page: Page
) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(2)})
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(2)
    own = uploads.locator("li[data-name='photo-0.jpg']")
    page.get_by_role("button", name="Details of photo-0.jpg").click()
    own.get_by_label("Description").fill("The lighthouse")
    own.get_by_label("Title").fill("Tall")

    page.get_by_role("button", name="Cancel photo-0.jpg").click()
    page.get_by_role("button", name="Undo").click()
    expect(own.get_by_label("Description")).to_have_value("The lighthouse")
    page.get_by_role("button", name="Cancel photo-0.jpg").press("Enter")
    remove = page.get_by_role("button", name="Remove photo-0.jpg from the list")
    expect(remove).to_be_focused()
    remove.press("Enter")
    expect(own).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel photo-1.jpg")).to_be_focused()
    expect(page.locator("[data-announcer]")).to_contain_text("1 photo left this list.")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Upload photo-0.jpg").click()
    expect(own.get_by_label("Description")).to_have_value("The lighthouse")
    expect(own.get_by_label("Title")).to_have_value("Tall")
    assert find_violations(page) == []


@pytest.mark.thorough
def test_the_focus_stays_in_the_list_when_a_cancelled_photo_moves(stack: LocalStack, page: Page) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(4)})
    uploads = page.get_by_role("list", name="Uploads")
    expect(uploads.locator("li[data-state=hashed]")).to_have_count(4)
    for number in (2, 0):
        page.get_by_role("button", name=f"Cancel photo-{number}.jpg").press("Enter")
        # The rows are arranged anew a moment later.
        page.wait_for_timeout(600)
        assert page.evaluate("document.activeElement.closest('[role=list]') !== null")


@pytest.mark.thorough
def test_a_second_click_on_cancel_all_removes_nothing(stack: LocalStack, page: Page) -> None:
    """Two of five photos have arrived, and a file was not taken."""
    page.add_init_script(HOLD.replace("ALLOWED", "2"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    photos = {f"photo-{number}.jpg": fresh_photo() for number in range(5)}
    drop(page, {**photos, "notes.jpg": b"just words"})
    uploads = page.get_by_role("list", name="Uploads")
    page.get_by_role("button", name="Upload 5 photos").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(2)
    expect(uploads.locator("li[data-state=uploading]")).to_have_count(3)
    cancel = page.get_by_role("button", name="Cancel all")
    box = cancel.bounding_box()
    assert box is not None
    pointer = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*pointer)
    page.wait_for_timeout(500)
    page.mouse.click(*pointer)
    expect(page.get_by_text("3 photos cancelled.", exact=True)).to_be_visible()
    # The bar does not look as if all were done: also without colour, it has other parts for what is not.
    expect(page.get_by_text("2 of 6 in the library · 1 not taken · 3 cancelled")).to_be_visible()
    bar = page.get_by_role("progressbar", name="All uploads")
    expect(bar).to_have_attribute("aria-valuenow", "33")
    expect(bar).to_have_attribute("aria-valuetext", "2 ready, 1 not taken, 3 cancelled")
    patterns = bar.evaluate(
        "bar => [...bar.children].filter(part => part.clientWidth > 0)"
        ".map(part => getComputedStyle(part).backgroundImage !== 'none')"
    )
    assert patterns == [False, True, True]
    expect(cancel).to_have_count(0)
    expect(uploads.locator("li[data-state=cancelled]")).to_have_count(3)
    expect(uploads.locator("li")).to_have_count(6)

    page.get_by_role("button", name="Remove 2 finished").click()
    expect(page.get_by_text("2 photos left this list.")).to_be_visible()
    expect(uploads.locator("li")).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(2)
    page.get_by_role("button", name="Remove 1 not taken").click()
    expect(uploads.locator("li")).to_have_count(5)
    assert find_violations(page) == []
    # The next thing that somebody does ends what can be brought back.
    drop(page, {"later.jpg": fresh_photo()})
    expect(page.get_by_text("3 photos cancelled.", exact=True)).to_be_visible()
    page.evaluate("sessionStorage.setItem('allowed', '99')")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Upload 1 photo").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(6)
    page.reload()
    expect(uploads.locator("li[data-name='notes.jpg']")).to_have_count(0)


COUNT_LOCKS = """(() => {
    window.locks = { given: 0, released: 0 };
    const { request } = WakeLock.prototype;
    WakeLock.prototype.request = async function (type) {
        const lock = await request.call(this, type);
        window.locks.given += 1;
        lock.addEventListener("release", () => (window.locks.released += 1));
        return lock;
    };
})()"""


def test_a_second_batch_is_told_apart_and_what_has_arrived_is_known_at_once(
    stack: LocalStack, page: Page
) -> None:
    """The screen stays on while files are sent."""
    created: list[str] = []
    page.on(
        "request",
        lambda request: (
            created.append(request.post_data or "") if request.url.endswith("/api/uploads") else None
        ),
    )
    page.add_init_script(COUNT_LOCKS)
    page.add_init_script(HOLD.replace("ALLOWED", "2"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    first = {f"photo-{number}.jpg": fresh_photo() for number in range(2)}
    drop(page, first)
    uploads = page.get_by_role("list", name="Uploads")
    bar = page.get_by_role("progressbar", name="All uploads")
    page.get_by_role("button", name="Upload 2 photos").click()
    expect(uploads.locator("li[data-state=ready]")).to_have_count(2)
    page.wait_for_function("() => locks.given === 1 && locks.released === 1")

    # One of three has another name, and has arrived before.
    drop(page, {"again.jpg": first["photo-1.jpg"], "new-0.jpg": fresh_photo(), "new-1.jpg": fresh_photo()})
    known = uploads.locator("li[data-name='again.jpg'][data-state=duplicate]")
    expect(known).to_contain_text("This photo was uploaded before, as “photo-1.jpg”.")
    # The bar is about all files in the list, as the line above it.
    expect(bar).to_have_attribute("aria-valuetext", "2 ready, 1 already there")
    assert find_violations(page) == []
    page.get_by_role("button", name="Upload 2 photos").press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    expect(bar).to_have_attribute("aria-valuetext", "2 ready, 1 already there, 2 under way")
    expect(page.get_by_text("2 of 5 in the library · 1 already there")).to_be_visible()
    expect(page.get_by_text("Uploads pause while this device sleeps")).to_be_visible()
    page.wait_for_function("() => locks.given === 2 && locks.released === 1")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_function("() => locks.released === 2")
    show = page.get_by_role("group", name="Show")
    expect(show.get_by_role("button", name="2 ready")).to_be_visible()
    assert len(created) == 2
    assert find_violations(page) == []


# Everything that a screen reader is told.
LISTEN = """(() => {
    window.heard = [];
    new MutationObserver(() => {
        const text = document.querySelector("[data-announcer]")?.textContent ?? "";
        if (text !== "" && text !== window.heard.at(-1)) window.heard.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
})()"""


def test_what_is_announced_of_choices_and_uploads_is_what_the_list_shows(stack: LocalStack) -> None:
    """Two photos with a file that is none, then one of them under another name with a new one."""
    with open_page(stack.url, expected="status of 503") as page:
        page.add_init_script(LISTEN)
        page.goto(f"/upload#token={stack.token(f'heard-{time.time_ns()}', name='Heard')}")
        first = {f"photo-{number}.jpg": fresh_photo() for number in range(2)}
        drop(page, {**first, "notes.jpg": b"no picture"})
        announced = page.locator("[data-announcer]")
        show = page.get_by_role("group", name="Show")
        expect(announced).to_have_text("2 photos added to the list. 1 file was not taken.")
        expect(show.get_by_role("button", name="2 to upload")).to_be_visible()
        expect(show.get_by_role("button", name="1 not taken")).to_be_visible()
        page.get_by_role("button", name="Upload 2 photos").click()
        expect(announced).to_have_text("2 photos ready, 1 file not taken.")
        expect(page.get_by_text("2 of 3 in the library · 1 not taken")).to_be_visible()

        # The library is away when it is to say whether it has a photo, and comes back by itself.
        lookups = re.compile(r"/api/uploads\?.*ids=")
        page.route(lookups, lambda route: route.fulfill(status=503, json={}))
        drop(page, {"again.jpg": first["photo-1.jpg"], "new.jpg": fresh_photo()})
        expect(announced).to_have_text("2 files chosen: 1 may have been uploaded before …, 1 is new.")
        page.unroute(lookups)
        expect(announced).to_have_text("2 files chosen: 1 has been uploaded before, 1 is new.")
        expect(show.get_by_role("button", name="1 already there")).to_be_visible()
        page.get_by_role("button", name="Upload 1 photo").click()
        # Neither what was not taken before, nor what had arrived.
        expect(announced).to_have_text("This upload: 1 photo ready, 1 photo already there.")
        expect(page.get_by_text("3 of 5 in the library · 1 already there · 1 not taken")).to_be_visible()
        # A slow machine may hear before that the files are looked at.
        heard = [said for said in page.evaluate("heard") if not said.startswith("Looking at")]
        assert heard == [
            "2 photos added to the list. 1 file was not taken.",
            "2 photos ready, 1 file not taken.",
            "2 files chosen: 1 may have been uploaded before …, 1 is new.",
            "2 files chosen: 1 has been uploaded before, 1 is new.",
            "This upload: 1 photo ready, 1 photo already there.",
        ]


def test_what_storage_still_takes_after_a_refused_sign_in_does_not_wait(stack: LocalStack) -> None:
    with open_page(stack.url, expected="status of 401") as page:
        page.add_init_script(HOLD.replace("ALLOWED", "0"))
        page.goto(f"/upload#token={stack.token(f'anna-{time.time_ns()}', name='Anna')}")
        drop(page, {f"photo-{number}.jpg": fresh_photo() for number in range(3)})
        page.get_by_role("button", name="Upload 3 photos").click()
        uploads = page.get_by_role("list", name="Uploads")
        expect(uploads.locator("li[data-state=uploading]")).to_have_count(3)
        page.route(
            "**/api/uploads",
            lambda route: route.fulfill(
                status=401,
                content_type="application/json",
                body='{"code": "token-invalid", "detail": "The token was withdrawn."}',
            ),
        )
        drop(page, {f"later-{number}.jpg": fresh_photo() for number in range(2)})
        page.get_by_role("button", name="Upload 2 photos").click()
        expect(page.get_by_text("3 still being sent · 2 wait for you to sign in")).to_be_visible()
        expect(page.get_by_text("The 2 photos in the list below are kept")).to_be_visible()
        expect(page.get_by_text("Uploads pause while this device sleeps")).to_be_visible()
        assert find_violations(page) == []


def test_what_is_chosen_again_is_told_apart_from_what_is_new(
    stack: LocalStack, page: Page, tmp_path: Path
) -> None:
    """The same files once more, one of them damaged, beside a new one. One undo for three cancellations."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    files = [tmp_path / f"again-{number}.jpg" for number in range(3)]
    for file in files:
        file.write_bytes(fresh_photo())
    files[2].write_bytes(fresh_photo()[:-40_000])
    page.goto(f"/upload#token={stack.token('again', name='Again')}")
    wait_until_signed_in(page)
    page.get_by_label("Description").fill("At the sea")
    page.locator("#files").set_input_files(files)
    uploads = page.get_by_role("list", name="Uploads")
    page.get_by_role("button", name="Upload 3 photos").click()
    expect(page.get_by_text("The description was cleared: it was of the last batch.")).to_be_visible()
    expect(page.get_by_text("2 of 3 in the library · 1 failed")).to_be_visible()
    assert find_violations(page) == []

    new = tmp_path / "new.jpg"
    new.write_bytes(fresh_photo())
    page.locator("#files").set_input_files([*files, new])
    said = page.get_by_text("4 files chosen: 2 have been uploaded before, 1 was refused before, 1 is new.")
    expect(said).to_be_visible()
    # Each is in the list once. The end of the damaged one is missing, whoever sends it once more.
    expect(uploads.get_by_role("listitem")).to_have_count(4)
    damaged = uploads.locator("li[data-name='again-2.jpg'][data-state=failed]")
    expect(damaged.get_by_role("button")).to_have_count(1)
    expect(damaged.get_by_role("button", name="Remove again-2.jpg from the list")).to_be_visible()
    page.get_by_role("button", name="Use it again").click()
    expect(page.get_by_label("Description")).to_have_value("At the sea")
    expect(page.get_by_label("Description")).to_be_focused()
    assert find_violations(page) == []
    page.get_by_role("button", name="Upload 1 photo").click()
    expect(page.get_by_text("3 of 4 in the library · 1 failed")).to_be_visible()
    expect(said).to_have_count(0)
    assert len(sent) == 4
    # Under another name it is one more, which is not sent either.
    renamed = tmp_path / "renamed.jpg"
    renamed.write_bytes(files[2].read_bytes())
    page.locator("#files").set_input_files([*files, new, renamed])
    refused = uploads.locator("li[data-name='renamed.jpg'][data-state=rejected]")
    expect(refused).to_contain_text("The library has refused this file before.")
    expect(uploads.get_by_role("listitem")).to_have_count(5)
    page.get_by_role("button", name="Remove 1 not taken").click()
    expect(page.get_by_text("3 of 4 in the library · 1 failed")).to_be_visible()

    drop(page, {f"unwanted-{number}.jpg": fresh_photo() for number in range(3)})
    for number in range(3):
        page.get_by_role("button", name=f"Cancel unwanted-{number}.jpg").click()
    expect(page.get_by_text("3 photos cancelled.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Upload 3 photos")).to_be_visible()
    expect(uploads.locator("li[data-state=cancelled]")).to_have_count(0)
    page.get_by_role("button", name="Cancel all").click()

    # Without a network, what can be undone is in sight, and the bar that says so lies on none of it.
    page.get_by_role("link", name="My pictures").click()
    page.get_by_role("button", name=re.compile("^Delete .")).first.click()
    undo = page.get_by_role("region", name="Undo")
    expect(undo).to_be_visible()
    page.evaluate(GO_OFFLINE)
    expect(page.get_by_text("This page is offline.")).to_be_visible()
    assert is_in_sight(undo.get_by_role("button", name="Undo"))
    bar = page.get_by_text("This page is offline.").bounding_box()
    box = undo.bounding_box()
    assert bar is not None
    assert box is not None
    assert bar["y"] + bar["height"] <= box["y"]


@pytest.mark.thorough
def test_only_the_photos_that_are_shown_are_cancelled_and_uploaded_again(
    stack: LocalStack, page: Page
) -> None:
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto(f"/upload#token={stack.token(f'anna-{time.time_ns()}', name='Anna')}")
    names = [
        *(f"boat-{number}.jpg" for number in range(3)),
        *(f"sea-{number:02}.jpg" for number in range(18)),
    ]
    drop(page, {name: fresh_photo() for name in names})
    page.get_by_role("button", name="Upload 21 photos").click()
    uploads = page.get_by_role("list", name="Uploads")
    show = page.get_by_role("group", name="Show")
    expect(page.get_by_role("button", name="Cancel all")).to_be_visible()
    search = page.get_by_role("searchbox", name="Name")
    search.fill("boat")
    expect(uploads.locator("li")).to_have_count(3)
    expect(page.get_by_role("button", name="Cancel all")).to_have_count(0)
    page.get_by_role("button", name="Cancel 3 shown").click()
    expect(page.get_by_text("3 photos cancelled.", exact=True)).to_be_visible()
    # Nothing that is shown can be cancelled any more, and the button goes.
    expect(page.get_by_role("button", name=re.compile("^Cancel .* shown"))).to_have_count(0)
    expect(show.get_by_role("button", name="18 under way")).to_be_visible()
    show.get_by_role("button", name="3 cancelled").click()
    search.fill("")
    expect(page.get_by_role("button", name=re.compile("^Cancel .* shown"))).to_have_count(0)
    show.get_by_role("button", name="All 21").click()
    expect(page.get_by_role("button", name="Cancel all")).to_be_visible()

    page.get_by_role("button", name="Upload 3 again").click()
    expect(show.get_by_role("button", name="21 under way")).to_be_visible()
    search.fill("boat")
    page.get_by_role("button", name="Cancel 3 shown").click()
    expect(page.get_by_text("3 photos cancelled.", exact=True)).to_be_visible()
    wait_until_promised(page, ARE_CONTENTS_KEPT, 18)
    page.reload()
    expect(page.get_by_role("button", name="Remove 3 cancelled")).to_be_visible()
    # The browser has not kept what nobody wanted.
    expect(page.get_by_text("Choose 3 cancelled photos again to upload them.")).to_be_visible()
    expect(page.get_by_role("button", name="Upload 3 again")).to_have_count(0)
    search.fill("sea-00")
    page.get_by_role("button", name="Cancel 1 shown").click()
    expect(page.get_by_role("button", name="Upload 1 again")).to_be_visible()
    expect(page.get_by_text("Choose the other 3 again to upload them.")).to_be_visible()
    assert find_violations(page) == []


@pytest.mark.thorough
def test_a_button_that_goes_leaves_the_focus_to_undo(stack: LocalStack, page: Page) -> None:
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {"damaged.jpg": fresh_photo()[:-40_000], "photo.jpg": fresh_photo()})
    page.get_by_role("button", name="Upload 2 photos").click()
    remove = page.get_by_role("button", name="Remove 1 failed")
    remove.focus()
    page.keyboard.press("Enter")
    expect(remove).to_have_count(0)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(remove).to_be_visible()
    assert page.evaluate("() => document.activeElement !== document.body")


@pytest.mark.thorough
@pytest.mark.parametrize("size", [PHONE, {"width": 844, "height": 390}], ids=["upright", "lying"])
def test_what_was_cancelled_on_a_phone_is_said_in_sight_with_undo(
    stack: LocalStack, page: Page, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    page.add_init_script(HOLD.replace("ALLOWED", "0"))
    page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
    drop(page, {f"photo-{number:02}.jpg": fresh_photo() for number in range(12)})
    page.get_by_role("button", name="Upload 12 photos").click()
    if size == PHONE:
        # How much is to be sent is in sight, and leaves room to the list.
        numbers = page.locator(".summary .numbers").get_by_text(re.compile(r"^0 bytes of \d.* [kM]B"))
        expect(numbers).to_be_in_viewport()
        assert height_of(page.locator(".summary")) <= 190
        page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Cancel all").click()
    said = page.get_by_role("region", name="Photos in the list").get_by_text("12 photos cancelled.")
    expect(said).to_be_in_viewport()
    announced = page.locator("[data-announcer]")
    expect(announced).to_have_text("12 photos cancelled.")
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(200)
    assert is_in_sight(said)
    undo = page.get_by_role("button", name="Undo")
    assert is_in_sight(undo)
    assert find_violations(page) == []
    undo.click()
    expect(undo).to_have_count(0)


@pytest.mark.thorough
def test_dropped_photos_are_not_lost_where_the_script_that_reads_them_does_not_load(
    stack: LocalStack,
) -> None:
    with open_page(stack.url, expected="net::ERR") as page:
        # The upload queue loads the script, too, as soon as somebody is signed in.
        page.route("**/assets/selected-files*.js*", lambda route: route.abort())
        page.goto(f"/#token={stack.token('alice', name='Alice')}")
        drop(page, {"photo.jpg": fresh_photo()})
        said = page.get_by_role("alert").filter(has_text="What you dropped is not in the list")
        assert is_in_sight(said)
        assert find_violations(page) == []
        page.unroute("**/assets/selected-files*.js*")
        said.get_by_role("button", name="Load the page again").click()
        expect(page).to_have_url(re.compile("/upload$"))
        page.locator("#files").set_input_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": fresh_photo()}
        )
        expect(page.locator("li[data-name='photo.jpg'][data-state=hashed]")).to_have_count(1)


@pytest.mark.thorough
@pytest.mark.parametrize("status", [403, 413])
def test_a_refusal_in_front_of_the_library_is_told_as_one(stack: LocalStack, status: int) -> None:
    with open_page(stack.url, expected=f"status of {status}") as page:
        page.route(
            "**/api/uploads",
            lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>Refused</h1>"),
        )
        page.goto(f"/upload#token={stack.token('alice', name='Alice')}")
        drop(page, {"photo.jpg": fresh_photo()})
        page.get_by_role("button", name="Upload 1 photo").click()
        failed = page.locator("li[data-name='photo.jpg'][data-state=failed]")
        expect(failed).to_contain_text(f"refused on its way to the library ({status})")
        expect(failed.get_by_role("button", name="Retry photo.jpg")).to_have_count(0)
        expect(page.get_by_text("Ask whoever runs this library for a link")).to_have_count(0)
