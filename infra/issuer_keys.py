"""The keys of OpenID providers: a function that fetches them once an hour, where any provider is trusted."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.buckets import Buckets
from infra.functions import make_function
from infra.stage import Stage
from stockroom.runtime.settings import Settings, key_set_name

NAME = "fetch_keys"
INTERVAL = cdk.Duration.hours(1)


class IssuerKeys(Construct):
    """Outside the network, because what is inside has no way out. It may write the providers' key sets alone.

    Neither the operator's own key set nor the deny-list is within its reach: whoever takes the function over
    signs nobody in as the operator.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, buckets: Buckets) -> None:
        super().__init__(scope, construct_id)
        self.function: lambda_.Function | None = None
        issuers = Settings.from_environment(stage.settings).oidc_issuers
        if issuers:
            self.function = make_function(
                self,
                NAME,
                stage=stage,
                memory=256,
                timeout=cdk.Duration.minutes(2),
                environment={**stage.settings, "STOCKROOM_KEYS_BUCKET": buckets.keys.bucket_name},
            )
            self._allow_writes(buckets, issuers)
            events.Rule(
                self,
                "Hourly",
                description="Fetches the keys of OpenID providers",
                schedule=events.Schedule.rate(INTERVAL),
                targets=[targets.LambdaFunction(self.function)],
            )

    def _allow_writes(self, buckets: Buckets, issuers: Sequence[str]) -> None:
        assert self.function is not None  # noqa: S101
        key_sets = [buckets.keys.arn_for_objects(key_set_name(issuer)) for issuer in issuers]
        self.function.add_to_role_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=key_sets))
