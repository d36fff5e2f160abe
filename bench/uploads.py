"""Uploads, from the request for tickets to pictures that are ready: `python -m bench.uploads [--rounds N]`.

Everything runs on a local stack of its own (build/bench/stack). Photographs of 12 megapixels, as large as a
camera's, are sent as the page sends them. Tables are printed, and written into docs/benchmarks.md.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Sequence

from msgspec.structs import replace

from bench.photographs import ensure_photographs
from bench.report import replace_section, table
from bench.upload_parts import measure_parts, measure_rendering
from bench.upload_stack import Uploader, make_unique, run_stack
from bench.upload_tickets import measure_tickets
from local import emulator, mariadb
from local.layout import Layout
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrate
from stockroom.runtime.settings import Settings
from tooling.ports import HOST

PHOTOGRAPH = "12 MP JPEG"
SIMULTANEOUS = 16
SUSTAINED = 64
AT_ONCE = 8
REPLACED_SECONDS = 10.4
"""The system that this one replaces took so long for sixteen such photographs, of which it lost twelve."""
DATABASE = "bench"


def _prepare(layout: Layout) -> Settings:
    """Settings of a schema and of buckets of their own in the stack, which no function watches."""
    endpoint = emulator.endpoint(layout)
    os.environ |= {**emulator.credentials(layout), "AWS_ENDPOINT_URL_S3": endpoint}
    account = {"USER": mariadb.ADMIN, "PASSWORD": mariadb.password(layout)}
    environment = {
        "STOCKROOM_DB_HOST": HOST,
        "STOCKROOM_DB_PORT": str(layout.port_of(mariadb.NAME)),
        "STOCKROOM_DB_NAME": DATABASE,
        **{f"STOCKROOM_DB_{name}": value for name, value in account.items()},
        **{f"STOCKROOM_DB_ADMIN_{name}": value for name, value in account.items()},
        "STOCKROOM_UPLOADS_BUCKET": "bench-uploads",
        "STOCKROOM_IMAGES_BUCKET": "bench-images",
        "STOCKROOM_S3_ENDPOINT": endpoint,
        "STOCKROOM_MAX_DAILY_BYTES": str(1 << 50),
    }
    settings = Settings.from_environment(environment)
    admin = Database(settings, admin=True)
    migrate(admin, DATABASE)
    admin.close()
    s3 = emulator.client(layout, "s3")
    for bucket in (settings.uploads_bucket, settings.images_bucket):
        s3.create_bucket(Bucket=bucket)
    return settings


def _show_one(uploader: Uploader, settings: Settings, photograph: bytes, rounds: int) -> str:
    """One upload alone: the stack's own times, and the parts of the processing."""
    timings = [uploader.time_one(make_unique(photograph)) for _ in range(rounds)]
    begun = min(each.begun for each in timings) * 1e3
    ready = min(each.ready for each in timings) * 1e3
    complete = min(each.complete for each in timings) * 1e3
    s3 = emulator.client(uploader.layout, "s3")
    parts = measure_parts(settings, s3, lambda: make_unique(photograph), rounds)
    parts |= measure_rendering(photograph, rounds)
    write = max(parts["write 720p"], parts["write 240p"])
    rows = [
        ["PUT answered → attempt begun: event, queue, start of the invocation", f"{begun:.0f}"],
        ["the row: found, attempt counted; terms resolved", f"{parts['row']:.0f}"],
        ["from the first byte asked for to the worker's answer", f"{parts['worker']:.0f}"],
        ["of that, waiting for bytes; the worker decodes meanwhile", f"{parts['read']:.0f}"],
        ["of that, decode and scale", f"{parts['decode and scale']:.0f}"],
        ["of that, encode both JPEGs and describe the picture", f"{parts['encode and describe']:.0f}"],
        ["write both JPEGs, side by side", f"{write:.0f}"],
        ["publish: the row and its postings, one transaction", f"{parts['publish']:.0f}"],
        ["**PUT answered → ready, on the stack**", f"**{ready:.0f}**"],
        ["the processing alone, in one process", f"{parts['total']:.0f}"],
        ["further formats (WebP), after it is ready", f"{complete - ready:.0f}"],
        ["start of a worker, where there is none", f"{parts['worker start']:.0f}"],
    ]
    return table(["One photograph", "ms"], rows)


def _show_many(uploader: Uploader, photograph: bytes, rounds: int) -> str:
    """Sixteen at once, and a stream of them with what it takes."""
    seconds = []
    for _ in range(rounds):
        seconds.append(
            uploader.upload_all([make_unique(photograph) for _ in range(SIMULTANEOUS)], SIMULTANEOUS)
        )
        uploader.wait_until_complete()
    alone = measure_rendering(photograph, 2 * rounds)["processor"] / 1e3
    cores = os.cpu_count() or 1
    before = uploader.processor_seconds()
    started = time.perf_counter()
    ready = uploader.upload_all([make_unique(photograph) for _ in range(SUSTAINED)], AT_ONCE)
    uploader.wait_until_complete()
    whole = time.perf_counter() - started
    spent = {name: used - before[name] for name, used in uploader.processor_seconds().items()}
    rate = SUSTAINED / ready
    best, median = min(seconds), statistics.median(seconds)
    by_part = ", ".join(f"{name} {used / SUSTAINED * 1e3:.0f}" for name, used in spent.items())
    each = sum(spent.values()) / SUSTAINED
    rows = [
        ["s from the request until all are ready, at best", f"{best:.1f}", f"{REPLACED_SECONDS / best:.1f}"],
        ["the median", f"{median:.1f}", f"{REPLACED_SECONDS / median:.1f}"],
        ["lost", "0", "12 of 16 there"],
    ]
    heads = [f"{SIMULTANEOUS} photographs at once", "here", "the system replaced ÷ here"]
    first = table(heads, rows)
    return (
        f"{first}\n\n"
        f"A stream of {SUSTAINED}, {AT_ONCE} at a time: {rate:.1f} pictures/s until they are ready, "
        f"{SUSTAINED / whole:.1f}/s with their further formats. A picture takes {each * 1e3:.0f} ms of "
        f"processor time ({by_part}), so that {cores} cores with nothing else to do make "
        f"{cores / each:.1f} a second; the stack had {sum(spent.values()) / whole / cores:.0%} of them. "
        f"Rendering alone, JPEG only, takes {alone * 1e3:.0f} ms: {alone / each:.0%} of that."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    photograph = ensure_photographs()[PHOTOGRAPH].read_bytes()
    with run_stack() as uploader:
        settings = _prepare(uploader.layout)
        db = Database(settings)
        signing = measure_tickets(db, replace(settings, s3_endpoint=""), rounds)
        db.close()
        load = os.getloadavg()[0]
        # The first one starts the functions.
        uploader.time_one(make_unique(photograph))
        one = _show_one(uploader, settings, photograph, 2 * rounds + 1)
        many = _show_many(uploader, photograph, rounds)
    where = (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} before it began; "
        f"{rounds} rounds."
    )
    for name, text in (("tickets", signing), ("uploads", f"{one}\n\n{many}")):
        print(text)
        replace_section(name, f"{where}\n\n{text}")


if __name__ == "__main__":
    main()
