"""The one connection to MySQL or MariaDB that a function keeps, and what happens when the connection is lost.

A frozen Lambda cannot keep a connection alive, so a lost connection is the normal case: the next request
connects again before its first statement, and its caller notices nothing. Transactions that end in a deadlock
run again; those that end in a lock wait timeout do so where there is time. A database that is paused holds
connections until it has resumed; how long a function waits for that is its setting (infra/functions.py).
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import Cursor

from stockroom.runtime.errors import DatabaseBusy, DatabaseUnavailable, DatabaseWaking, StatementTimeout
from stockroom.runtime.settings import Settings

T = TypeVar("T")
Row = tuple[Any, ...]

CONNECTION_LOST = frozenset({2003, 2006, 2013, 2055, 1053, 1290, 4031})
"""Cannot connect, gone away, lost during a query, shutting down, read-only after a failover, disconnected for
inactivity."""
CONNECTIONS_TAKEN = frozenset({1040, 1203, 1226})
"""No connection is left: of those of the server, or of those of one account by the server's or its own
limit."""
LOCK_WAIT_TIMEOUT = 1205
REPEATABLE = frozenset({LOCK_WAIT_TIMEOUT, 1213, 1020, 3572})
"""Lock wait timeout, deadlock, record changed since the snapshot, NOWAIT. The server is fine; the
transaction may run again."""
DUPLICATE_KEY = 1062
ACCESS_DENIED = frozenset({1044, 1045})
"""No such account, or another password; or the account may not use the database."""
TIME_LIMIT_EXCEEDED = frozenset({1969, 3024})
"""What MariaDB and MySQL say when a statement reaches the time limit that came with it."""

MAX_ATTEMPTS = 4
SYN_SECONDS = 4.0
"""When nothing answers a connection request, it is sent anew after this time. The kernel repeats one, too,
but waits twice as long each time: it would notice up to 15 s too late that the database has resumed."""
RECONNECT_SECONDS = 1.0
"""The pause before the next attempt to connect, after the server refused one or lost it."""
ADMIN_STATEMENT_SECONDS = 720
"""A migration may rewrite a large table. `migrate` has 14 minutes (infra/functions.py)."""
SERVER_IDLE_SECONDS = 60
"""The server closes a connection that was idle for longer. A frozen function cannot do so itself, and an open
connection keeps a database from pausing, and is taken from the others."""
MAX_IDLE_SECONDS = 45
"""A connection that was idle for longer is replaced, well before the server would close it."""

SESSION = (
    f"SET SESSION wait_timeout={SERVER_IDLE_SECONDS}, time_zone='+00:00', "
    "sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION', "
    # A ranking lists 400 matches in one row (stockroom/search/index/posting_reader.py): 12 kB.
    "group_concat_max_len=65536, innodb_lock_wait_timeout=5, transaction_isolation='READ-COMMITTED'"
)

log = logging.getLogger(__name__)


def placeholders(values: Collection[object], shape: str = "%s") -> str:
    """`%s, %s, …`: one `shape` per value, for IN lists and multi-row inserts."""
    return ", ".join([shape] * len(values))


def error_code(error: pymysql.MySQLError) -> int:
    """The server's or client's error number; 0 when there is none."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _is_lost(error: pymysql.MySQLError) -> bool:
    # PyMySQL raises InterfaceError(0, '') on a connection that it has closed itself.
    return isinstance(error, pymysql.InterfaceError) or error_code(error) in CONNECTION_LOST


