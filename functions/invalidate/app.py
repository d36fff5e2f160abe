"""Deleted renditions leave the CDN: S3 announces them by a queue, and each batch becomes one invalidation.

The function is outside the network, because whoever deletes is inside and has no way out.
"""

from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct, field

from stockroom.images.cdn import CdnBusy, Distribution, list_paths
from stockroom.runtime import settings
from stockroom.runtime.observability import logger


class _Object(Struct):
    key: str


class _Storage(Struct):
    object: _Object


class _Record(Struct):
    s3: _Storage


class _Notice(Struct):
    # A new subscription begins with an s3:TestEvent, which has no records.
    records: list[_Record] = field(name="Records", default_factory=list)


@cache
def make_distribution() -> Distribution:
    return Distribution(settings.current().distribution_id)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle an SQS batch of S3 events; SQS delivers the messages that the answer names again.

    Any error of the CDN but "too many at once" is raised: then SQS delivers the whole batch again.
    """
    keys: list[str] = []
    failed: list[str] = []
    handled: list[str] = []
    for message in event["Records"]:
        try:
            notice = msgspec.json.decode(message["body"], type=_Notice)
        except msgspec.MsgspecError:
            logger.exception("not an event of storage", extra={"message_id": message["messageId"]})
            failed.append(message["messageId"])
            continue
        handled.append(message["messageId"])
        keys += [unquote_plus(record.s3.object.key) for record in notice.records]
    if paths := list_paths(keys):
        try:
            make_distribution().invalidate(paths, _make_reference(paths, handled))
        except CdnBusy:
            logger.info("the CDN is busy", extra={"paths": paths})
            failed += handled
        else:
            logger.info("invalidated", extra={"paths": paths, "objects": len(keys)})
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _make_reference(paths: list[str], messages: list[str]) -> str:
    """The same for a batch that is delivered twice, so that it is paid for once."""
    return sha256("\n".join([*paths, *sorted(messages)]).encode()).hexdigest()
