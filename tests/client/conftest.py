"""A fake library on a real port, a runner of the command line, and pictures."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stockroom_client.cli import stockroom
from stockroom_client.tuning import Tuning
from tests.client.library import JPEG, TOKEN, Library, serving

QUICK = Tuning(
    attempts=4,
    first_retry=0.001,
    longest_retry=0.05,
    tick=0.01,
    first_poll=0.02,
)


@dataclass
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output, parsed."""
        return json.loads(self.out)

    def states(self) -> dict[str, str]:
        """State by file name, of `upload --json`."""
        return {Path(file["file"]).name: file["state"] for file in self.json["files"]}


Run = Callable[..., Ran]
Picture = Callable[..., Path]


@pytest.fixture
def library() -> Iterator[Library]:
    """A running fake library."""
    with serving() as library:
        yield library


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the developer's own environment, and a private cache folder."""
    for name in list(os.environ):
        if name.startswith("STOCKROOM_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def run(library: Library) -> Run:
    """Runs a command against the fake library."""

    def command(*arguments: object, token: str = TOKEN, tuning: Tuning = QUICK) -> Ran:
        environment = {"STOCKROOM_URL": library.url, "STOCKROOM_TOKEN": token}
        result = CliRunner(catch_exceptions=False).invoke(
            stockroom, [str(argument) for argument in arguments], obj=tuning, env=environment
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    return command


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """Makes a file that looks like a JPEG and has settled a minute ago."""
    folder = tmp_path / "pictures"
    folder.mkdir()

    def make(name: str = "a.jpg", content: bytes | None = None, head: bytes = JPEG) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(head + (name.encode() if content is None else content))
        status = path.stat()
        os.utime(path, (status.st_atime - 60, status.st_mtime - 60))
        return path

    return make


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Has SIGINT interrupt this process and its children: the background jobs of a shell ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
