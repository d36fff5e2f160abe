"""The commonest tags with their covers."""

from stockroom.runtime.database import Database
from stockroom.search.service import PopularTag, SearchIndex
from tests.factories import Statements
from tests.search.index.library import delete
from tests.search.pictures import Picture, at, stock


def _cover_ids(tags: list[PopularTag]) -> dict[str, int | None]:
    return {each.tag: None if each.cover is None else each.cover.image_id for each in tags}


def test_the_commonest_tags_have_covers_none_twice_as_far_as_possible(
    database: Database, index: SearchIndex
) -> None:
    assert index.find_popular_tags() == []
    pictures = [
        Picture(id=at(2016), description="", tags=("sea",)),
        Picture(id=at(2017), description="", tags=("sea", "sun")),
        Picture(id=at(2018), description="", tags=("sea", "sun", "salt")),
    ]
    stock(database, pictures)
    tags = index.find_popular_tags()
    assert [(each.tag, each.picture_count) for each in tags] == [("sea", 3), ("sun", 2), ("salt", 1)]
    assert _cover_ids(tags) == {"sea": at(2018), "sun": at(2017), "salt": at(2018)}
    assert _cover_ids(index.find_popular_tags(1)) == {"sea": at(2018)}

    delete(database, at(2018))
    assert _cover_ids(index.find_popular_tags()) == {"sea": at(2017), "sun": at(2017)}


def test_what_may_not_be_seen_is_no_cover(database: Database, index: SearchIndex) -> None:
    stock(database, [Picture(id=at(2016), description="", tags=("sea",))])
    # As after its expiry, until the reaper hides it.
    database.execute("UPDATE image SET expires = '2020-01-01'")
    assert index.find_popular_tags() == [PopularTag("sea", 1, None)]


def test_popular_tags_take_four_statements(database: Database, index: SearchIndex) -> None:
    stock(database, [Picture(id=at(2016 + n), description="", tags=(f"t{n}", "sea")) for n in range(12)])
    with Statements(database) as statements:
        assert len(index.find_popular_tags()) == 10
    assert statements.count == 4
