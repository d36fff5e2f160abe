from collections.abc import Mapping

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index.rebuild import counting
from stockroom.search.index.rebuild.counting import announce_new_terms, find_missing, set_df
from tests.factories import Statements

DF = (0, 3, 0, 1, 4)


@pytest.fixture(params=[1, 2, 100])
def term_ids(
    database: Database, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Terms with the counts of DF, of which a statement reads and writes so many."""
    monkeypatch.setattr(counting, "TERMS_PER_STATEMENT", request.param)
    for number, df in enumerate(DF):
        database.execute("INSERT INTO term (term, df) VALUES (%s, %s)", (f"term{number}", df))
    return sorted(read_df(database))


def read_df(database: Database) -> Mapping[int, int]:
    return dict(database.query("SELECT term_id, df FROM term"))


def test_terms_that_exist_no_more(database: Database, term_ids: list[int]) -> None:
    absent = term_ids[-1] + 1
    df = dict.fromkeys(term_ids, 1)
    assert find_missing(database, df) == set()
    assert find_missing(database, df | {absent: 1, absent + 1: 0}) == {absent}


def test_new_terms_alone_are_announced(database: Database, term_ids: list[int]) -> None:
    """What pictures of the old index have keeps its count."""
    first, second, third, *_ = term_ids
    assert announce_new_terms(database, {first: 7, second: 8}) == 1
    assert read_df(database) == dict(zip(term_ids, (7, *DF[1:]), strict=True))
    assert announce_new_terms(database, {first: 7, third: 9}) == 1
    assert read_df(database)[third] == 9


def test_all_terms_are_set(database: Database, term_ids: list[int]) -> None:
    new = dict(zip(term_ids, (5, 3, -1, 2), strict=False))
    with Statements(database) as statements:
        assert set_df(database, new) == 4
    assert statements.count == {1: 6 + 4, 2: 3 + 2, 100: 1 + 1}[counting.TERMS_PER_STATEMENT]
    assert list(read_df(database).values()) == [5, 3, 0, 2, 0]
    assert set_df(database, {each: df for each, df in new.items() if df > 0}) == 0
