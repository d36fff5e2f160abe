"""The test server itself: every test begins with an empty, migrated schema."""

import pytest

from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrations
from tests.conftest import MANY_ROWS
from tests.distribution import BROWSER, FIRST, GROUPS, choose_groups, unit_of
from tooling import ROOT


@pytest.mark.parametrize("rows", [1, MANY_ROWS, 2])
def test_each_test_begins_empty(database: Database, rows: int) -> None:
    tables = [table for (table,) in database.query("SHOW TABLES") if table != "migration"]
    assert [table for table in tables if database.query(f"SELECT 1 FROM {table}")] == []
    database.execute("INSERT INTO term (term) VALUES ('left')")
    assert database.query("SELECT term_id FROM term") == ((1,),)
    values = ", ".join(f"(1, {row})" for row in range(rows))
    database.execute(f"INSERT INTO posting (term_id, image_id) VALUES {values}")


def test_what_is_to_come_first_exists() -> None:
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob("*/**/test_*.py")]
    assert set(FIRST) - {unit_of(file, GROUPS) for file in files} == set()
    assert GROUPS.keys() - set(FIRST) == set()
    prefixes = [prefix for group in GROUPS.values() for prefix in group]
    assert [prefix for prefix in prefixes if not list(ROOT.glob(f"{prefix}*"))] == []


@pytest.mark.parametrize(
    ("marks", "are_apart"), [("not thorough", False), ("thorough", True), ("", True)], ids=repr
)
def test_the_browser_has_a_stack_of_its_own_where_thorough_tests_run(marks: str, are_apart: bool) -> None:
    groups = choose_groups(marks)
    browser = unit_of(f"{BROWSER}.py::test_a", groups)
    assert (browser != unit_of("tests/integration/test_api.py::test_a", groups)) == are_apart


def test_all_migrations_are_applied(database: Database) -> None:
    applied = [number for (number,) in database.query("SELECT number FROM migration ORDER BY number")]
    assert applied == [number for number, _ in migrations()]


def test_session_rules_hold(database: Database) -> None:
    (isolation, mode), *_ = database.query("SELECT @@transaction_isolation, @@sql_mode")
    assert isolation == "READ-COMMITTED"
    assert "STRICT_TRANS_TABLES" in mode
