"""What goes to Lambda runs on Lambda's processor: `make test-arm64`, for which QEMU takes minutes.

No name here begins with test_, so `make test` passes over it. What QEMU lacks is the isolation of the decoder
(seccomp, Landlock), and its C library is newer than Lambda's: `tests/infra/test_native_code.py` reads what
the bundles need of that.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyvips

from infra.bundling import CHALICE_FUNCTIONS, write_function, write_layer
from infra.stage import AWS_PLATFORM
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.rendering import render
from tests.arm64.machine import Machine, run_machine
from tests.infra.test_bundling import FUNCTIONS
from tooling import ROOT

HERE = Path(__file__).parent
SAMPLE = ROOT / "samples" / "canyon-wren.jpg"
SOURCES = ("jpg", "png", "gif", "webp", "avif")
# Of the first one; the others become JPEGs alone, as an emulated encoder of AVIF takes a minute.
FORMATS = ["jpeg", "webp", "avif"]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with run_machine() as running:
        yield running


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles")
    for name in FUNCTIONS:
        write_function(name, AWS_PLATFORM, folder / name)
    write_layer("vips", AWS_PLATFORM, folder / "layer")
    return folder


@pytest.fixture(scope="module")
def originals() -> dict[str, bytes]:
    """One photograph, in every format that the library takes."""
    image = pyvips.Image.new_from_file(str(SAMPLE))
    files = {f"original.{suffix}": image.write_to_buffer(f".{suffix}") for suffix in SOURCES}
    return {**files, "original.jpg": SAMPLE.read_bytes()}


@pytest.fixture(scope="module")
def output(
    machine: Machine, bundles: Path, originals: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The renditions that the machine has made of the originals."""
    folder = tmp_path_factory.mktemp("output")
    inputs = tmp_path_factory.mktemp("originals")
    for name, data in originals.items():
        (inputs / name).write_bytes(data)
    folders = f"{bundles / 'resize'},{bundles / 'layer' / 'python'}"
    further = ",".join(FORMATS[1:])
    files = (inputs / name for name in originals)
    machine.run(HERE / "render_files.py", machine.python, folder, further, folders, *files)
    return folder


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_can_be_imported(machine: Machine, bundles: Path, name: str) -> None:
    layer = [bundles / "layer" / "python"] if name == "resize" else []
    found = machine.run(HERE / "import_handler.py", bundles / name, *layer)
    assert found.split() == ["app" if name in CHALICE_FUNCTIONS else "handler"]


@pytest.mark.parametrize("suffix", SOURCES)
def test_a_photograph_becomes_the_same_renditions_as_here(
    output: Path, originals: dict[str, bytes], suffix: str
) -> None:
    name = f"original.{suffix}"
    here = render(originals[name])
    facts = json.loads((output / "facts.json").read_text())[name]
    assert facts["formats"] == (FORMATS if suffix == SOURCES[0] else FORMATS[:1])
    assert (facts["width"], facts["height"]) == (here.width, here.height) == (2560, 1440)
    assert facts["media_type"] == here.media_type
    # Processors round differently.
    assert (facts["phash"] ^ here.phash).bit_count() <= 4
    for size in JPEG.renditions:
        expected = pyvips.Image.new_from_buffer(here.renditions[size].data, "")
        for format_name in facts["formats"]:
            made = pyvips.Image.new_from_file(str(output / f"{name}.{size}.{format_name}"))
            assert (made.width, made.height) == (expected.width, expected.height)
            assert (made - expected).abs().avg() < (0.5 if format_name == "jpeg" else 4)
