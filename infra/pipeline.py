"""The roles by which GitHub's workflows reach an AWS account: a stack of its own, deployed once by hand.

`python -m infra.pipeline` is its CDK app. No key is stored anywhere: GitHub signs a token that names the
repository and the environment of a job, and AWS exchanges it for credentials of an hour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, Node

STACK = "StockroomPipeline"
ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
DIFF_SUFFIX = "-diff"
"""The environment `staging-diff` belongs to the stage `staging`: it compares, and waits for no approval."""

# What `cdk bootstrap` makes. The role that CloudFormation itself has (cfn-exec) is passed by the first of
# these, and nobody else assumes it.
DEPLOYING = ("deploy", "file-publishing", "lookup")
COMPARING = ("lookup",)


class PipelineRoles(Construct):
    """One role that deploys and one that compares, each for one environment of one repository."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        repository: str,
        environment: str,
        provider: iam.IOidcProvider,
    ) -> None:
        super().__init__(scope, construct_id)
        subject = f"repo:{repository}:environment:{environment}"
        self.deploy = self._add_role("Deploy", subject, provider, DEPLOYING)
        self.diff = self._add_role("Diff", subject + DIFF_SUFFIX, provider, COMPARING)

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
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["sts:AssumeRole"],
                resources=[_make_bootstrap_arn(self, name) for name in bootstrap_roles],
            )
        )
        return role


class Pipeline(cdk.Stack):
    def __init__(
        self, scope: Construct, *, repository: str, environment: str, provider_arn: str | None
    ) -> None:
        super().__init__(
            scope,
            STACK,
            stack_name=f"{STACK}-{environment}",
            description="The roles by which GitHub Actions deploy Stockroom",
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
        roles = PipelineRoles(
            self, "Roles", repository=repository, environment=environment, provider=provider
        )
        cdk.CfnOutput(self, "DeployRole", value=roles.deploy.role_arn)
        cdk.CfnOutput(self, "DiffRole", value=roles.diff.role_arn)
        cdk.CfnOutput(self, "ProviderArn", value=provider.oidc_provider_arn)


def build(context: Mapping[str, object] | None = None, output: Path | None = None) -> cdk.App:
    """The app for a context: `-c repository=owner/name -c environment=staging`, maybe `-c provider=<ARN>`.

    An account has at most one provider of an issuer, so a second stack in it names that of the first.
    Raises ValueError for a context value that is missing or malformed.
    """
    app = cdk.App(
        analytics_reporting=False,
        context=context,
        outdir=str(output) if output is not None else None,
    )
    from cdk_nag import AwsSolutionsChecks

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), cdk.CloudFormationValidatePlugin())
    Pipeline(
        app,
        repository=_read(app.node, "repository", r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"),
        environment=_read(app.node, "environment", rf"(?!.*{DIFF_SUFFIX}$)[a-z][a-z0-9-]{{0,19}}"),
        provider_arn=app.node.try_get_context("provider"),
    )
    return app


def _make_bootstrap_arn(scope: Construct, name: str) -> str:
    return cdk.Stack.of(scope).format_arn(
        service="iam",
        region="",
        resource="role",
        resource_name=(
            f"cdk-{cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER}-{name}-role-"
            f"{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}"
        ),
    )


def _read(node: Node, key: str, pattern: str) -> str:
    value = str(node.try_get_context(key) or "")
    if not re.fullmatch(pattern, value):
        raise ValueError(f"-c {key}={value}: needed, and must be like {pattern}")
    return value


if __name__ == "__main__":
    build().synth()
