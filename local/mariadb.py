"""The MariaDB of a stack: its data folder, its accounts and its process."""

import os
from typing import TYPE_CHECKING

import pymysql

from local import processes
from local.layout import Layout
from tooling import mariadb
from tooling.errors import ToolError
from tooling.ports import HOST

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

NAME = "mariadb"
DATABASE = "stockroom"
# Who the functions connect as.
USER = "stockroom"
ADMIN = "root"


def ensure(layout: Layout) -> bool:
    """Have the server answer; True when it had to be started."""
    if processes.running(layout, NAME) and _answers(layout):
        return False
    processes.stop(layout, NAME)
    folder, tmp = layout.data / "mariadb", layout.scratch
    mariadb.ensure_data_folder(folder, _accounts(password(layout)), tmp=tmp, log=layout.log(NAME))
    command = mariadb.command(folder, layout.ensure_port(NAME), *_options(), tmp=tmp)
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(layout.data)}
    child = processes.start(layout, NAME, command, env=env, cwd=folder)
    processes.wait_ready(layout, NAME, child, lambda: _answers(layout), patience=90)
    return True


def stop(layout: Layout) -> bool:
    return processes.stop(layout, NAME, patience=60)


def check_running(layout: Layout) -> None:
    """Raise ToolError where the server does not run: a function would wait for it for more than a minute."""
    if not processes.running(layout, NAME):
        raise ToolError("MariaDB has ended: `make up` starts it again", log=layout.log(NAME))


def password(layout: Layout) -> str:
    """The password of both accounts, drawn at the first call."""
    return layout.secret("mariadb.password")


def data_folder_id(layout: Layout) -> str:
    """What tells this data folder from an earlier one at the same place."""
    return (layout.data / "mariadb" / mariadb.MARKER).read_text()


def connect(layout: Layout) -> "Connection[Cursor]":
    """An autocommit connection of the administrator to the database."""
    return pymysql.connect(
        host=HOST,
        port=layout.port_of(NAME),
        user=ADMIN,
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


def _accounts(secret: str) -> list[str]:
    """The database and its two accounts. The server resolves no names, so the accounts are of an address."""
    return [
        f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;",
        f"CREATE USER '{ADMIN}'@'{HOST}' IDENTIFIED BY '{secret}';",
        f"GRANT ALL PRIVILEGES ON *.* TO '{ADMIN}'@'{HOST}' WITH GRANT OPTION;",
        f"CREATE USER '{USER}'@'{HOST}' IDENTIFIED BY '{secret}';",
        f"GRANT ALL PRIVILEGES ON {DATABASE}.* TO '{USER}'@'{HOST}';",
    ]


def _options() -> list[str]:
    return [
        f"--innodb-buffer-pool-size={os.environ.get('BUFFER_POOL') or '256M'}",
        # Every commit is on disk: killing the server loses nothing that was acknowledged.
        "--innodb-flush-log-at-trx-commit=1",
        "--max-connections=300",
    ]
