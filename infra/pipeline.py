"""The roles by which GitHub's workflows reach a stage: a stack of its own, deployed once by hand.

`python -m infra.pipeline` is its CDK app. No key is stored anywhere: GitHub signs a token that names the
repository and the environment of a job, and AWS exchanges it for credentials of an hour.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.feature_flags import read_flags
from infra.repository import check_repository
from infra.schema_checks import share_schema_checks
from infra.stage_file import STAGES, StageFile, read_stage
from tooling.errors import ToolError

STACK = "StockroomPipeline"
ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
DIFF_SUFFIX = "-diff"
"""The environment `staging-diff` belongs to the stage `staging`: it compares, and waits for no approval."""

# What `cdk bootstrap` makes. The role that CloudFormation itself has (cfn-exec) is passed by the first of
# these, and nobody else assumes it.
DEPLOYING = ("deploy", "file-publishing", "lookup")
COMPARING = ("lookup",)
# How the name begins that CloudFormation gives to the site's bucket: the stack's, and the logical id.
SITE_BUCKET = "bucketssite"
KEYS_BUCKET = "bucketskeys"
DENY_LIST = "denied.json"
OWN_OBJECTS = "Files of the page have names that each build gives them, in the stage's own site bucket."
OWN_BUCKET = "CloudFormation ends the bucket's name by characters of its own."
OWN_STACK = "CloudFormation ends the stack's ARN by an id of its own."
OWN_BY_TAG = (
    "A condition asks for the tag by which CloudFormation marks what belongs to the stage's own stack."
)
ANY_DISTRIBUTION = "The distribution's id is known after the first deployment. An invalidation loses nothing."


class PipelineRoles(Construct):
    """One role that deploys a stage and one that compares, each for one environment of one repository."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageFile,
        repository: str,
        provider: iam.IOidcProvider,
    ) -> None:
        super().__init__(scope, construct_id)
        subject = f"repo:{repository}:environment:{stage.name}"
        self.deploy = self._add_role("Deploy", subject, provider, DEPLOYING)
        self.diff = self._add_role("Diff", subject + DIFF_SUFFIX, provider, COMPARING)
        self._allow_publishing(stage)

    def _add_role(
        self, construct_id: str, subject: str, provider: iam.IOidcProvider, bootstrap_roles: tuple[str, ...]
    ) -> iam.Role:
        role = iam.Role(
            self,
            construct_id,
            description=f"GitHub Actions, {subject}",
            # Equal, not like: a pattern would let in other repositories, branches and environments.
            assumed_by=iam.WebIdentityPrincipal(
                provider.oidc_provider_arn,
                {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
            ),
            max_session_duration=cdk.Duration.hours(1),
        )
        _allow(role, "sts:AssumeRole", on=[self._make_bootstrap_arn(name) for name in bootstrap_roles])
        return role

    def _allow_publishing(self, stage: StageFile) -> None:
        """What `make deploy` does itself, without the CDK: it reads the stack, and publishes the page."""
        stack = self._make_arn("cloudformation", "stack", f"{stage.stack_name}/*")
        bucket = f"arn:{cdk.Aws.PARTITION}:s3:::{stage.stack_name.lower()}-{SITE_BUCKET}*"
        distributions = self._make_arn("cloudfront", "distribution", "*", region="")
        _allow(
            self.deploy,
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:ListStackResources",
            "cloudformation:UpdateTerminationProtection",
            on=[stack],
        )
        self._allow_protecting(stage)
        self._allow_stopping(stage)
        _allow(self.deploy, "s3:ListBucket", on=[bucket])
        _allow(self.deploy, "s3:GetObject", "s3:PutObject", "s3:DeleteObject", on=[f"{bucket}/*"])
        # An issuer that the deny-list names is not dropped.
        deny_list = f"arn:{cdk.Aws.PARTITION}:s3:::{stage.stack_name.lower()}-{KEYS_BUCKET}*/{DENY_LIST}"
        _allow(self.deploy, "s3:GetObject", on=[deny_list])
        _allow(self.deploy, "cloudfront:CreateInvalidation", on=[distributions])
        for arn, reason in (
            (stack, OWN_STACK),
            (bucket, OWN_BUCKET),
            (f"{bucket}/*", OWN_OBJECTS),
            (deny_list, OWN_BUCKET),
            (distributions, ANY_DISTRIBUTION),
        ):
            self._acknowledge(arn, reason)

    def _allow_protecting(self, stage: StageFile) -> None:
        """What `make deploy` does after the stack: it protects the database, and changes its password."""
        is_own = {"StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-name": stage.stack_name}}
        servers = [self._make_colon_arn("rds", "cluster:*"), self._make_colon_arn("rds", "db:*")]
        secrets = [self._make_colon_arn("secretsmanager", "secret:*")]
        for arns, actions in (
            (servers, ("rds:ModifyDBCluster", "rds:ModifyDBInstance")),
            (secrets, ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")),
        ):
            _allow(self.deploy, *actions, on=arns, conditions=is_own)
            for arn in arns:
                self._acknowledge(arn, OWN_BY_TAG)
        _allow(self.deploy, "secretsmanager:GetRandomPassword", on=["*"])
        self._acknowledge("*", "The action has no resource: it makes a password and keeps none.")

    def _allow_stopping(self, stage: StageFile) -> None:
        """What `make deploy` does before the stack, where that changes what batch jobs run on."""
        applications = self._make_arn("emr-serverless", "/applications", "*")
        # The tags that app.py gives to all resources of a stage.
        is_own = {
            "StringEquals": {"aws:ResourceTag/project": "stockroom", "aws:ResourceTag/stage": stage.name}
        }
        _allow(
            self.deploy,
            "emr-serverless:GetApplication",
            "emr-serverless:StopApplication",
            "emr-serverless:ListJobRuns",
            on=[applications],
            conditions=is_own,
        )
        self._acknowledge(applications, OWN_BY_TAG)

    def _acknowledge(self, arn: str, reason: str) -> None:
        rule = f"AwsSolutions-IAM5[Resource::{_show(self, arn)}]"
        cdk.Validations.of(self).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))

    def _make_bootstrap_arn(self, name: str) -> str:
        qualifier = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
        role = f"cdk-{qualifier}-{name}-role-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}"
        return self._make_arn("iam", "role", role, region="")

    def _make_colon_arn(self, service: str, name: str) -> str:
        return f"arn:{cdk.Aws.PARTITION}:{service}:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:{name}"

    def _make_arn(self, service: str, kind: str, name: str, *, region: str = cdk.Aws.REGION) -> str:
        return f"arn:{cdk.Aws.PARTITION}:{service}:{region}:{cdk.Aws.ACCOUNT_ID}:{kind}/{name}"


