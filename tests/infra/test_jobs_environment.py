"""The packed environment of batch jobs: a virtual environment that works wherever its interpreter is."""

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tooling import ROOT

if TYPE_CHECKING:
    from infra.jobs_environment import Target

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Without what jobs alone need (Arrow is large): what is asked here is how packages are found. The bundle of
# the function has the same ones, and they are installed once.
REQUIREMENTS = ROOT / "functions" / "resize" / "requirements.txt"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> "Target":
    """This machine, as if it were a worker."""
    from infra import jobs_environment
    from infra.bundling import Platform

    monkeypatch.setattr(jobs_environment, "write_requirements", lambda: REQUIREMENTS)
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    return jobs_environment.Target(Platform(python=PYTHON, tags=()), interpreter)


def test_a_worker_finds_jobs_and_their_packages_and_no_others(here: "Target", tmp_path: Path) -> None:
    from infra.jobs_environment import pack, write_environment

    archive = tmp_path / "environment.tgz"
    pack(write_environment(here), archive)
    unpacked = tmp_path / "worker" / "environment"
    with tarfile.open(archive) as tar:
        tar.extractall(unpacked, filter="fully_trusted")  # noqa: S202  it was packed above
    program = (
        "import sys, msgspec, botocore, jobs.command_line, stockroom.ingest.process as process; "
        "print(sys.prefix, msgspec.__file__, process.__file__, jobs.command_line.__file__, sep='\\n')"
    )
    # As Spark starts it: by its path in the folder of the worker.
    done = subprocess.run(
        ["./environment/bin/python", "-c", program],
        cwd=unpacked.parent,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for path in done.stdout.split():
        assert Path(path).is_relative_to(unpacked)
    assert (unpacked / "rds-ca.pem").stat().st_size > 100_000


def test_the_same_sources_make_the_same_archive_whoever_packs_them(tmp_path: Path) -> None:
    from infra.jobs_environment import pack

    archives = []
    for name in ("first", "second"):
        folder = tmp_path / name
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to("/usr/bin/python3.11")
        (folder / "one").write_text("1")
        # In the cache, one file may have several names.
        (folder / "two").hardlink_to(folder / "one")
        archives.append(tmp_path / f"{name}.tgz")
        pack(folder, archives[-1])
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with tarfile.open(archives[0]) as tar:
        entries = {entry.name: entry for entry in tar}
        assert entries["bin/python"].linkname == "/usr/bin/python3.11"
        assert all(entries[name].isreg() for name in ("one", "two"))
        assert {(entry.uid, entry.gid, entry.mtime) for entry in entries.values()} == {(0, 0, 0)}
        content = tar.extractfile("two")
        assert content is not None
        assert content.read() == b"1"


def test_what_emr_has_is_not_packed_again() -> None:
    from infra.jobs_environment import PROVIDED, select_requirements

    text = (ROOT / "jobs" / "requirements.txt").read_text()
    kept = select_requirements(text)
    names = [line.partition("==")[0] for line in text.splitlines() if line[:1].isalnum()]
    assert set(names) >= PROVIDED | {"pyarrow", "pyvips-binary", "pymysql"}
    left = [line.partition("==")[0] for line in kept.splitlines() if line[:1].isalnum()]
    assert left == [name for name in names if name not in PROVIDED]
    # Nothing is lost of the others: each has its hashes still.
    assert kept.count("--hash=") == text.count("--hash=") - sum(
        entry.count("--hash=") for entry in text.split("\n\n") if entry.startswith("#")
    ) - _count_hashes(text, PROVIDED)


def _count_hashes(text: str, names: frozenset[str]) -> int:
    count, is_counted = 0, False
    for line in text.splitlines():
        if line[:1].isalnum():
            is_counted = line.partition("==")[0] in names
        count += is_counted and "--hash=" in line
    return count


def test_the_archive_has_a_name_by_which_spark_unpacks_it() -> None:
    """The CDK keeps the last part of a file's name, and Spark goes by it."""
    from infra.jobs_environment import ARCHIVE

    assert Path(ARCHIVE).suffix in {".jar", ".zip", ".tgz"}
