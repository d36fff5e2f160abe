"""The alarms: each means that a fault will not mend itself.

None of them comes because nothing happens: a library may have no visitors, and its database may be paused.
"""

from __future__ import annotations

import math

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.api import Api
from infra.cdn import Cdn
from infra.database import Database
from infra.due_times import DueTimes
from infra.functions import Functions
from infra.ingest_queue import IngestQueue
from infra.invalidation import Invalidation
from infra.issuer_keys import IssuerKeys
from infra.metrics import CDN_REGION, cdn_metric, own_metric
from infra.stage import Stage
from stockroom.api.key_objects import UNREADABLE_METRIC
from stockroom.images.due_times import LARGE_STEP
from stockroom.images.reaper_schedule import MAX_EVENT_AGE_SECONDS
from stockroom.ingest.reaper import LATENESS_METRIC, PENDING_METRIC
from stockroom.runtime.accounts import ACCOUNTS

FIVE_MINUTES = cdk.Duration.minutes(5)
HOUR = cdk.Duration.hours(1)
# A waking database holds requests for less than a minute, so in two periods of five minutes at most, and not
# again before AUTO_PAUSE. Three periods in a row are another fault, as long as quiet ones in between count.
LONGER_THAN_WAKING = 3
# A due time is rounded up to a full hour, and the scheduler tries to call the reaper for another one.
LATE_SECONDS = LARGE_STEP.total_seconds() + MAX_EVENT_AGE_SECONDS
# The accounts of the functions leave SPARE_CONNECTIONS to `migrate`, to operators and to AWS. At so many, the
# accounts together have a tenth of their connections left.
BUSY_CONNECTIONS = sum(account.connections for account in ACCOUNTS) * 9 // 10


