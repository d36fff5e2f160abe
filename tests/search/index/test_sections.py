"""Sections have every picture once, and most of them stay when pictures come and go."""

import pytest

from stockroom.images.repository.pictures import list_links
from stockroom.runtime.database import Database
from stockroom.search.index import sections
from stockroom.search.index.id_ranges import MAX_ID
from stockroom.search.service import SearchIndex
from tests.search.index.library import delete
from tests.search.pictures import Picture, at, stock


@pytest.fixture(autouse=True)
def short_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sections of a stride each: every skip pointer begins one."""
    monkeypatch.setattr(sections, "AVERAGE_PICTURES", 64)


def read(database: Database) -> dict[int, list[int]]:
    """The pictures of all sections, by the beginnings of these."""
    index = SearchIndex(database)
    found = {}
    for beginning in index.list_sections(50):
        section = index.find_section(beginning)
        assert section is not None
        found[beginning] = [link.image_id for link in list_links(database, section, 1000)]
    return found


def test_an_empty_library_has_one_section(database: Database) -> None:
    assert read(database) == {0: []}
    assert SearchIndex(database).find_section(0) == (0, MAX_ID)
    assert SearchIndex(database).find_section(at(2016)) is None


def test_every_picture_is_in_one_section(database: Database) -> None:
    numbers = stock(database, [Picture(id=at(2016, number=n)) for n in range(300)])
    found = read(database)
    assert len(found) > 2
    assert [image_id for section in found.values() for image_id in section] == numbers
    assert all(section[0] == beginning for beginning, section in list(found.items())[1:])


def test_a_picture_that_goes_changes_no_more_than_the_sections_beside_it(database: Database) -> None:
    stock(database, [Picture(id=at(2016, number=n)) for n in range(300)])
    before = read(database)
    gone = list(before)[2]
    delete(database, gone)
    database.execute("DELETE FROM image WHERE id = %s", (gone,))
    after = read(database)
    assert after == {
        **{beginning: each for beginning, each in before.items() if beginning != gone},
        list(before)[1]: before[list(before)[1]] + before[gone][1:],
    }


def test_a_section_begins_nowhere_else(database: Database) -> None:
    numbers = stock(database, [Picture(id=at(2016, number=n)) for n in range(100)])
    index = SearchIndex(database)
    beginnings = index.list_sections(50)
    for number in (*numbers, 1, MAX_ID):
        assert (index.find_section(number) is not None) == (number in beginnings)


def test_no_more_sections_are_listed_than_are_asked_for(database: Database) -> None:
    stock(database, [Picture(id=at(2016, number=n)) for n in range(300)])
    index = SearchIndex(database)
    assert index.list_sections(2) == index.list_sections(50)[:2]
