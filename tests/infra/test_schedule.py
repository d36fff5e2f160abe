"""Every function with a network is called daily: Lambda takes the network from one that is idle for weeks."""

from __future__ import annotations

import json
from typing import Any

from stockroom.runtime.keep_active import KEEP_ACTIVE
from tests.infra.grants import IN_THE_NETWORK
from tests.infra.template import Template


def find_target(target: dict[str, Any]) -> str:
    """The logical id of what a rule calls."""
    arn = target["Arn"]
    return str(arn["Ref"] if "Ref" in arn else arn["Fn::GetAtt"][0])


def find_function(template: Template, target: dict[str, Any]) -> str:
    """The logical id of the function that a rule calls, itself or a version of it."""
    called = find_target(target)
    version = template.of_type("AWS::Lambda::Version").get(called)
    return str(version["FunctionName"]["Ref"]) if version else called


def test_every_function_with_a_network_is_called_daily(aurora: Template) -> None:
    targets = [
        target
        for rule in aurora.of_type("AWS::Events::Rule").values()
        if rule["ScheduleExpression"] == "rate(1 day)"
        for target in rule["Targets"]
    ]
    called = {find_function(aurora, target) for target in targets}
    in_the_network = {
        name for name, each in aurora.of_type("AWS::Lambda::Function").items() if "VpcConfig" in each
    }
    assert called == in_the_network
    assert len(called) == len(IN_THE_NETWORK)


def test_a_rule_has_no_more_targets_than_it_may(aurora: Template) -> None:
    _, rule = aurora.one("AWS::Events::Rule", "KeepActive")
    assert len(rule["Targets"]) <= 5  # EventBridge's quota, which nobody can raise
    assert [json.loads(target["Input"]) for target in rule["Targets"]] == [KEEP_ACTIVE] * len(rule["Targets"])


def test_the_version_that_takes_a_deployment_back_is_the_one_that_stays_active(aurora: Template) -> None:
    _, rule = aurora.one("AWS::Events::Rule", "KeepActive")
    _, trigger = aurora.one("Custom::Trigger")
    assert trigger["HandlerArn"]["Ref"] in {find_target(target) for target in rule["Targets"]}
