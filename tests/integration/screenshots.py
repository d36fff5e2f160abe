"""Pictures of every page and state, for people to look at: `make screenshots`.

A stack of its own, with the samples, in a browser of four kinds: 390 and 1440 pixels wide, light and dark.
Each state is also looked at where pages break first, at 320 pixels and with letters of twice the size: what
is wider than the screen there is told at the end. No test runs this.
"""

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from local.seed import SAMPLES, seed
from tests.integration.api import Person
from tests.integration.browser import QUIET
from tests.integration.stack import LocalStack, new_stack
from tests.integration.test_page import drop
from tooling import ROOT, programs
from tooling.ports import choose_free

TARGET = ROOT / "build" / "screenshots"
SIZES: dict[str, ViewportSize] = {
    "390": {"width": 390, "height": 844},
    "1440": {"width": 1440, "height": 900},
}
PATIENCE = 60_000  # milliseconds
NARROW: ViewportSize = {"width": 320, "height": 640}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What juts out on the right of the screen, and is in nothing that scrolls by itself. Rows of pictures are
# laid out anew some frames after the screen has changed: wide is what stays wide for a second.
FIND_WIDE = """async () => {
    const width = document.documentElement.clientWidth;
    const isWide = () => document.documentElement.scrollWidth > width;
    const nextFrame = () => new Promise((go) => requestAnimationFrame(go));
    for (let frame = 0; frame < 3; frame += 1) await nextFrame();
    for (const end = performance.now() + 1000; isWide() && performance.now() < end; ) await nextFrame();
    if (!isWide()) return "";
    const scrolls = (element) => element !== null && element !== document.body
        && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    const wide = [...document.querySelectorAll("body *")].filter(
        (element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element)
    );
    return wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 100)).join(" | ") || "the page";
}"""


@dataclass(frozen=True)
class World:
    """The stack, and those who use it."""

    stack: LocalStack
    alice: Person
    root: Person
    picture: str


State = Callable[[Page, World], None]


