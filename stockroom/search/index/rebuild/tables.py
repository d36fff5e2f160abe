"""The tables of an index that is being built, and the one statement that puts them in place of the old ones.

What exists says how far a rebuild has come, so that nothing else needs to be remembered: REPLACED exists from
the swap on until the rebuild is finished. PICTURE says whose the tables are, in its comment: a process that
was stopped for longer than its claim lasts, and goes on, finds those of another one under the same names.
"""

import secrets
import time
from functools import partial

import pymysql
from pymysql.cursors import Cursor

from stockroom.runtime.database import CONNECTION_LOST, REPEATABLE, Database, error_code
from stockroom.runtime.migrations import LOCK

POSTING = "posting_rebuilt"
SKIP = "posting_skip_rebuilt"
PICTURE = "rebuilt_picture"
"""What each picture was indexed by: its fingerprint (images/repository/indexing.py), and its terms."""
REPLACED = "posting_replaced"
REPLACED_SKIP = "posting_skip_replaced"

CREATE_WAIT_SECONDS = 5
SWAP_WAIT_SECONDS = 1
SWAP_ATTEMPTS = 120
PAUSE_SECONDS = 0.5

_MAY_PASS = REPEATABLE | CONNECTION_LOST | {0, 1050, 1146}
"""A lock that was waited for in vain; a lost connection; tables that an attempt without an answer renamed."""

_CREATE = (
    f"CREATE TABLE {POSTING} LIKE posting",
    f"CREATE TABLE {SKIP} LIKE posting_skip",
)
_CREATE_PICTURE = (
    f"CREATE TABLE {PICTURE} (image_id BIGINT UNSIGNED NOT NULL PRIMARY KEY, "
    "fingerprint INT UNSIGNED NOT NULL, "
    "term_ids MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL) "
    "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT=%s"
)
_OWNER = (
    "SELECT table_comment FROM information_schema.tables "
    f"WHERE table_schema = DATABASE() AND table_name = '{PICTURE}'"
)
_SWAP = (
    f"RENAME TABLE posting TO {REPLACED}, {POSTING} TO posting, "
    f"posting_skip TO {REPLACED_SKIP}, {SKIP} TO posting_skip"
)


class SwapRefused(RuntimeError):
    """The tables could not be put in place. The old index is the one that is searched."""


class Overtaken(RuntimeError):
    """The tables are another rebuild's by now, and none of this one's business."""

    def __init__(self) -> None:
        super().__init__("another rebuild has begun meanwhile, and sees to everything")

    def __reduce__(self) -> tuple[type["Overtaken"], tuple[()]]:
        # It comes from the process of a worker, too.
        return Overtaken, ()


def is_swapped(db: Database) -> bool:
    """Whether a rebuild has put its tables in place, and was cut short before it was finished."""
    return REPLACED in _list(db)


def create(db: Database) -> str:
    """Make the tables of a new index, empty; what a rebuild that was cut short has left is dropped.

    The answer is the name under which they are this rebuild's. Raises SwapRefused during a migration.
    """
    owner = secrets.token_hex(8)
    db.run_once(partial(_create, owner=owner))
    return owner


def take_over(db: Database) -> str:
    """Have the tables of a rebuild that was cut short be those of this one; their new name."""
    owner = secrets.token_hex(8)
    db.execute(f"ALTER TABLE {PICTURE} COMMENT=%s", (owner,))
    return owner


def is_owner(db: Database, owner: str) -> bool:
    """Whether the tables are still this rebuild's."""
    return db.query(_OWNER) == ((owner,),)


def check_owner(db: Database, owner: str) -> None:
    """Raise Overtaken unless they are."""
    if not is_owner(db, owner):
        raise Overtaken


def check_owner_within(cursor: Cursor, owner: str) -> None:
    """Raise Overtaken unless the tables are this rebuild's, in a transaction that has written into them.

    Then they stay so until its end: the transaction keeps the tables' names to itself, and whoever overtakes
    this rebuild has to wait to drop them. The owner stands in PICTURE, which is dropped last and made last.
    So rows that were written into a table of another one are rolled back.
    """
    cursor.execute(_OWNER)
    if cursor.fetchall() != ((owner,),):
        raise Overtaken


