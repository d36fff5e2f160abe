"""Following the stack's logs: files of the parts, and what the functions wrote to CloudWatch Logs."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import emulator
from local.layout import Layout

# The deployment's log is finished before anybody follows.
FILES = ("emulator", "edge", "mariadb", "access")
# Log groups of the functions, whatever the emulator puts around their names in the template.
GROUP = re.compile(r"Functions(\w+?)Log[0-9A-F]{8}")
# Lambda's own frame around an invocation, and metrics in the shape CloudWatch takes them from logs.
NOISE = re.compile(r'(START|END) RequestId|{"_aws"')


def follow(layout: Layout, *, poll: float = 0.5) -> Iterator[str]:
    """Lines written from now on, each with the name of its source. Never ends."""
    places = {name: _size(layout.log(name)) for name in FILES}
    functions = Functions(layout, since=time.time())
    while True:
        for name, place in places.items():
            lines, places[name] = _new_lines(layout.log(name), place)
            yield from (f"{name:10} {line}" for line in lines)
        yield from functions.new()
        time.sleep(poll)


class Functions:
    """What the functions log, read from the emulator in small steps."""

    def __init__(self, layout: Layout, *, since: float) -> None:
        """`since` is a Unix time in seconds."""
        self._layout = layout
        self._since = int(since * 1000)
        self._seen: set[tuple[str, int, str]] = set()
        # Making a client costs a hundred times what asking with it does.
        self._client: Any = None

    def new(self) -> list[str]:
        """Lines not returned before, oldest first; none while the emulator is away."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            events = sorted(self._events(), key=lambda event: int(event["timestamp"]))
        except (BotoCoreError, ClientError):
            self._client = None  # it may come back on another port
            return []
        keyed = {(event["name"], event["timestamp"], event["message"]): event for event in events}
        fresh = [event for key, event in keyed.items() if key not in self._seen]
        # Events of one millisecond may arrive in two steps, so the last second is asked for again.
        self._seen = set(keyed)
        if events:
            self._since = max(self._since, int(events[-1]["timestamp"]) - 1000)
        return [
            f"{event['name']:10} {event['message'].rstrip()}"
            for event in fresh
            if not NOISE.match(event["message"])
        ]

    def _events(self) -> Iterator[dict[str, Any]]:
        self._client = self._client or emulator.client(self._layout, "logs")
        logs = self._client
        for group in logs.describe_log_groups()["logGroups"]:
            found = GROUP.search(str(group["logGroupName"]))
            if found is None:
                continue
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], startTime=self._since
            )
            for page in pages:
                for event in page["events"]:
                    yield {**event, "name": found[1].lower()}


def _new_lines(path: Path, place: int) -> tuple[list[str], int]:
    """Whole lines after `place`, and the place after them. A shorter file has begun anew."""
    size = _size(path)
    start = place if size >= place else 0
    if size == start:
        return [], start
    with path.open("rb") as file:
        file.seek(start)
        chunk = file.read()
    # A line that is still being written waits for its end.
    whole = chunk[: chunk.rfind(b"\n") + 1]
    return whole.decode(errors="replace").splitlines(), start + len(whole)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
