"""The ingest queue: an original that lands is announced to `resize`; five failures set a message aside.

The queues go with the stack: the reaper has every original announced again whose message is lost.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.bucket_events import send_events
from infra.buckets import Buckets
from infra.functions import RESIZE_TIMEOUT, Functions
from infra.stage import Stage


class IngestQueue(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, buckets: Buckets, functions: Functions
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=cdk.Duration.days(14),
            enforce_ssl=stage.enforce_ssl,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            # Six times the function's timeout, as AWS recommends: a message does not become visible again
            # while the event source still retries it.
            visibility_timeout=cdk.Duration.seconds(6 * RESIZE_TIMEOUT.to_seconds()),
            retention_period=cdk.Duration.days(7),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=5),
            enforce_ssl=stage.enforce_ssl,
        )
        send_events(buckets.uploads, self.queue, event="s3:ObjectCreated:*", prefix="originals/")
        functions.resize.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                # One picture an invocation: a picture that exhausts the memory must not take others with it.
                batch_size=1,
                max_concurrency=stage.resize_concurrency,
                report_batch_item_failures=True,
            )
        )
