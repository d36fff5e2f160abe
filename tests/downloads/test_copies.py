"""Copies in storage: written once, used again, written anew."""

import hashlib
import io
import tempfile
from datetime import timedelta

import pytest

from stockroom.downloads import copies
from stockroom.downloads.copies import MAX_COPIED_BYTES, REUSED_FOR, find_or_make
from stockroom.embedding import EMBEDDING_VERSION, Description, Unembeddable
from stockroom.embedding.pieces import CHUNK_BYTES
from stockroom.images.repository.originals import OriginalRow, find_original
from stockroom.images.storage import Storage, copy_key
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from tests.downloads.originals import list_copies, picture_with_original
from tests.embedding.files import copy_with
from tests.factories import put_original, s3_client
from tests.renditions.images import photo_of

NEW = Description(title="New")


@pytest.fixture
def row(resources: Resources) -> OriginalRow:
    found = find_original(resources.db, picture_with_original(resources))
    assert found is not None
    return found


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the pictures whose copies were written."""
    written: list[int] = []
    write_copy = Storage.write_copy

    def note(storage: Storage, image_id: int, *arguments: object, **options: object) -> object:
        written.append(image_id)
        return write_copy(storage, image_id, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Storage, "write_copy", note)
    return written


def test_a_copy_is_written_once_and_again_for_other_metadata(
    resources: Resources, row: OriginalRow, writes: list[int]
) -> None:
    storage = resources.storage
    first, second = (find_or_make(storage, row, NEW, now()) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.size, first.sha256, first.label) == (second.size, second.sha256, second.label)
    assert len(writes) == 1
    other = find_or_make(storage, row, Description(title="Other"), now())
    assert other is not None
    assert other.label != first.label
    assert len(writes) == 2
    assert list_copies(resources) == [copy_key(row.picture.image_id)]


def test_a_copy_that_may_soon_be_deleted_is_written_anew(
    resources: Resources, row: OriginalRow, writes: list[int]
) -> None:
    find_or_make(resources.storage, row, NEW, now())
    stored = resources.storage.find_copy(row.picture.image_id)
    assert stored is not None
    find_or_make(resources.storage, row, NEW, stored.stored_at + REUSED_FOR - timedelta(seconds=1))
    assert len(writes) == 1
    find_or_make(resources.storage, row, NEW, stored.stored_at + REUSED_FOR)
    assert len(writes) == 2


def test_a_copy_has_the_bytes_that_it_says(resources: Resources, row: OriginalRow) -> None:
    copy = find_or_make(resources.storage, row, NEW, now())
    assert copy is not None
    answer = s3_client().get_object(
        Bucket=resources.settings.uploads_bucket, Key=copy_key(row.picture.image_id)
    )
    assert answer["Body"].read() == copy_with(photo_of("jpeg", 96, 64), "image/jpeg", NEW)
    assert (answer["ContentType"], answer["ContentLength"]) == ("image/jpeg", copy.size)
    assert answer["Metadata"]["sha256"] == copy.sha256.hex()


def test_a_copy_is_never_in_memory_as_a_whole() -> None:
    class InPieces(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size == CHUNK_BYTES
            return super().read(size)

    with tempfile.TemporaryFile() as original, InPieces() as copy:
        original.write(photo_of("jpeg", 96, 64))
        sha256 = copies._write_copy(original, copy, "image/jpeg", NEW)
        assert sha256 == hashlib.sha256(copy.getvalue()).digest()


def test_without_an_original_there_is_no_copy(resources: Resources, row: OriginalRow) -> None:
    resources.storage.delete_original(row.picture.image_id)
    assert find_or_make(resources.storage, row, NEW, now()) is None


def test_a_large_original_is_not_copied(
    resources: Resources, row: OriginalRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unembeddable, match=r"^it is larger than 200 MB$"):
        find_or_make(resources.storage, row._replace(size=MAX_COPIED_BYTES + 1), NEW, now())
    assert list_copies(resources) == []
    monkeypatch.setattr(copies, "MAX_COPIED_BYTES", row.size)
    assert find_or_make(resources.storage, row, NEW, now()) is not None


def test_an_empty_original_is_not_copied(resources: Resources, row: OriginalRow) -> None:
    put_original(resources, row.picture.image_id, b"")
    with pytest.raises(Unembeddable, match=r"^it is empty$"):
        find_or_make(resources.storage, row, NEW, now())


def test_a_copy_that_was_written_in_an_older_way_is_written_anew(
    resources: Resources, row: OriginalRow, writes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    find_or_make(resources.storage, row, NEW, now())
    monkeypatch.setattr(copies, "EMBEDDING_VERSION", EMBEDDING_VERSION + 1)
    find_or_make(resources.storage, row, NEW, now())
    assert len(writes) == 2


def test_deleting_a_copy_leaves_the_original(resources: Resources, row: OriginalRow) -> None:
    find_or_make(resources.storage, row, NEW, now())
    for _ in range(2):  # the second time there is nothing to delete
        resources.storage.delete_copy(row.picture.image_id)
    assert list_copies(resources) == []
    assert resources.storage.head_original(row.picture.image_id) is not None
