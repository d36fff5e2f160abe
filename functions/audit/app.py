"""The audit, as its schedule and the operator run it."""

from typing import Any

import msgspec

from stockroom.ingest.audit.audit import audit
from stockroom.resources import resources
from stockroom.runtime.observability import logger, metrics

RESERVE_SECONDS = 60
"""Time that is left to the function when the audit stops: for the step in hand, the log and the metrics."""


@metrics.log_metrics
def handler(event: dict[str, Any] | None, context: Any) -> dict[str, Any]:
    """Go on with a run of the audit, or begin one; the answer is its report. `{"repair": true}` repairs."""
    seconds = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    parts = resources()
    repair = bool((event or {}).get("repair"))
    report = audit(parts.db, parts.storage, parts.search_index, repair=repair, seconds=seconds)
    logger.info("audited", extra={"report": msgspec.to_builtins(report)})
    metrics.add_metric(name="AuditObjects", unit="Count", value=report.objects)
    if report.finished:
        metrics.add_metric(name="AuditFindings", unit="Count", value=report.total)
        metrics.add_metric(name="AuditRefused", unit="Count", value=int(bool(report.refused)))
    answer: dict[str, Any] = msgspec.to_builtins(report)
    return answer
