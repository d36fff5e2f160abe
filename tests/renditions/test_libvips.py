"""libvips runs only the loaders of accepted formats, and reads a file that is still being downloaded."""

import pytest

from stockroom.renditions import SOURCE_FORMATS, SourceFormat
from stockroom.renditions.libvips import load, open_source, pyvips
from stockroom.renditions.original import Original, StreamedOriginal
from tests.renditions.hostile import CORPUS
from tests.renditions.images import DATA, photo, photo_of
from tests.renditions.rejecting import reject

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
# What libvips can write, and therefore read, beside the accepted formats.
OTHERS = [
    suffix
    for suffix in (".csv", ".mat", ".v", ".tif")
    if not any(suffix.startswith(f".{e}") for format_ in SOURCE_FORMATS for e in format_.extensions)
]


@pytest.mark.parametrize("suffix", OTHERS)
def test_loaders_of_other_files_are_blocked(suffix: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("blocked") / f"a{suffix}"
    photo(4, 4)[0].write_to_file(str(path))
    with pytest.raises(pyvips.Error, match=r"not a known file format|operation is blocked"):
        pyvips.Image.new_from_file(str(path))
    with pytest.raises(pyvips.Error, match="not in a known format"):
        pyvips.Image.new_from_buffer(path.read_bytes(), "")


@pytest.mark.parametrize("data", [SVG, b"P5 2 2 255 abcd", photo().rawsave_buffer()[:1000]])
def test_loaders_of_other_bytes_are_blocked(data: bytes) -> None:
    with pytest.raises(pyvips.Error, match="not in a known format"):
        pyvips.Image.new_from_buffer(data, "")


@pytest.mark.parametrize("format_", [pytest.param(format_, id=format_.name) for format_ in SOURCE_FORMATS])
def test_the_loader_of_every_accepted_format_runs(format_: SourceFormat) -> None:
    original = Original(photo_of(format_.name))
    source = open_source(original)
    image = load(source, format_.loader)
    assert (image.width, image.height) == (300, 200)
    assert pyvips.type_name(pyvips.type_find("VipsOperation", f"{format_.loader}_source")).startswith(
        format_.loader_class
    )


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
@pytest.mark.parametrize("step", [100, 5000, 1 << 20])
def test_a_file_is_read_while_it_is_downloaded(name: str, step: int) -> None:
    data = photo_of(name)
    original = StreamedOriginal(data, 0, lambda available: min(len(data), available + step))
    source = open_source(original)
    streamed = pyvips.Image.new_from_source(source, "").copy_memory()
    assert (streamed - pyvips.Image.new_from_buffer(data, "")).abs().max() == 0


def test_hevc_cannot_be_decoded_by_this_libvips() -> None:
    """The day this fails, HEIC can be accepted."""
    image = pyvips.Image.new_from_buffer((DATA / "hevc.heic").read_bytes(), "")
    assert image.get("heif-compression") == "hevc"
    with pytest.raises(pyvips.Error):
        image.copy_memory()


def test_a_message_that_is_no_text_does_not_stay_for_the_next_file() -> None:
    data = CORPUS["avif of a property whose name is no text"].make()
    for _ in range(2):
        assert reject(data).code == "corrupt"
    assert pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()) == b""
