"""Lambda bundles from hashed wheels, without Docker, the same bytes every time.

A bundle is three trees laid over each other: the dependencies, our own code, and the certificate authorities
of RDS. Each tree lies under build/, named by a hash of its inputs, so that only what has changed is made
again. So does the archive of a bundle, which is the asset: were the asset a folder, each synthesis would
link and hash all files, 12,000 in ten bundles.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from infra.rds_authorities import RDS_AUTHORITIES
from tooling import ROOT
from tooling.digests import digest

CACHE = ROOT / "build"
# A zip has a time for each file, and can say no earlier one.
NO_TIME = (1980, 1, 1, 0, 0, 0)
CHALICE = ROOT / "functions" / "chalice.txt"
CHALICE_FUNCTIONS = ("upload_url", "search", "manage_images")

# The package is both a framework and its deployment tool. These files are the framework.
CHALICE_RUNTIME = {"__init__.py", "app.py", "py.typed"}
# botocore describes every AWS service in 30 MB. The functions call these, and single ones another.
BOTOCORE_SERVICES = frozenset({"s3", "sts"})
FURTHER_SERVICES = {
    "invalidate": frozenset({"cloudfront"}),
    "plan_reaper": frozenset({"scheduler"}),
}
# The functions use the logger and the metrics of Powertools, which need only these of its utilities.
POWERTOOLS_UTILITIES = {"__init__.py", "jmespath_utils"}
# Files that pip installs beside the packages.
PRUNED = (
    "bin",
    "share",
    "boto3/examples",
    # Headers and tests, half of a package's files.
    "pyarrow/include",
    "pyarrow/tests",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
)


@dataclass(frozen=True)
class Platform:
    """The target of the wheels: a Python version, and pip's platform tags (none: this machine)."""

    python: str
    tags: tuple[str, ...]

    @property
    def pip_options(self) -> list[str]:
        if not self.tags:
            return []
        tags = [option for tag in self.tags for option in ("--platform", tag)]
        return [*tags, "--python-version", self.python, "--implementation", "cp"]

    @property
    def interpreter(self) -> str | None:
        """A Python of the target's version, or None: only such a Python compiles byte code for the target."""
        if self.python == f"{sys.version_info.major}.{sys.version_info.minor}":
            return sys.executable
        return shutil.which(f"python{self.python}")


def make_function_code(name: str, platform: Platform) -> lambda_.Code:
    """The asset of functions/<name>."""
    key = hash_inputs(
        [Path(__file__), CHALICE, RDS_AUTHORITIES],
        _digest_of_package(),
        _digest_of_folder(ROOT / "functions" / name),
        *_differences(platform),
    )
    return _make_asset(ROOT / "functions" / name, key, lambda output: write_function(name, platform, output))


def make_layer_code(name: str, platform: Platform) -> lambda_.Code:
    """The asset of layers/<name>."""
    folder = ROOT / "layers" / name
    key = hash_inputs([Path(__file__)], _digest_of_folder(folder), *_differences(platform))
    return _make_asset(folder, key, lambda output: write_layer(name, platform, output))


def write_function(name: str, platform: Platform, output: Path) -> None:
    """functions/<name>/*.py at the root; beside them stockroom/, the pinned dependencies, rds-ca.pem."""
    folder = ROOT / "functions" / name
    chalice = [CHALICE] if name in CHALICE_FUNCTIONS else []
    services = BOTOCORE_SERVICES | FURTHER_SERVICES.get(name, frozenset())
    overlay(install_dependencies([folder / "requirements.txt", *chalice], platform, services), output)
    overlay(_copy_sources(folder, platform), output)
    overlay(_copy_authorities(), output)


def write_layer(name: str, platform: Platform, output: Path) -> None:
    """layers/<name>/requirements.txt where Lambda looks for a layer's Python packages."""
    requirements = ROOT / "layers" / name / "requirements.txt"
    overlay(install_dependencies([requirements], platform), output / "python")


def _make_asset(folder: Path, key: str, bundle: Callable[[Path], None]) -> lambda_.Code:
    """The asset whose archive has what `bundle` writes; `key` is a hash of all that it makes it from."""
    return lambda_.Code.from_asset(
        str(folder),
        asset_hash=key,
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("never-pulled"),
            local=WithoutDocker(lambda output: _copy_archive(key, bundle, output)),
            output_type=cdk.BundlingOutput.ARCHIVED,
        ),
    )


@jsii.implements(cdk.ILocalBundling)
class WithoutDocker:
    def __init__(self, bundle: Callable[[Path], None]) -> None:
        self._bundle = bundle

    def try_bundle(self, output_dir: str, *_: object, **_options: object) -> bool:
        self._bundle(Path(output_dir))
        return True


def _copy_archive(key: str, bundle: Callable[[Path], None], output: Path) -> None:
    """Have `output` hold the archive, which is made unless build/ has it: a copy, as the CDK empties it."""
    archive = CACHE / "zips" / f"{key}.zip"
    # The local stack removes what nobody has used for a day, maybe just now.
    with suppress(FileNotFoundError):
        os.utime(archive)
        shutil.copyfile(archive, output / archive.name)
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{key}.") as scratch:
        bundle(Path(scratch) / "bundle")
        made = Path(scratch) / "zip"
        write_archive(Path(scratch) / "bundle", made)
        shutil.copyfile(made, output / archive.name)
        made.rename(archive)


