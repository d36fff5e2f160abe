"""The gateway against buckets in memory; what depends on signatures is tested on a real endpoint."""

import base64
import hashlib
import io
import random
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from stockroom.images.cdn import MANY_DELETED
from stockroom.images.storage import (
    CHUNK_BYTES,
    RenditionKey,
    Storage,
    StoredObject,
    list_rendition_keys,
    original_key,
    parse_original_key,
    parse_rendition_key,
    rendition_key,
)
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.timestamps import now
from tests.factories import put_original, s3_client, stored_renditions

SHA = hashlib.sha256(b"abc").digest()
IMAGE_ID = 5
OTHER_ID = 6


def test_keys() -> None:
    assert original_key(IMAGE_ID) == "originals/0000000000005"
    assert rendition_key(IMAGE_ID, "KEY", 1, "240p") == "i/0000000000005-KEY/v1/240p.jpg"
    assert rendition_key(IMAGE_ID, "KEY", 2, "720p", "webp") == "i/0000000000005-KEY/v2/720p.webp"
    assert list_rendition_keys(RenditionKey(IMAGE_ID, "KEY", 2), ("jpeg", "1440p")) == [
        f"i/0000000000005-KEY/v2/{name}" for name in ("720p.jpg", "240p.jpg", "1440p.webp")
    ]


def test_the_keys_of_a_format_of_a_later_release_are_not_known() -> None:
    key = RenditionKey(IMAGE_ID, "KEY", 2)
    assert list_rendition_keys(key, ("jpeg", "of-a-later-release")) == list_rendition_keys(key, ("jpeg",))


def test_the_keys_of_pictures_without_a_link_key_stay_as_they_were() -> None:
    assert rendition_key(IMAGE_ID, "", 1, "240p") == "i/0000000000005/v1/240p.jpg"


@pytest.mark.parametrize(
    ("key", "image_id"),
    [
        ("originals/0000000000005", IMAGE_ID),
        ("originals/nonsense", None),
        ("originals", None),
        ("elsewhere/0000000000005", None),
        ("originals/0000000000005/more", None),
    ],
)
def test_the_id_of_a_key(key: str, image_id: int | None) -> None:
    assert parse_original_key(key) == image_id


@pytest.mark.parametrize(
    ("key", "image_id"),
    [
        ("i/0000000000005-KEY/v1/240p.jpg", IMAGE_ID),
        ("i/0000000000005-KEY-more/v1/240p.jpg", IMAGE_ID),
        ("i/0000000000005/v1/240p.jpg", IMAGE_ID),
        ("i/nonsense-KEY/v1/240p.jpg", None),
        ("j/0000000000005-KEY/v1/240p.jpg", None),
        ("i", None),
    ],
)
def test_the_id_of_the_key_of_a_rendition(key: str, image_id: int | None) -> None:
    assert parse_rendition_key(key) == image_id


def test_a_ticket_is_bound_to_what_is_announced(resources: Resources) -> None:
    url, headers = resources.storage.presigned_put(
        IMAGE_ID, size=3, media_type="image/png", sha256=SHA, seconds=9
    )
    query = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path.endswith("/originals/0000000000005")
    assert resources.settings.uploads_bucket in url
    assert query["X-Amz-SignedHeaders"] == [
        "content-length;content-type;host;if-none-match;x-amz-checksum-sha256"
    ]
    assert query["X-Amz-Expires"] == ["9"]
    assert headers == {
        "content-type": "image/png",
        "if-none-match": "*",
        "x-amz-checksum-sha256": base64.b64encode(SHA).decode(),
    }


def test_what_is_handed_out_is_a_download(resources: Resources) -> None:
    url = resources.storage.presigned_get(
        "originals/x", media_type="image/png", disposition="attachment; filename=a", seconds=9
    )
    query = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path.endswith("/originals/x")
    assert resources.settings.uploads_bucket in url
    assert query["response-content-type"] == ["image/png"]
    assert query["response-content-disposition"] == ["attachment; filename=a"]
    assert query["response-cache-control"] == ["private, no-store"]
    assert query["X-Amz-Expires"] == ["9"]
    assert query["X-Amz-SignedHeaders"] == ["host"], "a browser sends nothing else"


