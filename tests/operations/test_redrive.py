"""Dead letters that go back to their queue."""

import json
from typing import Any

import boto3
import pytest

from infra.stage_file import StageFile
from operations import cli, redrive
from tests.operations.conftest import Stacks
from tests.operations.databases import REGION
from tooling.errors import ToolError


@pytest.fixture
def sqs(aws: Stacks, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ARG001  the queues are in that account
    monkeypatch.setattr(redrive, "WAIT_SECONDS", 0)
    return boto3.client("sqs", region_name=REGION)


@pytest.fixture
def dead_letters(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="dead-letters")["QueueUrl"])


@pytest.fixture
def queue(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="queue")["QueueUrl"])


def _count(sqs: Any, url: str) -> int:
    """The messages of a queue, also those that somebody has received and not deleted."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def _receive(sqs: Any, url: str) -> set[str]:
    found: set[str] = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {message["Body"] for message in messages}
    return found


def test_every_message_goes_back_as_it_was(sqs: Any, dead_letters: str, queue: str) -> None:
    bodies = {f'{{"Records": [{n}]}}' for n in range(23)}
    for body in bodies:
        sqs.send_message(QueueUrl=dead_letters, MessageBody=body)
    assert redrive.redrive(sqs, dead_letters, queue) == 23
    assert _count(sqs, dead_letters) == 0
    assert _receive(sqs, queue) == bodies


def test_of_no_messages_none_goes_back(sqs: Any, dead_letters: str, queue: str) -> None:
    assert redrive.redrive(sqs, dead_letters, queue) == 0


def test_what_the_queue_refuses_stays(sqs: Any, dead_letters: str, queue: str) -> None:
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=dead_letters, MessageBody=body)

    class Refusing:
        """Takes the first message of a batch alone."""

        def __getattr__(self, name: str) -> Any:
            return getattr(sqs, name)

        # The names are boto3's.
        def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803
            answer = sqs.send_message_batch(QueueUrl=QueueUrl, Entries=Entries[:1])
            return answer | {"Failed": [{"Id": "1", "Message": "too long"}]}

    with pytest.raises(ToolError, match="after 1 messages, the queue refused one: too long"):
        redrive.redrive(Refusing(), dead_letters, queue)
    assert _count(sqs, dead_letters) == _count(sqs, queue) == 1


def test_the_command_is_about_the_queues_of_the_stage(
    aws: Stacks, stage: StageFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []

    def move(_sqs: Any, *urls: str) -> int:
        asked.append(urls)
        return 7

    monkeypatch.setattr(redrive, "redrive", move)
    monkeypatch.setattr(cli, "read_stage", lambda _: stage)
    aws.set(DeadLetterQueueUrl="https://dead", QueueUrl="https://queue")
    assert cli.main(["redrive", "--stage", "trial"]) == 0
    assert asked == [("https://dead", "https://queue")]
    assert json.loads(capsys.readouterr().out) == {"redriven": 7}
