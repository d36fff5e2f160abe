"""The S3 gateway: the four buckets, and the keys of what lies in them.

    bucket   key                      what                           who writes it
    uploads  originals/<id>           originals                      browsers and programs, with a ticket
             downloads/<id>           copies with present metadata   `downloads/`, for a day
             due/<time>               empty objects: due times       `due_times`, for a day
             jobs/<job>/<run>/        results of batch jobs          `jobs/`, not by this module
    images   i/<id>-<link key>/v<n>/  renditions                     `ingest/`
             i/…/deleted              notices to the CDN (`cdn`)     this module
    keys     <name>                   key sets, the deny-list        `fetch_keys`, `operations/keys/`
    site     <path>                   the built page                 `operations/publish.py`

The lifecycle rules of the buckets are in `infra/buckets.py`.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property
from io import SEEK_END
from typing import Any, BinaryIO, NamedTuple

from msgspec import Struct

from stockroom.images import ids
from stockroom.images.cdn import MANY_DELETED, NOTICE
from stockroom.renditions import Rendition
from stockroom.renditions.outputs import OUTPUT_FORMATS, find_formats
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.s3 import SHORT, is_absent, make_client, storage_errors
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now

COPIES = "downloads/"
"""The prefix of the copies of originals. S3 deletes what lies there after a day (infra/buckets.py)."""
RENDITION_CACHE = "public, max-age=86400"
"""Cache-Control of renditions. The CDN is told of deleted ones (`images/cdn.py`), browsers are not."""
PAGE_KEY = "index.html"
"""The key of the published page in the site's bucket (operations/publish.py)."""
LISTED_KEYS = 1000
"""Keys that S3 lists, or deletes, with one request. A picture has 700 renditions at the most."""
CHUNK_BYTES = 128 * 1024
"""Bytes of an original that are read at a time."""
PRIVATE_DOWNLOAD = "private, no-store"
"""Cache-Control of originals that are handed out."""


class RenditionKey(NamedTuple):
    """What the keys of all renditions of one version of a picture have in common."""

    image_id: int
    link_key: str
    version: int


def original_key(image_id: int) -> str:
    """The key of a picture's uploaded bytes in the uploads bucket."""
    return f"originals/{ids.encode(image_id)}"


def copy_key(image_id: int) -> str:
    """The key of the copy of an original that carries the present metadata, in the uploads bucket.

    A picture has one such copy at most, so that whoever deletes the picture knows its key.
    """
    return f"{COPIES}{ids.encode(image_id)}"


def rendition_key(image_id: int, link_key: str, version: int, name: str, format_: str = "jpeg") -> str:
    """The key of a rendition in the images bucket; the CDN serves it under the same path.

    The ids of a batch are consecutive, so the path of one picture must not tell those of others: `link_key`
    is random. It is empty for pictures that are older than link keys, whose paths stay as they are.
    """
    return f"{version_folder(image_id, link_key, version)}{name}.{OUTPUT_FORMATS[format_].extension}"


def list_rendition_keys(key: RenditionKey, formats: Iterable[str]) -> list[str]:
    """The keys of all renditions of one version of a picture, in those of these formats that are known."""
    return [
        rendition_key(*key, name, format_.name)
        for format_ in find_formats(formats)
        for name in format_.renditions
    ]


def renditions_folder(image_id: int, link_key: str) -> str:
    """What the keys of all renditions of a picture begin with: those of all versions under one link key."""
    return f"i/{ids.encode(image_id)}-{link_key}/" if link_key else f"i/{ids.encode(image_id)}/"


def version_folder(image_id: int, link_key: str, version: int) -> str:
    """What the keys of the renditions of one version begin with."""
    return f"{renditions_folder(image_id, link_key)}v{version}/"


def key_after_renditions(image_id: int) -> str:
    """A key that follows those of a picture's renditions, and comes before those of a later picture."""
    # "0" follows "-" and "/", which end the id in the keys of a picture's renditions.
    return f"i/{ids.encode(image_id)}0"


def parse_original_key(key: str) -> int | None:
    """The picture id of a key in the uploads bucket, or None for a key that is not an original's."""
    prefix, _, name = key.partition("/")
    return ids.decode(name) if prefix == "originals" else None


def parse_rendition_key(key: str) -> int | None:
    """The picture id of a key in the images bucket, or None for a key that is not a rendition's."""
    prefix, _, path = key.partition("/")
    folder, _, _ = path.partition("/")
    return ids.decode(folder.partition("-")[0]) if prefix == "i" else None


