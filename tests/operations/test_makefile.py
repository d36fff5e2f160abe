"""What make hands on to the commands."""

import os
import subprocess
from pathlib import Path

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


@pytest.mark.parametrize("stage", [[], ["STAGE=trial"]])
@pytest.mark.parametrize(
    ("target", "given", "takes"),
    [
        ("retry", "ID=1", "IDS CODE"),
        ("takedown", "ID=1", "IDS REASON SAME_CONTENT"),
        ("reap", "IDS=1", "nothing"),
        ("export", "OT=folder", "TO PRUNE"),
        ("token", "SUBJECT=alice", "SUB SCOPES NAME DAYS"),
    ],
)
def test_a_variable_that_a_target_does_not_take_is_refused(
    target: str, given: str, takes: str, stage: list[str]
) -> None:
    refused = dry_run(target, given, *stage)
    assert refused.returncode
    name = given.partition("=")[0]
    assert f"`make {target}` does not take {name}=: it takes {takes}" in refused.stderr


def test_what_a_target_takes_is_not_refused_and_neither_is_what_chooses_a_stack() -> None:
    for arguments in (["retry", "IDS=1", "CODE="], ["retry", "IDS=1", "DATA=/tmp/x", "PORT=9000"]):
        assert dry_run(*arguments).returncode == 0
    assert dry_run("remove", "STAGE=trial", "KEEP=nothing", "CONFIRM=trial").returncode == 0


def test_what_a_make_above_was_given_is_not_looked_at(tmp_path: Path) -> None:
    """`make go-back COMMIT=…` deploys by another make, and `make test WORKERS=2` runs these tests."""
    above = tmp_path / "Makefile"
    above.write_text(f"above:\n\t@$(MAKE) -C {ROOT} --dry-run deploy STAGE=trial\n")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        ["make", "-f", str(above), "above", "COMMIT=1", "WORKERS=2"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_port_that_is_not_given_is_left_to_the_data_folder() -> None:
    assert "--port" not in dry_run("reap", "DATA=/tmp/x").stdout
    assert '--port "9000"' in dry_run("reap", "DATA=/tmp/x", "PORT=9000").stdout


@pytest.mark.parametrize(
    ("target", "switch", "option"),
    [
        ("audit", "REPAIR", "--repair"),
        ("export", "PRUNE", "--prune"),
        ("import", "PARTIAL", "--partial"),
        ("reindex", "MAY_DIFFER", "--may-differ"),
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
