"""Brings the schema up to date and makes the accounts of the other functions, before they are deployed."""

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
    at = settings.current()
    admin = Database(at, admin=True)
    try:
        applied = migrate(admin, at.db_name)
        create_users(admin, at.db_name, USERS, at.db_password)
    finally:
        admin.close()
    logger.info("migrated", extra={"applied": applied})
    return {"applied": applied}