def settle(page: Page) -> None:
    """Wait until nothing loads any more, and every picture on the screen is there."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def visit(path: str) -> State:
    def go(page: Page, _world: World) -> None:
        page.goto(path)

    return go


def signed_in(path: str) -> State:
    def go(page: Page, world: World) -> None:
        page.goto(f"{path}#token={world.alice.token}")
        settle(page)

    return go


def show_front(page: Page, _world: World) -> None:
    """With pictures: for a minute, the CDN may have the answer of when the library was empty."""
    shown = page.get_by_role("list", name="Pictures").locator("a[data-picture-id]").first
    for _try in range(90):
        page.goto("/")
        expect(shown.or_(page.get_by_text("The library is empty"))).to_be_visible()
        if shown.is_visible():
            return
        page.wait_for_timeout(1000)
    raise AssertionError("the front page shows no pictures")


def open_filters(page: Page, _world: World) -> None:
    page.goto("/?q=night")
    page.get_by_role("button", name="Filters").click()


def choose_filters(page: Page, _world: World) -> None:
    page.goto("/?tag=architecture&tag=city&orientation=landscape&color=blue")


def open_tips(page: Page, _world: World) -> None:
    page.goto("/?q=lake")
    page.get_by_role("button", name=re.compile("Tips", re.IGNORECASE)).click()


def suggest(page: Page, _world: World) -> None:
    page.goto("/")
    page.get_by_role("searchbox", name="Search").press_sequentially("na")
    expect(page.get_by_role("option").first).to_be_visible()


def search_offline(page: Page, _world: World) -> None:
    page.goto("/?q=city")
    settle(page)
    page.context.set_offline(True)
    page.get_by_role("searchbox", name="Search").fill("otters")
    page.keyboard.press("Enter")
    expect(page.get_by_text("cannot be reached").first).to_be_visible()


def open_picture(page: Page, _world: World) -> None:
    page.goto("/?q=architecture")
    page.get_by_role("list", name="Pictures").get_by_role("link", name="The Colosseum").click()
    expect(page.get_by_role("button", name="Enlarge the picture")).to_be_visible()


def enlarge(page: Page, world: World) -> None:
    open_picture(page, world)
    page.get_by_role("button", name="Enlarge the picture").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_own_picture(page: Page, world: World) -> None:
    page.goto(f"/p/{world.picture}#token={world.alice.token}")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()


def edit(page: Page, world: World) -> None:
    open_own_picture(page, world)
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def visit_contributor(page: Page, world: World) -> None:
    (found,) = world.alice.call("GET", "/api/contributors?prefix=Alice").json["contributors"][:1]
    page.goto(f"/by/{found['id']}")


def read_samples(names: list[str]) -> dict[str, bytes]:
    return {name: (SAMPLES / name).read_bytes() for name in names}


def choose_files(page: Page, world: World) -> None:
    signed_in("/upload")(page, world)
    drop(page, read_samples(["canyon-wren.jpg", "lake-sherburne.jpg", "tea-gardens.jpg"]))
    expect(page.get_by_role("button", name="Upload 3 photos")).to_be_enabled()


def upload_slowly(page: Page, world: World) -> None:
    choose_files(page, world)
    page.route("**/*", lambda route: None if route.request.method == "PUT" else route.continue_())
    page.get_by_role("button", name="Upload 3 photos").click()
    expect(page.locator("[data-state=uploading]").first).to_be_visible()


def upload_with_failures(page: Page, world: World) -> None:
    signed_in("/upload")(page, world)
    photos = read_samples(["canyon-wren.jpg", "lake-sherburne.jpg"])
    cut = photos["lake-sherburne.jpg"][:20_000]
    drop(page, {**photos, "notes.jpg": b"just words", "cut-off.jpg": cut})
    page.get_by_role("button", name="Upload 3 photos").click()
    expect(page.locator("[data-state=failed]").first).to_be_visible()
    expect(page.locator("[data-state=ready], [data-state=duplicate]").first).to_be_visible()


def select_some(page: Page, world: World) -> None:
    signed_in("/uploads?view=grid")(page, world)
    page.get_by_role("checkbox", name="Select photo-1.jpg").click()
    page.get_by_role("checkbox", name="Select photo-2.jpg").click()


def edit_many(page: Page, world: World) -> None:
    select_some(page, world)
    page.get_by_role("group", name="Selection").get_by_role("button", name="Edit").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def delete_one(page: Page, world: World) -> None:
    extra = world.alice.upload((SAMPLES / "roman-colosseum.jpg").read_bytes())
    world.alice.settled(extra[0])
    signed_in("/uploads")(page, world)
    page.get_by_role("button", name="Delete photo-0.jpg").first.press("Enter")
    expect(page.get_by_role("region", name="Undo")).to_be_visible()


def administer(path: str) -> State:
    def go(page: Page, world: World) -> None:
        page.goto(f"{path}#token={world.root.token}")
        settle(page)

    return go


def open_log(page: Page, world: World) -> None:
    administer("/admin")(page, world)
    page.get_by_role("link", name="Change log").click()


def show_menu_signed_in(page: Page, world: World) -> None:
    signed_in("/")(page, world)


EMPTY: dict[str, State] = {"empty-library": visit("/"), "empty-my-pictures": signed_in("/uploads")}
STATES: dict[str, State] = {
    "front": show_front,
    "front-signed-in": show_menu_signed_in,
    "results": visit("/?q=city"),
    "related-pictures": visit("/?q=animal"),
    "related-words": visit("/?q=Berge"),
    "typed-filter": visit("/?q=Hochformat"),
    "suggestions": suggest,
    "filters-open": open_filters,
    "filters-set": choose_filters,
    "search-tips": open_tips,
    "no-results": visit("/?q=xylophone"),
    "search-offline": search_offline,
    "picture": open_picture,
    "picture-own": open_own_picture,
    "viewer": enlarge,
    "contributor": visit_contributor,
    "upload-signed-out": visit("/upload"),
    "upload-empty": signed_in("/upload"),
    "upload-files": choose_files,
    "upload-under-way": upload_slowly,
    "upload-failures": upload_with_failures,
    "my-pictures-list": signed_in("/uploads"),
    "my-pictures-grid": signed_in("/uploads?view=grid"),
    "my-pictures-selected": select_some,
    "my-pictures-captions": signed_in("/uploads?view=captions"),
    "my-pictures-duplicates": signed_in("/uploads?view=duplicates"),
    "edit": edit,
    "edit-many": edit_many,
    "undo": delete_one,
    "admin": administer("/admin"),
    "admin-log": open_log,
    "sign-in": visit("/signin"),
    "sign-in-broken": visit("/#token=abc"),
    "signed-in": signed_in("/signin"),
    "missing": visit("/nowhere"),
    "missing-picture": visit("/p/0000000000000000000000"),
}


def find_wide(page: Page) -> str:
    """What is wider than a screen of 320 pixels, or than the screen when letters have twice their size."""
    before = page.viewport_size
    page.set_viewport_size(NARROW)
    narrow: str = page.evaluate(FIND_WIDE)
    if before is not None:
        page.set_viewport_size(before)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    large: str = page.evaluate(FIND_WIDE)
    return "; ".join(
        f"{what}: {found}" for what, found in (("320 px", narrow), ("200 % text", large)) if found
    )


def shoot(browser: Browser, world: World, name: str, state: State) -> list[str]:
    """A file for each size of the screen and each choice of colours; what went wrong."""
    problems: list[str] = []
    for size, viewport in SIZES.items():
        context = browser.new_context(
            base_url=world.stack.url, viewport=viewport, reduced_motion="reduce", has_touch=size == "390"
        )
        page = context.new_page()
        expect.set_options(timeout=PATIENCE)
        page.set_default_timeout(PATIENCE)
        try:
            state(page, world)
            settle(page)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                # The rows of a virtual list take the other colours a moment later.
                page.wait_for_timeout(300)
                page.screenshot(path=TARGET / f"{name}-{size}-{scheme}.png")
            page.emulate_media(color_scheme="light", forced_colors="active")
            page.screenshot(path=TARGET / f"{name}-{size}-forced.png")
            page.emulate_media(forced_colors="none")
            if wide := find_wide(page):
                problems.append(f"{name}-{size}: {wide}")
        except (AssertionError, PlaywrightError) as error:
            # The other states are worth looking at all the same.
            problems.append(f"{name}-{size}: {str(error).splitlines()[0]}")
            page.screenshot(path=TARGET / f"{name}-{size}-light.png")
        context.close()
    return problems


def publish(person: Person) -> list[str]:
    """Pictures of Alice's, two of which are duplicates."""
    names = ["beacon-street-sunset.jpg", "casa-mila.jpg", "abstract-spiral.jpg", "oakland-zoo-otters.jpg"]
    photos = [(SAMPLES / name).read_bytes() for name in names]
    again = photos[0][:2] + b"\xff\xfe\x00\x07again" + photos[0][2:]
    pictures = person.upload(*photos, again, description="A walk in town #walk", tags=["city"])
    for picture in pictures:
        person.settled(picture)
    return pictures


def main(wanted: list[str]) -> int:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    stack = new_stack(TARGET / "stack", choose_free())
    problems: list[str] = []
    try:
        stack.make("up")
        alice = Person(stack, stack.token("alice", name="Alice Arnold"))
        root = Person(stack, stack.token("root", "read upload admin", name="Root"))
        with sync_playwright() as playwright:
            program = programs.find_browser()
            browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
            for states in (EMPTY, STATES):
                picture = ""
                if states is STATES:
                    seed(stack.layout, print)
                    picture = publish(alice)[0]
                for name, state in states.items():
                    if wanted and name not in wanted:
                        continue
                    print(name, flush=True)
                    problems += shoot(browser, World(stack, alice, root, picture), name, state)
            browser.close()
    finally:
        stack.make("down")
        shutil.rmtree(Path(stack.layout.data), ignore_errors=True)
    print(f"{len(list(TARGET.glob('*.png')))} pictures are in {TARGET.relative_to(ROOT)}")
    print("\n".join(problems) or "Nothing is wider than the screen.")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