class Pipeline(cdk.Stack):
    def __init__(
        self, scope: Construct, *, stage: StageFile, repository: str, provider_arn: str | None
    ) -> None:
        super().__init__(
            scope,
            STACK,
            stack_name=f"{STACK}-{stage.name}",
            description=f"The roles by which GitHub Actions deploy the stage {stage.name} of Stockroom",
            env=cdk.Environment(region=stage.region),
            # The template has no assets, and is deployed with the operator's own rights.
            synthesizer=cdk.CliCredentialsStackSynthesizer(),
        )
        provider: iam.IOidcProvider
        if provider_arn is not None:
            provider = iam.OidcProviderNative.from_oidc_provider_arn(self, "Provider", provider_arn)
        else:
            provider = iam.OidcProviderNative(
                self,
                "Provider",
                url=f"https://{ISSUER}",
                client_ids=[AUDIENCE],
                # Roles of other stacks may trust the provider as well.
                removal_policy=cdk.RemovalPolicy.RETAIN,
            )
        roles = PipelineRoles(self, "Roles", stage=stage, repository=repository, provider=provider)
        cdk.CfnOutput(self, "DeployRole", value=roles.deploy.role_arn)
        cdk.CfnOutput(self, "DiffRole", value=roles.diff.role_arn)
        cdk.CfnOutput(self, "ProviderArn", value=provider.oidc_provider_arn)


def build(
    context: Mapping[str, object] | None = None, output: Path | None = None, stages: Path = STAGES
) -> cdk.App:
    """The app for a context: `-c stage=staging -c repository=owner/name`, maybe `-c provider=<ARN>`.

    An account has at most one provider of an issuer, so a second stack in it names that of the first. Raises
    ToolError for a context value that is missing or malformed.
    """
    app = cdk.App(
        analytics_reporting=False,
        context={**read_flags(), **(context or {})},
        outdir=str(output) if output is not None else None,
    )
    from cdk_nag import AwsSolutionsChecks

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), share_schema_checks())
    stage = read_stage(str(app.node.try_get_context("stage") or ""), stages)
    if stage.name.endswith(DIFF_SUFFIX):
        raise ToolError(f"{stage.name} is where the stage {stage.name.removesuffix(DIFF_SUFFIX)} is compared")
    Pipeline(
        app,
        stage=stage,
        repository=check_repository(str(app.node.try_get_context("repository") or "")),
        provider_arn=app.node.try_get_context("provider"),
    )
    return app


def _allow(
    role: iam.Role, *actions: str, on: list[str], conditions: Mapping[str, Mapping[str, str]] | None = None
) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=on, conditions=conditions))


def _show(scope: Construct, arn: str) -> str:
    """An ARN as cdk-nag names it: with the names of pseudo parameters in angle brackets."""
    if not cdk.Token.is_unresolved(arn):
        return arn
    parts = cdk.Stack.of(scope).resolve(arn)["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)


if __name__ == "__main__":
    try:
        build().synth()
    except ToolError as error:
        # Under its own command line, which prints what it says, the app needs no stack trace.
        sys.exit(error.report())
