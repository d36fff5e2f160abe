"""The ingest queue: an original that lands is announced to `resize`; five failures set a message aside.

The queues go with the stack: the reaper has every original announced again whose message is lost.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

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
        self._subscribe(buckets.uploads)
        functions.resize.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                # One picture an invocation: a picture that exhausts the memory must not take others with it.
                batch_size=1,
                max_concurrency=stage.resize_concurrency,
                report_batch_item_failures=True,
            )
        )

    def _subscribe(self, uploads: s3.Bucket) -> None:
        policy = self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                # The condition names the account: with the bucket's ARN, bucket and policy would wait for
                # each other.
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )
        bucket = uploads.node.default_child
        assert isinstance(bucket, s3.CfnBucket)  # noqa: S101
        # Set on the resource itself: the construct's own helper would add a function to the account for this.
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    queue=self.queue.queue_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(
                        s3_key=s3.CfnBucket.S3KeyFilterProperty(
                            rules=[s3.CfnBucket.FilterRuleProperty(name="prefix", value="originals/")]
                        )
                    ),
                )
            ]
        )
        # S3 sends a test message to a queue that it is given, and refuses a queue that does not take it.
        if policy.policy_dependable is not None:
            uploads.node.add_dependency(policy.policy_dependable)
