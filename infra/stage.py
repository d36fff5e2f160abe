"""Everything that differs between the local stage and AWS. The rest of the template is the same for both."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Node

from infra.bundling import Platform
from stockroom.runtime.accounts import MAX_RESIZE_CONCURRENCY

ANONYMOUS_RATE = 100

DatabaseKind = Literal["aurora", "instance", "external"]


@dataclass(frozen=True)
class ExternalDatabase:
    """A MySQL or MariaDB server that the stack does not create: sign-in by password, without TLS."""

    host: str
    port: str
    # The password of the administrator, and of the accounts that `migrate` makes.
    password: str
    admin_user: str


@dataclass(frozen=True)
class Domain:
    """The site's own host name, and the us-east-1 certificate for it."""

    name: str
    certificate_arn: str


@dataclass(frozen=True)
class Stage:
    name: Literal["aws", "local"]
    # The kind of MySQL server. "aurora" and "instance" come with a VPC, to which the functions belong.
    database: DatabaseKind
    external_database: ExternalDatabase | None
    # The site's host name. Without it and without `local_origins`, the site has the distribution's own
    # domain.
    domain: Domain | None
    local_origins: tuple[str, ...]
    # The endpoint that presigned URLs name. Empty: the bucket's own host on AWS.
    s3_endpoint: str
    # Whether policies refuse plain http. The local stage, on 127.0.0.1, has nothing else.
    enforce_ssl: bool
    # The platform of the wheels in the bundles.
    platform: Platform
    # A bucket for assets that exists already. None: the one of the bootstrapped account.
    asset_bucket: str | None
    log_retention: logs.RetentionDays
    # Whether buckets and the database are kept when the stack is deleted.
    removal_policy: cdk.RemovalPolicy
    # Pictures that are rendered at once. Each takes one processor and one database connection.
    resize_concurrency: int
    # Requests a second that reach one route without a token, beyond those that the CDN answers.
    anonymous_rate: int
    # Processes that search at once. None: as many as the account's quota allows. Lambda refuses a reservation
    # that leaves too little of the quota, and of a new account's ten any.
    search_concurrency: int | None
    # By this value the functions know a request that comes through the CDN. None: one is generated.
    cdn_secret: str | None
    # A web ACL (its ARN, in us-east-1) in front of the distribution, with rate rules for example.
    web_acl: str | None
    # The interval between two runs of the reaper: a day where each run would wake a paused database.
    reaper_interval: cdk.Duration
    # The address that alarms are mailed to.
    alarm_email: str | None

    def __post_init__(self) -> None:
        if self.resize_concurrency > MAX_RESIZE_CONCURRENCY:
            raise ValueError(
                f"resize_concurrency={self.resize_concurrency}: must be at most {MAX_RESIZE_CONCURRENCY}, as "
                "the database has no connections for more (stockroom/runtime/accounts.py)"
            )

    @classmethod
    def from_context(cls, node: Node) -> Stage:
        """The stage of a context: `-c stage=aws|local` (aws), `-c database=aurora|instance` (aurora).

        Raises ValueError for a context value that is missing or not one of these.
        """
        name = node.try_get_context("stage") or "aws"
        if name == "aws":
            return _make_aws(node)
        if name == "local":
            return _make_local(node)
        raise ValueError(f"-c stage={name}: not one of aws, local")

    def add_checks(self, app: cdk.App) -> None:
        """Have a template for AWS checked at synthesis, against best practices and resource schemas.

        A local template is not checked: the checks take seconds, and the emulator refuses what it cannot do.
        """
        if self.name != "aws":
            return
        from cdk_nag import AwsSolutionsChecks

        app.node.set_context("@aws-cdk/core:validateAgainstDefaultRules", True)
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), cdk.CloudFormationValidatePlugin())

    def make_synthesizer(self) -> cdk.IReusableStackSynthesizer:
        if self.asset_bucket is None:
            return cdk.DefaultStackSynthesizer()
        return cdk.CliCredentialsStackSynthesizer(file_assets_bucket_name=self.asset_bucket)


RESIZE_CONCURRENCY = 20
"""Pictures that are rendered at once, unless the operator says otherwise."""

_AWS_DATABASES: dict[str, DatabaseKind] = {"aurora": "aurora", "instance": "instance"}


def _make_aws(node: Node) -> Stage:
    database: DatabaseKind | None = _AWS_DATABASES.get(node.try_get_context("database") or "aurora")
    if database is None:
        raise ValueError(f"-c database: not one of {', '.join(_AWS_DATABASES)}")
    return Stage(
        name="aws",
        database=database,
        external_database=None,
        domain=_read_domain(node),
        local_origins=(),
        s3_endpoint="",
        enforce_ssl=True,
        platform=Platform(python="3.13", tags=("manylinux_2_28_aarch64", "manylinux2014_aarch64")),
        asset_bucket=None,
        log_retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        resize_concurrency=_read_count(node, "resize_concurrency") or RESIZE_CONCURRENCY,
        anonymous_rate=_read_count(node, "anonymous_rate") or ANONYMOUS_RATE,
        search_concurrency=_read_count(node, "search_concurrency"),
        cdn_secret=None,
        web_acl=node.try_get_context("web_acl"),
        reaper_interval=cdk.Duration.days(1) if database == "aurora" else cdk.Duration.minutes(15),
        alarm_email=node.try_get_context("alarm_email"),
    )


def _make_local(node: Node) -> Stage:
    port = _require(node, "port")
    return Stage(
        name="local",
        database="external",
        external_database=ExternalDatabase(
            host=node.try_get_context("db_host") or "127.0.0.1",
            port=_require(node, "db_port"),
            password=_require_secret(node, "db_password"),
            admin_user=node.try_get_context("db_admin_user") or "root",
        ),
        domain=None,
        local_origins=(f"http://localhost:{port}", f"http://127.0.0.1:{port}"),
        s3_endpoint=f"http://127.0.0.1:{port}",
        enforce_ssl=False,
        platform=Platform(python=f"{sys.version_info.major}.{sys.version_info.minor}", tags=()),
        asset_bucket=node.try_get_context("asset_bucket") or "stockroom-assets",
        log_retention=logs.RetentionDays.ONE_WEEK,
        removal_policy=cdk.RemovalPolicy.DESTROY,
        resize_concurrency=4,
        anonymous_rate=ANONYMOUS_RATE,
        search_concurrency=None,
        cdn_secret=_require_secret(node, "cdn_secret"),
        web_acl=None,
        reaper_interval=cdk.Duration.minutes(15),
        alarm_email=None,
    )


def _read_count(node: Node, key: str) -> int | None:
    text = node.try_get_context(key)
    if text is None:
        return None
    if not re.fullmatch("[1-9][0-9]*", str(text)):
        raise ValueError(f"-c {key}={text}: must be a whole number of at least 1")
    return int(text)


def _require(node: Node, key: str) -> str:
    value = node.try_get_context(key)
    if not value:
        raise ValueError(f"the local stage needs -c {key}=…")
    return str(value)


def _require_secret(node: Node, key: str) -> str:
    """A value of the context, or of the environment, where other users of the machine do not see it."""
    return str(node.try_get_context(key) or os.environ.get(key.upper()) or _require(node, key))


def _read_domain(node: Node) -> Domain | None:
    name = node.try_get_context("domain")
    if not name:
        return None
    certificate = node.try_get_context("certificate")
    if not certificate:
        raise ValueError("-c domain=… needs -c certificate=… (the ARN of its certificate in us-east-1)")
    return Domain(name=name, certificate_arn=certificate)
