"""Following the stack's logs."""

import time
from collections.abc import Iterator
from pathlib import Path

from local.layout import Layout

# The access log tells what was asked; the deployment's is finished before anybody follows.
FOLLOWED = ("emulator", "edge", "mariadb", "access")


def follow(layout: Layout, *, poll: float = 0.3) -> Iterator[str]:
    """Lines written from now on, each with the name of its log. Never ends."""
    places = {name: _size(layout.log(name)) for name in FOLLOWED}
    while True:
        for name, place in places.items():
            path = layout.log(name)
            size = _size(path)
            start = place if size >= place else 0
            if size == start:
                continue
            with path.open("rb") as file:
                file.seek(start)
                chunk = file.read()
            # A line that is still being written waits for its end.
            whole = chunk[: chunk.rfind(b"\n") + 1]
            places[name] = start + len(whole)
            for line in whole.decode(errors="replace").splitlines():
                yield f"{name:8} {line}"
        time.sleep(poll)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
