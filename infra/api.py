"""The HTTP API: one route for each that a Chalice function declares, so that no other request reaches one."""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.functions import Functions
from infra.routes import APPS, list_routes
from infra.stage import Stage
from stockroom.api.routes import Access

# Requests a second, and at once, that each route takes from all clients together, by who may use the route.
# The CDN answers most searches itself. What needs a token has the stage's own, higher limit.
THROTTLES: dict[Access, tuple[int, int]] = {"anyone": (100, 200), "reader": (300, 600)}

ACCESS_LOG = {
    "time": "$context.requestTime",
    "request": "$context.requestId",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "agent": "$context.identity.userAgent",
    "error": "$context.error.message",
    "integration_error": "$context.integrationErrorMessage",
}


class Api(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, functions: Functions) -> None:
        super().__init__(scope, construct_id)
        self.http = apigw.HttpApi(
            self, "Http", api_name=cdk.Aws.STACK_NAME, create_default_stage=False, description="Stockroom"
        )
        routes = [route for name in APPS for route in self._add_routes(name, functions.chalice[name])]
        log = logs.LogGroup(
            self, "AccessLog", retention=stage.log_retention, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        stage_resource = apigw.HttpStage(
            self,
            "Stage",
            http_api=self.http,
            auto_deploy=True,
            throttle=apigw.ThrottleSettings(rate_limit=1000, burst_limit=2000),
            detailed_metrics_enabled=True,
        ).node.default_child
        assert isinstance(stage_resource, apigw.CfnStage)  # noqa: S101
        stage_resource.access_log_settings = apigw.CfnStage.AccessLogSettingsProperty(
            destination_arn=log.log_group_arn, format=json.dumps(ACCESS_LOG)
        )

        stage_resource.route_settings = {
            f"{route.method} {route.path}": {
                "ThrottlingRateLimit": rate,
                "ThrottlingBurstLimit": burst,
                # Settings of a route take the place of all of the stage's.
                "DetailedMetricsEnabled": True,
            }
            for route in list_routes()
            if route.access in THROTTLES
            for rate, burst in [THROTTLES[route.access]]
        }
        # Settings of a route that does not exist yet are refused.
        stage_resource.node.add_dependency(*routes)

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
                path=route.path, methods=[apigw.HttpMethod[route.method]], integration=integration
            )
        ]
