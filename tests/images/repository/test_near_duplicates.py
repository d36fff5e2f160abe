"""The bands of pictures: there exactly while a picture is ready and not flat."""

import pytest

from stockroom.images.looks import list_bands
from stockroom.images.repository.near_duplicates import (
    delete_bands,
    find_band_range,
    find_bandless,
    find_looks,
    find_misplaced,
    find_own_candidates,
    insert_bands,
)
from stockroom.images.states import STATES
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import Statements, ready
from tests.images.looks import Shown, show

PHASH = 0xF0F0_1234_5678_9ABC
LAST_ID = (1 << 64) - 1
CONTRAST = b"\x00\x00\x78\x00\x00"


def picture(resources: Resources, content: bytes, phash: int | None = PHASH, hash_: bytes = CONTRAST) -> int:
    image_id = ready(resources, content)
    resources.db.execute(
        "UPDATE image SET phash = %s, thumbhash = %s WHERE id = %s", (phash, hash_, image_id)
    )
    return image_id


def insert(db: Database, *image_ids: int) -> None:
    db.run_transaction(lambda cursor: insert_bands(cursor, image_ids))


def delete(db: Database, *image_ids: int) -> None:
    db.run_transaction(lambda cursor: delete_bands(cursor, image_ids))


def bands(db: Database) -> list[tuple[int, ...]]:
    return list(db.query("SELECT image_id, band, value, owner_id, phash FROM phash_band ORDER BY 1, 2"))


def test_a_ready_picture_gets_its_bands_once(resources: Resources) -> None:
    first, second = picture(resources, b"1"), picture(resources, b"2", (1 << 64) - 1)
    insert(resources.db, first, second)
    ((owner_id,),) = resources.db.query("SELECT owner_id FROM image WHERE id = %s", (first,))
    expected = [
        (image_id, band, value, owner_id, phash)
        for image_id, phash in ((first, PHASH), (second, (1 << 64) - 1))
        for band, value in enumerate(list_bands(phash))
    ]
    assert bands(resources.db) == expected
    insert(resources.db, first, second)
    assert bands(resources.db) == expected
    delete(resources.db, first)
    assert bands(resources.db) == expected[5:]
    delete(resources.db, first, second)
    delete(resources.db, first, second)
    assert bands(resources.db) == []


@pytest.mark.parametrize(
    ("phash", "thumbhash"), [(None, CONTRAST), (0, CONTRAST), (PHASH, b"\xff\xff\x03\x00\x00"), (PHASH, b"x")]
)
def test_a_flat_picture_has_no_bands(resources: Resources, phash: int | None, thumbhash: bytes) -> None:
    image_id = picture(resources, b"1", phash, thumbhash)
    insert(resources.db, image_id)
    assert bands(resources.db) == []
    delete(resources.db, image_id)


def test_only_a_ready_picture_gets_bands_and_any_row_loses_them(resources: Resources) -> None:
    image_id = picture(resources, b"1")
    for state in STATES:
        resources.db.execute("UPDATE image SET state = 'ready' WHERE id = %s", (image_id,))
        insert(resources.db, image_id)
        assert len(bands(resources.db)) == 5
        resources.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, image_id))
        delete(resources.db, image_id)
        insert(resources.db, image_id)
        assert len(bands(resources.db)) == (5 if state == "ready" else 0)
    insert(resources.db, 1)
    insert(resources.db)
    delete(resources.db)


def test_many_pictures_at_once(resources: Resources) -> None:
    """A statement is about a hundred pictures at most: one reads their hashes, and one writes their bands."""
    image_ids = [picture(resources, b"%d" % number, PHASH + number) for number in range(120)]
    for change in (insert, delete, insert):
        with Statements(resources.db) as one:
            change(resources.db, *image_ids[:100])
        with Statements(resources.db) as two:
            change(resources.db, *image_ids)
        assert two.count == one.count + 2
    assert len(bands(resources.db)) == 5 * 120
    delete(resources.db, *image_ids[:-1])
    assert {row[0] for row in bands(resources.db)} == {image_ids[-1]}


def test_pictures_without_bands_are_found_page_by_page(resources: Resources) -> None:
    first, flat, last = picture(resources, b"1"), picture(resources, b"2", 0), picture(resources, b"3")
    assert find_bandless(resources.db, 0, LAST_ID, 2) == ([first], flat)
    assert find_bandless(resources.db, flat, LAST_ID, 2) == ([last], None)
    assert find_bandless(resources.db, 0, LAST_ID, 3) == ([first, last], last)
    assert find_bandless(resources.db, last, LAST_ID, 2) == ([], None)
    insert(resources.db, first)
    assert find_bandless(resources.db, 0, LAST_ID, 9) == ([last], None)


def test_bands_are_walked_in_ranges_of_values(resources: Resources) -> None:
    insert(resources.db, picture(resources, b"1", 1), picture(resources, b"2", 2 << 16 | 3))
    values = sorted(
        (band, value) for phash in (1, 2 << 16 | 3) for band, value in enumerate(list_bands(phash))
    )
    for limit in (1, 2, 7, 10):
        assert find_band_range(resources.db, (-1, 0), limit) == values[limit - 1]
    assert find_band_range(resources.db, (-1, 0), 11) is None
    assert find_band_range(resources.db, values[0], 1) == values[1]
    resources.db.execute("UPDATE phash_band SET owner_id = owner_id + 1")
    found = find_misplaced(resources.db, (-1, 0), values[1])
    assert [(key.band, key.value) for key in found] == values[:2]
    found = find_misplaced(resources.db, values[1], None)
    assert sorted((key.band, key.value) for key in found) == values[2:]


def test_candidates_are_the_same_one_by_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where multitudes share their looks. Twenty pictures are asked for by a statement."""
    noise = Shown(800, PHASH, thumbhash=b"\x00\x00\x03\x00\x00")
    pairs = [Shown(10 + number, PHASH >> number // 2) for number in range(40)]
    pixels = [Shown(100 + number, None, pixels="a") for number in range(3)]
    alone = [Shown(900 + number, None) for number in range(20)]
    show(database, [noise, *pairs, *pixels, *alone])
    asked = find_looks(database, [each.image_id for each in (noise, *pairs, *pixels, *alone)])
    joined = find_own_candidates(database, asked)
    assert not joined.is_cut
    assert 11 in joined.by_picture[10]
    assert joined.by_picture[102] == {100, 101}
    assert joined.by_picture[800] == joined.by_picture[919] == set()
    monkeypatch.setattr("stockroom.images.repository.near_duplicates.MAX_JOINED", 1)
    with Statements(database) as statements:
        one_by_one = find_own_candidates(database, asked)
    assert one_by_one == (joined.by_picture, True)
    # The join that is cut; and three statements, as nothing is read for the twenty newest pictures.
    assert statements.count == 1 + 3
