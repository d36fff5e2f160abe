"""The alarms: each means that a fault will not mend itself."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.api import Api
from infra.functions import Functions
from infra.ingest_queue import IngestQueue
from infra.issuer_keys import IssuerKeys
from infra.stage import Stage
from stockroom.api.key_objects import UNREADABLE_METRIC

FIVE_MINUTES = cdk.Duration.minutes(5)


class Alarms(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        api: Api,
        ingest: IngestQueue,
        functions: Functions,
        issuer_keys: IssuerKeys,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = sns.Topic(self, "Topic", enforce_ssl=stage.enforce_ssl)
        # A policy that refuses plain http replaces the topic's default policy, by which alarms may publish.
        self._topic.grant_publish(
            iam.ServicePrincipal(
                "cloudwatch.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )
        if stage.alarm_email:
            self._topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))

        self._alarm(
            "DeadLetters",
            "An original failed five times, for no reason that a contributor could read",
            ingest.dead_letters.metric_approximate_number_of_messages_visible(
                period=FIVE_MINUTES, statistic="max"
            ),
            threshold=1,
        )
        self._alarm(
            "Backlog",
            "Originals wait for more than a quarter of an hour",
            ingest.queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES, statistic="max"),
            threshold=900,
        )
        self._alarm(
            "ServerErrors",
            "The API keeps answering 5xx",
            api.http.metric_server_error(period=FIVE_MINUTES, statistic="sum"),
            threshold=10,
            periods=2,
        )
        self._alarm(
            "Reaper",
            "The reaper failed: uploads that never landed are kept",
            functions.reaper.metric_errors(period=FIVE_MINUTES, statistic="sum"),
            threshold=1,
        )
        # Each function measures under its own name.
        for name in functions.chalice:
            self._alarm(
                f"Keys-{name}",
                "A key set or the deny-list cannot be read: nobody can sign in until it can be read again",
                cloudwatch.Metric(
                    namespace=cdk.Aws.STACK_NAME,
                    metric_name=UNREADABLE_METRIC,
                    dimensions_map={"service": name},
                    period=FIVE_MINUTES,
                    statistic="sum",
                ),
                threshold=1,
            )

        if issuer_keys.function is not None:
            # One failure is no alarm: the keys of the hour before are still there.
            self._alarm(
                "IssuerKeys",
                "For three hours the keys of an OpenID provider were not fetched: new ones sign nobody in",
                issuer_keys.function.metric_errors(period=cdk.Duration.hours(1), statistic="sum"),
                threshold=1,
                periods=3,
            )

        self._alarm(
            "Audit",
            "The audit failed: nobody compares the buckets with the table",
            functions.audit.metric_errors(period=FIVE_MINUTES, statistic="sum"),
            threshold=1,
        )

    def _alarm(
        self,
        construct_id: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        periods: int = 1,
    ) -> None:
        cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        ).add_alarm_action(actions.SnsAction(self._topic))
