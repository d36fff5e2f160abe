"""Due times become schedules of the reaper: storage announces the objects that tell them.

The function is outside the network, because whoever knows a due time is inside and has no way out.
"""

from functools import cache
from typing import Any

import msgspec

from stockroom.images.due_times import read_due_key
from stockroom.images.reaper_schedule import ReaperSchedule
from stockroom.runtime import settings
from stockroom.runtime.observability import logger
from stockroom.runtime.s3_events import read_event
from stockroom.runtime.timestamps import now


@cache
def make_schedule() -> ReaperSchedule:
    current = settings.current()
    return ReaperSchedule(current.schedule_group, current.reaper_arn, current.reaper_role_arn)


def handler(event: dict[str, Any], _context: object) -> None:
    """Handle messages of the topic. An error is raised: Lambda then tries twice more."""
    at = now()
    for message in event["Records"]:
        try:
            announced = read_event(message["Sns"]["Message"])
        except msgspec.MsgspecError:
            # The same message would be no other one when it came again.
            logger.exception("not an event of storage", extra={"message_id": message["Sns"]["MessageId"]})
            continue
        for key in sorted({each.key for each in announced}):
            due = read_due_key(key, at)
            if due is None:
                logger.warning("no due time", extra={"key": key})
            elif make_schedule().call_at(due, at):
                logger.info("planned", extra={"due": key})
