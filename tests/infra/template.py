"""Questions that the tests ask of a CloudFormation template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Template:
    body: dict[str, Any]
    folder: Path

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of every resource of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == kind
        }

    def one(self, kind: str, part: str = "") -> tuple[str, dict[str, Any]]:
        """The one resource of a type whose logical id holds `part`."""
        found = {name: each for name, each in self.of_type(kind).items() if part in name}
        assert len(found) == 1, (kind, part, list(found))
        return next(iter(found.items()))

    def function(self, name: str) -> dict[str, Any]:
        """The properties of one of our functions, by its folder's name."""
        return self.one("AWS::Lambda::Function", f"Functions{name.title().replace('_', '')}")[1]

    def environment(self, name: str) -> dict[str, Any]:
        variables = self.function(name)["Environment"]["Variables"]
        assert isinstance(variables, dict)
        return variables

    def statements(self, name: str) -> Iterator[dict[str, Any]]:
        """What the role of one of our functions may do, beside the policies AWS manages."""
        role = self.function(name)["Role"]["Fn::GetAtt"][0]
        for policy in self.of_type("AWS::IAM::Policy").values():
            if {"Ref": role} in policy["Roles"]:
                yield from policy["PolicyDocument"]["Statement"]

    def allowed(self, name: str, bucket: str) -> dict[str, set[str]]:
        """What a function may do to a bucket's objects, by key pattern; "" is the bucket itself."""
        logical, _ = self.one("AWS::S3::Bucket", bucket)
        arn = {"Fn::GetAtt": [logical, "Arn"]}
        found: dict[str, set[str]] = {}
        for statement in self.statements(name):
            assert statement["Effect"] == "Allow"
            for resource in as_list(statement["Resource"]):
                if resource == arn:
                    found.setdefault("", set()).update(as_list(statement["Action"]))
                elif "Fn::Join" in resource and resource["Fn::Join"][1][0] == arn:
                    pattern = resource["Fn::Join"][1][1]
                    found.setdefault(pattern, set()).update(as_list(statement["Action"]))
        return found

    def manifest(self) -> dict[str, Any]:
        """What the CDK's command line knows of the stack beside its template."""
        artifacts = json.loads((self.folder / "manifest.json").read_text())["artifacts"].values()
        (properties,) = (
            each["properties"] for each in artifacts if each["type"] == "aws:cloudformation:stack"
        )
        assert isinstance(properties, dict)
        return properties

    def outputs(self) -> dict[str, Any]:
        return {name: output["Value"] for name, output in self.body["Outputs"].items()}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def names(value: Any) -> set[str]:
    """Every logical id that a value refers to."""
    if isinstance(value, list):
        return set().union(*(names(each) for each in value))
    if isinstance(value, dict):
        if "Ref" in value:
            return {value["Ref"]}
        if "Fn::GetAtt" in value:
            return {value["Fn::GetAtt"][0]}
        return set().union(*(names(each) for each in value.values()))
    return set()


def violations(folder: Path) -> set[str]:
    """The rules that a synthesis found broken, by the report beside the template."""
    report = json.loads((folder / "validation-report.json").read_text())
    return {violation["ruleName"] for plugin in report["pluginReports"] for violation in plugin["violations"]}
