"""A template for AWS, deployed to an emulator, and what the services say of it then."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local import emulator
from tests.infra.template import Template, as_list
from tooling import ROOT

STACK = "Stockroom-trial"
REGION = "eu-central-1"
ACCOUNT = "000000000000"
ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
# Of the bootstrap that the CDK's own check asks for.
BOOTSTRAP_VERSION = "30"

REFUSED = {
    "AWS::Budgets::Budget": "the budget of the whole account",
    "AWS::Logs::QueryDefinition": "the saved queries of the logs",
    "AWS::EC2::SecurityGroupIngress": "the database's port for the functions, beside both security groups",
}
"""What CloudFormation of the emulator does not have, and what that is in the stack."""
LEFT_OUT = {**REFUSED, "Custom::Trigger": "the call of `migrate`, as no database answers here"}
"""What is taken out of the template before it is deployed."""

# The emulator passes over the lifecycle rules of a bucket, the network of a function, the policy of a VPC
# endpoint and the parameters of a database: only the template can be asked about these.


class Refused(Exception):
    """The emulator refused a call; the message says why."""


@dataclass
class Deployment:
    """The services of the emulator, and the stack in it."""

    template: Template
    _process: subprocess.Popen[str]

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """Call AWS as boto3 does. Raises Refused."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        call = {"service": service, "operation": operation, "parameters": parameters}
        print(json.dumps(call), file=self._process.stdin, flush=True)
        result = json.loads(self._process.stdout.readline())
        if "error" in result:
            raise Refused(result["error"])
        return result["answer"]

    def create_stack(self, body: dict[str, Any], name: str = STACK) -> None:
        """Begin to create a stack. Raises Refused where the template is."""
        self.call("s3", "put_object", Bucket=ASSETS, Key=f"{name}.json", Body=json.dumps(body))
        self.call(
            "cloudformation",
            "create_stack",
            StackName=name,
            TemplateURL=f"https://s3.{REGION}.amazonaws.com/{ASSETS}/{name}.json",
            Capabilities=["CAPABILITY_IAM"],
        )

    def deploy(self) -> None:
        """Create the stack of the template, as it is after a bootstrap and an upload of its assets."""
        self.call(
            "s3",
            "create_bucket",
            Bucket=ASSETS,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        self.call(
            "ssm",
            "put_parameter",
            Name="/cdk-bootstrap/hnb659fds/version",
            Value=BOOTSTRAP_VERSION,
            Type="String",
        )
        for kind, property_ in (("AWS::Lambda::Function", "Code"), ("AWS::Lambda::LayerVersion", "Content")):
            for properties in self.template.of_type(kind).values():
                self.call(
                    "s3", "put_object", Bucket=ASSETS, Key=properties[property_]["S3Key"], Body="a bundle"
                )
        self.create_stack(prepare(self.template.body))
        self.call("cloudformation", "wait", waiter="stack_create_complete", StackName=STACK)

    @cached_property
    def resources(self) -> dict[str, str]:
        """The physical ids of the stack's resources, by their logical ids."""
        found: dict[str, str] = {}
        page: dict[str, str] = {}
        while True:
            answer = self.call("cloudformation", "list_stack_resources", StackName=STACK, **page)
            for each in answer["StackResourceSummaries"]:
                assert each["ResourceStatus"] == "CREATE_COMPLETE", each
                found[each["LogicalResourceId"]] = each["PhysicalResourceId"]
            if "NextToken" not in answer:
                return found
            page = {"NextToken": answer["NextToken"]}

    def id_of(self, kind: str, part: str = "") -> str:
        """The physical id of the one resource of a type whose logical id holds `part`."""
        return self.resources[self.template.one(kind, part)[0]]


def prepare(body: dict[str, Any]) -> dict[str, Any]:
    """A template without what the emulator does not have, and with a queue that nobody empties.

    The emulator has no expressions of metrics, so an alarm watches its metric as it is.
    """
    kinds = {name: resource["Type"] for name, resource in body["Resources"].items()}
    resources: dict[str, Any] = {}
    for name, resource in body["Resources"].items():
        if kinds[name] in LEFT_OUT:
            continue
        # Nothing else refers to what is left out: otherwise the emulator refuses the template.
        order = [each for each in as_list(resource.get("DependsOn", [])) if kinds[each] not in LEFT_OUT]
        resources[name] = {**resource, "DependsOn": order}
        if kinds[name] == "AWS::Lambda::EventSourceMapping":
            resources[name]["Properties"] = {**resource["Properties"], "Enabled": False}
        if "Metrics" in resource.get("Properties", {}):
            others = {key: value for key, value in resource["Properties"].items() if key != "Metrics"}
            resources[name]["Properties"] = {**others, **read_metric(resource["Properties"])}
    return {**body, "Resources": resources}


def read_metric(alarm: dict[str, Any]) -> dict[str, Any]:
    """The one metric of an alarm that watches an expression, as an alarm names it that watches a metric."""
    (stat,) = (each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each)
    kind = "ExtendedStatistic" if stat["Stat"].startswith("p") else "Statistic"
    return {**stat["Metric"], "Period": stat["Period"], kind: stat["Stat"]}


@contextmanager
def run_emulated_aws(template: Template, folder: Path) -> Iterator[Deployment]:
    """An empty account in a process of its own, until the end of the block."""
    with (folder / "emulator.log").open("w") as log:
        process = subprocess.Popen(
            [emulator.PYTHON, "-P", ROOT / "tests" / "infra" / "emulated_aws.py"],
            env={
                "PATH": os.defpath,
                "HOME": str(folder),
                "TMPDIR": str(folder),
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": REGION,
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield Deployment(template, process)
        finally:
            # It has nothing to save.
            process.kill()
            process.communicate()
