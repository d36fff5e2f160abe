"""Everything that differs between the local stage and AWS. The rest of the template is the same for both."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Node

from infra.bundling import Platform

DatabaseKind = Literal["aurora", "instance", "external"]


@dataclass(frozen=True)
class ExternalDatabase:
    """A MySQL or MariaDB server that the stack does not create: reached by password, without TLS."""

    host: str
    port: str
    # The accounts that `migrate` makes have this password, and so has its own.
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
    # Where the functions find MySQL; "aurora" and "instance" come with a VPC that the functions live in.
    database: DatabaseKind
    external_database: ExternalDatabase | None
    # What the site is called; without either, it is the distribution's own domain.
    domain: Domain | None
    local_origins: tuple[str, ...]
    # The endpoint that presigned URLs name; empty: the bucket's own host on AWS.
    s3_endpoint: str
    # A policy that refuses plain http, which is all there is on 127.0.0.1.
    enforce_ssl: bool
    # What wheels the bundles hold.
    platform: Platform
    # An asset bucket that exists already; without one, the bootstrapped account's.
    asset_bucket: str | None
    log_retention: logs.RetentionDays
    # What becomes of buckets and the database when the stack is deleted.
    removal_policy: cdk.RemovalPolicy
    # Pictures rendered at once; each holds one processor and one database connection.
    resize_concurrency: int
    # A paused database is woken by whatever asks it, so there the reaper comes once a day.
    reaper_every: cdk.Duration
    # Where alarms are mailed to.
    alarm_email: str | None

    @classmethod
    def of(cls, node: Node) -> Stage:
        """The stage that the context asks for: `-c stage=local|aws` (aws), `-c database=aurora|instance`.

        Raises ValueError for a context value that is missing or not one of these.
        """
        name = node.try_get_context("stage") or "aws"
        if name == "aws":
            return _aws(node)
        if name == "local":
            return _local(node)
        raise ValueError(f"-c stage={name}: not one of aws, local")

    def check(self, app: cdk.App) -> None:
        """Have the template checked at synthesis: for AWS against its best practices and resource schemas.

        The emulator says by itself what it does not accept, and the checks take seconds each time.
        """
        if self.name != "aws":
            return
        from cdk_nag import AwsSolutionsChecks

        app.node.set_context("@aws-cdk/core:validateAgainstDefaultRules", True)
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), cdk.CloudFormationValidatePlugin())

    def synthesizer(self) -> cdk.IReusableStackSynthesizer:
        if self.asset_bucket is None:
            return cdk.DefaultStackSynthesizer()
        return cdk.CliCredentialsStackSynthesizer(file_assets_bucket_name=self.asset_bucket)


_AWS_DATABASES: dict[str, DatabaseKind] = {"aurora": "aurora", "instance": "instance"}


def _aws(node: Node) -> Stage:
    database: DatabaseKind | None = _AWS_DATABASES.get(node.try_get_context("database") or "aurora")
    if database is None:
        raise ValueError(f"-c database: not one of {', '.join(_AWS_DATABASES)}")
    return Stage(
        name="aws",
        database=database,
        external_database=None,
        domain=_domain(node),
        local_origins=(),
        s3_endpoint="",
        enforce_ssl=True,
        platform=Platform(python="3.13", tags=("manylinux_2_28_aarch64", "manylinux2014_aarch64")),
        asset_bucket=None,
        log_retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        resize_concurrency=20,
        reaper_every=cdk.Duration.days(1) if database == "aurora" else cdk.Duration.minutes(15),
        alarm_email=node.try_get_context("alarm_email"),
    )


def _local(node: Node) -> Stage:
    port = _required(node, "port")
    return Stage(
        name="local",
        database="external",
        external_database=ExternalDatabase(
            host=node.try_get_context("db_host") or "127.0.0.1",
            port=_required(node, "db_port"),
            password=_required(node, "db_password"),
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
        reaper_every=cdk.Duration.minutes(15),
        alarm_email=None,
    )


def _required(node: Node, key: str) -> str:
    value = node.try_get_context(key)
    if not value:
        raise ValueError(f"the local stage needs -c {key}=…")
    return str(value)


def _domain(node: Node) -> Domain | None:
    name = node.try_get_context("domain")
    if not name:
        return None
    certificate = node.try_get_context("certificate")
    if not certificate:
        raise ValueError("-c domain=… needs -c certificate=… (the ARN of its certificate in us-east-1)")
    return Domain(name=name, certificate_arn=certificate)
