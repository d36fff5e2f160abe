"""The built page, copied into the site's bucket; open tabs keep the files of the page that they show.

The bucket itself holds the record of what was published, so any operator's machine can publish the next page.
"""

from __future__ import annotations

import json
import mimetypes
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.page_paths import INDEX, MISSING, MISSING_METADATA
from stockroom.images.cdn import BUSY
from tooling import ROOT
from tooling.digests import file_digest
from tooling.errors import ToolError

BUILT = ROOT / "frontend" / "dist"
# What was published, and since when files of earlier pages are out of use.
RECORD = "published.json"
ATTEMPTS = 5
# CloudFront forgets 15 patterns at a time. A deployment names ten, and deleted pictures up to ten: each of
# them takes some minutes.
BUSY_ATTEMPTS = 30
BUSY_SECONDS = 20
# An open tab may ask for a file of its own page for so long.
KEPT_SECONDS = 30 * 24 * 3600
# Names under assets/ carry a hash of their content, so they never change; the other files may.
ASSETS = "assets/"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
# Not every system's table has these, and browsers refuse a module script with another type.
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Published:
    """What a publication did, in keys of the bucket."""

    copied: tuple[str, ...]
    removed: tuple[str, ...]


def publish(
    s3: Any,
    bucket: str,
    *,
    built: Path = BUILT,
    invalidate: Callable[[list[str]], None] = lambda _: None,
    clock: Callable[[], float] = time.time,
) -> Published:
    """Make the bucket hold what was built, and what earlier pages had, for 30 days after it is out of use.

    `invalidate` has a cache forget the paths that are not immutable and have changed. `clock` returns Unix
    seconds. Whoever interrupts a publication leaves a page that works; the next one does the rest. Of two
    publications at once, the one that ends last publishes once more: the page is then whole, and its own.
    """
    if not (built / INDEX).exists():
        raise ToolError(f"{built} holds no page: run `make setup`")
    for _ in range(ATTEMPTS):
        published = _publish(s3, bucket, built, invalidate, clock)
        if published is not None:
            return published
    raise ToolError(f"others keep publishing to {bucket}: try again")


def _publish(
    s3: Any,
    bucket: str,
    built: Path,
    invalidate: Callable[[list[str]], None],
    clock: Callable[[], float],
) -> Published | None:
    """One publication; None if another one has written the record meanwhile."""
    files = {path.relative_to(built).as_posix(): path for path in built.rglob("*") if path.is_file()}
    present = set(_list_keys(s3, bucket)) - {RECORD}
    digests = {key: file_digest(path) for key, path in files.items()}
    record, condition = _read_record(s3, bucket)
    before = record.get("files", {})
    changed = [key for key, digest in digests.items() if before.get(key) != digest or key not in present]
    for key in sorted(changed, key=_order):
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=files[key].read_bytes(),
            ContentType=content_type(key),
            CacheControl=IMMUTABLE if key.startswith(ASSETS) else REVALIDATE,
            Metadata=MISSING_METADATA if key == MISSING else {},
        )
    now = int(clock())
    since = record.get("out_of_use_since", {})
    out_of_use = {key: since.get(key, now) for key in sorted(present - files.keys())}
    expired = [key for key, second in out_of_use.items() if second + KEPT_SECONDS <= now]
    for key in expired:
        s3.delete_object(Bucket=bucket, Key=key)
        del out_of_use[key]
    if paths := _list_stored_paths(changed):
        invalidate(paths)
    # The record comes last: what it does not say is done again.
    after = {"files": digests, "out_of_use_since": out_of_use}
    if after != record:
        try:
            s3.put_object(
                Bucket=bucket,
                Key=RECORD,
                Body=json.dumps(after, indent=1).encode(),
                ContentType=content_type(RECORD),
                CacheControl=REVALIDATE,
                **condition,
            )
        except ClientError as error:
            # 409: two such writes at once.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                return None
            raise
    return Published(tuple(changed), tuple(expired))


def invalidate_distribution(
    cloudfront: Any, distribution: str, paths: list[str], *, pause: Callable[[float], None] = time.sleep
) -> None:
    """Have CloudFront forget what it has stored of these paths; returns before it is done everywhere.

    A CloudFront that is busy with earlier invalidations is asked again for ten minutes.
    """
    batch = {
        "Paths": {"Quantity": len(paths), "Items": paths},
        # The same reference twice would be one invalidation.
        "CallerReference": f"publish-{time.time_ns()}",
    }
    for left in reversed(range(BUSY_ATTEMPTS)):
        try:
            cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
        except ClientError as error:
            if error.response["Error"]["Code"] != BUSY or not left:
                raise
            pause(BUSY_SECONDS)
        else:
            return


def content_type(key: str) -> str:
    return TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"


def _order(key: str) -> tuple[bool, bool, str]:
    """Each file after those that it names: the hashed ones first, and the page itself last."""
    return (key == INDEX, not key.startswith(ASSETS), key)


def _list_stored_paths(changed: Collection[str]) -> list[str]:
    """The paths at which a cache may have an older version of what has changed."""
    paths = [f"/{key}" for key in changed if not key.startswith(ASSETS)]
    return sorted([*paths, "/"] if INDEX in changed else paths)


def _list_keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", ()):
            yield item["Key"]


def _read_record(s3: Any, bucket: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """What was published last, and the condition under which it still is.

    It is empty if nothing was published, or if the record is not whole.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=RECORD)
        body = answer["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return {}, {"IfNoneMatch": "*"}
    condition = {"IfMatch": answer["ETag"]}
    try:
        record = json.loads(body)
    except ValueError:
        return {}, condition
    return (record if isinstance(record, dict) else {}), condition
