"""What make hands on to the commands."""

import os
import subprocess

import pytest

from tooling import ROOT


def dry_run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What make would run."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("target", "switch", "option"),
    [
        ("audit", "REPAIR", "--repair"),
        ("export", "PRUNE", "--prune"),
        ("import", "PARTIAL", "--partial"),
        ("smoke", "NEW", "--new-picture"),
    ],
)
def test_a_switch_is_1_or_left_out(target: str, switch: str, option: str) -> None:
    assert option in dry_run(target, f"{switch}=1").stdout
    assert option not in dry_run(target, f"{switch}=").stdout
    for value in ("0", "no", "1 0"):
        refused = dry_run(target, f"{switch}={value}")
        assert refused.returncode
        assert f"{switch} is 1 or left out, and not {value}" in refused.stderr
