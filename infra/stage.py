"""Everything that differs between the local stage and AWS. The rest of the template is the same for both."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Node

from infra.bundling import Platform
from infra.schema_checks import share_schema_checks
from infra.stage_file import (
    KEYS,
    LOCAL,
    STAGES,
    Issuer,
    Signing,
    StageFile,
    list_stages,
    name_stack,
    read_stage,
)
from stockroom.runtime.settings import OPERATOR_SETTINGS

DatabaseKind = Literal["aurora", "instance", "external"]


AWS_PLATFORM = Platform(python="3.13", tags=("manylinux_2_28_aarch64", "manylinux2014_aarch64"))


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
    # "local", or the name of a file in stages/.
    name: str
    # The region of everything but CloudFront. None: that of the emulator.
    region: str | None
    # The operator's settings, variables `STOCKROOM_*` that every function gets.
    settings: Mapping[str, str]
    # Where the key lies that signs the operator's tokens, and whose tokens are believed beside those.
    signing: Signing
    issuers: tuple[Issuer, ...]
    # The kind of MySQL server. "aurora" and "instance" come with a VPC, to which the functions belong.
    database: DatabaseKind
    external_database: ExternalDatabase | None
    # The zones of the VPC's two subnets. Empty: the first two of the region.
    availability_zones: tuple[str, ...]
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
    # Whether buckets are kept when the stack is deleted, or when its first deployment fails.
    bucket_removal: cdk.RemovalPolicy
    # Days for which an original that was deleted can be brought back. None: it is gone at once.
    deleted_originals_days: int | None
    # Whether the CDN is told of renditions that are deleted.
    invalidate_deletions: bool
    # The snapshot from which the database is made, and which later deployments must name, too. None: an empty
    # database.
    snapshot: str | None
    # Pictures that are rendered at once. Each takes one processor and one database connection.
    resize_concurrency: int
    # Requests a second that reach one route without a token, beyond those that the CDN answers.
    anonymous_rate: int
    # Requests a second that reach single routes, in place of that limit and of the one of all other routes.
    route_rates: Mapping[str, int]
    # Processes that search at once. None: as many as the account's quota allows. Lambda refuses a reservation
    # that leaves too little of the quota, and of a new account's ten any.
    search_concurrency: int | None
    # Processors that batch jobs take at once, at most. None: there is nothing to run them on.
    job_processors: int | None
    # By this value the functions know a request that comes through the CDN. None: one is generated.
    cdn_secret: str | None
    # A web ACL (its ARN, in us-east-1) in front of the distribution, with rate rules for example.
    web_acl: str | None
    # The interval between two runs of the reaper: a day where each run would wake a paused database.
    reaper_interval: cdk.Duration
    # The address that alarms are mailed to.
    alarm_email: str | None
    # Dollars a month.
    monthly_budget: int | None
    # Whether there is a dashboard, for $3 a month beyond the account's first three.
    dashboard: bool

    @classmethod
    def from_context(cls, node: Node, stages: Path = STAGES) -> Stage:
        """The stage of a context: `-c stage=local` with what the local stack says, or the name of a file.

        Raises ValueError for a context value that is missing or of no use, and InvalidStageFile.
        """
        name = node.try_get_context("stage")
        if name == LOCAL:
            return _make_local(node)
        if not name:
            raise ValueError(f"-c stage=… is missing: one of {', '.join([LOCAL, *list_stages(stages)])}")
        for key in KEYS:
            if node.try_get_context(key) is not None:
                raise ValueError(f"-c {key}=…: what a stage on AWS is, its file stages/{name}.toml says")
        return _make_aws(read_stage(name, stages))

    @property
    def is_local(self) -> bool:
        return self.name == LOCAL

    @property
    def stack_name(self) -> str:
        return name_stack(self.name)

    def add_checks(self, app: cdk.App) -> None:
        """Have a template for AWS checked at synthesis, against best practices and resource schemas.

        A local template is not checked: the checks take seconds, and the emulator refuses what it cannot do.
        """
        if self.is_local:
            return
        from cdk_nag import AwsSolutionsChecks

        app.node.set_context("@aws-cdk/core:validateAgainstDefaultRules", True)
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), share_schema_checks())

    def make_synthesizer(self) -> cdk.IReusableStackSynthesizer:
        if self.asset_bucket is None:
            return cdk.DefaultStackSynthesizer()
        return cdk.CliCredentialsStackSynthesizer(file_assets_bucket_name=self.asset_bucket)


def _make_aws(file: StageFile) -> Stage:
    return Stage(
        name=file.name,
        region=file.region,
        settings=file.environment,
        signing=file.signing,
        issuers=file.issuers,
        database=file.database,
        external_database=None,
        availability_zones=file.availability_zones,
        domain=Domain(file.domain, file.certificate) if file.domain and file.certificate else None,
        local_origins=(),
        s3_endpoint="",
        enforce_ssl=True,
        platform=AWS_PLATFORM,
        asset_bucket=None,
        log_retention=logs.RetentionDays.THREE_MONTHS,
        bucket_removal=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        deleted_originals_days=file.deleted_originals_days,
        invalidate_deletions=file.invalidate_deletions,
        snapshot=file.restore_from,
        resize_concurrency=file.resize_concurrency,
        anonymous_rate=file.anonymous_rate,
        route_rates=file.route_rates,
        search_concurrency=file.search_concurrency,
        job_processors=file.job_processors,
        cdn_secret=None,
        web_acl=file.web_acl,
        reaper_interval=cdk.Duration.days(1) if file.database == "aurora" else cdk.Duration.minutes(15),
        alarm_email=file.alarm_email,
        monthly_budget=file.monthly_budget,
        dashboard=file.dashboard,
    )


def select_operator_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that are set in the environment of a local deployment; any other keeps its default."""
    return {name: environment[name] for name in OPERATOR_SETTINGS if environment.get(name)}


