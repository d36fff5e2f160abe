"""Native code in what goes to AWS: for Lambda's processor, and for the C library of its operating system."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from tooling import ROOT

pytestmark = pytest.mark.thorough

# What Amazon Linux 2023, below Lambda's Python 3.13, has: glibc 2.34 and the libraries of GCC 11.
NEWEST = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (11, 0, 0)}
SYSTEM_LIBRARIES = {
    "ld-linux-aarch64.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
}


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All native code: that of `search` and of the layer, as no other function has other packages."""
    from infra.bundling import write_function, write_layer
    from infra.stage import AWS_PLATFORM

    folder = tmp_path_factory.mktemp("for-aws")
    write_function("search", AWS_PLATFORM, folder / "search")
    write_layer("vips", AWS_PLATFORM, folder / "layer")
    return [path for path in folder.rglob("*") if path.is_file() and _is_elf(path)]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _pins(requirements: Iterable[Path]) -> set[str]:
    """Each requirement, with its version and its hashes."""
    texts = (path.read_text().replace("\\\n", " ") for path in requirements)
    lines = (line for text in texts for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {re.sub(r"\s+", " ", line).strip() for line in lines if line.strip()}


def test_no_function_has_a_package_that_search_and_the_layer_lack() -> None:
    functions = ROOT / "functions"
    covered = _pins(
        [functions / "search" / "requirements.txt", ROOT / "layers" / "vips" / "requirements.txt"]
    )
    others = _pins(functions.glob("*/requirements.txt"))
    assert len(others) > 10
    assert others <= covered


def test_every_native_file_is_for_lambdas_processor_and_python(native: list[Path]) -> None:
    from infra.stage import AWS_PLATFORM

    names = {path.name.partition(".")[0] for path in native}
    assert {"Stemmer", "_cffi_backend", "_core", "_libvips", "_rust"} <= names
    abi = f".cpython-{AWS_PLATFORM.python.replace('.', '')}-"
    for path in native:
        with path.open("rb") as file:
            assert ELFFile(file)["e_machine"] == "EM_AARCH64", path
        assert ".cpython-" not in path.name or abi in path.name


def test_amazon_linux_has_every_library_that_is_not_shipped(native: list[Path]) -> None:
    shipped = {path.name for path in native}
    for path in native:
        with path.open("rb") as file:
            section = ELFFile(file).get_section_by_name(".dynamic")
            assert isinstance(section, DynamicSection)
            needed = {tag.needed for tag in section.iter_tags("DT_NEEDED")}  # type: ignore[attr-defined]
        assert needed
        assert needed <= SYSTEM_LIBRARIES | shipped, path


def test_no_symbol_is_newer_than_the_libraries_of_amazon_linux(native: list[Path]) -> None:
    found = set()
    for path in native:
        with path.open("rb") as file:
            section = ELFFile(file).get_section_by_name(".gnu.version_r")
            assert isinstance(section, GNUVerNeedSection), path
            versions = {version.name for _, names in section.iter_versions() for version in names}
        for version in versions:
            library, _, number = version.partition("_")
            assert tuple(map(int, number.split("."))) <= NEWEST[library], (path, version)
            found.add(library)
    assert found >= {"GLIBC", "GLIBCXX"}
