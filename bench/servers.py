"""The servers of the search benchmark: durable as in production, as small, and their data stays."""

from contextlib import AbstractContextManager

from tooling import ROOT, mysql, servers
from tooling.servers import Server

DATA = ROOT / "build" / "bench" / "mariadb"
OPTIONS = (
    "--innodb-buffer-pool-size=1G",
    "--innodb-redo-log-capacity=512M",
    "--innodb-flush-log-at-trx-commit=1",
    "--max-allowed-packet=64M",
)
SERVERS = ("mariadb", "mysql")


def benchmark_server(kind: str) -> AbstractContextManager[Server]:
    """Runs one of SERVERS until the end of the block."""
    if kind == "mysql":
        return mysql.run_mysql("bench", OPTIONS, keep=True)
    # MariaDB's name for the capacity of the redo log.
    options = [option.replace("redo-log-capacity", "log-file-size") for option in OPTIONS]
    return servers.run_mariadb(DATA, options)
