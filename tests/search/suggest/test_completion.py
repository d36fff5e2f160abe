"""Completions of tags and words."""

from stockroom.runtime.database import Database
from stockroom.search.service import SearchIndex, parse
from tests.search.index.library import delete
from tests.search.pictures import Picture, at, stock


def test_tags_are_completed_commonest_first(database: Database, index: SearchIndex) -> None:
    pictures = [
        Picture(id=at(2016), description="seaside words", tags=("sea", "sea shell")),
        Picture(id=at(2017), description="#sea #Été", tags=("sepia",)),
        Picture(id=at(2018), description="", tags=("sea",)),
        Picture(id=at(2019), description="", tags=("東京",)),
    ]
    stock(database, pictures)
    assert index.complete_tags("se") == [("sea", 3), ("sea shell", 1), ("sepia", 1)]
    assert index.complete_tags("#SEA ") == [("sea", 3), ("sea shell", 1)]
    assert index.complete_tags("se", 1) == [("sea", 3)]
    assert index.complete_tags("ete") == index.complete_tags("É") == [("été", 1)]
    assert index.complete_tags("東") == [("東京", 1)]
    assert index.complete_tags("")[0] == ("sea", 3)
    assert len(index.complete_tags("")) == 5
    assert [index.complete_tags(prefix) for prefix in ("seaside", "%", "x" * 1000)] == [[], [], []]

    delete(database, pictures[3].id)
    assert index.complete_tags("東") == []


def test_words_are_completed_commonest_first(database: Database, index: SearchIndex) -> None:
    texts = ["harbours", "harbour hat", "harbor", "the harbours then"]
    stock(database, [Picture(id=at(2016 + n), name="x", description=text) for n, text in enumerate(texts)])
    assert index.complete_words("HA") == [("harbour", 3), ("harbor", 1), ("hat", 1)]
    assert index.complete_words("harbo", 1) == [("harbour", 3)]


def test_words_of_file_names_are_found_and_not_offered(database: Database, index: SearchIndex) -> None:
    stock(
        database,
        [
            Picture(id=at(2016), name="wavesmidnight017.jpg", description="waves"),
            Picture(id=at(2017), name="wavelet.jpg", description="a wavelet"),
        ],
    )
    assert sorted(index.complete_words("wave")) == [("wavelet", 1), ("waves", 1)]
    for query in ("wavesmid", "wavesmidnight017"):
        assert [picture.image_id for picture in index.find_images(parse(query)).pictures] == [at(2016)]
    assert index.complete_words("\0wave") == index.complete_words("\0") == []


def test_neither_stop_words_nor_tags_are_completed_as_words(database: Database, index: SearchIndex) -> None:
    stock(database, [Picture(id=at(2016), name="x", description="the theatre", tags=("theme",))])
    assert index.complete_words("the") == [("theatre", 1), ("theme", 1)]
    assert index.complete_words("#the") == index.complete_words(" ") == []
