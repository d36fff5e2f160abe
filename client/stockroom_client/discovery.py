"""From the arguments of the command line to the files to upload."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stockroom_client.captions import NO_CAPTIONS, Captions
from stockroom_client.contract import Config
from stockroom_client.items import Item, Phase
from stockroom_client.media import HEAD, guess


@dataclass
class Found:
    """The files, and how many in folders were passed over because they are no pictures at all."""

    items: list[Item] = field(default_factory=list)
    others: int = 0


def discover(arguments: Sequence[Path], config: Config, captions: Captions = NO_CAPTIONS) -> Found:
    """Walk the arguments in order; what misses the library's spec is in the result with its reason.

    In folders, hidden files and files that are no pictures are passed over, and pictures of a type that the
    library does not take (a raw file beside its JPEG) are skipped; a file named as an argument fails instead.
    """
    found = Found()
    seen: set[Path] = set()
    for argument in arguments:
        walking = argument.is_dir()
        for path in _walk(argument) if walking else [argument]:
            identity = path.resolve()
            if identity in seen:
                continue
            seen.add(identity)
            item = _examine(path, config, walking)
            if item is None:
                found.others += 1
                continue
            item.metadata = captions.of(path)
            found.items.append(item)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(place, name)


def _examine(path: Path, config: Config, walking: bool) -> Item | None:
    """The file as an item, with an end already if it misses the spec; None if it does not count at all."""
    item = Item(path, str(path))
    try:
        if not path.is_file():
            path.stat()
            item.end(Phase.FAILED, "not-a-file", "is not a file")
            return item
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            head = file.read(HEAD)
    except OSError as error:
        item.end(Phase.FAILED, "unreadable", f"cannot be read: {error.strerror}")
        return item
    item.size, item.mtime_ns = status.st_size, status.st_mtime_ns
    kind, certain = guess(path.name, head)
    if kind is None or not kind.startswith("image/"):
        if walking:
            return None
        item.end(Phase.FAILED, "not-an-image", "is not a picture")
    elif not head:
        item.end(Phase.FAILED, "empty", "is empty")
    elif not certain:
        item.end(Phase.FAILED, "not-an-image", f"has the name but not the content of {kind}")
    elif kind not in config["types"]:
        accepted = ", ".join(config["types"])
        phase = Phase.SKIPPED if walking else Phase.FAILED
        item.end(
            phase,
            "type-not-accepted",
            f"is {kind}, which this library does not take: export it as {accepted}",
        )
    elif item.size > config["max_bytes"]:
        limit = config["max_bytes"] / 2**20
        item.end(Phase.FAILED, "too-large", f"has {item.size / 2**20:.1f} MiB; the limit is {limit:.0f} MiB")
    else:
        item.type = kind
    return item
