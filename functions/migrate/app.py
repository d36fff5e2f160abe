"""Migrates the database and creates the accounts of the other functions, before those are deployed."""

from typing import Any

from stockroom.runtime import settings
from stockroom.runtime.accounts import ACCOUNTS
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import create_accounts, migrate
from stockroom.runtime.observability import logger


def handler(_event: object, _context: object) -> dict[str, Any]:
    """The numbers of the migrations applied. An exception fails the deployment; the next one goes on."""
    current = settings.current()
    admin = Database(current, admin=True)
    try:
        applied = migrate(admin, current.db_name)
        create_accounts(admin, current.db_name, ACCOUNTS, current.db_password)
    finally:
        admin.close()
    logger.info("migrated", extra={"applied": applied})
    return {"applied": applied}
