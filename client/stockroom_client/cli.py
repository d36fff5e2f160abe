"""The commands. Exit status: 0 all well, 1 something failed, 2 wrong usage, 130 interrupted."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TextIO, TypeVar
from urllib.parse import urlsplit

from stockroom_client.api import Api, ApiError
from stockroom_client.arguments import parse
from stockroom_client.captions import NO_CAPTIONS, CaptionsError, read_captions
from stockroom_client.contract import Image, Metadata, Upload
from stockroom_client.discovery import discover
from stockroom_client.display import Display, printable, summary
from stockroom_client.hashcache import HashCache, cache_folder
from stockroom_client.items import Item, Phase
from stockroom_client.retry import Retry, Stop
from stockroom_client.transport import Transport, is_loopback
from stockroom_client.uploader import Options, Uploader

BATCH = 100  # files asked for in one request
PAGE = 100  # results asked for in one request
INTERRUPTED = 130

T = TypeVar("T")


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough. Nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)


def main(
    arguments: Sequence[str], out: TextIO | None = None, err: TextIO | None = None, retry: Retry | None = None
) -> int:
    """Run one command; answers the exit status."""
    out, err = out or sys.stdout, err or sys.stderr
    options = parse(list(arguments))
    command = {"upload": _upload, "search": _search, "status": _status}[options.command]
    display = Display(None if options.json else out, err, bars=options.command == "upload" and err.isatty())
    transport, stop = Transport(), Stop()
    retry = retry or Retry()
    api = Api(options.url, options.token, transport, retry=retry, stop=stop, note=display.note)
    try:
        return command(options, _Tools(api, transport, display, retry, stop, out))
    except ApiError as error:
        display.close()
        display.note(f"stockroom: {error}")
        return 1
    except CaptionsError as error:
        display.note(f"stockroom: {error}")
        return 2
    except KeyboardInterrupt:
        display.close()
        display.note("Stopped.")
        return INTERRUPTED
    finally:
        display.close()
        transport.close()


@dataclass(frozen=True)
class _Tools:
    """What every command works with."""

    api: Api
    transport: Transport
    display: Display
    retry: Retry
    stop: Stop
    out: TextIO

    def print(self, text: str) -> None:
        """A line of output."""
        self.out.write(printable(text) + "\n")

    def dump(self, content: object) -> None:
        """The output as JSON."""
        json.dump(content, self.out, indent=1)
        self.out.write("\n")


def _upload(options: argparse.Namespace, tools: _Tools) -> int:
    captions = read_captions(options.captions) if options.captions else NO_CAPTIONS
    parts = urlsplit(options.url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        tools.display.note("Note: this address is not https, so the token can be read on the way.")
    config = tools.api.config()
    tools.api.my_uploads({"limit": "1"})  # a token that is not good is said before gigabytes are hashed
    found = discover(options.paths, config, captions)
    for name in captions.unused():
        tools.display.note(f"No file for the caption of {name}")
    hashes = HashCache(cache_folder() / "hashes" if options.cache else None)
    settings = Options(
        shared=_shared(options),
        batch=min(BATCH, config["max_files"]),
        jobs=options.jobs,
        wait=options.wait,
        patience=options.patience,
    )
    uploader = Uploader(
        tools.api,
        tools.transport,
        hashes,
        settings,
        ended=tools.display.ended,
        retry=tools.retry,
        stop=tools.stop,
    )
    tools.display.start(found.items)
    try:
        uploader.run(found.items)
    except KeyboardInterrupt:
        tools.display.close()
        done = sum(item.ended for item in found.items)
        tools.display.note(f"{done} of {len(found.items)} done. The same command again does the rest.")
        raise
    tools.display.close()
    if options.json:
        tools.dump(_report(found.items, found.others))
    else:
        tools.print(
            summary(found.items) + (f"; {found.others} other files passed over" if found.others else "")
        )
    return 1 if any(item.phase is Phase.FAILED for item in found.items) else 0


def _shared(options: argparse.Namespace) -> Metadata:
    shared: Metadata = {}
    if options.description is not None:
        shared["description"] = options.description
    if options.tag:
        shared["tags"] = [tag.removeprefix("#") for tag in options.tag]
    if options.license is not None:
        shared["license"] = options.license
    if options.credit is not None:
        shared["credit"] = options.credit
    return shared


def _report(items: Sequence[Item], others: int) -> dict[str, object]:
    files = [
        {
            "file": item.label,
            "state": item.phase,
            "id": item.id or None,
            "url": item.url or None,
            "sha256": item.sha256 or None,
            "code": item.code or None,
            "detail": item.reason or None,
        }
        for item in items
    ]
    return {"files": files, "counts": Counter(item.phase for item in items), "passed_over": others}


def _search(options: argparse.Namespace, tools: _Tools) -> int:
    parameters = [("q", " ".join(options.words))] if options.words else []
    parameters += [("tag", tag.removeprefix("#")) for tag in options.tag]
    relaxed = False

    def page(limit: int, cursor: str | None) -> tuple[list[Image], str | None]:
        nonlocal relaxed
        more = [("limit", str(limit)), *([("cursor", cursor)] if cursor else [])]
        answer = tools.api.images([*parameters, *more])
        relaxed = relaxed or answer.get("relaxed", False)
        return answer["images"], answer["next"]

    images = _collect(page, options.limit)
    if options.json:
        tools.dump({"images": images, "relaxed": relaxed})
        return 0
    if relaxed:
        tools.display.note("Nothing has all of that; these have some of it.")
    for image in images:
        tools.print(f"{image['id']}  {image['name']}  {tools.api.link(image['urls']['720p'])}")
    return 0


def _status(options: argparse.Namespace, tools: _Tools) -> int:
    def page(limit: int, cursor: str | None) -> tuple[list[Upload], str | None]:
        answer = tools.api.my_uploads({"limit": str(limit), **({"cursor": cursor} if cursor else {})})
        return answer["uploads"], answer["next"]

    uploads = tools.api.uploads(options.ids) if options.ids else _collect(page, options.limit)
    if options.json:
        tools.dump({"uploads": uploads})
        return 0
    for upload in uploads:
        words = [upload["id"], f"{upload['state']:7}", upload["name"]]
        if "error" in upload:
            words[-1] += f": {upload['error']['detail']}"
        if "image" in upload:
            words.append(tools.api.link(upload["image"]["urls"]["720p"]))
        tools.print("  ".join(words))
    return 0


def _collect(page: Callable[[int, str | None], tuple[list[T], str | None]], limit: int) -> list[T]:
    """Pages put together. A page may be empty though more follow."""
    found: list[T] = []
    cursor: str | None = None
    while len(found) < limit:
        more, cursor = page(min(PAGE, limit - len(found)), cursor)
        found += more
        if cursor is None:
            break
    return found[:limit]
