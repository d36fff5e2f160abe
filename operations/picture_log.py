"""What the functions of a stack have logged about one picture: the same for AWS and for the local stack."""

from __future__ import annotations

import re
from typing import Any

from operations.picture_id import read_picture_id
from stockroom.images import ids
from tooling.terminal import show

TEXT = "\n\t"


def find_lines(logs: Any, stack: str, image_id: str) -> list[str]:
    """The lines that name a picture, oldest first, each after the name of its function.

    `logs` is a client of CloudWatch Logs. Raises ToolError for what is no picture's id.
    """
    # No line is older than the id.
    since = int(ids.created_at(read_picture_id(image_id)).timestamp() * 1000)
    events = []
    for group, function in _find_groups(logs, stack).items():
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since, filterPattern=f'"{image_id}"'
        )
        events += [
            (event["timestamp"], function, event["message"]) for page in pages for event in page["events"]
        ]
    events.sort(key=lambda event: event[0])
    # What a decoder says of a file may have texts of the file in it.
    return [f"{function:10} {show(message.rstrip(), keep=TEXT)}" for _, function, message in events]


def _find_groups(logs: Any, stack: str) -> dict[str, str]:
    """The log groups of the stack's functions, with the functions' names.

    CloudFormation surrounds the name in the template by the stack's and by characters of its own.
    """
    pattern = re.compile(rf"(?:^|/){re.escape(stack)}[-/]Functions(\w+?)Log[0-9A-F]{{8}}")
    found = {}
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            if match := pattern.search(group["logGroupName"]):
                found[group["logGroupName"]] = match[1].lower()
    return found
