"""Migrations: numbered SQL files beside this module, each applied once, in order.

Migrations must be backward compatible, because the functions of the previous version run while and after
they apply. DDL cannot be rolled back: a file that fails half-way runs again from its beginning, so each of
its statements must be repeatable.
"""

import re
from collections.abc import Collection
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from stockroom.runtime.accounts import APPEND_ONLY, MIGRATOR, TRANSIENT, Account
from stockroom.runtime.database import Database, error_code

FOLDER = Path(__file__).parent
LOCK = "stockroom-migrate"
LOCK_SECONDS = 60
"""How long a migration waits for another one."""
ALREADY_APPLIED = frozenset({1050, 1060, 1061, 1091})
"""The table, column or key exists already, or is dropped already."""


MAKES = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP"
"""What an account may do to a table that it makes. Whoever may make a table may be named before it exists."""
NO_SUCH_GRANT = 1141
"""What MySQL, unlike MariaDB, says where there is nothing to take back."""


class MigrationBusy(RuntimeError):
    """Another migration has held the lock for a minute."""


def migrations() -> list[tuple[int, Path]]:
    """All migrations as (number, file), in order."""
    return sorted((int(path.name[:4]), path) for path in FOLDER.glob("[0-9]*_*.sql"))


def statements(script: str) -> list[str]:
    """The statements of a script. Comments are whole lines; a statement ends with `;` at a line's end."""
    text = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return [part.strip() for part in re.split(r";\s*(?:\n|$)", text) if part.strip()]


def migrate(admin: Database, name: str) -> list[int]:
    """Create the database if it is missing, and apply the migrations that are not; their numbers."""
    quoted = _identifier(name)
    admin.execute(f"CREATE DATABASE IF NOT EXISTS {quoted} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    return admin.run_once(lambda cursor: _apply(cursor, quoted))


def _apply(cursor: Cursor, quoted: str) -> list[int]:
    # DDL commits by itself, so a transaction cannot keep two migrations apart; a named lock does.
    cursor.execute("SELECT GET_LOCK(%s, %s)", (LOCK, LOCK_SECONDS))
    if cursor.fetchone() != (1,):
        raise MigrationBusy("another migration is running; try again when it has ended")
    try:
        cursor.execute(f"USE {quoted}")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS migration (number INT UNSIGNED NOT NULL PRIMARY KEY, "
            "applied DATETIME(3) NOT NULL) ENGINE=InnoDB"
        )
        cursor.execute("SELECT number FROM migration")
        applied = {row[0] for row in cursor.fetchall()}
        pending = [(number, path) for number, path in migrations() if number not in applied]
        for number, path in pending:
            for statement in statements(path.read_text()):
                _execute(cursor, statement)
            cursor.execute("INSERT INTO migration (number, applied) VALUES (%s, UTC_TIMESTAMP(3))", (number,))
        return [number for number, _ in pending]
    finally:
        cursor.execute("SELECT RELEASE_LOCK(%s)", (LOCK,))


def _execute(cursor: Cursor, statement: str) -> None:
    try:
        cursor.execute(statement)
    except pymysql.MySQLError as error:
        # This migration was cut short once, after this statement.
        if error_code(error) not in ALREADY_APPLIED:
            raise


def create_accounts(admin: Database, name: str, accounts: Collection[Account], password: str) -> None:
    """Create accounts or bring them up to date, with this password, or with IAM when it is empty."""
    authentication = "IDENTIFIED BY %s" if password else "IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'"
    for account in accounts:
        arguments = (account.name, password) if password else (account.name,)
        admin.execute(f"CREATE USER IF NOT EXISTS %s@'%%' {authentication}", arguments)
        if password:
            admin.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", arguments)
        limit = (account.name, account.connections)
        admin.execute("ALTER USER %s@'%%' WITH MAX_USER_CONNECTIONS %s", limit)
        admin.execute(f"GRANT {account.privileges} ON {_identifier(name)}.* TO %s@'%%'", (account.name,))
        for table in account.makes:
            admin.execute(
                f"GRANT {MAKES} ON {_identifier(name)}.{_identifier(table)} TO %s@'%%'", (account.name,)
            )
        if account.changes:
            _grant_changes(admin, name, account)


def _grant_changes(admin: Database, name: str, account: Account) -> None:
    """Let an account change the rows of each table but the append-only ones.

    One that goes between the listing and its GRANT would be an error, so those that come and go are left out.

    What is allowed for a whole database cannot be taken back for one of its tables. Earlier versions did so;
    that is taken back last, so that the functions are never without a privilege.
    """
    for (table,) in admin.query(f"SHOW TABLES FROM {_identifier(name)}"):
        if table not in APPEND_ONLY | TRANSIENT:
            admin.execute(
                f"GRANT {account.changes} ON {_identifier(name)}.{_identifier(table)} TO %s@'%%'",
                (account.name,),
            )
    try:
        admin.execute(f"REVOKE {account.changes} ON {_identifier(name)}.* FROM %s@'%%'", (account.name,))
    except pymysql.MySQLError as error:
        if error_code(error) != NO_SUCH_GRANT:
            raise


def create_migrator(admin: Database, name: str, password: str) -> None:
    """Create the account that can do what this module does, as `create_accounts` creates the others."""
    create_accounts(admin, name, [MIGRATOR], password)
    account = (MIGRATOR.name,)
    admin.execute("GRANT CREATE USER ON *.* TO %s@'%%'", account)
    admin.execute(
        f"GRANT {MIGRATOR.privileges} ON {_identifier(name)}.* TO %s@'%%' WITH GRANT OPTION", account
    )


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is not a name for a database")
    return f"`{name}`"
