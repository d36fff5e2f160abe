from array import array
from collections.abc import Iterator

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index.rebuild import loading, tables
from stockroom.search.index.rebuild.loading import load_postings
from stockroom.search.index.rebuild.runs import Block
from tests.factories import Statements

BLOCKS = [
    Block(2, 0, array("Q", [1, 5]), b"\xff\x01"),
    Block(7, 0, array("Q", [1]), b"\x03"),
    Block(7, 1, array("Q", [5, 6]), b"\x04\x05"),
    Block(9, 1, array("Q", [6]), b"\x06"),
]


@pytest.fixture
def owner(database: Database) -> Iterator[str]:
    """The rebuild whose the empty tables of a new index are."""
    owner = tables.create(database)
    yield owner
    tables.drop(database, owner)


@pytest.mark.parametrize(("size", "told"), [(1, [2, 3, 5, 6, 6]), (3, [3, 6, 6]), (100, [6])])
def test_postings_and_skip_pointers_are_loaded(
    database: Database, owner: str, monkeypatch: pytest.MonkeyPatch, size: int, told: list[int]
) -> None:
    monkeypatch.setattr(loading, "ROWS_PER_STATEMENT", size)
    counts: list[int] = []
    with Statements(database) as statements:
        assert load_postings(database, BLOCKS, {5, 6}, owner, counts.append) == {2: 2, 7: 3, 9: 1}
    # Each in a transaction, which asks whose the tables are.
    assert statements.count == 4 * {1: 6 + 4, 3: 2 + 2, 100: 1 + 1}[size]
    assert counts == told
    assert database.query(f"SELECT * FROM {tables.POSTING} ORDER BY 1, 2") == (
        (2, 1, 255), (2, 5, 1), (7, 1, 3), (7, 5, 4), (7, 6, 5), (9, 6, 6),
    )  # fmt: skip
    assert database.query(f"SELECT * FROM {tables.SKIP} ORDER BY 1, 2") == (
        (2, 5), (7, 5), (7, 6), (9, 6),
    )  # fmt: skip
