"""Originals that landed: each is rendered and published, or fails with a reason."""

from typing import Any
from urllib.parse import unquote_plus

import msgspec

from stockroom.images.storage import original_id
from stockroom.ingest import process as pipeline
from stockroom.resources import resources
from stockroom.runtime.observability import logger, metrics


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of S3 events; the messages that failed are reported, and come again."""
    failures = []
    metrics.add_metric(name="Messages", unit="Count", value=len(event["Records"]))
    for message in event["Records"]:
        logger.set_correlation_id(message["messageId"])
        try:
            _message(message["body"])
        except Exception:  # noqa: BLE001  one message's trouble must not take the others along
            logger.exception("message failed")
            metrics.add_metric(name="ResizeErrors", unit="Count", value=1)
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def _message(body: str) -> None:
    notice = msgspec.json.decode(body)
    # S3 announces itself with an s3:TestEvent, which has no records.
    for record in notice.get("Records", ()):
        key = unquote_plus(record["s3"]["object"]["key"])
        number = original_id(key)
        if number is None:
            logger.warning("not an original", extra={"key": key})
            continue
        outcome = pipeline.process(resources(), number)
        logger.info("original", extra={"key": key, "outcome": outcome})
        metrics.add_metric(name=f"Originals{outcome.capitalize()}", unit="Count", value=1)
