"""The accounts of the database: what each may do, and how many connections it may hold at once.

Every process of a function holds one connection, and one that is frozen keeps it for up to a minute. Aurora
with at most 4 ACU has 135 connections, however many ACU it has at the moment, and the instance is given as
many (infra/database.py). The server itself holds each account to its part, so that no burst of searches takes
what uploads need, and no burst of uploads what the renditions need:

     50  searches
     30  uploads, and changes of published pictures
     40  pictures that are rendered (resize_concurrency, 20 of them at once), the reaper and the audit
      5  the driver of a batch job; its executors do not ask the database
     10  `migrate`, an operator, AWS's own
"""

from msgspec import Struct


class Account(Struct, frozen=True):
    """An account: what it may do to every table, and `changes`, what it may do to all but APPEND_ONLY.

    It may also make, rename and drop the tables that it `makes`, whether they exist or not.
    """

    name: str
    privileges: str
    connections: int
    changes: str = ""
    makes: tuple[str, ...] = ()


APPEND_ONLY = frozenset({"change_log"})
"""Tables whose rows no function changes or deletes: not even one that a fault or an attacker misleads."""


MAX_CONNECTIONS = 135
SPARE_CONNECTIONS = 10

READER = Account("stockroom_reader", "SELECT", 50)
WRITER = Account("stockroom_writer", "SELECT, INSERT", 30, changes="UPDATE, DELETE")
INGEST = Account("stockroom_ingest", "SELECT, INSERT", 40, changes="UPDATE, DELETE")
REBUILT_TABLES = ("posting", "posting_skip")
"""What is built anew beside the tables that are searched (stockroom/search/index/rebuild/tables.py)."""
JOBS = Account(
    "stockroom_jobs",
    "SELECT, INSERT",
    5,
    changes="UPDATE, DELETE",
    makes=(
        "rebuilt_picture",
        *(f"{table}{end}" for table in REBUILT_TABLES for end in ("", "_rebuilt", "_replaced")),
    ),
)
TRANSIENT = frozenset(JOBS.makes) - frozenset(REBUILT_TABLES)
"""Tables that come and go while an index is built. Nobody but their maker is to change their rows."""

ACCOUNTS = (READER, WRITER, INGEST, JOBS)

MIGRATOR = Account(
    "stockroom_migrator", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES", 5
)
"""`migrate`. It makes the others, and is made by the administrator."""

MAX_RESIZE_CONCURRENCY = INGEST.connections - 4
"""The reaper and the audit each take a connection, and another one when an operator runs them by hand."""
