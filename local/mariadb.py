"""MariaDB with a data folder of its own, on the loopback interface."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from local import ports, processes
from local.errors import StackError
from local.layout import Layout, write_text

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

NAME = "mariadb"
DATABASE = "stockroom"
# Who the functions connect as.
USER = "stockroom"


def ensure(layout: Layout) -> bool:
    """Have the server answer; True when it had to be started."""
    if processes.running(layout, NAME) and _answers(layout):
        return False
    processes.stop(layout, NAME)
    program = _find("mariadbd", "mysqld")
    folder = layout.data / "mariadb"
    if not (folder / "complete").exists():
        _initialise(layout, program, folder)
    port = ports.ensure_free(layout, NAME)
    child = processes.start(
        layout, NAME, _command(program, folder, layout, port), env=_environment(layout), cwd=folder
    )
    processes.wait_ready(layout, NAME, child, lambda: _answers(layout), patience=90)
    return True


def stop(layout: Layout) -> bool:
    return processes.stop(layout, NAME, patience=60)


def password(layout: Layout) -> str:
    """The password of both accounts, made once."""
    path = layout.data / "keys" / "mariadb.password"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_text(path, secrets.token_urlsafe(24), mode=0o600)
    return path.read_text()


def born(layout: Layout) -> str:
    """What tells this data folder from an earlier one at the same place."""
    return (layout.data / "mariadb" / "complete").read_text()


def connect(layout: Layout) -> "Connection[Cursor]":
    """An autocommit connection of the administrator to the database."""
    return pymysql.connect(
        host=ports.HOST,
        port=ports.remembered(layout, NAME),
        user="root",
        password=password(layout),
        database=DATABASE,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=5,
    )


def _answers(layout: Layout) -> bool:
    try:
        with connect(layout) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except pymysql.err.OperationalError:
        return False
    return True


def _initialise(layout: Layout, program: str, folder: Path) -> None:
    """System tables, then the administrator's password and the database.

    A marker is written last: a folder without it is the rest of an interrupted attempt.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    log = layout.log(NAME)
    with log.open("ab") as output:
        made = subprocess.run(
            [
                _find("mariadb-install-db", "mysql_install_db"),
                "--no-defaults",
                f"--datadir={folder}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
                *_as_root(),
            ],
            env=_environment(layout),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if made.returncode != 0:
            raise StackError("MariaDB's data folder could not be made", log=log)
        # Names are not resolved, so an account for the address is what a TCP connection matches.
        statements = "\n".join(
            [
                f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;",
                "FLUSH PRIVILEGES;",
                "DELETE FROM mysql.global_priv WHERE User IN ('', 'root');",
                "FLUSH PRIVILEGES;",
                f"CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '{password(layout)}';",
                "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;",
                f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{password(layout)}';",
                f"GRANT ALL PRIVILEGES ON {DATABASE}.* TO '{USER}'@'127.0.0.1';",
            ]
        )
        made = subprocess.run(
            [program, "--no-defaults", "--bootstrap", f"--datadir={folder}", *_as_root()],
            env=_environment(layout),
            input=statements.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if made.returncode != 0:
        raise StackError("MariaDB's first accounts could not be made", log=log)
    (folder / "complete").write_text(secrets.token_hex(8))


def _command(program: str, folder: Path, layout: Layout, port: int) -> list[str]:
    return [
        program,
        "--no-defaults",
        f"--datadir={folder}",
        f"--tmpdir={layout.scratch}",
        f"--bind-address={ports.HOST}",
        f"--port={port}",
        # Relative to the data folder: an absolute path may exceed the 107 characters a socket can have.
        "--socket=socket",
        f"--pid-file={folder / 'pid'}",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--character-set-server=utf8mb4",
        f"--innodb-buffer-pool-size={os.environ.get('BUFFER_POOL') or '256M'}",
        # Every commit is on disk: killing the server loses nothing that was acknowledged.
        "--innodb-flush-log-at-trx-commit=1",
        "--max-connections=300",
        *_as_root(),
    ]


def _as_root() -> list[str]:
    """The server refuses to run as root unless told so (containers have no other user)."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _environment(layout: Layout) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(layout.data),
        "TMPDIR": str(layout.scratch),
    }


def _find(*names: str) -> str:
    # Debian keeps servers in a folder that users do not search.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise StackError(f"{names[0]} is not installed: run `make setup`")
