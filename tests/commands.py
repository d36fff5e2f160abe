"""Commands that start further processes, and have to end them."""

import signal
import subprocess
from collections.abc import Sequence
from typing import Any


def end_by_sigterm() -> None:
    """From now on, SIGTERM ends this process as Ctrl-C does: blocks that end servers come to their end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def run_command(command: Sequence[str], **options: Any) -> int:
    """The exit status of a command.

    When this process is to end meanwhile, the command gets SIGTERM and as long as it needs. `subprocess.run`
    would kill it, and whatever it has started would go on.
    """
    process = subprocess.Popen(command, **options)
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
