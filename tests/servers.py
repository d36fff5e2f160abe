"""The database server of a test session.

STOCKROOM_TEST_DB chooses it: `mariadb` (the default, as `make run` starts it), `mysql` (a real one, in a
folder of its own), or `user:password@host:port` of a server that runs already.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from stockroom.runtime.settings import Settings
from tooling import mysql, servers

CHOICE = "STOCKROOM_TEST_DB"
NAME = "stockroom_test"
SITE_URL = "https://photos.example.org"
BUCKETS = {
    f"STOCKROOM_{kind.upper()}_BUCKET": f"stockroom-{kind}" for kind in ("uploads", "images", "keys", "site")
}
# No commit waits for the disk: the data is thrown away at the end.
OPTIONS = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=128M",
    "--sync-binlog=0",
    "--performance-schema=OFF",
)
# Tests make thousands of connections to this machine, and a TLS handshake costs ten times what the rest does.
# Nor does a TRUNCATE wait for the disk.
MARIADB_OPTIONS = (*OPTIONS, "--skip-ssl", "--debug-no-sync")


@dataclass(frozen=True)
class Server(servers.Server):
    """A running server, and the schema that tests use on it."""

    name: str = NAME

    def settings(self, **overrides: Any) -> Settings:
        """Settings of a function that uses this server; `overrides` are fields of `Settings`."""
        return replace(
            Settings.from_environment(
                {**self.environment(self.name), **BUCKETS, "STOCKROOM_SITE_URL": SITE_URL}
            ),
            **overrides,
        )


@contextmanager
def chosen(folder: Path) -> Iterator[Server]:
    """Runs the server that STOCKROOM_TEST_DB chooses; a MariaDB has its data in `folder`."""
    choice = os.environ.get(CHOICE) or "mariadb"
    if choice == "mariadb":
        with servers.run_mariadb(folder, MARIADB_OPTIONS) as server:
            yield Server(**vars(server))
    elif choice == "mysql":
        with mysql.run_mysql(folder.name, OPTIONS) as server:
            yield Server(**vars(server))
    else:
        yield _elsewhere(choice)


def _elsewhere(choice: str) -> Server:
    account, _, address = choice.rpartition("@")
    user, _, password = account.partition(":")
    host, _, port = address.partition(":")
    if not (user and host and port.isdigit()):
        raise ValueError(f"{CHOICE} is mariadb, mysql or user:password@host:port, not {choice!r}")
    return Server(int(port), host, user, password)
