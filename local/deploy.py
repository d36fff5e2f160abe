"""The CDK app, synthesised for the local stage and deployed into the emulator by the CDK command line."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.stage_file import LOCAL, STACK
from local import cdn, emulator, mariadb
from local.layout import Layout, read_json, write_json
from operations.cdk import APP, CACHES, CDK
from tooling import ROOT
from tooling.digests import digest
from tooling.errors import ToolError
from tooling.ports import HOST

ASSET_BUCKET = "stockroom-assets"
# Zipped bundles by their hash, which all stacks of this checkout share: zipping takes most of a deployment.
ZIPS = ROOT / "build" / "zips"
ZIP_SECONDS = 24 * 60 * 60
# Files and folders that decide what is deployed.
INPUTS = (
    "app.py",
    "cdk.json",
    "infra",
    "functions",
    "stockroom",
    "layers",
    "tooling",
    "requirements-dev.txt",
    "package-lock.json",
)
HEALTHY = re.compile("(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE")


def is_current(layout: Layout) -> bool:
    """Whether the present sources and settings are deployed already."""
    record = read_json(layout.data / "deployed.json")
    return bool(layout.outputs()) and record.get("inputs") == inputs_digest(layout) and _exists(layout)


def deploy(layout: Layout) -> None:
    """Synthesise and deploy, then save the emulator, so that a kill does not undo the deployment.

    Raises ToolError with the log of the CDK command line.
    """
    inputs = inputs_digest(layout)
    s3 = emulator.client(layout, "s3")
    if ASSET_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ASSET_BUCKET)
    _share_zips(layout)
    log = layout.log("deploy")
    with log.open("wb") as output:
        done = subprocess.run(
            _command(layout),
            cwd=ROOT,
            env=_environment(layout, os.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise ToolError("the deployment failed", log=log)
    emulator.save(layout)
    _remove_old_assets(layout, emulator.client(layout, "s3"))
    write_json(layout.data / "deployed.json", {"inputs": inputs})


def _share_zips(layout: Layout) -> None:
    """Have the CDK find what another stack has zipped, in its own folder for that, and forget what is old.

    The CDK moves a zip into place when it is whole, so that several deployments may run at once.
    """
    ZIPS.mkdir(parents=True, exist_ok=True)
    for old in ZIPS.iterdir():
        if old.stat().st_mtime < time.time() - ZIP_SECONDS:
            old.unlink(missing_ok=True)
    folder = layout.folder("cdk.out") / ".cache"
    if not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
        folder.symlink_to(ZIPS)


def _remove_old_assets(layout: Layout, s3: Any) -> None:
    """Remove bundles of ten megabytes each: those of earlier deployments, and the local copies of all."""
    current = (layout.data / "cdk.out" / f"{STACK}.assets.json").read_text()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ASSET_BUCKET):
        for item in page.get("Contents", ()):
            if Path(item["Key"]).stem not in current:
                s3.delete_object(Bucket=ASSET_BUCKET, Key=item["Key"])
    for bundle in (layout.data / "cdk.out").glob("asset.*"):
        shutil.rmtree(bundle) if bundle.is_dir() else bundle.unlink()


def inputs_digest(layout: Layout) -> str:
    """A hash of all that the deployment depends on: sources, settings, ports."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("STOCKROOM_")}
    variant = [settings, _context(layout), _secrets(layout), sys.version_info[:2]]
    return digest(_sources(), json.dumps(variant, sort_keys=True))


def _sources() -> Iterator[Path]:
    for name in INPUTS:
        path = ROOT / name
        if path.is_file():
            yield path
        for file in sorted(path.rglob("*")) if path.is_dir() else ():
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
                yield file


def _context(layout: Layout) -> dict[str, str]:
    return {
        "stage": LOCAL,
        "port": str(layout.port),
        "db_port": str(layout.port_of(mariadb.NAME)),
        "db_user": mariadb.USER,
        # Migrations make accounts, which only the administrator may do.
        "db_admin_user": mariadb.ADMIN,
        "asset_bucket": ASSET_BUCKET,
    }


def _secrets(layout: Layout) -> dict[str, str]:
    """What the app is told by its environment, because other users see the arguments of a command."""
    return {"DB_PASSWORD": mariadb.password(layout), "CDN_SECRET": cdn.secret(layout)}


def _command(layout: Layout) -> list[str]:
    context = [part for name, value in _context(layout).items() for part in ("-c", f"{name}={value}")]
    return [
        str(emulator.node_folder() / "node"),
        str(CDK),
        "deploy",
        STACK,
        f"--app={APP}",
        f"--output={layout.data / 'cdk.out'}",
        f"--outputs-file={layout.data / 'outputs.json'}",
        "--method=direct",
        "--require-approval=never",
        "--progress=events",
        "--no-notices",
        "--no-version-reporting",
        "--no-color",
        *context,
    ]


def _environment(layout: Layout, inherited: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without what would lead to a real AWS account, and with what leads here."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(("AWS_", "CDK_"))}
    endpoint = emulator.endpoint(layout)
    nowhere = str(layout.data / "no-aws-config")
    return {
        **kept,
        **emulator.credentials(layout),
        **_secrets(layout),
        "AWS_REGION": emulator.REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        # The app may download packages through a proxy, but the emulator is on this machine.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(_hosts_without_proxy(kept))),
        "PATH": os.pathsep.join([str(emulator.node_folder()), kept.get("PATH", os.defpath)]),
        "TMPDIR": str(layout.scratch),
        "CDK_HOME": str(layout.folder("cdk-home")),
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        **CACHES,
    }


def _hosts_without_proxy(environment: Mapping[str, str]) -> list[str]:
    given = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    return [*filter(None, given.split(",")), HOST, "localhost"]


def _exists(layout: Layout) -> bool:
    from botocore.exceptions import ClientError

    cloudformation: Any = emulator.client(layout, "cloudformation")
    try:
        stacks = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError:
        return False
    return bool(stacks) and HEALTHY.fullmatch(stacks[0]["StackStatus"]) is not None
