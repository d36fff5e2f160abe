"""Originals that have arrived: each becomes a picture, or a failed upload with a reason.

The deployed function is named for the renditions, which are one step of several.
"""

from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from stockroom.images.log_context import name_picture
from stockroom.images.storage import original_id
from stockroom.ingest.process import OriginalProcessor
from stockroom.resources import resources
from stockroom.runtime.observability import logger, metrics


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle an SQS batch of S3 events; SQS delivers the messages that the answer names again."""
    failures = []
    metrics.add_metric(name="Messages", unit="Count", value=len(event["Records"]))
    for message in event["Records"]:
        logger.set_correlation_id(message["messageId"])
        try:
            _handle_message(message["body"])
        except Exception:  # noqa: BLE001  a message that fails must not fail the others
            logger.exception("message failed")
            metrics.add_metric(name="ResizeErrors", unit="Count", value=1)
            failures.append({"itemIdentifier": message["messageId"]})
        finally:
            name_picture(None)
    return {"batchItemFailures": failures}


def _handle_message(body: str) -> None:
    notice = msgspec.json.decode(body)
    # A new subscription begins with an s3:TestEvent, which has no records.
    for record in notice.get("Records", ()):
        key = unquote_plus(record["s3"]["object"]["key"])
        image_id = original_id(key)
        # Until the next record, or the end of the message: a failure names the picture, too.
        name_picture(image_id)
        if image_id is None:
            logger.warning("not an original", extra={"key": key})
            continue
        outcome = _processor().process(image_id, _find_landing(record))
        # S3 knows the contributor's PUT by this id.
        request = record.get("responseElements", {}).get("x-amz-request-id")
        logger.info("original", extra={"key": key, "outcome": outcome, "s3_request": request})
        metrics.add_metric(name=f"Originals{outcome.capitalize()}", unit="Count", value=1)


def _find_landing(record: dict[str, Any]) -> datetime | None:
    """When the contributor's PUT ended; None for an original that was announced again by a copy."""
    is_put = record.get("eventName") == "ObjectCreated:Put"
    return datetime.fromisoformat(record["eventTime"]) if is_put else None


def _processor() -> OriginalProcessor:
    parts = resources()
    return OriginalProcessor(
        db=parts.db,
        storage=parts.storage,
        search_index=parts.search_index,
        decoder=parts.decoder,
        settings=parts.settings,
    )
