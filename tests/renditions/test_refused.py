"""What is refused: by which code, in which words, and before it costs anything."""

import pickle
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.renditions import Options, Refused, Rendered, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.refused import CODES
from tests.renditions import images
from tests.renditions.images import DATA, encode, photo

FORMATS = ("jpeg", "png", "webp", "gif", "avif")
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def refused(data: bytes, options: Options | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        render(data, options)
    assert caught.value.code in CODES
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("nothing", b"", "empty"),
        ("one byte", b"\xff", "not-an-image"),
        ("text", b"Dear editor, attached is the picture", "not-an-image"),
        ("all bytes", bytes(range(256)) * 40, "not-an-image"),
        ("zeros", bytes(5000), "not-an-image"),
        ("HTML", b"<html><body>Not found</body></html>", "not-an-image"),
        ("SVG", SVG, "unsupported-type"),
        ("SVG after a byte order mark", b"\xef\xbb\xbf  " + SVG, "unsupported-type"),
        ("PDF", b"%PDF-1.7\n...", "unsupported-type"),
        ("BMP", b"BM" + bytes(60), "unsupported-type"),
        ("video", b"\0\0\0\x18ftypisom\0\0\2\0isomavc1" + bytes(90), "unsupported-type"),
        ("JPEG XL", b"\xff\x0a" + bytes(60), "unsupported-type"),
        ("a JPEG's first bytes", b"\xff\xd8\xff", "truncated"),
        ("a JPEG's first bytes and zeros", b"\xff\xd8\xff\xe0" + bytes(500), "truncated"),
        ("a PNG's first bytes", b"\x89PNG\r\n\x1a\n", "truncated"),
        ("a GIF's first bytes", b"GIF89a", "truncated"),
        ("a PNG without width", images.png(0, 9, b""), "corrupt"),
    ],
)
def test_files_that_are_no_pictures(name: str, data: bytes, code: str) -> None:
    assert refused(data).code == code, name


def test_tiff_is_refused_though_libvips_can_read_it() -> None:
    for big in (False, True):
        assert refused(photo().tiffsave_buffer(bigtiff=big)).code == "unsupported-type"


@pytest.mark.parametrize(
    "data", [photo().tiffsave_buffer(), SVG, b"P5 2 2 255 abcd", photo().rawsave_buffer()[:1000]]
)
def test_other_loaders_of_libvips_are_blocked(data: bytes) -> None:
    with pytest.raises(pyvips.Error, match="not in a known format"):
        pyvips.Image.new_from_buffer(data, "")


@pytest.mark.parametrize("suffix", [".csv", ".mat", ".v", ".tif"])
def test_loaders_of_files_are_blocked_as_well(suffix: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("blocked") / f"a{suffix}"
    photo(4, 4)[0].write_to_file(str(path))
    with pytest.raises(pyvips.Error, match=r"not a known file format|operation is blocked"):
        pyvips.Image.new_from_file(str(path))


def test_heic_is_refused_with_a_way_out() -> None:
    data = (DATA / "hevc.heic").read_bytes()
    verdict = refused(data)
    assert verdict.code == "unsupported-type"
    assert "JPEG" in verdict.sentence
    assert "Most Compatible" in verdict.sentence


def test_hevc_behind_another_brand() -> None:
    data = (DATA / "hevc.heic").read_bytes()
    assert "HEIC" in refused(data.replace(b"ftypheic", b"ftypmif1", 1)).sentence
    neutral = data.replace(b"ftypheic", b"ftypmif1", 1).replace(b"mif1heic", b"mif1miaf", 1)
    assert "HEIF files are not accepted" in refused(neutral).sentence
    assert refused(data.replace(b"ftypheic", b"ftypavif", 1)).code == "corrupt"


def test_hevc_really_cannot_be_decoded_by_this_libvips() -> None:
    """The day this fails, HEIC can be accepted."""
    image = pyvips.Image.new_from_buffer((DATA / "hevc.heic").read_bytes(), "")
    assert image.get("heif-compression") == "hevc"
    with pytest.raises(pyvips.Error):
        image.copy_memory()


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95, 0.999])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_cut_off_anywhere(format_: str, part: float) -> None:
    data = encode(photo(), format_)
    verdict = refused(data[: int(len(data) * part)])
    assert verdict.code == "truncated"
    assert "again" in verdict.sentence


def test_interlaced_and_progressive_files_cut_off() -> None:
    for data in (photo().pngsave_buffer(interlace=True), photo().jpegsave_buffer(interlace=True)):
        for part in (0.3, 0.9):
            assert refused(data[: int(len(data) * part)]).code == "truncated"