def test_a_deleted_original_of_a_bucket_with_versions_is_not_there(resources: Resources) -> None:
    """`deleted_originals_days` of a stage's file changes nothing for the functions."""
    s3, bucket = s3_client(), resources.settings.uploads_bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put_original(resources, IMAGE_ID, b"abc")
    resources.storage.delete_original(IMAGE_ID)
    assert resources.storage.head_original(IMAGE_ID) is None
    assert resources.storage.list_originals("", 10) == []
    # What an operator does to bring it back.
    (marker,) = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]
    s3.delete_object(Bucket=bucket, Key=original_key(IMAGE_ID), VersionId=marker["VersionId"])
    assert resources.storage.head_original(IMAGE_ID) is not None


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_on_aws_the_url_names_the_buckets_regional_host(
    resources: Resources, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's Content-Security-Policy allows this host and no other."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    storage = Storage(resources.settings)
    url, _ = storage.presigned_put(IMAGE_ID, size=3, media_type="image/png", sha256=SHA, seconds=9)
    assert urlsplit(url).netloc == f"{resources.settings.uploads_bucket}.s3.{region}.amazonaws.com"


def test_an_original_is_described_and_read(resources: Resources) -> None:
    put_original(resources, IMAGE_ID, b"content")
    described = resources.storage.head_original(IMAGE_ID)
    assert described is not None
    assert described.size == 7
    with resources.storage.open_original(IMAGE_ID) as download:
        assert download is not None
        assert (download.size, b"".join(download.chunks)) == (7, b"content")


def test_an_absent_original_is_none(resources: Resources) -> None:
    assert resources.storage.head_original(OTHER_ID) is None
    with resources.storage.open_original(OTHER_ID) as download:
        assert download is None


def test_an_original_is_read_as_a_whole_or_in_part(resources: Resources) -> None:
    content = random.Random(1).randbytes(CHUNK_BYTES + 7)
    put_original(resources, IMAGE_ID, content)
    file = io.BytesIO()
    assert resources.storage.read_original(IMAGE_ID, file)
    assert file.getvalue() == content
    with resources.storage.open_original(IMAGE_ID) as download:
        assert download is not None
        assert list(map(len, download.chunks)) == [CHUNK_BYTES, 7]
    assert resources.storage.read_original_part(IMAGE_ID, 2, 5) == content[2:5]
    assert resources.storage.read_original_part(IMAGE_ID, CHUNK_BYTES, CHUNK_BYTES * 2) == content[-7:]
    assert resources.storage.read_original_part(OTHER_ID, 2, 5) is None
    assert not resources.storage.read_original(OTHER_ID, file)


def test_a_copy_carries_what_it_was_made_of(resources: Resources) -> None:
    storage = resources.storage
    assert storage.find_copy(IMAGE_ID) is None
    content = io.BytesIO(b"content")
    content.read()
    written = storage.write_copy(IMAGE_ID, content, media_type="image/png", label="1-abc", sha256=SHA)
    found = storage.find_copy(IMAGE_ID)
    assert found is not None
    assert (found.size, found.label, found.sha256) == (7, "1-abc", SHA)
    assert (written.size, written.label, written.sha256) == (7, "1-abc", SHA)
    assert abs(found.stored_at - written.stored_at) < timedelta(minutes=10)
    head = s3_client().get_object(Bucket=resources.settings.uploads_bucket, Key="downloads/0000000000005")
    assert (head["ContentType"], head["Body"].read()) == ("image/png", b"content")
    storage.delete_copy(OTHER_ID)
    storage.delete_copy(IMAGE_ID)
    assert storage.find_copy(IMAGE_ID) is None


def test_an_object_in_the_place_of_a_copy_says_nothing(resources: Resources) -> None:
    s3_client().put_object(
        Bucket=resources.settings.uploads_bucket, Key="downloads/0000000000005", Body=b"content"
    )
    found = resources.storage.find_copy(IMAGE_ID)
    assert found is not None
    assert (found.size, found.label, found.sha256) == (7, "", b"")


def test_a_due_time_is_an_empty_object(resources: Resources) -> None:
    resources.storage.mark_due("due/1")
    head = s3_client().head_object(Bucket=resources.settings.uploads_bucket, Key="due/1")
    assert head["ContentLength"] == 0


def test_the_published_page(resources: Resources) -> None:
    with pytest.raises(StorageUnavailable):
        resources.storage.read_page()
    s3_client().put_object(Bucket=resources.settings.site_bucket, Key="index.html", Body="<p>Größe".encode())
    assert resources.storage.read_page() == "<p>Größe"


def test_renditions_are_listed_and_deleted(resources: Resources) -> None:
    storage = resources.storage
    keys = [
        rendition_key(image_id, "KEY", version, "240p")
        for image_id in (IMAGE_ID, OTHER_ID)
        for version in (1, 2)
    ]
    assert storage.list_renditions(0, 9) == []
    for key in keys:
        storage.write_rendition(key, Rendition(b"data", "image/jpeg", 3, 2))
    head = s3_client().get_object(Bucket=resources.settings.images_bucket, Key=keys[0])
    assert (head["ContentType"], head["CacheControl"]) == ("image/jpeg", "public, max-age=86400")
    assert head["Body"].read() == b"data"
    assert [each.key for each in storage.list_renditions(0, 3)] == keys[:3]
    (listed, _) = storage.list_renditions(IMAGE_ID, 9)
    assert listed.key == keys[2]
    assert abs(listed.stored_at - now()) < timedelta(minutes=10)
    assert storage.list_version(IMAGE_ID, "KEY", 2) == {keys[1]}
    assert (storage.has_rendition(keys[0]), storage.has_rendition(keys[0].replace("v1", "v3"))) == (
        True,
        False,
    )
    storage.delete_rendition(keys[0])
    assert [each.key for each in storage.list_renditions(0, 9)] == keys[1:]


def test_originals_are_listed(resources: Resources) -> None:
    for image_id in (IMAGE_ID, OTHER_ID):
        put_original(resources, image_id, b"content")
    keys = [original_key(image_id) for image_id in (IMAGE_ID, OTHER_ID)]
    assert [each.key for each in resources.storage.list_originals("", 9)] == keys
    assert [each.key for each in resources.storage.list_originals("", 1)] == keys[:1]
    assert [each.key for each in resources.storage.list_originals(keys[0], 9)] == keys[1:]


def test_an_original_is_not_absent_when_its_bucket_is(resources: Resources) -> None:
    """A wrong bucket name would otherwise purge every upload."""
    storage = Storage(replace(resources.settings, uploads_bucket="misspelt"))
    with pytest.raises(StorageUnavailable):
        storage.head_original(IMAGE_ID)
    with pytest.raises(StorageUnavailable), storage.open_original(IMAGE_ID):
        pass
    with pytest.raises(StorageUnavailable):
        storage.read_original_part(IMAGE_ID, 0, 1)


def test_an_original_that_arrives_between_two_questions_is_not_absent(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {"Contents": [{"Key": original_key(IMAGE_ID)}]}
    monkeypatch.setattr(resources.storage._client, "list_objects_v2", lambda **_: listed)
    with pytest.raises(StorageUnavailable):
        resources.storage.head_original(IMAGE_ID)


def test_a_touched_original_keeps_its_content(resources: Resources) -> None:
    put_original(resources, IMAGE_ID, b"content")
    described = resources.storage.head_original(IMAGE_ID)
    assert described is not None
    resources.storage.touch_original(IMAGE_ID, described)
    assert resources.storage.head_original(IMAGE_ID) == described


def test_an_original_is_touched_only_as_it_was_seen(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint of the tests does not look at the condition."""
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(resources.storage._client, "copy_object", lambda **call: calls.append(call))
    resources.storage.touch_original(IMAGE_ID, StoredObject(3, '"etag"', "image/png"))
    bucket, key = resources.settings.uploads_bucket, original_key(IMAGE_ID)
    assert calls == [
        {
            "Bucket": bucket,
            "Key": key,
            "CopySource": {"Bucket": bucket, "Key": key},
            "CopySourceIfMatch": '"etag"',
            "MetadataDirective": "REPLACE",
            "ContentType": "image/png",
        }
    ]


def test_an_original_deleted_meanwhile_cannot_be_touched(resources: Resources) -> None:
    with pytest.raises(StorageUnavailable):
        resources.storage.touch_original(OTHER_ID, StoredObject(1, '"etag"', "image/png"))
    assert resources.storage.head_original(OTHER_ID) is None


def test_deleting_leaves_the_objects_of_others(resources: Resources) -> None:
    for image_id in (IMAGE_ID, OTHER_ID):
        put_original(resources, image_id, b"content")
        for name in ("240p", "720p"):
            for format_ in ("jpeg", "webp", "avif"):
                rendition = Rendition(b"data", f"image/{format_}", 3, 2)
                resources.storage.write_rendition(rendition_key(image_id, "KEY", 1, name, format_), rendition)
    for _ in range(2):  # the second time there is nothing to delete
        resources.storage.delete_original(IMAGE_ID)
        resources.storage.delete_renditions(IMAGE_ID, "KEY")
    assert resources.storage.head_original(IMAGE_ID) is None
    assert stored_renditions(resources, IMAGE_ID) == {}
    assert resources.storage.head_original(OTHER_ID) is not None
    assert len(stored_renditions(resources, OTHER_ID)) == 6


def test_deleting_leaves_what_lies_under_other_links(resources: Resources) -> None:
    """They are of the same picture, and their keys begin alike. Under the links that are meant, all goes."""
    links = ("", "KEY", "KEYS")
    for link in links:
        for version in (1, 2, 100):
            key = rendition_key(IMAGE_ID, link, version, "240p")
            resources.storage.write_rendition(key, Rendition(b"data", "image/jpeg", 3, 2))
    left: list[int] = []
    for link in links:
        resources.storage.delete_version(IMAGE_ID, link, 2)
        left.append(len(resources.storage.list_renditions(0, 100)))
        resources.storage.delete_renditions(IMAGE_ID, link)
        left.append(len(resources.storage.list_renditions(0, 100)))
    assert left == [8, 6, 5, 3, 2, 0]


def test_that_many_are_deleted_is_told_by_an_object_that_does_not_stay(resources: Resources) -> None:
    calls: list[str] = []
    client = resources.storage._client
    for name in ("PutObject", "DeleteObject"):
        client.meta.events.register(f"before-call.s3.{name}", lambda model, **_: calls.append(model.name))
    resources.storage.tell_that_many_are_deleted()
    assert calls == ["PutObject", "DeleteObject"]
    assert parse_rendition_key(MANY_DELETED) is None
    assert not resources.storage.has_rendition(MANY_DELETED)


def test_a_rendition_that_storage_does_not_delete_is_an_error(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = rendition_key(IMAGE_ID, "KEY", 1, "240p")
    resources.storage.write_rendition(key, Rendition(b"data", "image/jpeg", 3, 2))
    answer = {"Errors": [{"Key": key, "Code": "InternalError"}]}
    monkeypatch.setattr(resources.storage._client, "delete_objects", lambda **_: answer)
    with pytest.raises(StorageUnavailable, match=key):
        resources.storage.delete_renditions(IMAGE_ID, "KEY")


def test_storage_that_answers_with_an_error_is_503(resources: Resources) -> None:
    for bucket in (resources.settings.uploads_bucket, resources.settings.images_bucket):
        s3_client().delete_bucket(Bucket=bucket)
    with pytest.raises(StorageUnavailable):
        resources.storage.delete_original(IMAGE_ID)
    with pytest.raises(StorageUnavailable):
        resources.storage.delete_renditions(IMAGE_ID, "KEY")


def test_key_objects(resources: Resources) -> None:
    s3_client().put_object(Bucket=resources.settings.keys_bucket, Key="denied.json", Body=b"{}")
    assert resources.storage.read_key_object("denied.json") == b"{}"
    assert resources.storage.read_key_object("jwks/none.json") is None
    resources.storage.write_key_object("jwks/some.json", b'{"keys": []}')
    assert resources.storage.read_key_object("jwks/some.json") == b'{"keys": []}'
    head = s3_client().head_object(Bucket=resources.settings.keys_bucket, Key="jwks/some.json")
    assert head["ContentType"] == "application/json"
