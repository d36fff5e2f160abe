"""Events of a bucket, sent to a queue or to a topic."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs


def send_events(bucket: s3.Bucket, queue: sqs.Queue, *, event: str, prefix: str) -> None:
    """Have S3 send these events of objects under a prefix. A bucket has one such queue."""
    policy = queue.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("s3.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            # The condition names the account: with the bucket's ARN, bucket and policy would wait for each
            # other.
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        )
    )
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101
    # Set on the resource itself: the construct's own helper would add a function to the account for this.
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[
            s3.CfnBucket.QueueConfigurationProperty(
                event=event,
                queue=queue.queue_arn,
                filter=s3.CfnBucket.NotificationFilterProperty(
                    s3_key=s3.CfnBucket.S3KeyFilterProperty(
                        rules=[s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)]
                    )
                ),
            )
        ]
    )
    # S3 sends a test message to a queue that it is given, and refuses a queue that does not take it.
    if policy.policy_dependable is not None:
        bucket.node.add_dependency(policy.policy_dependable)


def publish_events(bucket: s3.Bucket, topic: sns.Topic, *, event: str, prefix: str) -> None:
    """Have S3 publish these events of objects under a prefix. A bucket has one topic beside its queue."""
    policy = topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("s3.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        )
    )
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101
    resource.add_property_override(
        "NotificationConfiguration.TopicConfigurations",
        [
            {
                "Event": event,
                "Topic": topic.topic_arn,
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}},
            }
        ],
    )
    if policy.policy_dependable is not None:
        bucket.node.add_dependency(policy.policy_dependable)