def _make_local(node: Node) -> Stage:
    port = _require(node, "port")
    return Stage(
        name=LOCAL,
        region=None,
        settings=select_operator_settings(os.environ),
        signing="file",
        issuers=(),
        database="external",
        external_database=ExternalDatabase(
            host=node.try_get_context("db_host") or "127.0.0.1",
            port=_require(node, "db_port"),
            password=_require_secret(node, "db_password"),
            admin_user=node.try_get_context("db_admin_user") or "root",
        ),
        availability_zones=(),
        domain=None,
        local_origins=(f"http://localhost:{port}", f"http://127.0.0.1:{port}"),
        s3_endpoint=f"http://127.0.0.1:{port}",
        enforce_ssl=False,
        platform=Platform(python=f"{sys.version_info.major}.{sys.version_info.minor}", tags=()),
        asset_bucket=node.try_get_context("asset_bucket") or "stockroom-assets",
        log_retention=logs.RetentionDays.ONE_WEEK,
        bucket_removal=cdk.RemovalPolicy.DESTROY,
        deleted_originals_days=None,
        # nginx, in the CDN's place, keeps renditions for a minute.
        invalidate_deletions=False,
        snapshot=None,
        resize_concurrency=4,
        anonymous_rate=100,
        route_rates={},
        search_concurrency=None,
        # They run on this machine (local/jobs.py).
        job_processors=None,
        cdn_secret=_require_secret(node, "cdn_secret"),
        web_acl=None,
        reaper_interval=cdk.Duration.minutes(15),
        alarm_email=None,
        monthly_budget=None,
        dashboard=False,
    )


def _require(node: Node, key: str) -> str:
    value = node.try_get_context(key)
    if not value:
        raise ValueError(f"the local stage needs -c {key}=…")
    return str(value)


def _require_secret(node: Node, key: str) -> str:
    """A value of the context, or of the environment, where other users of the machine do not see it."""
    return str(node.try_get_context(key) or os.environ.get(key.upper()) or _require(node, key))
