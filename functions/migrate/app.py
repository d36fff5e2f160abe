"""Migrates the database and creates the accounts of the other functions, before those are deployed."""

from typing import Any

import pymysql

from stockroom.runtime import settings
from stockroom.runtime.accounts import ACCOUNTS
from stockroom.runtime.database import ACCESS_DENIED, Database, error_code
from stockroom.runtime.migrations import are_applied, create_accounts, migrate
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings


def handler(_event: object, _context: object) -> dict[str, Any]:
    """The numbers of the migrations applied. An exception fails the deployment; the next one goes on.

    CloudFormation takes a failed deployment back by calling the version that was deployed before. The password
    of that version is replaced since (operations/protection.py), and what it would do, it has done long ago.
    """
    current = settings.current()
    try:
        applied = _migrate(current)
    except pymysql.OperationalError as error:
        if error_code(error) != ACCESS_DENIED or not _is_migrated(current):
            raise
        logger.warning("the administrator's password is refused, and there is nothing to migrate")
        applied = []
    logger.info("migrated", extra={"applied": applied})
    return {"applied": applied}


def _migrate(current: Settings) -> list[int]:
    admin = Database(current, admin=True)
    try:
        applied = migrate(admin, current.db_name)
        create_accounts(admin, current.db_name, ACCOUNTS, current.db_password)
    finally:
        admin.close()
    return applied


def _is_migrated(current: Settings) -> bool:
    """Whether there is nothing to migrate, as an account sees it that may only read."""
    reader = Database(current)
    try:
        return are_applied(reader)
    finally:
        reader.close()
