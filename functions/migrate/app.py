"""Migrates the database and creates the accounts of the other functions, before those are deployed."""

from contextlib import closing
from typing import Any

import pymysql
from msgspec.structs import replace

from stockroom.runtime import settings
from stockroom.runtime.accounts import ACCOUNTS
from stockroom.runtime.database import ACCESS_DENIED, Database, error_code
from stockroom.runtime.keep_active import KEEP_ACTIVE
from stockroom.runtime.migrations import create_accounts, create_migrator, migrate
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings


def handler(event: object, _context: object) -> dict[str, Any]:
    """The numbers of the migrations applied; nothing for a call that keeps the function active.

    An exception fails the deployment; the next one goes on.

    The administrator is needed once, to make the account that migrates from then on. The password here is
    that of the first deployment: each deployment replaces it afterwards (operations/protection.py), and
    CloudFormation does not notice. Nor could the version of before get another one, which CloudFormation
    calls to take a failed deployment back.
    """
    if event == KEEP_ACTIVE:
        return {}
    current = settings.current()
    migrator = replace(current, db_admin_user=current.db_user, db_admin_password=current.db_password)
    try:
        applied = _migrate(migrator)
    except pymysql.MySQLError as error:
        if error_code(error) not in ACCESS_DENIED:
            raise
        applied = _migrate(current, makes_migrator=True)
    logger.info("migrated", extra={"applied": applied})
    return {"applied": applied}


def _migrate(current: Settings, *, makes_migrator: bool = False) -> list[int]:
    with closing(Database(current, admin=True)) as database:
        applied = migrate(database, current.db_name)
        create_accounts(database, current.db_name, ACCOUNTS, current.db_password)
        if makes_migrator:
            create_migrator(database, current.db_name, current.db_password)
    return applied
