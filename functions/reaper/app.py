"""The reaper, as its schedule runs it."""

from datetime import timedelta
from typing import Any

from stockroom.images.due_times import HORIZON, NEAR, SOON
from stockroom.images.repository.due_times import (
    find_due_times,
    find_near_times,
    measure_lateness,
    measure_oldest_pending,
)
from stockroom.ingest import reaper
from stockroom.ingest.reaper import LATENESS_METRIC, LEASE_SECONDS, PENDING_METRIC
from stockroom.resources import resources
from stockroom.runtime.observability import logger, metrics
from stockroom.runtime.timestamps import now

RESERVE_SECONDS = 30
"""Time that is left to the function when the reaper stops: for the row in hand, the log and the metrics."""


@metrics.log_metrics
def handler(_event: object, context: Any) -> dict[str, int | bool]:
    """Work through the overdue rows; the answer is the report of the run."""
    services = resources()
    # Before anything is done: whatever has called the reaper may have been late.
    metrics.add_metric(name=LATENESS_METRIC, unit="Seconds", value=measure_lateness(services.db))
    # After the first statement, which has waited for a paused database to resume.
    seconds = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    report = reaper.reap(
        services.db,
        services.storage,
        upload_seconds=services.settings.upload_seconds,
        failed_days=services.settings.failed_days,
        seconds=seconds,
    ).asdict()
    logger.info("reaped", extra={"report": report})
    for name, count in report.items():
        if name != "finished":
            metrics.add_metric(name=f"Reaper{name.capitalize()}", unit="Count", value=int(count))
    services.due_times.call_reaper_at(find_near_times(services.db))
    if not report["finished"]:
        # What this run has not reached is overdue by then, and so is what it has leased.
        services.due_times.call_reaper_at([now() + timedelta(seconds=LEASE_SECONDS) + SOON])
    services.due_times.call_reaper_exactly_at(find_due_times(services.db, NEAR, HORIZON))
    metrics.add_metric(name=PENDING_METRIC, unit="Seconds", value=measure_oldest_pending(services.db))
    return report
