"""The audit, as its schedule and the operator run it, and the operator's questions of the database."""

from contextlib import closing
from typing import Any

import msgspec
from msgspec.structs import replace

from stockroom.ingest.audit.audit import audit
from stockroom.ingest.questions import answer
from stockroom.resources import resources
from stockroom.runtime.accounts import READER
from stockroom.runtime.database import Database
from stockroom.runtime.observability import logger, metrics

RESERVE_SECONDS = 60
"""Time that is left to the function when the audit stops: for the step in hand, the log and the metrics."""


def handler(event: dict[str, Any] | None, context: Any) -> dict[str, Any]:
    """Go on with a run of the audit, or begin one; the answer is its report. `{"repair": true}` repairs.

    `{"seconds": …}` is for how long somebody waits for the answer; otherwise the function takes its own time.
    `{"ask": …}` asks a question instead, by the account that can only read.
    """
    if event and "ask" in event:
        with closing(Database(replace(resources().settings, db_user=READER.name))) as db:
            return answer(db, event)
    told: dict[str, Any] = _audit(event or {}, context)
    return told


@metrics.log_metrics
def _audit(event: dict[str, Any], context: Any) -> dict[str, Any]:
    left = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    seconds = min(left, event.get("seconds", left))
    services = resources()
    repair = bool(event.get("repair"))
    report = audit(services.db, services.storage, services.search_index, repair=repair, seconds=seconds)
    logger.info("audited", extra={"report": msgspec.to_builtins(report)})
    metrics.add_metric(name="AuditObjects", unit="Count", value=report.objects)
    if report.finished:
        metrics.add_metric(name="AuditFindings", unit="Count", value=report.total)
        metrics.add_metric(name="AuditRefused", unit="Count", value=int(bool(report.refused)))
    told: dict[str, Any] = msgspec.to_builtins(report)
    return told
