"""The CDK's feature flags: what is decided otherwise in new applications than in old ones.

They lie in cdk.json, where the CDK's command line looks for them; an app that is synthesised without it reads
them there by itself. All are as the CDK recommends, but for three that are off:

- `restrictDefaultSecurityGroup` would add a function to the account, to empty a security group that nothing
  is in.
- `validateAgainstDefaultRules` is turned on for AWS alone (`Stage.add_checks`).
- `enableAdditionalMetadataCollection` writes into the template how the CDK is used, for its makers.
"""

import json
from functools import cache

from tooling import ROOT


@cache
def read_flags() -> dict[str, object]:
    """The values of all flags, by their names."""
    flags: dict[str, object] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return flags
