"""How fast the page shows pictures on a slow phone: `make bench-page` (`python -m bench.page [--rounds N]`).

A stack of its own with the samples, and Chromium as a phone of 390 by 844 pixels whose processor is four
times slower, at 1.6 Mbit/s with 150 ms to the server. The baseline is a plain page without any script: one
`<img>` for each tile of the front page, of the same files and sizes, on the same server, measured in the same
run. Caches are empty each time.

LCP (largest contentful paint) is in wall time, so it says little on a machine that does much else; the ratio
to the baseline says more. Bytes, requests and CLS (cumulative layout shift) are the same on every machine.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.report import table
from local import emulator, stack
from local.layout import Layout
from local.seed import seed
from tooling import ROOT, programs
from tooling.ports import choose_free

DATA = ROOT / "build" / "bench" / "page"
SLOWER = 4
LATENCY_MS = 150
BYTES_PER_SECOND = 1_600_000 / 8
BASELINE = "baseline.html"
LIMIT_LCP_MS = 1500
HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Baseline</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><h1>Newest pictures</h1>'
)
OBSERVE = """
window.shown = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shown.lcp = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shown.cls += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# Whether the pictures on the screen are there, the header's aside.
ALL_SHOWN = """() => {
    const images = [...document.querySelectorAll("main img, body > img")].filter((image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    });
    return images.length > 0 && images.every((image) => image.complete && image.naturalWidth > 0);
}"""
FIND_TILES = """() => [...document.querySelectorAll("a[data-picture-id] img")].map((image) => ({
    src: image.currentSrc, width: image.width, height: image.height,
})).filter(({ src }) => src !== "")"""


@dataclass(frozen=True)
class Load:
    """One load of a page with empty caches. Bytes are those on the line; scripts and images are parts."""

    lcp_ms: float
    cls: float
    requests: int
    scripts: int
    images: int
    total: int


def open_phone(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)


def measure(browser: Browser, url: str) -> Load:
    """Load the page as the phone does, until nothing is asked for any more."""
    context = open_phone(browser)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(OBSERVE)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    conditions = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": BYTES_PER_SECOND,
        "uploadThroughput": BYTES_PER_SECOND,
    }
    session.send("Network.emulateNetworkConditions", conditions)
    types: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def note_response(event: dict[str, Any]) -> None:
        types[event["requestId"]] = event["type"]

    def note_end(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.responseReceived", note_response)
    session.on("Network.loadingFinished", note_end)
    page.goto(url)
    page.wait_for_function(ALL_SHOWN)
    page.wait_for_load_state("networkidle")
    shown = page.evaluate("window.shown")
    context.close()

    def add_up(kind: str) -> int:
        return sum(size for request, size in sizes.items() if types.get(request) == kind)

    return Load(
        lcp_ms=shown["lcp"],
        cls=shown["cls"],
        requests=len(sizes),
        scripts=add_up("Script"),
        images=add_up("Image"),
        total=sum(sizes.values()),
    )


def write_baseline(browser: Browser, layout: Layout) -> tuple[str, str]:
    """Put the plain page beside the other one; its address, and that of the newest picture."""
    context = open_phone(browser)
    page = context.new_page()
    page.goto(layout.url)
    page.wait_for_function(ALL_SHOWN)
    tiles = page.evaluate(FIND_TILES)
    picture = read_first_picture(page)
    context.close()
    images = "".join(
        f'<img src="{tile["src"]}" width="{tile["width"]}" height="{tile["height"]}" alt="">'
        for tile in tiles
    )
    emulator.client(layout, "s3").put_object(
        Bucket=layout.outputs()["SiteBucket"],
        Key=BASELINE,
        Body=(HEAD + images).encode(),
        ContentType="text/html",
    )
    return f"{layout.url}/{BASELINE}", f"{layout.url}{picture}"


def read_first_picture(page: Page) -> str:
    path = page.locator("a[data-picture-id]").first.get_attribute("href") or ""
    match = re.match(r"/p/\w+", path)
    if match is None:
        raise ValueError(f"the front page has no picture: {path!r}")
    return match[0]


def middle(loads: Sequence[Load]) -> Load:
    """The load with the median LCP; of the layout shifts, the worst."""
    ordered = sorted(loads, key=lambda load: load.lcp_ms)
    chosen = ordered[len(ordered) // 2]
    worst = max(load.cls for load in loads)
    return Load(chosen.lcp_ms, worst, chosen.requests, chosen.scripts, chosen.images, chosen.total)


def row(name: str, load: Load, baseline: Load) -> list[str]:
    return [
        name,
        f"{load.lcp_ms:,.0f} ms",
        f"{load.lcp_ms / baseline.lcp_ms:.2f}",
        f"{load.cls:.3f}",
        str(load.requests),
        *(f"{size / 1000:,.1f} kB" for size in (load.scripts, load.images, load.total)),
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench.page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    shutil.rmtree(DATA, ignore_errors=True)
    layout = Layout(DATA, choose_free())
    stack.up(layout, print)
    try:
        seed(layout, print)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=programs.find_browser(), args=["--no-sandbox", "--disable-gpu"]
            )
            baseline, picture = write_baseline(browser, layout)
            addresses = {
                "baseline: plain `<img>` grid": baseline,
                "front page": f"{layout.url}/",
                "results": f"{layout.url}/?q=city",
                "a picture's own link": picture,
            }
            found: dict[str, list[Load]] = {name: [] for name in addresses}
            # In turn, so that what else the machine does is spread over all of them.
            for _ in range(rounds):
                for name, address in addresses.items():
                    found[name].append(measure(browser, address))
            browser.close()
    finally:
        stack.down(layout, print)
        shutil.rmtree(DATA, ignore_errors=True)
    loads = {name: middle(each) for name, each in found.items()}
    plain, *_ = loads.values()
    heads = ["Page", "LCP", "ratio", "CLS", "requests", "JavaScript", "images", "all bytes"]
    print(table(heads, [row(name, load, plain) for name, load in loads.items()]))
    slow = [name for name, load in loads.items() if load.lcp_ms > LIMIT_LCP_MS]
    shifting = [name for name, load in loads.items() if load.cls > 0]
    print(f"LCP above {LIMIT_LCP_MS} ms: {', '.join(slow) or 'none'}")
    print(f"layout shifts: {', '.join(shifting) or 'none'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
