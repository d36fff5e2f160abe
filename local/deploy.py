"""The CDK app, synthesised for the local stage and deployed into the emulator by the CDK command line."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local import emulator, mariadb, ports
from local.errors import StackError
from local.layout import ROOT, Layout, read_json, write_json

STACK = "Stockroom"
ASSET_BUCKET = "stockroom-assets"
# Whatever may change what is deployed.
INPUTS = (
    "app.py",
    "cdk.json",
    "infra",
    "functions",
    "stockroom",
    "layers",
    "requirements-dev.txt",
    "package-lock.json",
)
CDK = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
HEALTHY = re.compile("(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE")


def is_current(layout: Layout) -> bool:
    """Whether what the sources and settings ask for is deployed already."""
    record = read_json(layout.data / "deployed.json")
    return bool(layout.outputs()) and record.get("inputs") == inputs(layout) and _exists(layout)


def deploy(layout: Layout) -> None:
    """Synthesise and deploy; the emulator is saved afterwards, so that a kill does not undo it.

    Raises StackError with the log of the CDK command line.
    """
    wanted = inputs(layout)
    s3 = emulator.client(layout, "s3")
    if ASSET_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=ASSET_BUCKET)
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
        raise StackError("the deployment failed", log=log)
    emulator.save(layout)
    _forget_old_assets(layout, emulator.client(layout, "s3"))
    write_json(layout.data / "deployed.json", {"inputs": wanted})


def _forget_old_assets(layout: Layout, s3: Any) -> None:
    """Bundles of earlier deployments are never asked for again, and ten megabytes each."""
    current = (layout.data / "cdk.out" / f"{STACK}.assets.json").read_text()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ASSET_BUCKET):
        for item in page.get("Contents", ()):
            if Path(item["Key"]).stem not in current:
                s3.delete_object(Bucket=ASSET_BUCKET, Key=item["Key"])
    for bundle in (layout.data / "cdk.out").glob("asset.*"):
        shutil.rmtree(bundle) if bundle.is_dir() else bundle.unlink()
    # The same, zipped.
    shutil.rmtree(layout.data / "cdk.out" / ".cache", ignore_errors=True)


def inputs(layout: Layout) -> str:
    """A hash of all that the deployment depends on: sources, settings, ports."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    settings = {name: value for name, value in os.environ.items() if name.startswith("STOCKROOM_")}
    digest.update(json.dumps([settings, _context(layout), sys.version_info[:2]], sort_keys=True).encode())
    return digest.hexdigest()


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
        "stage": "local",
        "port": str(layout.port),
        "db_port": str(ports.remembered(layout, mariadb.NAME)),
        "db_user": mariadb.USER,
        "db_password": mariadb.password(layout),
        # Who migrates: makes accounts, too.
        "db_admin_user": "root",
        "asset_bucket": ASSET_BUCKET,
    }


def _command(layout: Layout) -> list[str]:
    context = [part for name, value in _context(layout).items() for part in ("-c", f"{name}={value}")]
    return [
        str(emulator.node_folder() / "node"),
        str(CDK),
        "deploy",
        STACK,
        f"--app={sys.executable} app.py",
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
    """The user's own, without what would lead to a real account."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(("AWS_", "CDK_"))}
    endpoint = emulator.endpoint(layout)
    nowhere = str(layout.data / "no-aws-config")
    return {
        **kept,
        **emulator.CREDENTIALS,
        "AWS_REGION": emulator.REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PATH": os.pathsep.join([str(emulator.node_folder()), kept.get("PATH", os.defpath)]),
        "TMPDIR": str(layout.scratch),
        "CDK_HOME": str(layout.folder("cdk-home")),
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        # Shared by all stacks of this checkout, and half the time of a synthesis.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "build" / "jsii"),
        "NODE_COMPILE_CACHE": str(ROOT / "build" / "node"),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _exists(layout: Layout) -> bool:
    from botocore.exceptions import ClientError

    cloudformation: Any = emulator.client(layout, "cloudformation")
    try:
        stacks = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError:
        return False
    return bool(stacks) and HEALTHY.fullmatch(stacks[0]["StackStatus"]) is not None
