"""One picture's way through the functions of the running stack, by its id alone."""

import json
import time
from typing import Any

import pytest

from operations.picture_log import find_lines
from tests.integration.api import Person
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = pytest.mark.integration

# What each function logs about a picture that is uploaded and looked at.
EXPECTED = {
    ("uploadurl", "tickets"),
    ("resize", "published"),
    ("resize", "original"),
    ("search", "request"),
}


def parse(lines: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, json.loads(text)) for name, text in (line.split(maxsplit=1) for line in lines)]


def test_a_picture_is_followed_through_the_logs_of_all_functions(stack: LocalStack) -> None:
    alice = Person(stack, stack.token("alice", name="Alice"))
    upload = alice.upload_whole(fresh_photo())
    Person(stack).call("GET", f"/api/images/{upload}")
    logs = stack.client("logs")
    ends = time.monotonic() + 60
    while True:
        found = parse(find_lines(logs, "Stockroom", upload))
        missing = EXPECTED - {(name, line["message"]) for name, line in found}
        if not missing:
            break
        assert time.monotonic() < ends, missing
        # The emulator waits milliseconds for the last lines of an invocation. On a busy machine they come
        # with the next invocation of the same process.
        other = alice.upload_whole(fresh_photo())
        Person(stack).call("GET", f"/api/images/{other}")
        time.sleep(0.5)
    assert all(upload in line.get("image_ids", [line.get("image_id")]) for _, line in found)
    # A message of the queue may come twice.
    ticket, original = (
        next(line for _, line in found if line["message"] == message) for message in ("tickets", "original")
    )
    assert original["outcome"] == "ready"
    assert original["s3_request"], "storage's own id of the PUT"

    # The request that made the ticket, by its id.
    requests = [
        json.loads(event["message"])
        for group in logs.describe_log_groups()["logGroups"]
        if "UploadUrlLog" in group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"], filterPattern=f'"{ticket["correlation_id"]}"'
        )
        for event in page["events"]
        if '"request"' in event["message"]
    ]
    assert "POST /api/uploads" in {request["route"] for request in requests}

    assert {name for name, _ in parse(stack.make("logs", ID=upload).splitlines())} >= {
        "uploadurl",
        "resize",
        "search",
    }
