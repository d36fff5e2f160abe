"""What a batch job needs on EMR, packed without Docker on any machine: a virtual environment for arm64.

A virtual environment is a link to an interpreter, a file that says so, and packages. So it can be put
together from wheels of another processor, around the interpreter that the image of EMR has. It is a tar.gz,
because Spark unpacks one with its links (`spark.archives`). The same sources give the same bytes.
"""

from __future__ import annotations

import gzip
import io
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.bundling import (
    Platform,
    WithoutDocker,
    build_once,
    copy_package,
    hash_inputs,
    install_dependencies,
    overlay,
)
from infra.rds_authorities import RDS_AUTHORITIES
from tooling import ROOT

JOBS = ROOT / "jobs"
REQUIREMENTS = JOBS / "requirements.txt"
PROGRAM = JOBS / "__main__.py"
"""What Spark executes; it finds the packages in the environment."""
PROVIDED = frozenset({"pyspark", "py4j"})
"""What EMR has, in the version that belongs to its own Spark."""
ARCHIVE = "environment.tgz"
"""The CDK keeps the last part of a name alone, and Spark unpacks no `.gz`."""
PACKAGES = ("jobs", "stockroom")


@dataclass(frozen=True)
class Target:
    """Where an environment is to work: the platform of its wheels, and the interpreter that is there."""

    platform: Platform
    interpreter: Path

    @property
    def packages(self) -> str:
        return f"lib/python{self.platform.python}/site-packages"


EMR = Target(
    # The default of emr-spark-8.0.0 and 8.1.0, on Amazon Linux 2023, whose glibc is 2.34.
    Platform(python="3.11", tags=("manylinux_2_28_aarch64", "manylinux2014_aarch64")),
    Path("/usr/bin/python3.11"),
)


def add_environment(scope: Construct, construct_id: str, target: Target = EMR) -> assets.Asset:
    """The packed environment, in the bucket of the bootstrapped account."""
    return assets.Asset(
        scope,
        construct_id,
        path=str(JOBS),
        # The hash is of the output: equal environments are one asset.
        asset_hash_type=cdk.AssetHashType.OUTPUT,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("never-pulled"),
            local=WithoutDocker(lambda output: overlay(write_archive(target), output)),
            output_type=cdk.BundlingOutput.SINGLE_FILE,
        ),
    )


def write_archive(target: Target) -> Path:
    """The folder of a packed environment, which is packed once: that takes half a minute."""
    environment = write_environment(target)
    key = hash_inputs([Path(__file__)], environment.name)
    return build_once("archives", key, lambda tree: pack(environment, tree / ARCHIVE))


def write_environment(target: Target) -> Path:
    """The folder of a virtual environment, which is made once for all equal inputs."""
    dependencies = install_dependencies([write_requirements()], target.platform)
    sources = [copy_package(name, target.platform) for name in PACKAGES]

    def make(tree: Path) -> None:
        (tree / "bin").mkdir()
        (tree / "bin" / "python").symlink_to(target.interpreter)
        (tree / "pyvenv.cfg").write_text(
            f"home = {target.interpreter.parent}\ninclude-system-site-packages = false\n"
            f"version = {target.platform.python}\n"
        )
        for each in (dependencies, *sources):
            overlay(each, tree / target.packages)
        shutil.copy(RDS_AUTHORITIES, tree)

    inputs = [Path(__file__), RDS_AUTHORITIES]
    key = hash_inputs(inputs, repr(target), dependencies.name, *(each.name for each in sources))
    return build_once("environments", key, make)


def write_requirements() -> Path:
    """The file of requirements that EMR does not provide."""
    requirements = select_requirements(REQUIREMENTS.read_text())

    def write(tree: Path) -> None:
        (tree / "requirements.txt").write_text(requirements)

    folder = build_once("requirements", hash_inputs([Path(__file__)], requirements), write)
    return folder / "requirements.txt"


def select_requirements(text: str) -> str:
    """Hashed requirements without those that EMR provides."""
    # A requirement begins a line; its hashes and comments are indented.
    entries = re.split(r"\n(?=\S)", text.strip())
    names = [re.match(r"[A-Za-z0-9._-]+", entry) for entry in entries]
    kept = [
        entry
        for entry, name in zip(entries, names, strict=True)
        if name is None or name[0].lower() not in PROVIDED
    ]
    return "\n".join(kept) + "\n"


def pack(folder: Path, archive: Path) -> None:
    """A tar.gz of a folder's content: sorted, of no user, and as old as time."""
    with (
        archive.open("wb") as file,
        # Without a name: the file's own would be part of it.
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            entry = tar.gettarinfo(path, str(path.relative_to(folder)))
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = ""
            if path.is_symlink() or path.is_dir():
                entry.mode = 0o755
                tar.addfile(entry)
                continue
            # Files that are linked in the cache are files of their own in the archive.
            content = path.read_bytes()
            entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
