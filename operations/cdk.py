"""The CDK's command line, as the operator's commands start it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tooling import ROOT
from tooling.errors import ToolError

CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
# Node is a Python package here, so that one version serves everybody.
PROGRAMS = Path(sys.executable).parent
APP = f"{sys.executable} app.py"
# Every deployment from this checkout shares these caches, which halve the time of a synthesis.
CACHES = {
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "build" / "jsii"),
    "NODE_COMPILE_CACHE": str(ROOT / "build" / "node"),
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
}


def run(command: str, *arguments: str, cwd: Path = ROOT) -> None:
    """Run a command of the CDK, with its output at the terminal. Raises ToolError when it fails.

    In another folder than the checkout the CDK finds no app (cdk.json), and synthesises none.
    """
    done = subprocess.run(
        [str(PROGRAMS / "node"), str(CDK), command, "--no-notices", "--no-version-reporting", *arguments],
        cwd=cwd,
        env=_environment(os.environ),
        check=False,
    )
    if done.returncode != 0:
        raise ToolError(f"`cdk {command}` failed; what is above says why")


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    return {
        **inherited,
        **CACHES,
        "PATH": os.pathsep.join([str(PROGRAMS), inherited.get("PATH", os.defpath)]),
        "PYTHONPATH": str(ROOT),
        "CDK_DISABLE_VERSION_CHECK": "1",
    }
