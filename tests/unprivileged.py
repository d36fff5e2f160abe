"""Programs of a user without privileges, whoever runs the tests."""

import os
import subprocess
import sys

_PREPARATION = """
import os, sys
from stockroom.renditions.sandbox.kernel import drop_capabilities
drop_capabilities()
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
"""


def run_unprivileged(
    program: str, *arguments: str, cwd: str | os.PathLike[str] | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run a Python program to its end.

    Root gives up all capabilities, and is nothing but the owner of its files then. Another user may not be
    able to read the checkout.
    """
    preparation = ["-c", _PREPARATION] if os.getuid() == 0 else ["-c"]
    return subprocess.run(
        [sys.executable, *preparation, program, *arguments],
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
