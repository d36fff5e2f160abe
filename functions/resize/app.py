"""Originals that have arrived: each becomes a picture, or a failed upload with a reason.

The deployed function is named for the renditions, which are one step of several.
"""

from typing import Any

from stockroom.images.log_context import name_picture
from stockroom.images.storage import parse_original_key
from stockroom.ingest.process import OriginalProcessor
from stockroom.resources import resources
from stockroom.runtime.keep_active import KEEP_ACTIVE
from stockroom.runtime.observability import logger, metrics
from stockroom.runtime.s3_events import read_event


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle an SQS batch of S3 events; SQS delivers the messages that the answer names again."""
    return {} if event == KEEP_ACTIVE else _handle_batch(event, context)


@metrics.log_metrics
def _handle_batch(event: dict[str, Any], _context: object) -> dict[str, Any]:
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
    for announced in read_event(body):
        image_id = parse_original_key(announced.key)
        # Until the next object, or the end of the message: a failure names the picture, too.
        name_picture(image_id)
        if image_id is None:
            logger.warning("not an original", extra={"key": announced.key})
            continue
        # Without a PUT, the original was announced again by a copy.
        outcome = _processor().process(image_id, announced.put_at)
        # S3 knows the contributor's PUT by this id.
        extra = {"key": announced.key, "outcome": outcome, "s3_request": announced.request_id}
        logger.info("original", extra=extra)
        metrics.add_metric(name=f"Originals{outcome.capitalize()}", unit="Count", value=1)


def _processor() -> OriginalProcessor:
    services = resources()
    return OriginalProcessor(
        db=services.db,
        storage=services.storage,
        search_index=services.search_index,
        decoder=services.decoder,
        settings=services.settings,
    )
