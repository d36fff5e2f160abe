"""The S3 gateway: every call that Stockroom makes to object storage.

The client costs 120 ms to import and make, so it is made at the first call; and by botocore, as the layer
that boto3 puts on top of it (resources, a transfer manager) costs 30 ms more and is not used here.
"""

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stockroom import ids
from stockroom.errors import StorageUnavailable
from stockroom.renditions import Rendition
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.settings import Settings

RENDITION_VERSION = 1
RENDITIONS = ("720p", "240p")
RENDITION_CACHE = "public, max-age=86400"
"""A deletion takes effect in a day, or at once by invalidation."""
CHUNK = 128 * 1024
"""Bytes of an original that are handed on at a time."""


def original_key(image_id: int) -> str:
    """Where the uploaded bytes of a picture are, in the uploads bucket."""
    return f"originals/{ids.encode(image_id)}"


def rendition_key(image_id: int, version: int, name: str, format_: str = "jpeg") -> str:
    """Where a rendition is, in the images bucket; the CDN serves it under the same path."""
    return f"i/{ids.encode(image_id)}/v{version}/{name}.{OUTPUT_FORMATS[format_].extension}"


def original_id(key: str) -> int | None:
    """The picture id of a key in the uploads bucket, or None for a key that is not an original's."""
    prefix, _, name = key.partition("/")
    return ids.decode(name) if prefix == "originals" else None


@contextmanager
def _asking() -> Iterator[None]:
    """What goes wrong between us and storage is a 503, not a mistake of the caller's or ours."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable("Storage is not available just now; try again shortly.") from error


@dataclass(frozen=True)
class StoredObject:
    """What HEAD says of an object."""

    size: int
    etag: str


@dataclass(frozen=True)
class Download:
    """An object that is being read: its size in bytes, and its content as it arrives."""

    size: int
    chunks: Iterator[bytes]


class Storage:
    """Object storage as the settings name it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> Any:
        return self._make_client(None)

    @cached_property
    def _presigner(self) -> Any:
        return self._make_client(self._settings.s3_endpoint or None)

    @staticmethod
    def _make_client(endpoint: str | None) -> Any:
        from botocore.config import Config
        from botocore.session import get_session

        config = Config(
            signature_version="s3v4",
            # Otherwise botocore adds a CRC32 to every PUT that it presigns, which the browser cannot send.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            # Otherwise URLs for us-east-1 name the global host, which the page's CSP does not allow.
            s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
            connect_timeout=3,
            read_timeout=10,  # of one read, twice: a function behind the API has 29 s
            retries={"total_max_attempts": 2, "mode": "standard"},
        )
        return get_session().create_client("s3", endpoint_url=endpoint, config=config)

    def presigned_put(
        self, image_id: int, *, size: int, media_type: str, sha256: bytes, seconds: int
    ) -> tuple[str, dict[str, str]]:
        """A URL for one PUT and the headers that must be sent with it.

        Content-Length is signed too (a browser sets it itself), so storage refuses another size, type or
        content, a second use (If-None-Match) and any use after `seconds`.
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

    def head_original(self, image_id: int) -> StoredObject | None:
        """What is stored of an upload; None only when storage says 404, every other error is raised."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.head_object(
                Bucket=self._settings.uploads_bucket, Key=original_key(image_id)
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        return StoredObject(size=answer["ContentLength"], etag=answer["ETag"])

    @contextmanager
    def original(self, image_id: int) -> Iterator[Download | None]:
        """The uploaded bytes, while they are being read; None when there is no object."""
        answer = self._get(self._settings.uploads_bucket, original_key(image_id))
        if answer is None:
            yield None
            return
        # As a context manager it would be the raw stream, which does not notice a body that ends early.
        with closing(answer["Body"]) as body:
            yield Download(answer["ContentLength"], body.iter_chunks(CHUNK))

    def read_key_object(self, name: str) -> bytes | None:
        """An object of the keys bucket, or None."""
        with _asking():
            answer = self._get(self._settings.keys_bucket, name)
            if answer is None:
                return None
            with answer["Body"] as body:
                return bytes(body.read())

    def _get(self, bucket: str, key: str) -> Any:
        """What S3 answers, with its body unread; None when there is no object."""
        from botocore.exceptions import ClientError

        try:
            return self._client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            # Only for roles with s3:ListBucket does AWS say 404 and not 403 for a key that is not there.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise

    def touch_original(self, image_id: int, *, etag: str, media_type: str) -> None:
        """Copy an original onto itself, so that storage announces it again.

        REPLACE is what makes AWS accept a copy of an object onto itself.
        """
        bucket, key = self._settings.uploads_bucket, original_key(image_id)
        self._client.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource={"Bucket": bucket, "Key": key},
            CopySourceIfMatch=etag,
            MetadataDirective="REPLACE",
            ContentType=media_type,
        )

    def write_rendition(
        self, image_id: int, version: int, name: str, rendition: Rendition, format_: str = "jpeg"
    ) -> None:
        """Store one rendition where the CDN finds it."""
        self._client.put_object(
            Bucket=self._settings.images_bucket,
            Key=rendition_key(image_id, version, name, format_),
            Body=rendition.data,
            ContentType=rendition.media_type,
            CacheControl=RENDITION_CACHE,
        )

    def delete_original(self, image_id: int) -> None:
        """Remove the uploaded bytes; nothing happens when there are none."""
        with _asking():
            self._client.delete_object(Bucket=self._settings.uploads_bucket, Key=original_key(image_id))

    def delete_renditions(self, image_id: int) -> None:
        """Remove the renditions of every version so far, in every format; one request."""
        keys = [
            {"Key": rendition_key(image_id, version, name, format_)}
            for version in range(1, RENDITION_VERSION + 1)
            for name in RENDITIONS
            for format_ in OUTPUT_FORMATS
        ]
        with _asking():
            answer = self._client.delete_objects(
                Bucket=self._settings.images_bucket, Delete={"Objects": keys, "Quiet": True}
            )
        if answer.get("Errors"):
            raise StorageUnavailable(f"Renditions of {ids.encode(image_id)} could not be deleted.")