def test_a_jpeg_whose_preview_is_whole_but_itself_is_not() -> None:
    data = photo().jpegsave_buffer()
    preview = photo(30, 20).jpegsave_buffer()
    segment = b"\xff\xe3" + (len(preview) + 2).to_bytes(2) + preview
    both = data[:2] + segment + data[2:]
    assert isinstance(render(both), Rendered)
    assert refused(both[: len(both) * 2 // 3]).code == "truncated"


@pytest.mark.parametrize("format_", ["png", "gif", "avif"])
def test_a_file_damaged_inside(format_: str) -> None:
    data = encode(photo(), format_)
    middle = len(data) // 2
    damaged = data[:middle] + bytes(byte ^ 0x5A for byte in data[middle : middle + 40]) + data[middle + 40 :]
    verdict = refused(damaged)
    assert verdict.code == "corrupt"
    assert "save it anew" in verdict.sentence


@pytest.mark.parametrize("format_", ["jpeg", "gif"])
def test_bytes_after_the_end_do_no_harm(format_: str) -> None:
    assert isinstance(render(encode(photo(), format_) + bytes(1000)), Rendered)


@pytest.mark.parametrize("interlace", [0, 1])
def test_a_header_that_lies_is_refused_before_decoding(interlace: int) -> None:
    bomb = images.png(60000, 60000, bytes(100_000), interlace=interlace)
    started = time.perf_counter()
    verdict = refused(bomb)
    assert time.perf_counter() - started < 0.5
    assert verdict.code == "too-many-pixels"
    assert "3600.0 million" in verdict.sentence


def test_a_header_that_lies_within_the_limits_is_refused_at_the_first_missing_line() -> None:
    started = time.perf_counter()
    assert refused(images.png(9000, 9000, bytes(100_000))).code == "corrupt"
    assert time.perf_counter() - started < 0.5


def test_a_gif_that_announces_an_endless_canvas() -> None:
    gif = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"
    assert refused(gif).code == "side-too-long"


@pytest.mark.parametrize(
    ("save", "field", "phrase"),
    [
        (lambda: photo().jpegsave_buffer(), "max_pixels", "in a JPEG. Make"),
        (lambda: photo().pngsave_buffer(), "max_pixels", "in a PNG. Make"),
        (
            lambda: photo().jpegsave_buffer(interlace=True),
            "max_pixels_held",
            "a progressive JPEG. Save it without",
        ),
        (
            lambda: photo().pngsave_buffer(interlace=True),
            "max_pixels_held",
            "an interlaced PNG. Save it without",
        ),
        (lambda: encode(photo(), "webp"), "max_pixels_held", "in a WebP. Make"),
        (lambda: encode(photo(), "gif"), "max_pixels_held", "in a GIF. Make"),
        (lambda: encode(photo(), "avif"), "max_pixels_avif", "in an AVIF. Make"),
    ],
)
def test_pixel_limits(save: Callable[[], bytes], field: str, phrase: str) -> None:
    data, pixels = save(), 300 * 200
    assert isinstance(render(data, Options(**{field: pixels})), Rendered)
    verdict = refused(data, Options(**{field: pixels - 1}))
    assert verdict.code == "too-many-pixels"
    assert phrase in verdict.sentence
    assert "300 x 200" in verdict.sentence
    # The general limit holds for every kind.
    assert refused(data, Options(max_pixels=pixels - 1)).code == "too-many-pixels"


def test_the_lower_limit_spares_what_streams() -> None:
    for data in (photo().jpegsave_buffer(), photo().pngsave_buffer()):
        assert isinstance(render(data, Options(max_pixels_held=1, max_pixels_avif=1)), Rendered)


def test_the_longest_side() -> None:
    long = images.flat(65_501, 1, 128)
    verdict = refused(long.pngsave_buffer())
    assert verdict.code == "side-too-long"
    assert "65501 x 1" in verdict.sentence
    assert refused(long.rot90().pngsave_buffer()).code == "side-too-long"


def test_a_refusal_survives_the_way_between_processes() -> None:
    verdict = refused(b"")
    copy = pickle.loads(pickle.dumps(verdict))  # noqa: S301
    assert (copy.code, copy.sentence, str(copy)) == (verdict.code, verdict.sentence, str(verdict))


_SMALL = {format_: encode(photo(48, 32), format_) for format_ in FORMATS}


@settings(max_examples=300, deadline=None)
@given(
    format_=st.sampled_from(FORMATS),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    keep=st.floats(0, 1),
)
def test_whatever_the_bytes_it_is_a_picture_or_a_refusal(
    format_: str, changes: list[tuple[float, bytes]], keep: float
) -> None:
    data = bytearray(_SMALL[format_])
    for place, patch in changes:
        at = int(place * len(data))
        data[at : at + len(patch)] = patch
    outcome = _outcome(bytes(data[: int(len(data) * keep) + 1]))
    if isinstance(outcome, Refused):
        assert outcome.code in CODES
        assert outcome.sentence.endswith(".")
    else:
        assert set(outcome.renditions) == {"720p", "240p"}


def _outcome(data: bytes) -> Rendered | Refused:
    try:
        return render(data, Options(max_pixels=1_000_000))
    except Refused as verdict:
        return verdict
