"""Counts and df buckets are made exactly true."""

from stockroom.runtime.database import Database
from stockroom.search.index.recount import recount
from tests.search.pictures import Picture, at, stock


def test_wrong_counts_are_corrected(database: Database) -> None:
    stock(database, [Picture(id=at(2016, number=n), description="red sea") for n in range(20)])
    assert recount(database) == 0
    right = database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon")
    database.execute("UPDATE term SET df = 7 WHERE term IN ('red', 'sea')")
    database.execute("UPDATE term SET df = 70 WHERE term = '*'")
    database.execute("UPDATE lexicon SET magnitude = 9")
    assert recount(database) == 3
    assert right == (database.query("SELECT * FROM term"), database.query("SELECT * FROM lexicon"))


def test_an_empty_index(database: Database) -> None:
    assert recount(database) == 0
