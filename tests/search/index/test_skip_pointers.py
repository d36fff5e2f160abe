"""The sample of the postings follows the postings."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.index import skip_pointers
from tests.search.index.library import assert_consistent, delete, resolve, write
from tests.search.pictures import Picture, at, stock


def test_one_picture_in_a_stride_is_sampled() -> None:
    start = at(2016)
    sampled = sum(map(skip_pointers.is_sampled, range(start, start + 64_000)))
    assert 0.9 * 1000 < sampled < 1.1 * 1000


@pytest.mark.parametrize("stride", [1, 2, 64])
def test_the_sample_follows_the_postings(
    database: Database, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skip_pointers, "STRIDE", stride)
    pictures = [Picture(id=at(2016, number=n), description=f"red boat {n}") for n in range(20)]
    stock(database, pictures)
    assert_consistent(database, stride)
    for picture in pictures[:10]:
        write(database, picture.id, resolve(database, Picture(id=picture.id, description="red red cars")))
    assert_consistent(database, stride)
    for picture in pictures[10:]:
        delete(database, picture.id)
    assert_consistent(database, stride)
    sampled = database.query("SELECT COUNT(DISTINCT image_id) FROM posting_skip")
    assert sampled == ((sum(map(skip_pointers.is_sampled, (p.id for p in pictures[:10]))),),)
