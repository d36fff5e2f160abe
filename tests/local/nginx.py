"""The real nginx of a stack, before an origin that a test makes."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local import cdn, emulator, processes
from local.layout import Layout, write_json
from tooling.errors import ToolError
from tooling.ports import choose_free

ATTEMPTS = 3
START = processes.start


@contextmanager
def run_nginx(folder: Path, origin_port: int) -> Iterator[Layout]:
    """Runs nginx until the end of the block; the origin has the emulator's place."""
    children = []

    def start(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        children.append(START(*arguments, **options))
        return children[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "start", start)
        layout = _start(folder, origin_port)
    try:
        yield layout
    finally:
        cdn.stop(layout)
        # Python complains about children that are forgotten.
        for child in children:
            child.wait()


def _start(folder: Path, origin_port: int) -> Layout:
    """Starts nginx, again if another program has taken the port in between."""
    for attempt in range(ATTEMPTS):
        layout = Layout(folder.resolve(), choose_free())
        names = {"ApiId": "abc", "DistributionDomain": "d1.cloudfront.net", "UploadsBucket": "uploads"}
        write_json(layout.data / "outputs.json", {"Stockroom": names})
        write_json(layout.data / "ports.json", {emulator.NAME: origin_port})
        try:
            assert cdn.ensure(layout)
            break
        except ToolError:
            if attempt == ATTEMPTS - 1:
                raise
    return layout
