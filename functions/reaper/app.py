"""The reaper's schedule."""

from typing import Any

from stockroom.ingest import reaper
from stockroom.resources import resources
from stockroom.runtime.observability import logger, metrics

RESERVE_SECONDS = 30


@metrics.log_metrics
def handler(_event: object, context: Any) -> dict[str, int | bool]:
    """Work through what is due; the answer is what was done."""
    seconds = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    report = reaper.run(resources(), seconds=seconds).asdict()
    logger.info("reaped", extra={"report": report})
    for name, count in report.items():
        if name != "finished":
            metrics.add_metric(name=f"Reaper{name.capitalize()}", unit="Count", value=int(count))
    return report
