"""Emptying the log groups of the functions: `python -m local.function_logs DATA` empties the large ones.

The emulator keeps in memory what the functions log, one stream for each invocation. It knows how long the
events of a group are to be kept, and keeps them for ever.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from local import emulator
from local.layout import Layout

MAX_GROUP_BYTES = 20_000_000


def empty_large_groups(layout: Layout, *, limit: int = MAX_GROUP_BYTES) -> list[str]:
    """Empty each log group with more than `limit` bytes; returns their names."""
    logs = emulator.client(layout, "logs")
    pages = logs.get_paginator("describe_log_groups").paginate()
    large = [group for page in pages for group in page["logGroups"] if group["storedBytes"] > limit]
    for group in large:
        _empty(logs, group)
    return [group["logGroupName"] for group in large]


def _empty(logs: Any, group: dict[str, Any]) -> None:
    """Make a group anew: its streams are too many to be deleted one by one."""
    name = group["logGroupName"]
    logs.delete_log_group(logGroupName=name)
    # An invocation in between makes the group itself.
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=name)
    if "retentionInDays" in group:
        logs.put_retention_policy(logGroupName=name, retentionInDays=group["retentionInDays"])


if __name__ == "__main__":
    # The port at which browsers reach the stack does not matter here.
    empty_large_groups(Layout(Path(sys.argv[1]), port=0))
