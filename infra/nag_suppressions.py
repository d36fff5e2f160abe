"""Suppressions for cdk-nag: each rule that this system does not follow, with the reason."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

from infra.buckets import Buckets
from infra.cdn_secret import CdnSecret
from infra.database import Database
from infra.due_times import DueTimes
from infra.functions import COPIES, DUE_TIMES, ORIGINALS, RENDITIONS, Functions
from infra.invalidation import Invalidation
from infra.issuer_keys import IssuerKeys
from infra.jobs import RECORDS, RECORDS_OF_FACTS, Jobs
from infra.stage import Stage

WHOLE_STACK = {
    "AwsSolutions-S1": "Only CloudFront and the functions reach objects, and both keep logs.",
    "AwsSolutions-L1": "Bundles hold wheels and byte code for the Python version that the tests ran on.",
    "AwsSolutions-APIG4": "Pictures are public. The functions check the token of every other route "
    "themselves, against several issuers, scopes and a deny-list.",
    "AwsSolutions-CFR1": "The library is for readers everywhere.",
    "AwsSolutions-CFR2": "A web ACL costs more than an idle library; the API is throttled, and web_acl in "
    "the stage's file names an ACL for those who want one.",
    "AwsSolutions-CFR3": "The API logs each request; for pictures the distribution's metrics do.",
    "Annotation::@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk": "Only the images bucket grants it, "
    "and its paths all begin with /i/, so none is the bucket's root.",
}
NETWORK = {
    "AwsSolutions-VPC7": "The network leads nowhere: functions connect to the database and S3, nothing else.",
    "AwsSolutions-SMG4": "Only a first deployment uses the administrator's password; functions use IAM.",
    "AwsSolutions-RDS10": "A protected server lets the rollback of a failed first deployment fail, too; "
    "`make deploy` protects it when it has succeeded.",
    "AwsSolutions-RDS11": "The network is isolated: another port would protect nothing.",
    "AwsSolutions-RDS14": "Aurora MySQL 8.4 has no backtrack; there are backups to any point of seven days.",
    "AwsSolutions-RDS3": "One zone by choice: a library may be unavailable while an instance is replaced.",
}
DEFAULT_CERTIFICATE = {
    "AwsSolutions-CFR4": "CloudFront's own certificate fixes the protocol; your own domain brings TLS 1.2.",
}
RESTORED = {
    "AwsSolutions-RDS2": "A server that is made from a snapshot is encrypted as the snapshot is.",
    "CloudFormation-Validate::F3021": "The administrator's name comes with the snapshot.",
}
CDN_SECRET = {
    "AwsSolutions-SMG4": "CDN and functions get the value from a deployment, so a rotation would part them. "
    "Who knows it can go round the CDN, and choose the address that they are counted by.",
}
LOGS = "The managed policy allows a function its log and, in a network, its network interface."


def suppress_nag_rules(
    stack: cdk.Stack,
    *,
    stage: Stage,
    buckets: Buckets,
    database: Database,
    functions: Functions,
    issuer_keys: IssuerKeys,
    invalidation: Invalidation,
    due_times: DueTimes,
    cdn_secret: CdnSecret,
    jobs: Jobs,
) -> None:
    """Record the reasons in the template's metadata, where cdk-nag and the synthesis read them."""
    _suppress(stack, WHOLE_STACK)
    if stage.domain is None:
        _suppress(stack, DEFAULT_CERTIFICATE)
    if database.network is not None:
        _suppress(database, NETWORK)
    if stage.snapshot is not None:
        _suppress(database, RESTORED)
    _suppress(cdn_secret, CDN_SECRET)
    _suppress(functions, {_managed("Basic"): LOGS, _managed("VPCAccess"): LOGS})
    for outside in (issuer_keys, invalidation, due_times):
        _suppress(outside, {_managed("Basic"): LOGS})
    objects = {
        _objects(buckets.uploads, ORIGINALS): "Originals are named by the pictures' ids.",
        _objects(buckets.uploads, COPIES): "Copies of originals are named by the pictures' ids.",
        _objects(buckets.uploads, DUE_TIMES): "The objects that tell due times are named by these.",
        _objects(buckets.images, RENDITIONS): "Renditions are named by the pictures' ids.",
        _objects(buckets.keys, "*"): "The bucket holds public keys and nothing else, one object an issuer.",
    }
    _suppress(functions, objects)
    _suppress(
        jobs,
        {
            rule: reason
            for rule, reason in objects.items()
            if rule.endswith((f"/{ORIGINALS}]", f"/{RENDITIONS}]"))
        }
        | {
            _objects(buckets.uploads, pattern): "What jobs leave is named by their runs."
            for pattern in (RECORDS, RECORDS_OF_FACTS)
        }
        | {_package(jobs, arn): "What jobs consist of is named by its hash." for arn in jobs.packages},
    )
    _suppress(due_times, {_schedules(due_times): "Schedules are named by their due times."})


def _suppress(construct: IConstruct, rules: dict[str, str]) -> None:
    for rule, reason in rules.items():
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))


def _managed(name: str) -> str:
    policy = f"arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambda{name}ExecutionRole"
    return f"AwsSolutions-IAM4[Policy::{policy}]"


def _objects(bucket: IConstruct, pattern: str) -> str:
    resource = bucket.node.default_child
    assert isinstance(resource, cdk.CfnElement)  # noqa: S101
    name = cdk.Stack.of(bucket).get_logical_id(resource)
    return f"AwsSolutions-IAM5[Resource::<{name}.Arn>/{pattern}]"


def _package(jobs: Jobs, arn: str) -> str:
    """The permission to read an asset, as cdk-nag names it."""
    parts = cdk.Stack.of(jobs).resolve(arn)["Fn::Join"][1]
    shown = "".join(
        # The partition of a region that the CDK does not know is a reference.
        part if isinstance(part, str) else part.get("Fn::Sub") or f"<{part['Ref']}>"
        for part in parts
    )
    return f"AwsSolutions-IAM5[Resource::{shown.replace('${', '<').replace('}', '>')}]"


def _schedules(due_times: DueTimes) -> str:
    """The permission to make schedules, as cdk-nag names it."""
    parts = cdk.Stack.of(due_times).resolve(due_times.schedules)["Fn::Join"][1]
    shown = "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)
    return f"AwsSolutions-IAM5[Resource::{shown}]"
