"""MariaDB as the local stack, the tests and the benchmarks start it: a data folder and a command line.

What keeps the server running is the caller's: local/mariadb.py supervises it beyond the end of a command,
tooling/servers.py runs it for the length of a block.

Every server has a folder of its own for temporary files, because a server that starts removes all temporary
tables that it finds there, those of another server too.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tooling import programs
from tooling.errors import ToolError
from tooling.ports import HOST

# Its content is drawn anew with every data folder: it tells one from an earlier one at the same place.
MARKER = "complete"


def ensure_data_folder(folder: Path, statements: Sequence[str], *, tmp: Path, log: Path) -> None:
    """Make `folder` a data folder with system tables, and run `statements` in it, unless it is one already.

    No account can log in but those that the statements create. The marker is written last, so a folder
    without it is what an interrupted attempt left, and is removed. Raises ToolError with the log.
    """
    tmp.mkdir(parents=True, exist_ok=True)
    if (folder / MARKER).exists():
        return
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    install = [
        programs.require("mariadb-install-db", "mysql_install_db"),
        "--no-defaults",
        f"--datadir={folder}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--skip-name-resolve",
        *_as_root(),
    ]
    # Bootstrap mode reads one statement a line, before the grant tables are in force.
    bootstrap = [_server(), "--no-defaults", "--bootstrap", f"--datadir={folder}", *_as_root()]
    first = [
        "FLUSH PRIVILEGES;",
        "DELETE FROM mysql.global_priv WHERE User IN ('', 'root');",
        "FLUSH PRIVILEGES;",
    ]
    with log.open("ab") as output:
        for command, text in ((install, ""), (bootstrap, "\n".join([*first, *statements]) + "\n")):
            done = subprocess.run(
                command,
                env={**os.environ, "TMPDIR": str(tmp)},
                input=text.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode != 0:
                raise ToolError("MariaDB's data folder could not be made", log=log)
    (folder / MARKER).write_text(secrets.token_hex(8))


def command(folder: Path, port: int, *options: str, tmp: Path) -> list[str]:
    """The command that starts a server with this data folder on the loopback interface."""
    return [
        _server(),
        "--no-defaults",
        f"--datadir={folder}",
        f"--tmpdir={tmp}",
        f"--bind-address={HOST}",
        f"--port={port}",
        # Relative to the data folder: a socket's path has at most 107 bytes, and absolute ones may be longer.
        "--socket=socket",
        f"--pid-file={folder / 'pid'}",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--character-set-server=utf8mb4",
        *options,
        *_as_root(),
    ]


def _server() -> str:
    return programs.require("mariadbd", "mysqld")


def _as_root() -> list[str]:
    """The option without which the server refuses to run as root (containers have no other user)."""
    return ["--user=root"] if os.geteuid() == 0 else []
