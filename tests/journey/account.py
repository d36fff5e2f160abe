"""The emulator in place of an AWS account: what `make … STAGE=…` runs, against it.

The commands are the operator's own, from the check of the credentials to the last line that they print. What
cannot be as on AWS, and what stands in its place:

- Network and Aurora: the emulator runs neither, so the app's context is that of the local stage. MariaDB
  answers, and a copy of its data folder is a snapshot. Without a server in the stack, its protection and its
  last snapshot have nothing to do; tests/operations/test_protection.py and test_remove.py have them.
- `cdk bootstrap`: there is only the parameter that says that it was run, and a bucket for assets.
- CloudFront: the distribution exists and is told what to forget, and nginx answers, which was told nothing.
- The stack's protection from termination, which the emulator does not have.
- The key in KMS: the signing key is a file. tests/operations/keys has both.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.stage_file import LOCAL, STACK, StageFile
from local import deploy as local_deploy
from local import emulator
from local.layout import Layout
from operations import cdk, cli, deploy, protection
from tests.integration.stack import LocalStack
from tooling import ROOT
from tooling.ports import choose_free

STAGE = replace(
    StageFile(
        name=LOCAL, region=emulator.REGION, visibility="public", account="000000000000", signing="file"
    ),
    # The file of a stage cannot say this.
    database="external",  # type: ignore[arg-type]
)


class Account:
    """An account whose emulator and database run, and in which nothing is deployed yet."""

    def __init__(self, layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
        self.stack = LocalStack(layout, {})
        self.layout = layout
        # What the last command told the operator.
        self.told = ""
        self._capsys = capsys

    def run(self, command: str, *arguments: str) -> str:
        """Run a command of `python -m operations`; its result."""
        self._capsys.readouterr()
        status = cli.main([command, "--stage", LOCAL, *arguments])
        printed = self._capsys.readouterr()
        self.told = printed.err
        assert status == 0, printed.err
        return printed.out.strip()

    def read(self, command: str, *arguments: str) -> Any:
        """The result of a command as JSON says it."""
        return json.loads(self.run(command, *arguments))

    def control(self, statement: str) -> None:
        """Start or stop servers of `layout`, from a process of their own, as they outlive who starts them."""
        layout = f"Layout(Path({str(self.layout.data)!r}), {self.layout.port})"
        program = (
            "import shutil; from pathlib import Path; from local import cdn, emulator, mariadb; "
            f"from local.layout import Layout; layout = {layout}; {statement}"
        )
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@contextmanager
def new_account(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Account]:
    """An account, until the end of the block."""
    layout = Layout(folder, choose_free())
    account = Account(layout, capsys)
    try:
        account.control("emulator.ensure(layout); mariadb.ensure(layout)")
        _lead_operator_to(layout, monkeypatch)
        emulator.client(layout, "s3").create_bucket(Bucket=local_deploy.ASSET_BUCKET)
        emulator.client(layout, "ssm").put_parameter(Name=deploy.BOOTSTRAP_VERSION, Value="30", Type="String")
        yield account
    finally:
        account.control("cdn.stop(layout), emulator.stop(layout), mariadb.stop(layout)")


def _lead_operator_to(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "CDK_", "STOCKROOM_")):
            monkeypatch.delenv(name)
    for name, value in local_deploy._environment(layout, os.environ).items():
        monkeypatch.setenv(name, value)
    # Where the signing key lies.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(layout.folder("operator")))
    monkeypatch.setattr(cli, "read_stage", lambda _: STAGE)
    monkeypatch.setattr(deploy, "_assembly", lambda _: str(layout.data / "cdk.out"))
    monkeypatch.setattr(protection, "release_stack", lambda *_: None)
    run_cdk = cdk.run
    local_deploy._share_zips(layout)

    def run(command: str, *arguments: str, cwd: Path = ROOT) -> None:
        context = [f"--context={name}={value}" for name, value in local_deploy._context(layout).items()]
        # nginx learns from this file where everything is.
        outputs = f"--outputs-file={layout.data / 'outputs.json'}"
        run_cdk(command, *arguments, *context, outputs, cwd=cwd)

    monkeypatch.setattr(cdk, "run", run)


def deploy_template(account: Account, monkeypatch: pytest.MonkeyPatch, template: dict[str, Any]) -> None:
    """`make deploy` with another template than the app's: its synthesis takes longer than all the rest."""
    assembly = account.layout.data / "cdk.out"
    (assembly / f"{STACK}.template.json").write_text(json.dumps(template))
    # The CDK takes an asset that is there already for the same one.
    s3 = account.stack.s3
    for each in s3.list_objects_v2(Bucket=local_deploy.ASSET_BUCKET)["Contents"]:
        if each["Key"].endswith(".json"):
            s3.delete_object(Bucket=local_deploy.ASSET_BUCKET, Key=each["Key"])
    run_cdk = cdk.run

    def run(command: str, *arguments: str, cwd: Path = ROOT) -> None:
        kept = [part for part in arguments if not part.startswith(("--app=", "--output="))]
        run_cdk(command, *kept, f"--app={assembly}", cwd=cwd)

    with monkeypatch.context() as patch:
        patch.setattr(cdk, "run", run)
        account.run("deploy")


def read_template(account: Account) -> dict[str, Any]:
    """The template that was deployed first."""
    template: dict[str, Any] = json.loads(
        (account.layout.data / "cdk.out" / f"{STACK}.template.json").read_text()
    )
    return template
