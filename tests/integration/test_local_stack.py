"""The local stack as people use it: kept up, killed, started again, two at a time."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from local import cdn, emulator, function_logs, logs, mariadb, processes
from stockroom.ingest.reaper import Report
from tests.integration.api import PATIENCE, Person, put, send
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack, new_stack
from tooling import ROOT
from tooling.ports import HOST, choose_free

pytestmark = pytest.mark.integration

PARTS = (mariadb.NAME, emulator.NAME, cdn.NAME)


@pytest.fixture
def alice(stack: LocalStack) -> Person:
    return Person(stack, stack.token("alice", name="Alice"))


@pytest.fixture
def second(stack: LocalStack, tmp_path: Path) -> Iterator[LocalStack]:
    """The servers of another stack, which go by the outputs of the session's, beside those of that one.

    Two whole stacks run side by side, too, with the thorough tests (tests/distribution.py).
    """
    second = new_stack(tmp_path / "second", choose_free())
    layout = second.layout
    outputs = (stack.layout.data / "outputs.json").read_text()
    (layout.folder() / "outputs.json").write_text(outputs.replace(stack.url, second.url))
    # They outlive the process that starts them.
    program = (
        "from pathlib import Path; from local import cdn, emulator, mariadb; "
        "from local.layout import Layout; "
        f"layout = Layout(Path({str(layout.data)!r}), {layout.port}); "
        "[part.ensure(layout) for part in (mariadb, emulator, cdn)]"
    )
    try:
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
        yield second
    finally:
        second.make("down")


def stored(stack: LocalStack, image_id: str) -> dict[str, str]:
    """Keys and ETags of what storage holds of a picture."""
    listed = stack.s3.list_objects_v2(Bucket=stack.outputs["ImagesBucket"], Prefix=f"i/{image_id}")
    return {item["Key"]: item["ETag"] for item in listed["Contents"]}


def kill(stack: LocalStack, part: str) -> int:
    """kill -9 the leader of a part's process group alone; returns its id."""
    leader = processes.running(stack.layout, part)
    assert leader, part
    os.kill(leader, signal.SIGKILL)
    return leader


def test_a_token_is_printed_alone(stack: LocalStack) -> None:
    token = stack.make("token", SUB="alice", SCOPES="upload admin", DAYS="2").strip()
    reply = Person(stack, token).call("GET", "/api/uploads")
    assert reply.status == 200


def test_the_reaper_runs_at_once_and_reports(stack: LocalStack) -> None:
    report = json.loads(stack.make("reap"))
    assert report.keys() == Report().asdict().keys()
    assert report["finished"]


def test_up_is_idempotent(stack: LocalStack) -> None:
    before = [processes.running(stack.layout, part) for part in PARTS]
    stack.make("up")
    assert [processes.running(stack.layout, part) for part in PARTS] == before


@pytest.mark.thorough
@pytest.mark.parametrize("victims", [*((part,) for part in PARTS), PARTS], ids="+".join)
def test_nothing_saved_is_lost_by_a_kill(stack: LocalStack, alice: Person, victims: tuple[str, ...]) -> None:
    image_id = alice.upload_whole(fresh_photo())
    row, objects = alice.state(image_id), stored(stack, image_id)
    link = alice.urls(image_id)["240p"]
    assert link.removeprefix(f"{stack.url}/") in objects
    leaders = {part: kill(stack, part) for part in victims}

    stack.make("up")

    for part, leader in leaders.items():
        assert processes.running(stack.layout, part) not in {0, leader}
        # No process of the old group is left to hold a port or a connection.
        assert list(processes.group_members(leader)) == []
    assert alice.state(image_id) == row
    assert stored(stack, image_id) == objects
    assert send("GET", link).body[:2] == b"\xff\xd8"


@pytest.mark.thorough
def test_what_waited_in_the_queue_of_a_killed_emulator_becomes_ready(
    stack: LocalStack, alice: Person
) -> None:
    photo, late = fresh_photo(), fresh_photo()
    awslambda = stack.client("lambda")
    (mapping,) = awslambda.list_event_source_mappings(FunctionName=stack.outputs["ResizeFunction"])[
        "EventSourceMappings"
    ]
    # The event stays in the queue. The kill also undoes this, since nothing saves it.
    awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    (waiting,) = alice.upload(photo)
    (announced,) = alice.announce(late)
    kill(stack, emulator.NAME)

    stack.make("up")

    assert alice.settled(waiting)["state"] == "ready"
    # What has not landed keeps its ticket and its time.
    found = alice.state(announced["id"])
    assert found is not None
    assert found["state"] == "pending"
    assert put(announced["ticket"], late).status == 200
    assert alice.settled(announced["id"])["state"] == "ready"
    assert stored(stack, announced["id"])


def test_functions_log_on_when_their_logs_are_emptied(stack: LocalStack) -> None:
    followed = logs.FunctionLogs(stack.layout, since=time.time())
    assert function_logs.empty_large_groups(stack.layout, limit=0)
    assert send("GET", f"{stack.url}/api/images?q=emptied{time.time_ns()}").status == 200
    assert processes.wait_until(
        lambda: any("GET /api/images" in line for line in followed.new_lines()), PATIENCE, interval=0.2
    )


@pytest.mark.thorough
def test_a_port_that_was_taken_is_chosen_anew_and_the_functions_learn_of_it(
    stack: LocalStack, alice: Person
) -> None:
    image_id = alice.upload_whole(fresh_photo())
    row = alice.state(image_id)
    stack.make("down")
    port = stack.layout.port_of(mariadb.NAME)
    with socket.create_server((HOST, port)):
        stack.make("up")
        assert stack.layout.port_of(mariadb.NAME) != port
        assert alice.state(image_id) == row


def test_nobody_signs_for_a_function_by_knowing_its_name(stack: LocalStack, alice: Person) -> None:
    (announced,) = alice.announce(fresh_photo())
    functions = stack.client("lambda").list_functions()["Functions"]
    (signing,) = [each for each in functions if "FunctionsUploadUrl" in each["FunctionName"]]
    # What the emulator makes of these two names by itself.
    digest = hashlib.sha256(f"{signing['FunctionArn']}:{signing['Role']}".encode()).hexdigest()
    (credential,) = parse_qs(urlsplit(announced["ticket"]["url"]).query)["X-Amz-Credential"]
    assert not credential.startswith(f"ASIA{digest[:16].upper()}/")


@pytest.mark.thorough
def test_two_stacks_share_nothing(stack: LocalStack, alice: Person, second: LocalStack) -> None:
    image_id = alice.upload_whole(fresh_photo())
    assert send("GET", alice.urls(image_id)["240p"]).status == 200
    assert second.s3.list_buckets()["Buckets"] == []
    with second.database() as connection, connection.cursor() as cursor:
        assert cursor.execute("SHOW TABLES") == 0
    # The same address leads to nothing there.
    assert send("GET", alice.urls(image_id)["240p"].replace(stack.url, second.url)).status == 404
    assert Person(second).call("GET", "/api/images").status == 404
    ours = {stack.layout.port_of(part) for part in (mariadb.NAME, emulator.NAME)}
    theirs = {second.layout.port_of(part) for part in (mariadb.NAME, emulator.NAME)}
    assert not ours & theirs
    assert all(processes.running(second.layout, part) for part in PARTS)

    second.make("down")

    assert not any(processes.running(second.layout, part) for part in PARTS)
    assert all(processes.running(stack.layout, part) for part in PARTS)
    assert alice.state(image_id)