class Alarms(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        api: Api,
        cdn: Cdn,
        database: Database,
        ingest: IngestQueue,
        functions: Functions,
        issuer_keys: IssuerKeys,
        invalidation: Invalidation,
        due_times: DueTimes,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarms: list[cloudwatch.IAlarm] = []
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

        self._watch_pictures(ingest)
        self._watch_reaper(stage, functions, due_times)
        self._watch_requests(stage, api, functions)
        self._watch_keys(functions, issuer_keys)
        self._watch_database(database)
        self._watch_deletions(invalidation)
        if stage.region == CDN_REGION:
            # An alarm sees the metrics of its own region alone. docs/operate.md says what is watched instead.
            self._watch_cdn(cdn)
        self._alarm(
            "Audit",
            "The audit failed: nobody compares the buckets with the table",
            functions.audit.metric_errors(period=FIVE_MINUTES, statistic="sum"),
            threshold=1,
        )

    def _watch_pictures(self, ingest: IngestQueue) -> None:
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

    def _watch_reaper(self, stage: Stage, functions: Functions, due_times: DueTimes) -> None:
        self._alarm(
            "Reaper",
            "The reaper failed: uploads that never landed are kept",
            functions.reaper.metric_errors(period=FIVE_MINUTES, statistic="sum"),
            threshold=1,
        )
        self._alarm(
            "DueTimes",
            "The reaper is not called when it is due: what was deleted may be seen for a day",
            # What Lambda has tried three times, or could not run for hours. A count of errors would not do:
            # the tries of one event take minutes, and may fall into two periods.
            due_times.function.metric("AsyncEventsDropped", period=FIVE_MINUTES, statistic="sum"),
            threshold=1,
        )
        self._alarm(
            "Lateness",
            "The reaper came hours after it was due: a due time was lost on its way",
            own_metric("reaper", LATENESS_METRIC, period=FIVE_MINUTES, statistic="max"),
            threshold=LATE_SECONDS,
        )
        self._alarm(
            "Stuck",
            "The reaper fails at the same rows again and again",
            own_metric("reaper", "ReaperStuck", period=FIVE_MINUTES, statistic="sum"),
            threshold=1,
        )
        # An hour for the run that is due, which may begin in the next one, and another for its metric.
        hours = math.ceil(stage.reaper_interval.to_minutes() / 60) + 2
        silence = self._alarm(
            "ReaperSilence",
            "The reaper did not run: what is overdue stays overdue",
            functions.reaper.metric_invocations(period=HOUR, statistic="sum"),
            threshold=1,
            periods=hours,
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        # The first run comes an interval after the deployment that made the rule.
        _warm_up(silence, minutes=hours * 60)
        self._alarm(
            "OldestPending",
            "An original that has landed is still no picture, although the reaper has announced it again",
            own_metric("reaper", PENDING_METRIC, period=FIVE_MINUTES, statistic="max"),
            # What a run finds for the first time has waited for an interval at most.
            threshold=stage.reaper_interval.to_seconds() + HOUR.to_seconds(),
            # Between two runs nobody has looked: the alarm stays as it is.
            missing=cloudwatch.TreatMissingData.IGNORE,
        )

    def _watch_requests(self, stage: Stage, api: Api, functions: Functions) -> None:
        errors = api.http.metric_server_error(period=FIVE_MINUTES, statistic="sum")
        latency = api.http.metric_latency(period=FIVE_MINUTES, statistic="p99")
        # The emulator refuses expressions.
        self._alarm(
            "ServerErrors",
            "The API keeps answering 5xx",
            errors if stage.is_local else _count_quiet_periods(errors),
            threshold=10,
            periods=LONGER_THAN_WAKING,
        )
        self._alarm(
            "Latency",
            "One of a hundred requests to the API takes five seconds or more",
            latency if stage.is_local else _count_quiet_periods(latency),
            threshold=5000,
            periods=LONGER_THAN_WAKING,
        )
        for name, function in {**functions.chalice, "resize": functions.resize}.items():
            self._alarm(
                f"Throttles-{name}",
                "Lambda refuses to run a function: too many run at once",
                function.metric_throttles(period=FIVE_MINUTES, statistic="sum"),
                threshold=10,
                periods=3,
            )

    def _watch_keys(self, functions: Functions, issuer_keys: IssuerKeys) -> None:
        # Each function measures under its own name.
        for name in functions.chalice:
            self._alarm(
                f"Keys-{name}",
                "A key set or the deny-list cannot be read: nobody can sign in until it can be read again",
                own_metric(name, UNREADABLE_METRIC, period=FIVE_MINUTES, statistic="sum"),
                threshold=1,
            )
        if issuer_keys.function is not None:
            # One failure is no alarm: the keys of the hour before are still there.
            self._alarm(
                "IssuerKeys",
                "For three hours the keys of an OpenID provider were not fetched: new ones sign nobody in",
                issuer_keys.function.metric_errors(period=HOUR, statistic="sum"),
                threshold=1,
                periods=3,
            )

    def _watch_database(self, database: Database) -> None:
        if database.server is None:
            return
        self._alarm(
            "Connections",
            "The database has hardly any connection left",
            database.server.metric("DatabaseConnections", period=FIVE_MINUTES, statistic="max"),
            threshold=BUSY_CONNECTIONS,
            periods=3,
        )
        self._alarm(
            "Capacity",
            "The database works at its full capacity",
            database.server.metric(database.capacity_metric, period=FIVE_MINUTES, statistic="avg"),
            threshold=95,
            periods=3,
        )

    def _watch_deletions(self, invalidation: Invalidation) -> None:
        if invalidation.dead_letters is not None:
            self._alarm(
                "Invalidations",
                "The CDN was not told of renditions that were deleted: it may show them for a day",
                invalidation.dead_letters.metric_approximate_number_of_messages_visible(
                    period=FIVE_MINUTES, statistic="max"
                ),
                threshold=1,
            )

    def _watch_cdn(self, cdn: Cdn) -> None:
        errors = cdn_metric(cdn.distribution, "5xxErrorRate", period=FIVE_MINUTES, statistic="avg")
        self._alarm(
            "CdnErrors",
            "The CDN answers one of twenty requests with 5xx",
            _count_quiet_periods(errors),
            threshold=5,
            periods=LONGER_THAN_WAKING,
        )

    def _alarm(
        self,
        construct_id: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        periods: int = 1,
        comparison: cloudwatch.ComparisonOperator = (
            cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        ),
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=comparison,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        self.alarms.append(alarm)
        return alarm


def _count_quiet_periods(metric: cloudwatch.Metric) -> cloudwatch.MathExpression:
    """A metric that is 0, and not missing, in a period without a request.

    CloudWatch looks at more periods than an alarm has, and judges by what it finds in them before it takes
    anything for missing: where hardly anybody comes, two wake-ups could be three periods in a row.
    """
    return cloudwatch.MathExpression(
        expression="FILL(watched, 0)",
        using_metrics={"watched": metric},
        period=metric.period,
        label=metric.metric_name,
    )


def _warm_up(alarm: cloudwatch.Alarm, *, minutes: int) -> None:
    """Have a new alarm judge nothing before there can be anything to judge."""
    resource = alarm.node.default_child
    assert isinstance(resource, cloudwatch.CfnAlarm)  # noqa: S101
    resource.warm_up_configuration = cloudwatch.CfnAlarm.WarmUpConfigurationProperty(
        warm_up_period_duration_in_minutes=minutes, only_start_evaluating_after_warm_up_period_ends=True
    )
