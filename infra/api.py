"""The HTTP API: one route for each that a Chalice function declares, so that no other request reaches one."""

from __future__ import annotations

import json
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.declared_routes import APPS, list_routes
from infra.functions import Functions
from infra.stage import Stage
from stockroom.api.routes import API, Route
from stockroom.api.sharing.page_template import HTML

# API Gateway puts texts between these quotes and escapes no quote in them. So nothing is here that a client
# writes. A User-Agent or a path could add fields: those of another request, or metrics in CloudWatch's
# embedded format, any number of which the account would pay for.
ACCESS_LOG = {
    "time": "$context.requestTime",
    "request": "$context.requestId",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "error": "$context.error.message",
    "integration_error": "$context.integrationErrorMessage",
}
# Requests a second to one route, of all clients together. The API answers 429 above that. The rates of all
# routes share the account's quota.
RATE = 200
# What contributors' browsers and command lines send by themselves while they upload.
UPLOADING = ("POST /api/uploads", "POST /api/uploads/tickets", "GET /api/uploads")
# What else a person with a token asks for, by hand.
PERSONAL_RATE = 30
# What a route has not been asked for in so many seconds may come at once.
BURST_SECONDS = 2


class Api(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, functions: Functions) -> None:
        super().__init__(scope, construct_id)
        self.http = apigw.HttpApi(
            self, "Http", api_name=cdk.Aws.STACK_NAME, create_default_stage=False, description="Stockroom"
        )
        routes = [route for name in APPS for route in self._add_routes(name, functions.chalice[name])]
        self.access_log = logs.LogGroup(
            self,
            "AccessLog",
            # Other names each take a part of a policy that an account's log groups share, and that is small:
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
            log_group_name=f"/aws/vendedlogs/{cdk.Aws.STACK_NAME}/access",
            retention=stage.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        http_stage = apigw.HttpStage(
            self,
            "Stage",
            http_api=self.http,
            auto_deploy=True,
            throttle=apigw.ThrottleSettings(rate_limit=RATE, burst_limit=BURST_SECONDS * RATE),
            detailed_metrics_enabled=False,
        )
        # API Gateway refuses the settings of a route that it does not have yet.
        http_stage.node.add_dependency(*routes)
        stage_resource = http_stage.node.default_child
        assert isinstance(stage_resource, apigw.CfnStage)  # noqa: S101
        stage_resource.access_log_settings = apigw.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.access_log.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        stage_resource.route_settings = _limit_routes(stage.anonymous_rate, stage.route_rates)

    @property
    def host(self) -> str:
        return f"{self.http.api_id}.execute-api.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"

    def _add_routes(self, name: str, function: lambda_.Function) -> list[apigw.HttpRoute]:
        integration = HttpLambdaIntegration(
            name,
            function,
            payload_format_version=apigw.PayloadFormatVersion.VERSION_2_0,
            # One permission covers the API. One for each route would outgrow the function's policy.
            scope_permission_to_route=False,
        )
        return [
            added
            for route in APPS[name].declared
            for added in self.http.add_routes(
                path=route.gateway_path,
                methods=[apigw.HttpMethod[method] for method in route.methods],
                integration=integration,
            )
        ]


def _find_rate(route: Route, key: str, anonymous_rate: int) -> int:
    # The rates of all routes share the account's quota. Administrators are few, one request that changes
    # pictures is about up to 500 of them, and nobody looks at what programs wait for.
    if route.scope == "admin":
        return RATE // 20
    if route.scope is not None:
        return RATE if key in UPLOADING else PERSONAL_RATE
    is_for_people = route.path.startswith(API) or route.media_type == HTML
    return anonymous_rate if is_for_people and not key.startswith("HEAD ") else max(1, anonymous_rate // 10)


def _limit_routes(anonymous_rate: int, route_rates: Mapping[str, int]) -> dict[str, dict[str, bool | int]]:
    """The settings of each route, which replace the stage's: nothing is inherited.

    Also of those with the stage's own limit: API Gateway keeps the settings of a route that an update does
    not name, so a limit that is taken out of the stage's file would stay.
    """
    rates = {key: _find_rate(route, key, anonymous_rate) for route in list_routes() for key in route.keys}
    return {
        key: {
            "DetailedMetricsEnabled": False,
            "ThrottlingRateLimit": rate,
            "ThrottlingBurstLimit": BURST_SECONDS * rate,
        }
        for key, rate in {**rates, **route_rates}.items()
    }
