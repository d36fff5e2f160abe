"""The check of a template against the schemas of its resources."""

from __future__ import annotations

from functools import cache

import aws_cdk as cdk


@cache
def share_schema_checks() -> cdk.CloudFormationValidatePlugin:
    """The plugin for the validations of an app, one for all apps of this process.

    It reads the schemas of all types of resources, which takes 3 s and 150 MB that are never freed.
    """
    return cdk.CloudFormationValidatePlugin()