def write_archive(tree: Path, archive: Path) -> None:
    """Write a zip of all files of a tree, the same bytes for the same files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(path for path in tree.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(tree)), NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Lambda runs as another user than the one that it unpacks as.
            entry.external_attr = 0o100644 << 16
            zipped.writestr(entry, path.read_bytes())


def _differences(platform: Platform) -> tuple[str, ...]:
    """What makes the bundles for a platform another: of this machine's own wheels, its system, too."""
    is_compiled = platform.interpreter is not None
    return repr(platform), f"byte code: {is_compiled}", "" if platform.tags else sys.platform


@cache
def _digest_of_package() -> str:
    """A hash of the domain package, which every function has."""
    return _digest_of_folder(ROOT / "stockroom")


def _digest_of_folder(folder: Path) -> str:
    return digest(sorted(path for path in folder.rglob("*") if _is_shipped(path)), root=folder)


def install_dependencies(
    requirements: list[Path], platform: Platform, services: frozenset[str] = BOTOCORE_SERVICES
) -> Path:
    """The installed, pruned and compiled tree of hashed requirements, for these services of AWS."""

    def install(tree: Path) -> None:
        for file in requirements:
            _pip_install(file, tree, platform)
        _prune(tree, services)
        _compile(tree, platform)

    recipe = [Path(__file__), *requirements]
    key = hash_inputs(recipe, repr(platform), str(sys.platform), *sorted(services))
    return build_once("dependencies", key, install)


def _copy_sources(folder: Path, platform: Platform) -> Path:
    """Our own code: the handler's modules and the domain package."""
    handlers = sorted(folder.glob("*.py"))
    package = _list_package("stockroom")

    def copy(tree: Path) -> None:
        for path in handlers:
            shutil.copy(path, tree / path.name)
        _copy_files(package, tree)
        _compile(tree, platform)

    return build_once("sources", hash_inputs([Path(__file__), *handlers, *package], repr(platform)), copy)


def copy_package(name: str, platform: Platform) -> Path:
    """A tree with one of our packages, compiled."""
    files = _list_package(name)

    def copy(tree: Path) -> None:
        _copy_files(files, tree)
        _compile(tree, platform)

    return build_once("packages", hash_inputs([Path(__file__), *files], repr(platform)), copy)


def _list_package(name: str) -> list[Path]:
    return [path for path in sorted((ROOT / name).rglob("*")) if _is_shipped(path)]


def _copy_files(files: Iterable[Path], tree: Path) -> None:
    for path in files:
        target = tree / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _copy_authorities() -> Path:
    """A tree with rds-ca.pem: the authorities that sign certificates of RDS, which Lambda does not trust."""

    def copy(tree: Path) -> None:
        shutil.copy(RDS_AUTHORITIES, tree)

    return build_once("authorities", hash_inputs([Path(__file__), RDS_AUTHORITIES]), copy)


def _is_shipped(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


def _pip_install(requirements: Path, tree: Path, platform: Platform) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "--no-compile", "--target", str(tree), "--upgrade"),
            # pyvips is published as source only. It is pure Python unless pip finds a compiler and libvips.
            *("--only-binary=:all:", "--no-binary=pyvips", "--no-build-isolation"),
            *platform.pip_options,
            *("--requirement", str(requirements)),
        ],
        check=True,
        stdout=sys.stderr,
        env={**os.environ, "CC": "false", "PKG_CONFIG": "false", "PIP_ROOT_USER_ACTION": "ignore"},
    )


def _prune(tree: Path, services: frozenset[str]) -> None:
    data = tree / "botocore" / "data"
    powertools = tree / "aws_lambda_powertools"
    chalice = tree / "chalice"
    unused: Iterable[Path] = (
        *(path for pattern in PRUNED for path in tree.glob(pattern)),
        *(path for path in data.glob("*") if path.is_dir() and path.name not in services),
        *powertools.glob("event_handler"),
        *(path for path in powertools.glob("utilities/*") if path.name not in POWERTOOLS_UTILITIES),
        *(path for path in chalice.glob("*") if path.name not in CHALICE_RUNTIME),
    )
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _compile(tree: Path, platform: Platform) -> None:
    """Compile a tree to byte code that Python trusts without reading the source.

    Imports then take 200 ms instead of 521.

    One process in a fixed order, with paths relative to the tree, writes the same bytes each time. Without a
    Python of the platform's version the tree has no byte code: the function works and starts more slowly.
    """
    if platform.interpreter is None:
        return
    subprocess.run(
        [
            *(platform.interpreter, "-S", "-m", "compileall", "-q", "-j", "1"),
            *("--invalidation-mode", "unchecked-hash", "-s", str(tree), str(tree)),
        ],
        check=True,
        stdout=sys.stderr,
        # The byte code depends on the order of sets and on references that other code (a coverage tool that
        # `site` starts, for instance) holds to constants. So hashes are fixed, and -S leaves `site` out.
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"},
    )


def hash_inputs(files: Iterable[Path], *values: str) -> str:
    """The name of the cached folder that is made from these files and values."""
    return digest(files, *values)[:24]


def build_once(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder build/<kind>/<key>, which `make` fills unless it exists.

    The folder appears whole or not at all, so that two syntheses may run at once.
    """
    folder = CACHE / kind / key
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{key}.") as scratch:
        tree = Path(scratch) / "tree"
        tree.mkdir()
        make(tree)
        try:
            tree.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def overlay(tree: Path, output: Path) -> None:
    """Copy a tree into the bundle, by hard links where the file system has them."""
    shutil.copytree(tree, output, copy_function=_link, dirs_exist_ok=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
