"""What never lands, what lands while everything is broken, and a database that goes away."""

import json
import time
from datetime import datetime

import pytest

from local import processes
from stockroom.images import ids
from stockroom.images.due_times import SMALL_STEP, round_up
from tests.integration.api import PATIENCE, Person, put
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


@pytest.fixture
def alice(stack: LocalStack) -> Person:
    return Person(stack, stack.token("alice", name="Alice"))


def overdue(stack: LocalStack, upload: str) -> None:
    """Put an upload's deadline into the past, as if its hours had gone by."""
    connection = stack.database()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stockroom.image SET deadline = '2020-01-01' WHERE id = %s", (ids.decode(upload),)
        )


def test_an_upload_that_never_comes_is_gone_after_one_run(stack: LocalStack, alice: Person) -> None:
    (answer,) = alice.announce(fresh_photo())
    overdue(stack, answer["id"])
    found = alice.state(answer["id"])
    assert found is not None
    assert found["state"] == "expired"
    report = json.loads(stack.make("reap"))
    assert report["purged"] >= 1
    assert alice.state(answer["id"]) is None
    (renewed,) = alice.call("POST", "/api/uploads/tickets", {"ids": [answer["id"]]}).json["files"]
    assert renewed["state"] == "gone"


def test_a_failed_upload_is_processed_again_on_request(stack: LocalStack, alice: Person) -> None:
    (upload,) = alice.upload(b"no picture, whatever it says")
    assert alice.settled(upload)["state"] == "failed"
    assert json.loads(stack.make("retry", IDS=upload)) == {"pending": 1}
    assert alice.settled(upload)["error"]["code"] == "not-an-image"
    assert json.loads(stack.make("retry", CODE="not-an-image"))["pending"] >= 1
    alice.settled(upload)


def test_the_audit_finds_what_is_lost_and_a_repair_brings_it_back(stack: LocalStack, alice: Person) -> None:
    upload = alice.upload_whole(fresh_photo())
    link = alice.urls(upload)["240p"]
    key = link.removeprefix(f"{stack.url}/")
    stack.s3.delete_object(Bucket=stack.outputs["ImagesBucket"], Key=key)
    finding = json.loads(stack.make("audit"))["findings"]["picture-without-rendition"]
    assert key in finding["examples"]
    assert json.loads(stack.make("audit", REPAIR="1"))["repaired"]["picture-without-rendition"] == 1
    assert json.loads(stack.make("reap"))["redriven"] >= 1
    ends = time.monotonic() + PATIENCE
    while key in json.loads(stack.make("audit"))["findings"]["picture-without-rendition"]["examples"]:
        assert time.monotonic() < ends
    assert stack.s3.head_object(Bucket=stack.outputs["ImagesBucket"], Key=key)["ContentType"] == "image/jpeg"


def test_the_reaper_is_to_be_called_when_a_deleted_picture_can_be_restored_no_longer(
    stack: LocalStack, alice: Person
) -> None:
    upload = alice.upload_whole(fresh_photo())
    (answer,) = alice.call("POST", "/api/images/delete", {"ids": [upload]}).json["images"]
    due = round_up(datetime.fromisoformat(answer["restorable_until"]), SMALL_STEP)
    reaper = stack.client("lambda").get_function_configuration(FunctionName=stack.outputs["ReaperFunction"])
    # It goes when it has called, ten minutes from now at the earliest.
    name = f"reap-{due:%Y-%m-%dT%H-%M}"
    ends = time.monotonic() + PATIENCE
    while name not in (schedules := find_schedules(stack)):
        assert time.monotonic() < ends, schedules
        time.sleep(0.2)
    assert schedules[name] == reaper["FunctionArn"]


def find_schedules(stack: LocalStack) -> dict[str, str]:
    """What each schedule calls, by its name."""
    listed = stack.client("scheduler").list_schedules()["Schedules"]
    return {each["Name"]: each["Target"]["Arn"] for each in listed}


def has_event(stack: LocalStack, upload: str) -> bool:
    """Whether the event of an upload's original is in the queue; looking for it takes messages out."""
    messages = stack.client("sqs").receive_message(
        QueueUrl=stack.outputs["QueueUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=1
    )
    return any(upload in message["Body"] for message in messages.get("Messages", ()))


def test_what_landed_while_resize_was_broken_becomes_ready_by_the_reaper_alone(
    stack: LocalStack, alice: Person
) -> None:
    awslambda, queue = stack.client("lambda"), stack.outputs["QueueUrl"]
    (mapping,) = awslambda.list_event_source_mappings(FunctionName=stack.outputs["ResizeFunction"])[
        "EventSourceMappings"
    ]
    awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        (answer,) = alice.announce(photo := fresh_photo())
        assert put(answer["ticket"], photo).status == 200
        # The event comes after the answer to the PUT.
        assert processes.wait_until(lambda: has_event(stack, answer["id"]), PATIENCE)
        stack.client("sqs").purge_queue(QueueUrl=queue)
    finally:
        awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    found = alice.state(answer["id"])
    assert found is not None
    assert found["state"] == "pending"
    overdue(stack, answer["id"])
    assert json.loads(stack.make("reap"))["redriven"] >= 1
    assert alice.settled(answer["id"])["state"] == "ready"


def test_what_became_a_dead_letter_becomes_ready_by_a_redrive(stack: LocalStack, alice: Person) -> None:
    awslambda, sqs = stack.client("lambda"), stack.client("sqs")
    queue = stack.outputs["QueueUrl"]
    (mapping,) = awslambda.list_event_source_mappings(FunctionName=stack.outputs["ResizeFunction"])[
        "EventSourceMappings"
    ]
    awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        (upload,) = alice.upload(fresh_photo())
        # Five failures set a message aside.
        for _ in range(5):
            sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, WaitTimeSeconds=5)
        assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    finally:
        awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    found = alice.state(upload)
    assert found is not None
    assert found["state"] == "pending"
    assert json.loads(stack.make("redrive"))["redriven"] >= 1
    assert alice.settled(upload)["state"] == "ready"
    assert json.loads(stack.make("redrive")) == {"redriven": 0}
