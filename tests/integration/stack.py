"""A whole local stack for tests: its own data folder, its own port, started and stopped by make."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import emulator, keys, mariadb
from local.layout import Layout
from tests.measuring import measured
from tooling import ROOT

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

# The targets that this process has run.
_run: set[str] = set()


@dataclass(frozen=True)
class LocalStack:
    """What tests need of a stack. `settings` are STOCKROOM_* that `make up` hands to the functions."""

    layout: Layout
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """Where browsers reach the stack, without a slash at the end."""
        return self.layout.url

    @property
    def outputs(self) -> dict[str, str]:
        """The CloudFormation stack's outputs."""
        return self.layout.outputs()

    def token(
        self, subject: str = "tester", scopes: str = "read upload", *, days: float = 1, name: str = ""
    ) -> str:
        return keys.token(self.layout, subject=subject, scopes=scopes, days=days, name=name)

    def database(self) -> "Connection[Cursor]":
        """A new autocommit connection of the administrator."""
        return mariadb.connect(self.layout)

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator itself, with the operator's rights."""
        return emulator.client(self.layout, service)

    @property
    def s3(self) -> Any:
        return self.client("s3")

    def make(self, target: str, **variables: str) -> str:
        """Run a make target against this stack; its standard output. Raises AssertionError when it fails.

        The second time, a target does not look for what is missing on this machine, and its programs are not
        measured, as they do the same again; but those of `up` are.
        """
        is_new = target not in _run
        _run.add(target)
        done = subprocess.run(
            [
                "make",
                "--no-print-directory",
                *([] if is_new else ["--old-file=setup"]),
                target,
                *(f"{name}={value}" for name, value in variables.items()),
            ],
            cwd=ROOT,
            env={**self._environment(), **(measured() if is_new or target == "up" else {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"make {target} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # The test run itself is started by make, whose options are not meant for this make.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}
            and not name.startswith("STOCKROOM_")
        }
        return {**inherited, **self.settings, "DATA": str(self.layout.data), "PORT": str(self.layout.port)}


def new_stack(data: Path, port: int, **settings: str) -> LocalStack:
    return LocalStack(Layout(data.resolve(), port), settings)
