"""Migrates the database and creates the accounts of the other functions, before those are deployed."""

from typing import Any

from stockroom.runtime import settings
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import create_users, migrate
from stockroom.runtime.observability import logger

USERS = {
    "stockroom_reader": "SELECT",
    "stockroom_writer": "SELECT, INSERT, UPDATE, DELETE",
}


def handler(_event: object, _context: object) -> dict[str, Any]:
    """The numbers of the migrations applied. An exception fails the deployment; the next one goes on."""
    current = settings.current()
    admin = Database(current, admin=True)
    try:
        applied = migrate(admin, current.db_name)
        create_users(admin, current.db_name, USERS, current.db_password)
    finally:
        admin.close()
    logger.info("migrated", extra={"applied": applied})
    return {"applied": applied}
