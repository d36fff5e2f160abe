"""The one connection to MySQL or MariaDB that a function keeps, and the rules for losing it.

A frozen Lambda cannot keep a connection alive, so a lost one is the normal case: it is re-made silently
before the first statement of a request. Deadlocks and lock waits run the transaction again.
"""

import logging
import ssl
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

import pymysql
from pymysql.cursors import Cursor

from stockroom.runtime.errors import Unavailable
from stockroom.runtime.settings import Settings

T = TypeVar("T")
Row = tuple[Any, ...]

LOST = frozenset({2003, 2006, 2013, 2055, 1040, 1226, 1053, 1290, 4031})
"""Not reachable, gone, too many connections, shutting down, read-only after a failover."""
AGAIN = frozenset({1205, 1213, 1020, 3572})
"""Lock wait timeout, deadlock, changed since the snapshot, NOWAIT."""
DUPLICATE = 1062

ATTEMPTS = 4
# A function behind the API has 29 s, and should say itself that the database is away: connecting and the
# first answer fit in together. A paused Aurora needs about 15 s to wake; whoever is told 503 tries again.
CONNECT_SECONDS = 14
READ_SECONDS = 14
RETRY_SECONDS = 1.0
ADMIN_SECONDS = 800  # a migration may rewrite a large table
IDLE_SECONDS = 45  # below the server's wait_timeout of 60

SESSION = (
    "SET SESSION time_zone='+00:00', "
    "sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION', "
    # For the 400 matches that a ranking lists in one row (search/index/posting_reader.py): 12 kB.
    "group_concat_max_len=65536, innodb_lock_wait_timeout=5, transaction_isolation='READ-COMMITTED'"
)

log = logging.getLogger(__name__)


def placeholders(values: Collection[object], shape: str = "%s") -> str:
    """`%s, %s, …`, one `shape` per value: for IN lists and multi-row inserts."""
    return ", ".join([shape] * len(values))


def error_code(error: pymysql.MySQLError) -> int:
    """The server's or client's error number; 0 when there is none (a closed connection)."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _is_lost(error: pymysql.MySQLError) -> bool:
    # PyMySQL says InterfaceError(0, '') when it is asked to use a connection it has closed itself.
    return isinstance(error, pymysql.InterfaceError) or error_code(error) in LOST


class Database:
    """A lazily made, re-made connection. Not thread-safe: a Lambda process serves one request at a time."""

    def __init__(self, settings: Settings, *, admin: bool = False) -> None:
        self._settings = settings
        self._admin = admin
        self._connection: pymysql.connections.Connection[Cursor] | None = None
        self._used = 0.0
        self._connect_callbacks: list[Callable[[], None]] = []

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Have `callback` called whenever a connection has been made, before the first statement on it.

        A database can only be replaced (restored from a backup, say) between two connections. So whoever
        remembers something of the database forgets it in `callback`.
        """
        self._connect_callbacks.append(callback)

    def connect(self) -> None:
        """Make a connection now, unless there is one that was used lately: then nothing is sent."""
        self._again(lambda _: None)

    def query(self, sql: str, args: Sequence[object] = ()) -> tuple[Row, ...]:
        """Rows of one repeatable statement in autocommit; repeated once on a lost connection."""
        return self._again(lambda cursor: _fetched(cursor, sql, args))

    def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        """Run one repeatable statement in autocommit; the number of rows it changed."""
        return self._again(lambda cursor: cursor.execute(sql, tuple(args)))

    def transact(self, work: Callable[[Cursor], T]) -> T:
        """`work` in one transaction, committed at its end, rolled back and raised on an exception.

        Deadlocks and lost connections run it again, so it must do nothing but SQL, and its writes must
        be conditional or unique: a COMMIT whose answer was lost may have happened.
        """

        def whole(cursor: Cursor) -> T:
            cursor.execute("START TRANSACTION")
            try:
                result = work(cursor)
                cursor.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
            return result

        return self._again(whole)

    def close(self) -> None:
        """Close the connection, if there is one; the next use makes another."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.open:
            try:
                connection.close()
            except pymysql.MySQLError:
                log.debug("closing a lost connection", exc_info=True)

    def once(self, work: Callable[[Cursor], T]) -> T:
        """`work` on the connection as it is, never repeated: for statements that must not run twice."""
        with self._live().cursor() as cursor:
            return work(cursor)

    def _again(self, work: Callable[[Cursor], T]) -> T:
        started = time.monotonic()
        attempt = 1
        while True:
            fresh = self._connection is None
            try:
                with self._live().cursor() as cursor:
                    result = work(cursor)
                self._used = time.monotonic()
                return result
            except pymysql.MySQLError as error:
                lost = _is_lost(error)
                if lost:
                    self.close()
                elif error_code(error) not in AGAIN:
                    raise
                # A connection that was kept may be gone without notice; one just made tells of the server.
                slow = time.monotonic() - started > RETRY_SECONDS
                if attempt == ATTEMPTS or (lost and (fresh or slow)):
                    raise Unavailable("The database is not available just now; try again shortly.") from error
                attempt += 1
                time.sleep(0.02 * attempt)

    def _live(self) -> "pymysql.connections.Connection[Cursor]":
        if self._connection is not None and time.monotonic() - self._used > IDLE_SECONDS:
            self.close()
        if self._connection is None or not self._connection.open:
            self._connection = self._connect()
            self._used = time.monotonic()
            for callback in self._connect_callbacks:
                callback()
        return self._connection

    def _rollback(self) -> None:
        try:
            if self._connection is not None:
                self._connection.rollback()
        except pymysql.MySQLError:
            self.close()

    def _connect(self) -> "pymysql.connections.Connection[Cursor]":
        at = self._settings
        seconds = ADMIN_SECONDS if self._admin else READ_SECONDS
        user = at.db_admin_user if self._admin else at.db_user
        password = at.db_admin_password if self._admin else at.db_password
        if not password:
            password = _iam_token(at.db_host, at.db_port, user)
        return pymysql.connect(
            host=at.db_host,
            port=at.db_port,
            user=user,
            password=password,
            database=None if self._admin else at.db_name,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=seconds,
            write_timeout=seconds,
            init_command=SESSION,
            ssl=ssl.create_default_context(cafile=at.db_ca) if at.db_ca else None,
        )


def _fetched(cursor: Cursor, sql: str, args: Sequence[object]) -> tuple[Row, ...]:
    cursor.execute(sql, tuple(args))
    return tuple(cursor.fetchall())


def _iam_token(host: str, port: int, user: str) -> str:
    """An RDS IAM token: a SigV4 presigned URL, signed locally, good for 15 minutes.

    botocore's signer is used directly: importing it costs a third of a whole boto3 client.
    """
    import os

    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    credentials = Credentials(
        os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"],
        os.environ.get("AWS_SESSION_TOKEN"),
    )
    request = AWSRequest("GET", f"https://{host}:{port}/", params={"Action": "connect", "DBUser": user})
    SigV4QueryAuth(credentials, "rds-db", os.environ["AWS_REGION"], expires=900).add_auth(request)
    return str(request.url).removeprefix("https://")
