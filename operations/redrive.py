"""Sends dead letters back to the queue that they come from, after the fault is mended that made them such.

The reaper's redrive is another one: it copies an original onto itself, so that S3 announces it again
(`stockroom/ingest/reaper.py`), and needs no dead letter.

The code is the same for AWS and the local stack, whose emulator does not move messages by itself.
"""

from __future__ import annotations

from typing import Any

from tooling.errors import ToolError

# What one request takes and gives.
BATCH = 10
# A queue is empty when a long poll has found nothing.
WAIT_SECONDS = 3


def redrive(sqs: Any, dead_letters: str, queue: str) -> int:
    """How many messages went from one queue to the other; both are addresses.

    A message is deleted only after it has been sent. Whoever interrupts that leaves it in both queues, which
    is harmless: an original that is announced twice is rendered once. Raises ToolError for a refused message.
    """
    moved = 0
    while messages := sqs.receive_message(
        QueueUrl=dead_letters, MaxNumberOfMessages=BATCH, WaitTimeSeconds=WAIT_SECONDS
    ).get("Messages"):
        entries = [{"Id": str(n), "MessageBody": each["Body"]} for n, each in enumerate(messages)]
        sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        done = [
            {"Id": each["Id"], "ReceiptHandle": messages[int(each["Id"])]["ReceiptHandle"]}
            for each in sent.get("Successful", ())
        ]
        if done:
            sqs.delete_message_batch(QueueUrl=dead_letters, Entries=done)
        moved += len(done)
        if failed := sent.get("Failed"):
            raise ToolError(f"after {moved} messages, the queue refused one: {failed[0].get('Message', '')}")
    return moved
