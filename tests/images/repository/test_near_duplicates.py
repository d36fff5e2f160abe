"""The bands of pictures: there exactly while a picture is ready and not flat."""

import pytest

from stockroom.images.looks import list_bands
from stockroom.images.repository.near_duplicates import delete_bands, insert_bands
from stockroom.images.states import STATES
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import ready

PHASH = 0xF0F0_1234_5678_9ABC
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
    image_ids = [picture(resources, b"%d" % number, PHASH + number) for number in range(120)]
    insert(resources.db, *image_ids)
    assert len(bands(resources.db)) == 5 * 120
    delete(resources.db, *image_ids[:-1])
    assert {row[0] for row in bands(resources.db)} == {image_ids[-1]}
