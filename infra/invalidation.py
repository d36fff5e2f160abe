"""Deleted renditions leave the CDN: S3 announces them to a queue, whose batches become invalidations."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.bucket_events import send_events
from infra.buckets import Buckets
from infra.cdn import Cdn
from infra.functions import make_function
from infra.stage import Stage

NAME = "invalidate"
TIMEOUT = cdk.Duration.seconds(20)
WINDOW = cdk.Duration.seconds(30)
"""What is deleted within this time becomes one invalidation."""
MAX_MESSAGES = 1000
"""An event has about a kilobyte, and a function takes six megabytes."""
MAX_TRIES = 20
"""CloudFront may be busy with earlier invalidations for some minutes."""


class Invalidation(Construct):
    """Outside the network, because what is inside has no way out. It may invalidate, and nothing else."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, buckets: Buckets, cdn: Cdn
    ) -> None:
        super().__init__(scope, construct_id)
        self.function: lambda_.Function | None = None
        self.dead_letters: sqs.Queue | None = None
        if stage.invalidate_deletions:
            self.function = self._add_function(stage, cdn)
            self.dead_letters = sqs.Queue(
                self,
                "DeadLetters",
                retention_period=cdk.Duration.days(14),
                enforce_ssl=stage.enforce_ssl,
            )
            queue = self._add_queue(stage, self.dead_letters)
            send_events(buckets.images, queue, event="s3:ObjectRemoved:*", prefix="i/")
            self.function.add_event_source(
                event_sources.SqsEventSource(
                    queue,
                    batch_size=MAX_MESSAGES,
                    max_batching_window=WINDOW,
                    # The least that Lambda takes: more at once would only meet CloudFront's limit.
                    max_concurrency=2,
                    report_batch_item_failures=True,
                )
            )

    def pass_over(self, role: iam.Role) -> None:
        """Make no invalidations of each thing that this role deletes: it tells of all of them at once."""
        if self.function is not None:
            self.function.add_environment("STOCKROOM_JOBS_ROLE_ID", role.role_id)

    def _add_queue(self, stage: Stage, dead_letters: sqs.Queue) -> sqs.Queue:
        return sqs.Queue(
            self,
            "Queue",
            # Six times the function's timeout, and the time in which a batch is gathered.
            visibility_timeout=cdk.Duration.seconds(6 * TIMEOUT.to_seconds() + WINDOW.to_seconds()),
            # Without an invalidation a rendition leaves the CDN after a day.
            retention_period=cdk.Duration.days(2),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=MAX_TRIES),
            enforce_ssl=stage.enforce_ssl,
        )

    def _add_function(self, stage: Stage, cdn: Cdn) -> lambda_.Function:
        function = make_function(
            self,
            NAME,
            stage=stage,
            memory=256,
            timeout=TIMEOUT,
            environment={"STOCKROOM_DISTRIBUTION_ID": cdn.distribution.distribution_id},
        )
        cdn.distribution.grant_create_invalidation(function)
        return function
