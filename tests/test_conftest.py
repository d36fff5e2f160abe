"""The test server itself: every test begins with an empty, migrated schema."""

import pytest

from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrations


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_empty(database: Database, turn: int) -> None:
    assert database.query("SELECT COUNT(*) FROM term") == ((0,),)
    database.execute("INSERT INTO term (term) VALUES (%s)", (f"left-{turn}",))


def test_all_migrations_are_applied(database: Database) -> None:
    applied = [number for (number,) in database.query("SELECT number FROM migration ORDER BY number")]
    assert applied == [number for number, _ in migrations()]


def test_session_rules_hold(database: Database) -> None:
    (isolation, mode), *_ = database.query("SELECT @@transaction_isolation, @@sql_mode")
    assert isolation == "READ-COMMITTED"
    assert "STRICT_TRANS_TABLES" in mode
