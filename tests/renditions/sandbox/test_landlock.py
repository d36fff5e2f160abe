"""Landlock alone, without the filter of system calls."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, sys
from stockroom.renditions.sandbox.kernel import PR_SET_NO_NEW_PRIVS, prctl
from stockroom.renditions.sandbox.landlock import deny_everything
prctl(PR_SET_NO_NEW_PRIVS, 1)
try:
    deny_everything()
except OSError as error:
    print("refused", error.errno)
    sys.exit()
attempts = {
    "read": lambda: open(sys.argv[1]).read(),
    "write": lambda: open(sys.argv[1], "w"),
    "list": lambda: os.listdir("/"),
    "remove": lambda: os.unlink(sys.argv[1]),
    "execute": lambda: os.posix_spawn("/bin/true", ["true"], {}),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print(name, "did not fail")
    except PermissionError:
        pass
print("done")
"""


def test_it_denies_files_by_itself_where_the_kernel_has_it(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("hidden")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(kept)],
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    # ENOSYS: not built in; EOPNOTSUPP: not enabled.
    assert ran.stdout in {"done\n", "refused 38\n", "refused 95\n"}, ran.stdout + ran.stderr
