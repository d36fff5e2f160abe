"""What Lambda gets: whole, importable by itself, and the same bytes each time."""

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.rds_authorities import RDS_AUTHORITIES

if TYPE_CHECKING:
    from infra.bundling import Platform

FUNCTIONS = (
    "upload_url", "search", "manage_images", "resize", "reaper", "audit", "migrate", "fetch_keys",
    "invalidate", "plan_reaper",
)  # fmt: skip

# A module that costs more to import than all of ours, and that only some requests need.
LAZY = "boto3"
IMPORT = """
import sys, time, json
sys.path[:0] = sys.argv[1:]
start = time.perf_counter()
import app
milliseconds = (time.perf_counter() - start) * 1000
outside = [name for name, module in sys.modules.items()
           if "site-packages" in str(getattr(module, "__file__", None))]
print(json.dumps({
    "milliseconds": milliseconds,
    "callable": [name for name in ("app", "handler") if callable(getattr(app, name, None))],
    "outside": outside,
    "modules": sorted(sys.modules),
}))
"""


@pytest.fixture(scope="session")
def here() -> "Platform":
    from infra.bundling import Platform

    return Platform(python=".".join(platform.python_version_tuple()[:2]), tags=())


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory, here: "Platform") -> Path:
    from infra.bundling import write_function, write_layer

    folder = tmp_path_factory.mktemp("bundles")
    for name in FUNCTIONS:
        write_function(name, here, folder / name)
    write_layer("vips", here, folder / "layer")
    return folder


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_bundle_imports_with_nothing_else_and_without_an_environment(bundles: Path, name: str) -> None:
    from infra.bundling import CHALICE_FUNCTIONS

    path = [bundles / name, *([bundles / "layer" / "python"] if name == "resize" else [])]
    # -I and -S: no site-packages, no PYTHONPATH, no current folder.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORT, *map(str, path)],
        capture_output=True,
        text=True,
        check=False,
        env={},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(f"{name}: imported in {found['milliseconds']:.0f} ms")
    assert found["callable"] == ["app" if name in CHALICE_FUNCTIONS else "handler"]
    assert found["outside"] == []
    assert LAZY not in found["modules"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_trusts_the_byte_code_without_a_look_at_the_source(bundles: Path, name: str) -> None:
    compiled = list((bundles / name).rglob("*.pyc"))
    assert compiled
    for path in compiled:
        # PEP 552: bit 0 says hash-based, bit 1 that the source is to be checked.
        assert int.from_bytes(path.read_bytes()[4:8], "little") == 0b01, path


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_bundle_holds_what_runs_and_no_tools(bundles: Path, name: str) -> None:
    from infra.bundling import CHALICE_FUNCTIONS

    bundle = bundles / name
    assert not (bundle / "bin").exists()
    assert not list(bundle.rglob("requirements*"))
    services = {path.name for path in (bundle / "botocore" / "data").iterdir() if path.is_dir()}
    further = {"invalidate": {"cloudfront"}, "plan_reaper": {"scheduler"}}
    assert further.get(name, set()) <= services <= {"s3", "sts"} | further.get(name, set())
    assert (bundle / "chalice").exists() == (name in CHALICE_FUNCTIONS)
    assert not (bundle / "chalice" / "cli").exists()


def test_the_functions_can_check_who_the_database_is(bundles: Path) -> None:
    assert (bundles / "search" / "rds-ca.pem").read_bytes() == RDS_AUTHORITIES.read_bytes()


@pytest.mark.thorough
def test_the_same_sources_make_the_same_bytes(
    bundles: Path, here: "Platform", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra import bundling

    monkeypatch.setattr(bundling, "CACHE", tmp_path / "cache")
    bundling.write_function("migrate", here, tmp_path / "bundle")
    again, before = _digests(tmp_path / "bundle"), _digests(bundles / "migrate")
    assert again.keys() == before.keys()
    assert [path for path, digest in again.items() if digest != before[path]] == []


def test_a_tree_is_made_once_and_changes_with_what_goes_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra import bundling

    monkeypatch.setattr(bundling, "CACHE", tmp_path)
    made: list[str] = []

    def make(tree: Path) -> None:
        made.append("")
        (tree / "file").write_text("content")

    first = bundling.build_once("test", "key", make)
    assert bundling.build_once("test", "key", make) == first
    assert len(made) == 1
    assert bundling.build_once("test", "other", make) != first
    assert len(made) == 2
    assert [path.name for path in first.parent.iterdir() if "." in path.name] == []


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra import bundling

    monkeypatch.setattr(bundling, "CACHE", tmp_path)

    def fail(tree: Path) -> None:
        (tree / "half").write_text("")
        raise RuntimeError("no such wheel")

    with pytest.raises(RuntimeError, match="no such wheel"):
        bundling.build_once("test", "key", fail)
    assert list((tmp_path / "test").iterdir()) == []


def test_an_archive_is_made_once_and_has_the_bundles_files_with_no_time_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra import bundling

    monkeypatch.setattr(bundling, "CACHE", tmp_path / "cache")
    made: list[Path] = []

    def make(tree: Path) -> None:
        made.append(tree)
        (tree / "package").mkdir(parents=True)
        for name, content in (("package/b.py", b"b"), ("a.txt", b"a" * 1000)):
            (tree / name).write_bytes(content)
            os.utime(tree / name, (0, 2_000_000_000 + len(made)))

    def copy_archive(key: str) -> bytes:
        output = tmp_path / "output"
        output.mkdir()
        bundling._copy_archive(key, make, output)
        (archive,) = output.iterdir()
        content = archive.read_bytes()
        # The CDK does so.
        archive.write_bytes(b"")
        shutil.rmtree(output)
        return content

    first = copy_archive("one")
    assert copy_archive("two") == first
    assert len(made) == 2
    assert copy_archive("one") == first
    assert len(made) == 2
    with zipfile.ZipFile(io.BytesIO(first)) as opened:
        assert {entry.filename: opened.read(entry) for entry in opened.infolist()} == {
            "a.txt": b"a" * 1000,
            "package/b.py": b"b",
        }
    # Nothing else is left of them.
    assert sorted(path.name for path in (tmp_path / "cache").rglob("*")) == ["one.zip", "two.zip", "zips"]


def test_what_goes_into_a_bundle_names_its_archive(
    here: "Platform", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra import bundling

    def name_archive(platform: "Platform") -> str:
        return str(bundling.make_function_code("one", platform))

    monkeypatch.setattr(bundling, "ROOT", tmp_path)
    monkeypatch.setattr(bundling, "_digest_of_package", bundling._digest_of_package.__wrapped__)
    monkeypatch.setattr(bundling, "_make_asset", lambda _folder, key, _bundle: key)
    names = [name_archive(here)]
    for file in ("stockroom/a.py", "functions/one/app.py", "functions/one/requirements.txt"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
        names.append(name_archive(here))
    names.append(name_archive(replace(here, tags=("any",))))
    # Without a Python of its version there is no byte code.
    names.append(name_archive(replace(here, python="3.999")))
    assert len(set(names)) == len(names)
    (tmp_path / "stockroom" / "a.pyc").write_text("")
    assert name_archive(here) == names[3]


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
