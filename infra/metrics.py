"""The metrics of a stage that are not one construct's own."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch

CDN_REGION = "us-east-1"
"""CloudFront serves the whole world and has its metrics here."""


def own_metric(service: str, name: str, *, period: cdk.Duration, statistic: str) -> cloudwatch.Metric:
    """A metric that the functions' own code writes, in the log of the function `service`."""
    return cloudwatch.Metric(
        namespace=cdk.Aws.STACK_NAME,
        metric_name=name,
        dimensions_map={"service": service},
        period=period,
        statistic=statistic,
    )


def cdn_metric(
    distribution: cloudfront.IDistribution, name: str, *, period: cdk.Duration, statistic: str
) -> cloudwatch.Metric:
    """A metric of CloudFront, whose dimension `Region` the construct's own methods leave out."""
    return cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name=name,
        dimensions_map={"DistributionId": distribution.distribution_id, "Region": "Global"},
        region=CDN_REGION,
        period=period,
        statistic=statistic,
    )
