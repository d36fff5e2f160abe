"""What a resource's policy answers to a request: a Deny wins, and what no statement allows is refused.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.template import as_list


def allows(policy: Mapping[str, Any], *, service: str, action: str, context: Mapping[str, Any]) -> bool:
    """Whether a policy lets a service of AWS do something to the policy's own resource.

    The policies here name no other resource. `context` has the condition keys of the request.
    """
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if _covers_principal(statement["Principal"], service)
        and any(fnmatchcase(action.lower(), each.lower()) for each in as_list(statement["Action"]))
        and _meets(statement.get("Condition", {}), context)
    }
    return effects == {"Allow"}


def _covers_principal(principal: Any, service: str) -> bool:
    if principal in ("*", {"AWS": "*"}):
        return True
    return service in as_list(principal.get("Service", []))


def _meets(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, Any]) -> bool:
    """Whether every key of a condition has one of its values."""
    known = {key.lower(): value for key, value in context.items()}
    for operator, keys in condition.items():
        assert operator in ("StringEquals", "Bool"), operator
        if any(known.get(key.lower()) not in as_list(value) for key, value in keys.items()):
            return False
    return True
