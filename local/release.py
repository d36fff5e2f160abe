"""`python -m local.release`: the files of a release, with bills of materials of all that is shipped.

The archive is of the present commit, so what is not committed is not in it. RELEASE_TAG in the environment,
if it is set, must be the tag of the version that the commit has, `v0.1.0`. It is no variable of make's,
because make would run what somebody has written into the name of a tag.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from local import environments
from local.environments import VENV
from local.steps import Step
from tooling import ROOT
from tooling.errors import ToolError

RELEASE = ROOT / "build" / "release"
TOOLS = ROOT / ".venv-release"
REQUIREMENTS = ROOT / "requirements-release.txt"
SUMS = "SHA256SUMS"

ENVIRONMENT = Step(
    "Release tools",
    "bills of materials (a few seconds)",
    TOOLS / ".stamp",
    lambda: [REQUIREMENTS],
    lambda log: environments.make(log, TOOLS, REQUIREMENTS),
    variant=environments.VERSION,
)


def main(environment: Mapping[str, str]) -> int:
    """Make the files; returns the exit status."""
    try:
        version = read_version()
        tag = environment.get("RELEASE_TAG")
        if tag and tag != f"v{version}":
            raise ToolError(f"the tag {tag} is not that of the version {version}")
        ENVIRONMENT.ensure()
        make_release(version)
        print(f"» the release {version} lies in {RELEASE}", file=sys.stderr)
    except ToolError as error:
        print(f"\n{error.report()}", file=sys.stderr)
        return 1
    return 0


def read_version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def list_shipped() -> Mapping[str, Path]:
    """The hashed requirements of all that a deployment ships, by the name of the bundle, and of Chalice.

    Chalice stands alone, because functions ship it without what only its command line needs.
    """
    bundles = [*ROOT.glob("functions/*/requirements.txt"), *ROOT.glob("layers/*/requirements.txt")]
    return {file.parent.name: file for file in sorted(bundles)} | {"chalice": ROOT / "functions/chalice.txt"}


def make_release(version: str, folder: Path = RELEASE) -> None:
    """Write the archive, the command line, the bills of materials and all their digests into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = folder / f"stockroom-{version}.tar.gz"
    _run("git", "archive", f"--prefix=stockroom-{version}/", f"--output={archive}", "HEAD")
    python = str(TOOLS / "bin" / "python")
    uv = str(VENV / "bin" / "uv")
    # Without isolation: otherwise the newest setuptools of the day would be downloaded.
    _run(
        uv,
        "build",
        "--quiet",
        "--wheel",
        "--no-build-isolation",
        f"--python={python}",
        f"--out-dir={folder}",
        "client",
    )
    (folder / ".gitignore").unlink(missing_ok=True)
    for name, requirements in list_shipped().items():
        bill = folder / f"sbom-{name}.cdx.json"
        _run(
            str(TOOLS / "bin" / "cyclonedx-py"),
            "requirements",
            "--output-reproducible",
            f"--output-file={bill}",
            str(requirements),
        )
    page = _run("npm", "sbom", "--package-lock-only", "--sbom-format=cyclonedx", cwd=ROOT / "frontend")
    (folder / "sbom-page.cdx.json").write_text(page)
    (folder / SUMS).write_text("".join(_digest(folder)))


def _digest(folder: Path) -> Iterator[str]:
    """The lines of a file for `sha256sum --check`."""
    for file in sorted(folder.iterdir()):
        yield f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"


def _run(program: str, *arguments: str, cwd: Path = ROOT) -> str:
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env={**os.environ, **environments.uv_environment(), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ToolError(f"`{Path(program).name} {arguments[0]}` failed: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main(os.environ))
