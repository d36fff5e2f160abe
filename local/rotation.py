"""Rotation of a stack's logs, which would grow for as long as the stack runs.

`python -m local.rotation DATA` looks after a stack's logs until it is stopped or the data folder is gone.
Each log keeps its file, because a started process holds its output open and cannot be told to open another.
So the content of a log that has grown large is copied to `<name>.1.log`, in place of the copy before, and
the log is emptied. Its writers append, so they go on at its new end.

No logrotate: it would be one more system package, and something would still have to start it.
"""

import itertools
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from local import processes
from local.layout import Layout
from tooling import ROOT

NAME = "rotation"
MAX_LOG_BYTES = 20_000_000
SECONDS = 10
SUFFIX = ".log"
ASIDE = ".1.log"


def rotate_all(folder: Path, *, limit: int = MAX_LOG_BYTES) -> None:
    """Put the content of each log in a folder aside that has more than `limit` bytes."""
    for log in folder.glob(f"*{SUFFIX}"):
        if not log.name.endswith(ASIDE) and log.stat().st_size > limit:
            rotate(log)


def rotate(log: Path) -> None:
    """Put the content of a log aside, and empty the log.

    A line that is written between the last read and the truncation is lost: that is the price of a file that
    stays open. The copy appears as a whole.
    """
    draft = log.with_name(f".{log.name}.draft")
    with log.open("r+b") as source, draft.open("wb") as target:
        shutil.copyfileobj(source, target)
        # What was written during the copy, which takes longer than this.
        shutil.copyfileobj(source, target)
        target.flush()
        draft.replace(find_aside(log))
        source.truncate(0)


def find_aside(log: Path) -> Path:
    """Where the earlier content of a log lies."""
    return log.with_name(log.name.removesuffix(SUFFIX) + ASIDE)


def ensure(layout: Layout) -> bool:
    """Have a process look after the stack's logs; True when it had to be started."""
    if processes.running(layout, NAME):
        return False
    processes.stop(layout, NAME)
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "local.rotation", str(layout.data)]
    processes.start(layout, NAME, command, env=env, cwd=layout.data)
    return True


def stop(layout: Layout) -> bool:
    return processes.stop(layout, NAME, patience=5)


def main(data: Path, *, seconds: float = SECONDS, runs_between_function_logs: int = 60) -> None:
    """Rotate the logs of a stack every few seconds, for as long as its data folder exists."""
    for run in itertools.count(1):
        # A log may go while it is looked at.
        with suppress(FileNotFoundError):
            rotate_all(data / "logs")
        if run % runs_between_function_logs == 0:
            # A process of its own, because a client of the emulator takes more memory than all of this.
            subprocess.run([sys.executable, "-m", "local.function_logs", str(data)], check=False)
        time.sleep(seconds)
        if not data.is_dir():
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