class Database:
    """A connection that is made at its first use, and again when it is lost.

    Not thread-safe: a Lambda process serves one request at a time. `admin` is the account that migrates. Both
    clocks return seconds; `clock` may stand still while the process is frozen.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        admin: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._clock = clock
        self._wall_clock = wall_clock
        self._connection: pymysql.connections.Connection[Cursor] | None = None
        self._last_used_at = 0.0
        self._connect_callbacks: list[Callable[[], None]] = []
        self._query_deadline: float | None = None
        self._connect_seconds: float = settings.db_connect_seconds

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Have `callback` called whenever a connection has been made, before the first statement on it.

        A database can only be replaced (restored from a backup, for example) between two connections. An
        object that remembers something about the database therefore forgets it in `callback`.
        """
        self._connect_callbacks.append(callback)

    def connect(self) -> None:
        """Make a connection now. Nothing is sent when there is one that was used lately."""
        self._run_with_retries(lambda _: None)

    def query(self, sql: str, args: Sequence[object] = ()) -> tuple[Row, ...]:
        """The rows of one statement in autocommit. The statement may run twice, so it must be repeatable."""

        def fetch(cursor: Cursor) -> tuple[Row, ...]:
            cursor.execute(self._add_time_limit(sql), tuple(args))
            return tuple(cursor.fetchall())

        return self._run_with_retries(fetch)

    @contextmanager
    def limit_queries(self, seconds: float) -> Iterator[None]:
        """Within the block, all calls of `query` together take so long at most; then StatementTimeout.

        The server itself ends a statement that runs out of time.
        """
        self._query_deadline = self._clock() + seconds
        try:
            yield
        finally:
            self._query_deadline = None

    @contextmanager
    def limit_waiting(self, seconds: float) -> Iterator[None]:
        """Within the block, a database that is paused is waited for so long at most; then DatabaseWaking."""
        self._connect_seconds = min(seconds, self._settings.db_connect_seconds)
        try:
            yield
        finally:
            self._connect_seconds = self._settings.db_connect_seconds

    def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        """The number of rows that one statement inserts, deletes or updates, in autocommit.

        A row that has the new values already counts as updated: the number says whether a condition was met.
        The statement must be repeatable.
        """
        return self._run_with_retries(lambda cursor: cursor.execute(sql, tuple(args)))

    def run_transaction(self, work: Callable[[Cursor], T]) -> T:
        """The result of `work`, which runs in one transaction; an exception rolls it back and is raised.

        Deadlocks and lost connections run `work` again. It must therefore do nothing but SQL, and its
        writes must be conditional or unique: a COMMIT whose answer was lost may have happened.
        """

        def run_and_commit(cursor: Cursor) -> T:
            cursor.execute("START TRANSACTION")
            try:
                result = work(cursor)
                cursor.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            return result

        return self._run_with_retries(run_and_commit)

    def run_once(self, work: Callable[[Cursor], T]) -> T:
        """The result of `work`, which is never repeated: for statements that must not run twice."""
        with self._live_connection().cursor() as cursor:
            return work(cursor)

    def close(self) -> None:
        """Close the connection, if there is one; the next use makes another."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.open:
            try:
                connection.close()
            except pymysql.MySQLError:
                log.debug("closing a lost connection", exc_info=True)

    def _run_with_retries(self, work: Callable[[Cursor], T]) -> T:
        started_at = self._clock()
        attempt = 1
        while True:
            try:
                with self._live_connection().cursor() as cursor:
                    result = work(cursor)
                self._last_used_at = self._wall_clock()
                return result
            except pymysql.MySQLError as error:
                is_lost = _is_lost(error)
                if is_lost:
                    self.close()
                elif error_code(error) in TIME_LIMIT_EXCEEDED:
                    raise StatementTimeout from error
                elif error_code(error) not in REPEATABLE:
                    raise
                # An old connection can be lost while the server is well. When the failure took long, the
                # server itself is in trouble, and another attempt would only take longer.
                is_slow = self._clock() - started_at > self._settings.db_retry_seconds
                is_last = attempt == MAX_ATTEMPTS
                if is_lost and (is_last or is_slow):
                    raise DatabaseUnavailable("The database cannot be reached just now.") from error
                # Each wait for a lock takes seconds, and a request has no time for a second one.
                if not is_lost and (is_last or (is_slow and error_code(error) == LOCK_WAIT_TIMEOUT)):
                    raise DatabaseBusy from error
                attempt += 1
                time.sleep(0.02 * attempt)

    def _live_connection(self) -> "pymysql.connections.Connection[Cursor]":
        """The connection, or a new one when it is closed or was idle for longer than the server allows."""
        if self._connection is not None and self._wall_clock() - self._last_used_at > MAX_IDLE_SECONDS:
            self.close()
        if self._connection is None or not self._connection.open:
            self._connection = self._connect()
            self._last_used_at = self._wall_clock()
            for callback in self._connect_callbacks:
                callback()
        return self._connection

    def _connect(self) -> "pymysql.connections.Connection[Cursor]":
        """A new connection with its session set up. Every connection and reconnection begins here.

        Raises DatabaseUnavailable when the time that the function has for it is over.
        """
        started_at = self._clock()
        while True:
            try:
                return self._open(deadline=started_at + self._connect_seconds)
            except TimeoutError as error:
                raise DatabaseWaking from error
            except (OSError, pymysql.MySQLError) as error:
                is_taken = isinstance(error, pymysql.MySQLError) and error_code(error) in CONNECTIONS_TAKEN
                if isinstance(error, pymysql.MySQLError) and not is_taken and not _is_lost(error):
                    raise
                # A database that has just resumed may refuse some of many connections.
                if self._clock() - started_at + RECONNECT_SECONDS >= self._settings.db_retry_seconds:
                    if is_taken:
                        raise DatabaseBusy from error
                    raise DatabaseUnavailable("The database cannot be reached just now.") from error
            time.sleep(RECONNECT_SECONDS)

    def _open(self, deadline: float) -> "pymysql.connections.Connection[Cursor]":
        settings = self._settings
        seconds = ADMIN_STATEMENT_SECONDS if self._admin else settings.db_statement_seconds
        user = settings.db_admin_user if self._admin else settings.db_user
        password = settings.db_admin_password if self._admin else settings.db_password
        if not password:
            password = _iam_token(settings.db_host, settings.db_port, user)
        connection = pymysql.connect(
            host=settings.db_host,
            port=settings.db_port,
            user=user,
            password=password,
            database=None if self._admin else settings.db_name,
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.FOUND_ROWS,
            defer_connect=True,
            read_timeout=seconds,
            write_timeout=seconds,
            init_command=SESSION,
            ssl=ssl.create_default_context(cafile=settings.db_ca) if settings.db_ca else None,
        )
        connection.connect(self._reach_server(deadline))
        return connection

    def _reach_server(self, deadline: float) -> socket.socket:
        """A TCP connection on which the server has begun its greeting.

        A database that resumes holds one of the two back; TimeoutError when it does so beyond the deadline.
        PyMySQL itself waits no longer for the greeting than for a statement.
        """
        while True:
            try:
                server = socket.create_connection(
                    (self._settings.db_host, self._settings.db_port),
                    timeout=min(SYN_SECONDS, self._seconds_until(deadline)),
                )
                break
            except TimeoutError:
                if self._clock() >= deadline:
                    raise
        try:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            server.settimeout(self._seconds_until(deadline))
            server.recv(1, socket.MSG_PEEK)
        except OSError:
            server.close()
            raise
        return server

    def _seconds_until(self, deadline: float) -> float:
        # A socket that may wait for 0 s does not block at all.
        return max(deadline - self._clock(), 0.001)

    def _add_time_limit(self, sql: str) -> str:
        """A SELECT with the time that is left for it; the statement itself where nothing limits it."""
        if self._query_deadline is None:
            return sql
        seconds = self._query_deadline - self._clock()
        if seconds <= 0:
            raise StatementTimeout
        # Only MariaDB runs what stands in the first comment, only MySQL obeys the second. Each counts a limit
        # of 0 as none.
        milliseconds = int(seconds * 1000) + 1
        limited = sql.replace("SELECT", f"SELECT /*+ MAX_EXECUTION_TIME({milliseconds}) */", 1)
        return f"/*M!100100 SET STATEMENT max_statement_time={milliseconds / 1000:.3f} FOR */ {limited}"

    def _roll_back(self) -> None:
        try:
            if self._connection is not None:
                self._connection.rollback()
        except pymysql.MySQLError:
            self.close()


def _iam_token(host: str, port: int, user: str) -> str:
    """An RDS IAM authentication token: a SigV4 presigned URL, signed locally, valid for 15 minutes.

    botocore's signer is used directly, because importing it costs a third of a whole boto3 client.
    """
    import os

    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    credentials = _read_credentials()
    request = AWSRequest("GET", f"https://{host}:{port}/", params={"Action": "connect", "DBUser": user})
    SigV4QueryAuth(credentials, "rds-db", os.environ["AWS_REGION"], expires=900).add_auth(request)
    return str(request.url).removeprefix("https://")


def _read_credentials() -> Any:
    """The credentials of this process: those of the environment in Lambda, otherwise what botocore finds.

    A batch job on EMR has them from an address that answers inside its container, and for an hour each.
    """
    import os

    if "AWS_ACCESS_KEY_ID" in os.environ:
        from botocore.credentials import Credentials

        return Credentials(
            os.environ["AWS_ACCESS_KEY_ID"],
            os.environ["AWS_SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN"),
        )
    from botocore.session import get_session

    found = get_session().get_credentials()
    if found is None:
        raise DatabaseUnavailable("No credentials of AWS sign this process in to the database.")
    return found.get_frozen_credentials()
