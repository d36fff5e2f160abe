"""Deleted renditions leave the CDN: S3 announces them by a queue, and each batch becomes one invalidation.

The function is outside the network, because whoever deletes is inside and has no way out. What a job deletes
may be millions of objects, whose events would be thousands of invalidations of everything. They are passed
over, and the job says at its end that many were deleted, which is one. Of a picture whose links have ended it
says so at once.
"""

from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from stockroom.images.cdn import CdnBusy, Distribution, is_notice, list_paths
from stockroom.runtime import settings
from stockroom.runtime.observability import logger
from stockroom.runtime.s3_events import read_event


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
            announced = read_event(message["body"])
        except msgspec.MsgspecError:
            logger.exception("not an event of storage", extra={"message_id": message["messageId"]})
            failed.append(message["messageId"])
            continue
        handled.append(message["messageId"])
        keys += [
            each.key
            for each in announced
            if is_notice(each.key) or not each.is_by_role(settings.current().jobs_role_id)
        ]
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
