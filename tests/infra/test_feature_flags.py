"""The feature flags of cdk.json, beside those that this version of the CDK recommends."""

import json
import tarfile
from importlib.util import find_spec
from pathlib import Path

from infra.feature_flags import read_flags

OFF = {
    "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup",
    "@aws-cdk/core:enableAdditionalMetadataCollection",
    "@aws-cdk/core:validateAgainstDefaultRules",
}
"""The flags that are not as they are recommended; infra/feature_flags.py says why."""


def read_recommended() -> dict[str, object]:
    """What the CDK sets in a new application, as its package for Node.js has it."""
    package = find_spec("aws_cdk")
    assert package is not None
    assert package.origin is not None
    (bundle,) = (Path(package.origin).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(bundle) as files:
        # One after the other, because a list of all would unpack all.
        member = next(each for each in files if each.name == "package/recommended-feature-flags.json")
        content = files.extractfile(member)
        assert content is not None
        flags = json.load(content)
    assert isinstance(flags, dict)
    return flags


def test_every_flag_is_set_as_recommended_or_turned_off_for_a_reason() -> None:
    assert read_flags() == read_recommended() | dict.fromkeys(OFF, False)
