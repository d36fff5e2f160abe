"""Following a stack's logs: the files of its parts, and what the functions wrote to CloudWatch Logs.

No library: a part's file is read from where the last look ended (a `tail -F` would be one more process to
supervise), and awslogs and its like print CloudWatch Logs to a terminal of their own.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import emulator
from local.layout import Layout
from local.rotation import find_aside

# The deployment's log is complete before anybody follows.
FILES = ("emulator", "cdn", "mariadb", "access")
# A function's log group, whose name the template surrounds with the stack's name and a hash.
FUNCTION_GROUP = re.compile(r"Functions(\w+?)Log[0-9A-F]{8}")
# Lambda's own lines before and after an invocation, and metrics in CloudWatch's embedded format.
NOISE = re.compile(r'(START|END) RequestId|{"_aws"')


def follow(layout: Layout, *, poll: float = 0.5) -> Iterator[str]:
    """Yields every line that is written from now on, after the name of its source. Never ends."""
    offsets = {name: _size(layout.log(name)) for name in FILES}
    functions = FunctionLogs(layout, since=time.time())
    while True:
        for name, offset in offsets.items():
            lines, offsets[name] = new_lines(layout.log(name), offset)
            yield from (f"{name:10} {line}" for line in lines)
        yield from functions.new_lines()
        time.sleep(poll)


class FunctionLogs:
    """What the functions log, read from the emulator in small steps."""

    def __init__(self, layout: Layout, *, since: float) -> None:
        """`since` is a Unix time in seconds."""
        self._layout = layout
        self._since = int(since * 1000)
        self._seen: set[tuple[str, int, str]] = set()
        # Making a client takes a hundred times as long as a request with it.
        self._client: Any = None

    def new_lines(self) -> list[str]:
        """Lines that were not returned before, oldest first; none while the emulator is away."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            events = sorted(self._events(), key=lambda event: int(event["timestamp"]))
        except (BotoCoreError, ClientError):
            self._client = None  # the emulator may come back on another port
            return []
        by_key = {(event["name"], event["timestamp"], event["message"]): event for event in events}
        fresh = [event for key, event in by_key.items() if key not in self._seen]
        # Two events of one millisecond may become visible one after the other, so the next request asks for
        # the last second again, and what was seen is left out.
        self._seen = set(by_key)
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
            function = FUNCTION_GROUP.search(str(group["logGroupName"]))
            if function is None:
                continue
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], startTime=self._since
            )
            for page in pages:
                for event in page["events"]:
                    yield {**event, "name": function[1].lower()}


def new_lines(path: Path, offset: int) -> tuple[list[str], int]:
    """The complete lines after `offset`, and the offset after them.

    A file that is shorter has been rotated, or has begun anew.
    """
    earlier = b""
    if _size(path) < offset:
        earlier, offset = _read(find_aside(path), offset), 0
    chunk = earlier + _read(path, offset)
    # A line without its end is still being written.
    end = max(chunk.rfind(b"\n") + 1, len(earlier))
    return chunk[:end].decode(errors="replace").splitlines(), offset + end - len(earlier)


def _read(path: Path, offset: int) -> bytes:
    if _size(path) <= offset:
        return b""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
