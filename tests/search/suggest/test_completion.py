"""Autocomplete of tags."""

from stockroom.runtime.database import Database
from stockroom.search.index import writer as postings
from stockroom.search.suggest import completion
from tests.search.pictures import Picture, at, stock


def found(db: Database, prefix: str, limit: int = 10) -> list[tuple[str, int]]:
    return completion.complete_tags(db, prefix, limit)


def test_commonest_first_and_only_tags(database: Database) -> None:
    pictures = [
        Picture(id=at(2016), description="seaside words", tags=("sea", "sea shell")),
        Picture(id=at(2017), description="#sea #Été", tags=("sepia",)),
        Picture(id=at(2018), description="", tags=("sea",)),
        Picture(id=at(2019), description="", tags=("東京",)),
    ]
    stock(database, pictures)
    assert found(database, "se") == [("sea", 3), ("sea shell", 1), ("sepia", 1)]
    assert found(database, "#SEA ") == [("sea", 3), ("sea shell", 1)]
    assert found(database, "se", 1) == [("sea", 3)]
    assert found(database, "ete") == found(database, "É") == [("été", 1)]
    assert found(database, "東") == [("東京", 1)]
    assert found(database, "")[0] == ("sea", 3)
    assert len(found(database, "")) == 5
    assert found(database, "seaside") == found(database, "%") == found(database, "x" * 1000) == []

    term_ids = postings.resolve(database, pictures[3].document())
    database.run_transaction(lambda cursor: postings.remove(cursor, pictures[3].id, term_ids))
    assert found(database, "東") == []
