"""Whether AWS would allow a request, by the policies that a deployment has made.

`simulator/` decides: another project's program, pinned, in a folder of its own. It follows AWS's description
of how policies are evaluated, and refuses policies and condition keys that AWS does not take.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.emulator import node_folder
from operations.cdk import CACHES
from tests.infra.deployment import ACCOUNT, REGION, Deployment

PROGRAM = Path(__file__).with_name("simulator") / "simulate.mjs"
ANOTHER_ACCOUNT = "999999999999"
ANONYMOUS = "anonymous"
OUTSIDE = {
    "fetch_keys": "IssuerKeysFetchKeys",
    "invalidate": "InvalidationInvalidate",
    "plan_reaper": "DueTimesPlanReaper",
}
"""The functions outside the network, and what their logical ids begin with."""
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Request:
    """Somebody asks for an action on a resource."""

    who: str
    """A function of ours by its name, a service by its host name, an ARN, or ANONYMOUS."""
    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
    """Condition keys and their values, beside that of TLS."""
    over_tls: bool = True
    owner: str = ACCOUNT
    """The account that the resource belongs to. What belongs to another one, everybody may use."""
    has_every_right: bool = False
    """Whether the function has got hold of credentials to which nothing is forbidden."""


class Policies:
    """Every policy of a deployment, and the process of the program that decides by them."""

    def __init__(self, deployment: Deployment, simulator: subprocess.Popen[str]) -> None:
        self._deployment = deployment
        self._simulator = simulator
        self._of_roles: dict[str, list[dict[str, Any]]] = {}

    def decide(self, requests: Iterable[Request]) -> dict[Request, str]:
        """The decisions: `Allowed`, `ImplicitlyDenied` by no statement, or `ExplicitlyDenied` by one."""
        asked = list(requests)
        assert self._simulator.stdin is not None
        assert self._simulator.stdout is not None
        print(json.dumps([self._describe(each) for each in asked]), file=self._simulator.stdin, flush=True)
        decisions = self._simulator.stdout.readline()
        # A process that has decided nothing has ended, and says why.
        assert decisions, self._simulator.communicate()[1]
        return dict(zip(asked, json.loads(decisions), strict=True))

    def bucket(self, name: str, key: str = "") -> str:
        """The ARN of a bucket, or of an object in it."""
        arn = f"arn:aws:s3:::{self._deployment.id_of('AWS::S3::Bucket', f'Buckets{name}')}"
        return f"{arn}/{key}" if key else arn

    def queue(self, part: str) -> str:
        """The ARN of a queue."""
        name = self._deployment.id_of("AWS::SQS::Queue", part).rpartition("/")[2]
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def topic(self, part: str = "Alarms") -> str:
        """The ARN of a topic: that of the alarms, or another one."""
        return self._deployment.id_of("AWS::SNS::Topic", part)

    def function(self, name: str) -> str:
        """The ARN of a function."""
        return _function_arn(self._deployment.id_of("AWS::Lambda::Function", _part_of(name)))

    def role(self, name: str) -> str:
        """The ARN of the role of a function."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self._role_name(name)}"

    def _role_name(self, name: str) -> str:
        return self._deployment.id_of("AWS::IAM::Role", f"{_part_of(name)}ServiceRole")

    def _describe(self, request: Request) -> dict[str, Any]:
        is_storage = request.action.startswith("s3:")
        context = {"aws:SecureTransport": str(request.over_tls).lower(), **dict(request.context)}
        if is_storage:
            context["s3:ResourceAccount"] = request.owner
        simulation: dict[str, Any] = {
            "request": {
                "principal": {"type": "Anonymous"} if request.who == ANONYMOUS else request.who,
                "action": request.action,
                "resource": {"resource": request.resource, "accountId": request.owner},
                "contextVariables": context,
            },
            "identityPolicies": [],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        if request.who.isidentifier() and request.who != ANONYMOUS:
            role = self._role_name(request.who)
            simulation["request"]["principal"] = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{request.who}"
            simulation["identityPolicies"] = (
                [{"name": "everything", "policy": EVERYTHING}]
                if request.has_every_right
                else self._policies_of(role)
            )
            if is_storage and request.who not in OUTSIDE:
                simulation["vpcEndpointPolicies"] = [{"name": "endpoint", "policy": self._endpoint_policy}]
        if request.owner != ACCOUNT:
            simulation["resourcePolicy"] = _open_to_everybody(request.resource)
        owning = request.resource.partition("/")[0] if is_storage else request.resource
        if owning in self._of_resources:
            simulation["resourcePolicy"] = self._of_resources[owning]
        return simulation

    def _policies_of(self, role: str) -> list[dict[str, Any]]:
        """What a role may do: its own policies, and those of AWS that it has."""
        if role not in self._of_roles:
            call = self._deployment.call
            found = {
                name: call("iam", "get_role_policy", RoleName=role, PolicyName=name)["PolicyDocument"]
                for name in call("iam", "list_role_policies", RoleName=role)["PolicyNames"]
            }
            for each in call("iam", "list_attached_role_policies", RoleName=role)["AttachedPolicies"]:
                arn = each["PolicyArn"]
                version = call("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
                document = call("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
                found[each["PolicyName"]] = document["PolicyVersion"]["Document"]
            self._of_roles[role] = [{"name": name, "policy": found[name]} for name in found]
        return self._of_roles[role]

    @cached_property
    def _of_resources(self) -> dict[str, Any]:
        """The policies of buckets, queues, topics, functions, and roles, by the ARNs of these."""
        call, found = self._deployment.call, {}
        for bucket in self._ids("AWS::S3::Bucket"):
            found[f"arn:aws:s3:::{bucket}"] = json.loads(
                call("s3", "get_bucket_policy", Bucket=bucket)["Policy"]
            )
        for url in self._ids("AWS::SQS::Queue"):
            queue = call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
            found[queue["QueueArn"]] = json.loads(queue["Policy"])
        for topic in self._ids("AWS::SNS::Topic"):
            attributes = call("sns", "get_topic_attributes", TopicArn=topic)["Attributes"]
            found[topic] = json.loads(attributes["Policy"])
        for permission in self._deployment.template.of_type("AWS::Lambda::Permission").values():
            name = permission["FunctionName"]
            # The id of a version is an ARN.
            called = self._deployment.resources[name["Ref"] if "Ref" in name else name["Fn::GetAtt"][0]]
            arn = called if "Ref" in name else _function_arn(called)
            found[arn] = json.loads(call("lambda", "get_policy", FunctionName=called)["Policy"])
        for role in self._ids("AWS::IAM::Role"):
            described = call("iam", "get_role", RoleName=role)["Role"]
            found[described["Arn"]] = described["AssumeRolePolicyDocument"]
        return found

    @property
    def _endpoint_policy(self) -> dict[str, Any]:
        """What the endpoint of S3 lets through. The emulator does not tell, so this is the template's own."""
        _, endpoint = self._deployment.template.one("AWS::EC2::VPCEndpoint")
        text = json.dumps(endpoint["PolicyDocument"]).replace('{"Ref": "AWS::AccountId"}', f'"{ACCOUNT}"')
        assert "Ref" not in text
        assert "Fn::" not in text
        policy = json.loads(text)
        assert isinstance(policy, dict)
        return policy

    def _ids(self, kind: str) -> list[str]:
        return [self._deployment.resources[name] for name in self._deployment.template.of_type(kind)]


@contextmanager
def run_simulator() -> Iterator[subprocess.Popen[str]]:
    """Runs the program that decides until the end of the block."""
    with subprocess.Popen(
        [node_folder() / "node", PROGRAM],
        env={**os.environ, **CACHES},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as simulator:
        try:
            yield simulator
        finally:
            # It has nothing to save.
            simulator.kill()


def _open_to_everybody(resource: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _part_of(function: str) -> str:
    """What the logical ids of a function and of its role begin with."""
    name = function.title().replace("_", "")
    return OUTSIDE.get(function, f"Functions{name}")


def _function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
