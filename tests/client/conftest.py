"""A fake library on a real port, a runner of the command line, and pictures."""

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stockroom_client import uploader, watch
from stockroom_client.cli import main
from stockroom_client.retry import Retry
from tests.client.library import JPEG, TOKEN, Library, serving

QUICK = Retry(attempts=4, first=0.001, longest=0.05)


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
    """A running fake."""
    with serving() as library:
        yield library


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the developer's own environment, a private cache folder, and no long pauses."""
    monkeypatch.setattr(watch, "FIRST", 0.02)
    monkeypatch.setattr(uploader, "LINGER", 30)  # so that a slow machine does not tear batches apart
    monkeypatch.setattr(uploader, "TICK", 0.01)
    for name in list(os.environ):
        if name.startswith("STOCKROOM_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def run(library: Library, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the fake."""

    def command(*arguments: object, token: str = TOKEN) -> Ran:
        monkeypatch.setenv("STOCKROOM_URL", library.url)
        monkeypatch.setenv("STOCKROOM_TOKEN", token)
        out, err = io.StringIO(), io.StringIO()
        status = main([str(argument) for argument in arguments], out, err, QUICK)
        return Ran(status, out.getvalue(), err.getvalue())

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