class ListedObject(Struct, frozen=True):
    """An object as a listing names it."""

    key: str
    stored_at: datetime


class StoredObject(Struct, frozen=True):
    """An object as HEAD describes it; `size` in bytes."""

    size: int
    etag: str
    media_type: str


class StoredCopy(Struct, frozen=True):
    """A copy of an original: `size` in bytes; `label` says which metadata it carries."""

    size: int
    sha256: bytes
    label: str
    stored_at: datetime


class Download(Struct, frozen=True):
    """An object that is being read: `size` in bytes, and the content in the order of arrival."""

    size: int
    chunks: Iterator[bytes]


class Storage:
    """The buckets of one deployment. The S3 clients are made at their first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:
        return make_client(None)

    @cached_property
    def _hasty_client(self) -> Any:
        return make_client(None, SHORT)

    @cached_property
    def _presigner(self) -> Any:
        return make_client(self._settings.s3_endpoint or None)

    def presigned_put(
        self, image_id: int, *, size: int, media_type: str, sha256: bytes, seconds: int
    ) -> tuple[str, dict[str, str]]:
        """A presigned URL for one PUT, and the headers that must be sent with it.

        The signature covers Content-Length too, which a browser sets by itself. S3 therefore refuses
        another size, another type, another content, a second PUT (If-None-Match), and any PUT after
        `seconds`.
        """
        checksum = base64.b64encode(sha256).decode()
        url = self._presigner.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._settings.uploads_bucket,
                "Key": original_key(image_id),
                "ContentLength": size,
                "ContentType": media_type,
                "IfNoneMatch": "*",
                "ChecksumSHA256": checksum,
            },
            ExpiresIn=seconds,
        )
        headers = {"content-type": media_type, "if-none-match": "*", "x-amz-checksum-sha256": checksum}
        return str(url), headers

    def presigned_get(self, key: str, *, media_type: str, disposition: str, seconds: int) -> str:
        """A presigned URL of an object of the uploads bucket, which the answer calls a download."""
        url = self._presigner.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._settings.uploads_bucket,
                "Key": key,
                "ResponseContentType": media_type,
                "ResponseContentDisposition": disposition,
                "ResponseCacheControl": PRIVATE_DOWNLOAD,
            },
            ExpiresIn=seconds,
        )
        return str(url)

    def head_original(self, image_id: int) -> StoredObject | None:
        """The uploaded object; None only when the bucket exists and does not have it.

        Every other error is raised as StorageUnavailable.
        """
        from botocore.exceptions import ClientError

        bucket, key = self._settings.uploads_bucket, original_key(image_id)
        with storage_errors():
            try:
                answer = self._client.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if not is_absent(error):
                    raise
                # The 404 of a HEAD does not tell a missing key from a missing bucket; a listing does.
                if self._client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents"):
                    raise
                return None
        return StoredObject(answer["ContentLength"], answer["ETag"], answer["ContentType"])

    @contextmanager
    def open_original(self, image_id: int) -> Iterator[Download | None]:
        """The uploaded bytes, open for reading inside the `with` block; None when there is no object.

        Raises StorageUnavailable, also while the bytes are read.
        """
        with storage_errors():
            answer = self._get(self._settings.uploads_bucket, original_key(image_id))
        if answer is None:
            yield None
            return
        # `with answer["Body"]` would yield the raw stream, which does not notice a body that ends early.
        with closing(answer["Body"]) as body:
            yield Download(answer["ContentLength"], _read_chunks(body))

    def read_original_part(self, image_id: int, start: int, end: int) -> bytes | None:
        """The uploaded bytes from `start` to `end`, or to the end of the object; None where there is none.

        Raises StorageUnavailable.
        """
        from botocore.exceptions import ClientError

        with storage_errors():
            try:
                answer = self._client.get_object(
                    Bucket=self._settings.uploads_bucket,
                    Key=original_key(image_id),
                    Range=f"bytes={start}-{end - 1}",
                )
            except ClientError as error:
                if is_absent(error):
                    return None
                raise
            with answer["Body"] as body:
                return bytes(body.read())

    def read_original(self, image_id: int, target: BinaryIO) -> bool:
        """Write the uploaded bytes to a file; whether there is such an object. Raises StorageUnavailable."""
        with self.open_original(image_id) as download:
            if download is None:
                return False
            for chunk in download.chunks:
                target.write(chunk)
        return True

    def find_copy(self, image_id: int) -> StoredCopy | None:
        """The copy of an original, if there is one. Raises StorageUnavailable."""
        from botocore.exceptions import ClientError

        with storage_errors():
            try:
                answer = self._client.head_object(
                    Bucket=self._settings.uploads_bucket, Key=copy_key(image_id)
                )
            except ClientError as error:
                if is_absent(error):
                    return None
                raise
        sha256 = bytes.fromhex(answer["Metadata"].get("sha256", ""))
        label = answer["Metadata"].get("label", "")
        return StoredCopy(answer["ContentLength"], sha256, label, answer["LastModified"])

    def write_copy(
        self, image_id: int, content: BinaryIO, *, media_type: str, label: str, sha256: bytes
    ) -> StoredCopy:
        """Store the copy of an original, in place of an older one. Raises StorageUnavailable."""
        size = content.seek(0, SEEK_END)
        content.seek(0)
        with storage_errors():
            self._client.put_object(
                Bucket=self._settings.uploads_bucket,
                Key=copy_key(image_id),
                Body=content,
                ContentLength=size,
                ContentType=media_type,
                Metadata={"label": label, "sha256": sha256.hex()},
            )
        return StoredCopy(size, sha256, label, now())

    def delete_copy(self, image_id: int) -> None:
        """Delete the copy of an original, if there is one. Raises StorageUnavailable."""
        with storage_errors():
            self._client.delete_object(Bucket=self._settings.uploads_bucket, Key=copy_key(image_id))

    def mark_due(self, key: str) -> None:
        """Write the empty object that tells a due time (`images/due_times.py`). Raises StorageUnavailable.

        That takes some seconds at the most: whoever waits for the answer has done what they wanted.
        """
        with storage_errors():
            self._hasty_client.put_object(Bucket=self._settings.uploads_bucket, Key=key, Body=b"")

    def read_key_object(self, name: str) -> bytes | None:
        """An object of the keys bucket; None when it does not exist. Raises StorageUnavailable."""
        with storage_errors():
            answer = self._get(self._settings.keys_bucket, name)
            if answer is None:
                return None
            with answer["Body"] as body:
                return bytes(body.read())

    def read_page(self) -> str:
        """The published page. Raises StorageUnavailable, also while none is published."""
        with storage_errors():
            # Whoever may not list the bucket is told of an absent object by a 403, which is an error, too.
            answer = self._client.get_object(Bucket=self._settings.site_bucket, Key=PAGE_KEY)
            with answer["Body"] as body:
                return bytes(body.read()).decode()

    def write_key_object(self, name: str, body: bytes) -> None:
        """Replace an object of the keys bucket, which is JSON. Raises StorageUnavailable."""
        with storage_errors():
            self._client.put_object(
                Bucket=self._settings.keys_bucket, Key=name, Body=body, ContentType="application/json"
            )

    def _get(self, bucket: str, key: str) -> Any:
        """The answer to a GET, with its body unread; None when there is no object."""
        from botocore.exceptions import ClientError

        try:
            return self._client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if is_absent(error):
                return None
            raise

    def touch_original(self, image_id: int, stored: StoredObject) -> None:
        """Copy an original onto itself, which makes S3 send its ObjectCreated event again.

        AWS refuses a copy of an object onto itself that changes nothing; `MetadataDirective=REPLACE` counts
        as a change. Raises StorageUnavailable, also when the original is no longer the one that is `stored`.
        """
        bucket, key = self._settings.uploads_bucket, original_key(image_id)
        with storage_errors():
            self._client.copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": bucket, "Key": key},
                CopySourceIfMatch=stored.etag,
                MetadataDirective="REPLACE",
                ContentType=stored.media_type,
            )

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        """Store one rendition under the `rendition_key` that the CDN serves. Raises StorageUnavailable."""
        with storage_errors():
            self._client.put_object(
                Bucket=self._settings.images_bucket,
                Key=key,
                Body=rendition.data,
                ContentType=rendition.media_type,
                CacheControl=RENDITION_CACHE,
            )

    def has_rendition(self, key: str) -> bool:
        """Whether there is a rendition under this key. Raises StorageUnavailable."""
        return bool(self._list(self._settings.images_bucket, prefix=key, limit=1))

    def list_version(self, image_id: int, link_key: str, version: int) -> set[str]:
        """The keys of the renditions of one version that are stored. Raises StorageUnavailable."""
        prefix = version_folder(image_id, link_key, version)
        return {
            each.key for each in self._list(self._settings.images_bucket, prefix=prefix, limit=LISTED_KEYS)
        }

    def list_originals(self, after: str, limit: int) -> list[ListedObject]:
        """Up to `limit` (at most 1,000) objects of the uploads bucket with keys above `after`, in order."""
        return self._list(self._settings.uploads_bucket, after=after, limit=limit)

    def list_renditions(self, after: int, limit: int) -> list[ListedObject]:
        """Up to `limit` (at most 1,000) objects of the images bucket, in order.

        They are those of pictures above the id `after`.
        """
        return self._list(self._settings.images_bucket, after=key_after_renditions(after), limit=limit)

    def _list(self, bucket: str, *, after: str = "", prefix: str = "", limit: int) -> list[ListedObject]:
        with storage_errors():
            answer = self._client.list_objects_v2(
                Bucket=bucket, StartAfter=after, Prefix=prefix, MaxKeys=limit
            )
        return [ListedObject(item["Key"], item["LastModified"]) for item in answer.get("Contents", ())]

    def delete_rendition(self, key: str) -> None:
        """Delete one object of the images bucket. Raises StorageUnavailable."""
        with storage_errors():
            self._client.delete_object(Bucket=self._settings.images_bucket, Key=key)

    def delete_original(self, image_id: int) -> None:
        """Delete the uploaded bytes, if there are any. Raises StorageUnavailable."""
        with storage_errors():
            self._client.delete_object(Bucket=self._settings.uploads_bucket, Key=original_key(image_id))

    def delete_originals(self, image_ids: Sequence[int]) -> None:
        """Delete the bytes of up to LISTED_KEYS uploads with one request. Raises StorageUnavailable."""
        self._delete(self._settings.uploads_bucket, [original_key(image_id) for image_id in image_ids])

    def delete_renditions(self, image_id: int, link_key: str) -> None:
        """Delete the renditions of all versions and formats under a link key. Raises StorageUnavailable.

        They are listed, because nobody else knows which versions there are: a job may have written some that
        no row names yet, and the operator may have lowered the setting.
        """
        prefix = renditions_folder(image_id, link_key)
        listed = self._list(self._settings.images_bucket, prefix=prefix, limit=LISTED_KEYS)
        self._delete_renditions([each.key for each in listed])

    def delete_version(self, image_id: int, link_key: str, version: int) -> None:
        """Delete the renditions of one version under a link key that has ended. Raises StorageUnavailable.

        Whoever knows the links may have fetched some of them, so the CDN is told, also where the events of
        this process are passed over (functions/invalidate).
        """
        keys = sorted(self.list_version(image_id, link_key, version))
        if keys:
            notice = f"{renditions_folder(image_id, link_key)}{NOTICE}"
            with storage_errors():
                self._client.put_object(Bucket=self._settings.images_bucket, Key=notice, Body=b"")
            # With the others: who dies before that finds them again.
            self._delete_renditions([*keys, notice])

    def delete_old_versions(self, pictures: Sequence[RenditionKey]) -> None:
        """Delete the renditions of the versions below those of `pictures`. Raises StorageUnavailable.

        Keys are not listed first. The versions of before of 140 pictures take one request.
        """
        keys = [
            key
            for picture in pictures
            for old in range(1, picture.version)
            for key in list_rendition_keys(picture._replace(version=old), OUTPUT_FORMATS)
        ]
        for some in split_into_chunks(keys, LISTED_KEYS):
            self._delete_renditions(some)

    def tell_that_many_are_deleted(self) -> None:
        """Have the CDN told that renditions were deleted, by an event of S3. Raises StorageUnavailable.

        For whoever deletes so many of them that the events of each are passed over (functions/invalidate).
        """
        target = {"Bucket": self._settings.images_bucket, "Key": MANY_DELETED}
        with storage_errors():
            # What is not there is deleted without an event.
            self._client.put_object(**target, Body=b"")
            self._client.delete_object(**target)

    def _delete_renditions(self, keys: Sequence[str]) -> None:
        self._delete(self._settings.images_bucket, keys)

    def _delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete up to LISTED_KEYS objects with one request."""
        if not keys:
            return
        with storage_errors():
            answer = self._client.delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
            )
        if answer.get("Errors"):
            raise StorageUnavailable(f"Objects such as {keys[0]} could not be deleted.")


def _read_chunks(body: Any) -> Iterator[bytes]:
    with storage_errors():
        yield from body.iter_chunks(CHUNK_BYTES)
