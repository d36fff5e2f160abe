"""What operators give to make reaches the commands as it is."""

import os
import subprocess
from pathlib import Path

import pytest

from tooling import ROOT

OPTIONS = {
    "token": {"SUB": "--sub", "SCOPES": "--scopes", "NAME": "--name", "DAYS": "--days"},
    "withdraw": {"KID": "--kid"},
    "revoke": {"JTI": "--jti", "SUB": "--sub", "ISSUER": "--issuer"},
    "retry": {"IDS": "--ids", "CODE": "--code"},
    "takedown": {"IDS": "--ids", "REASON": "--reason"},
    "log": {"ID": "--id"},
    "ask": {"QUESTION": "--question", "ID": "--id"},
    "export": {"TO": "--to"},
    "import": {"FROM": "--from", "SUB": "--sub", "MAP": "--map"},
    "adopt": {"FROM": "--from", "CAPTIONS": "--captions", "SUB": "--sub", "JOURNAL": "--journal"},
    "logs": {"ID": "--id"},
    "rerender": {"WHERE": "--where", "RUN": "--run", "RATE": "--rate"},
    "rerender-cleanup": {"RUN": "--run"},
}


@pytest.mark.parametrize("stage", ["", "trial"])
@pytest.mark.parametrize("target", OPTIONS)
def test_a_text_of_somebody_else_runs_no_command(tmp_path: Path, target: str, stage: str) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    python.chmod(0o700)
    trap = tmp_path / "trap"
    text = f"a, 'b' \"c\" `touch {trap}` $(touch {trap}) $(shell touch {trap}) ; touch {trap} # $HOME"
    made = subprocess.run(
        [
            "make",
            "--old-file=setup",
            "--old-file=setup-cdk",
            "--old-file=setup-jobs",
            target,
            f"STAGE={stage}",
            f"BIN={tmp_path}",
        ]
        + [f"{name}={text}" for name in OPTIONS[target]],
        cwd=ROOT,
        # Without what a make above this one has said.
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    given = made.stdout.split("\0")
    for option in OPTIONS[target].values():
        assert given[given.index(option) + 1] == text
    assert not trap.exists()
