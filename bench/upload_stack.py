"""A local stack for the benchmarks of uploads: photographs in, and when each of them is ready."""

import hashlib
import http.client
import itertools
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil

from local import cdn, emulator, keys, mariadb, processes, stack
from local.layout import Layout
from stockroom.images import ids
from tooling import ROOT
from tooling.ports import choose_free

DATA = ROOT / "build" / "bench" / "stack"
WAIT_SECONDS = 300
POLL_SECONDS = 0.002
_numbers = itertools.count(time.time_ns())


@contextmanager
def run_stack() -> Iterator["Uploader"]:
    """Runs an empty stack of its own until the end of the block."""
    # What another version has left there need not fit this one.
    shutil.rmtree(DATA, ignore_errors=True)
    layout = Layout(DATA, choose_free())
    os.environ["STOCKROOM_MAX_DAILY_BYTES"] = str(1 << 50)
    stack.up(layout, print)
    try:
        yield Uploader(layout)
    finally:
        stack.down(layout, print)


def make_unique(photograph: bytes) -> bytes:
    """The same JPEG as another file: a comment makes the difference."""
    comment = str(next(_numbers)).encode()
    return photograph[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photograph[2:]


@dataclass(frozen=True)
class Timing:
    """Moments in the life of one upload, in seconds from when it had arrived at storage."""

    begun: float
    ready: float
    complete: float


class Uploader:
    """A contributor, as the page is one: one request for a batch, then the files, several at a time."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._token = keys.token(layout, subject="bench", scopes="read upload", days=1, name="Bench")
        self._database = mariadb.connect(layout)

    def announce(self, contents: Sequence[bytes]) -> list[dict[str, Any]]:
        """The answers of one request for tickets."""
        files = [
            {
                "name": f"{place}.jpg",
                "type": "image/jpeg",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for place, content in enumerate(contents)
        ]
        body = json.dumps({"files": files}).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        status, answer = _send("POST", f"{self.layout.url}/api/uploads", body, headers)
        assert status == 200, answer
        answers: list[dict[str, Any]] = json.loads(answer)["files"]
        return answers

    def put(self, ticket: dict[str, Any], content: bytes) -> None:
        status, answer = _send("PUT", ticket["url"], content, ticket["headers"])
        assert status == 200, answer

    def upload_all(self, contents: Sequence[bytes], at_once: int) -> float:
        """Seconds from the request until every picture is ready; fails when one does not become ready."""
        started = time.perf_counter()
        answers = self.announce(contents)
        with ThreadPoolExecutor(at_once) as pool:
            list(
                pool.map(
                    lambda pair: self.put(pair[0]["ticket"], pair[1]), zip(answers, contents, strict=True)
                )
            )
        self._wait([ids.decode(answer["id"]) for answer in answers], "state = 'ready'", POLL_SECONDS * 10)
        return time.perf_counter() - started

    def time_one(self, content: bytes) -> Timing:
        """One upload alone, as the rows of the database show it."""
        (answer,) = self.announce([content])
        image_ids = [ids.decode(answer["id"])]
        self.put(answer["ticket"], content)
        started = time.perf_counter()
        moments = []
        for condition in (
            "attempts > 0 OR state = 'ready'",
            "state = 'ready'",
            "state = 'ready' AND deadline IS NULL",
        ):
            self._wait(image_ids, condition, POLL_SECONDS)
            moments.append(time.perf_counter() - started)
        return Timing(*moments)

    def wait_until_complete(self) -> None:
        """Wait until no picture waits for a further format."""
        ends = time.monotonic() + WAIT_SECONDS
        while self._count("deadline IS NOT NULL"):
            assert time.monotonic() < ends
            time.sleep(0.1)

    def _wait(self, image_ids: Sequence[int | None], condition: str, interval: float) -> None:
        marks = ", ".join(["%s"] * len(image_ids))
        ends = time.monotonic() + WAIT_SECONDS
        while self._count(f"id IN ({marks}) AND ({condition})", image_ids) < len(image_ids):
            assert time.monotonic() < ends, f"not every upload came to {condition}"
            time.sleep(interval)

    def _count(self, condition: str, arguments: Sequence[object] = ()) -> int:
        with self._database.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM image WHERE {condition}", tuple(arguments))
            ((count,),) = cursor.fetchall()
        return int(count)

    def processor_seconds(self) -> dict[str, float]:
        """Processor time so far by part of the stack, of the processes that are alive."""
        seconds = dict.fromkeys(("emulator", "functions", "decoders", "MariaDB", "nginx"), 0.0)
        for name, part in (("MariaDB", mariadb.NAME), ("nginx", cdn.NAME), ("emulator", emulator.NAME)):
            leader = psutil.Process(processes.running(self.layout, part))
            for process in (leader, *leader.children(recursive=True)):
                try:
                    owner = name
                    if name == "emulator" and process != leader:
                        owner = "decoders" if "sandbox" in " ".join(process.cmdline()) else "functions"
                    used = process.cpu_times()
                    seconds[owner] += used.user + used.system
                except psutil.NoSuchProcess:
                    continue
        return seconds


def _send(method: str, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