def drop(db: Database, owner: str) -> None:
    """Drop everything but the index itself. Raises Overtaken where it is another rebuild's."""
    check_owner(db, owner)
    for table in _list_dropped(_list(db)):
        db.execute(f"DROP TABLE IF EXISTS {table}")


def swap(db: Database, migration: int, owner: str) -> None:
    """Put the new tables in the place of the old ones. `migration` is the one by which they were made.

    Raises Overtaken where they are not those of `owner`, and SwapRefused.

    A transaction keeps a table's name to itself until its end, so each is wholly before the swap or wholly
    after it. Whoever asks for the tables while the swap waits for such a transaction waits, too: the swap
    therefore gives up soon, and tries again. That also ends a deadlock in which one waits for a row's lock
    that another one has, who waits behind the swap: the servers do not notice it.
    """
    for _ in range(SWAP_ATTEMPTS):
        check_owner(db, owner)
        # Whether an attempt whose answer was lost has come about, the tables say.
        if is_swapped(db):
            return
        try:
            db.run_once(partial(_rename, migration=migration, owner=owner))
        except pymysql.MySQLError as error:
            if error_code(error) not in _MAY_PASS:
                raise
            if error_code(error) not in REPEATABLE:
                db.close()
            time.sleep(PAUSE_SECONDS)
        else:
            return
    if not is_swapped(db):
        raise SwapRefused(
            "other statements have used the tables of the index all the time, so the new ones were not put "
            "in their place: try again when less is going on"
        )


def read_migration(db: Database) -> int:
    """The number of the newest migration."""
    ((number,),) = db.query("SELECT COALESCE(MAX(number), 0) FROM migration")
    return int(number)


def _create(cursor: Cursor, owner: str) -> None:
    # Nobody swaps these tables between a look at whose they are and the swap.
    cursor.execute("SELECT GET_LOCK(%s, %s)", (LOCK, CREATE_WAIT_SECONDS))
    if cursor.fetchone() != (1,):
        raise SwapRefused("the database is being migrated: build the index when that has ended")
    try:
        cursor.execute(_LIST)
        for table in _list_dropped({table for (table,) in cursor.fetchall()}):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _CREATE:
            cursor.execute(statement)
        cursor.execute(_CREATE_PICTURE, (owner,))
    finally:
        cursor.execute("SELECT RELEASE_LOCK(%s)", (LOCK,))


def _rename(cursor: Cursor, migration: int, owner: str) -> None:
    # Neither a migration nor another rebuild begins between the look and the swap.
    cursor.execute("SELECT GET_LOCK(%s, 0)", (LOCK,))
    is_locked = cursor.fetchone() == (1,)
    try:
        cursor.execute("SELECT COALESCE(MAX(number), 0) FROM migration")
        if not is_locked or cursor.fetchone() != (migration,):
            raise SwapRefused("the database was migrated while the index was built: build it again")
        cursor.execute(_OWNER)
        if cursor.fetchone() != (owner,):
            raise Overtaken
        cursor.execute(f"SET SESSION lock_wait_timeout = {SWAP_WAIT_SECONDS}")
        cursor.execute(_SWAP)
    finally:
        cursor.execute("SET SESSION lock_wait_timeout = DEFAULT")
        cursor.execute("SELECT RELEASE_LOCK(%s)", (LOCK,))


_LIST = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"


def _list(db: Database) -> set[str]:
    return {table for (table,) in db.query(_LIST)}


def _list_dropped(there: set[str]) -> list[str]:
    """Those of the tables of a rebuild that exist, in the order in which they are dropped.

    What says that a swap is unfinished goes before what the end of that swap needs.
    """
    return [table for table in (REPLACED, REPLACED_SKIP, POSTING, SKIP, PICTURE) if table in there]
