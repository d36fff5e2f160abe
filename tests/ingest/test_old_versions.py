"""Which renditions of older versions are deleted, and when."""

from collections.abc import Sequence

import pytest

from stockroom.images.repository.pictures import find_ready
from stockroom.images.storage import RenditionKey, Storage, rendition_key
from stockroom.ingest import old_versions
from stockroom.ingest.old_versions import HOURS, Cleanup, delete_old_versions
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.settings import Settings
from tests.factories import link_key, ready, state, stored_renditions

RENDITION = Rendition(b"data", "image/jpeg", 3, 2)


def moved(resources: Resources, content: bytes, version: int, *, hours: int = HOURS + 1) -> int:
    """A ready picture that came to this version so long ago, with a rendition of each version."""
    image_id = ready(resources, content)
    for each in range(1, version + 1):
        for format_ in ("jpeg", "avif"):
            key = rendition_key(image_id, link_key(resources.db, image_id), each, "720p", format_)
            resources.storage.write_rendition(key, RENDITION)
    resources.db.execute(
        "UPDATE image SET version = %s, moved = UTC_TIMESTAMP(3) - INTERVAL %s HOUR WHERE id = %s",
        (version, hours, image_id),
    )
    return image_id


class Counting(Storage):
    """Counts the pictures of each request."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.pictures: list[int] = []

    def delete_old_versions(self, pictures: Sequence[RenditionKey]) -> None:
        self.pictures.append(len(pictures))
        super().delete_old_versions(pictures)


def versions(resources: Resources, image_id: int) -> set[str]:
    return {path.partition("/")[0] for path in stored_renditions(resources, image_id)}


@pytest.mark.parametrize("page_rows", [1, 100])
def test_versions_below_the_present_one_go(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, page_rows: int
) -> None:
    monkeypatch.setattr(old_versions, "PAGE_ROWS", page_rows)
    monkeypatch.setattr(old_versions, "PICTURES_A_REQUEST", 1)
    first, late, third = (
        moved(resources, b"1", 2),
        moved(resources, b"2", 2, hours=HOURS - 1),
        moved(resources, b"3", 4),
    )
    counts: list[Cleanup] = []
    storage = Counting(resources.settings)
    assert delete_old_versions(resources.db, storage, check=counts.append) == Cleanup(2, 1)
    assert counts[-1] == Cleanup(2, 1)
    assert storage.pictures == [1, 1]
    assert [versions(resources, image_id) for image_id in (first, late, third)] == [
        {"v2"},
        {"v1", "v2"},
        {"v4"},
    ]
    assert delete_old_versions(resources.db, resources.storage) == Cleanup(0, 1)
    assert delete_old_versions(resources.db, resources.storage, hours=0) == Cleanup(1, 0)
    assert versions(resources, late) == {"v2"}
    assert [picture.version for picture in find_ready(resources.db, [first, late, third])] == [2, 2, 4]


@pytest.mark.parametrize("now", ["deleted", "hidden", "deleting", "pending"])
def test_what_is_no_picture_now_is_left_alone(resources: Resources, now: str) -> None:
    image_id = moved(resources, b"1", 2)
    resources.db.execute("UPDATE image SET state = %s", (now,))
    assert delete_old_versions(resources.db, resources.storage) == Cleanup(0, 0)
    assert versions(resources, image_id) == {"v1", "v2"}
    assert state(resources.db, image_id) == now


def test_what_storage_did_not_delete_is_deleted_the_next_time(resources: Resources) -> None:
    image_id = moved(resources, b"1", 2)

    class Away(Storage):
        def delete_old_versions(self, _: object) -> None:
            raise StorageUnavailable("away")

    with pytest.raises(StorageUnavailable):
        delete_old_versions(resources.db, Away(resources.settings))
    assert delete_old_versions(resources.db, resources.storage) == Cleanup(1, 0)
    assert versions(resources, image_id) == {"v2"}


def test_a_picture_that_moves_on_meanwhile_is_cleaned_up_later(resources: Resources) -> None:
    """Its versions of before may still be linked to."""
    image_id = moved(resources, b"1", 2)

    class Meanwhile(Storage):
        def delete_old_versions(self, _: object) -> None:
            resources.db.execute("UPDATE image SET version = 3, moved = UTC_TIMESTAMP(3)")

    assert delete_old_versions(resources.db, Meanwhile(resources.settings)) == Cleanup(0, 0)
    assert versions(resources, image_id) == {"v1", "v2"}
    assert delete_old_versions(resources.db, resources.storage, hours=-1) == Cleanup(1, 0)


def test_many_keys_take_several_requests(resources: Resources) -> None:
    image_id = ready(resources, b"1")
    key = RenditionKey(image_id, link_key(resources.db, image_id), 100)
    for version in (1, 99, 100):
        resources.storage.write_rendition(rendition_key(*key._replace(version=version), "240p"), RENDITION)
    resources.storage.delete_old_versions([key, key._replace(version=90), key._replace(version=1)])
    assert versions(resources, image_id) == {"v100"}
