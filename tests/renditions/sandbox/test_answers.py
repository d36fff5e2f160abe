"""Answers that only a worker gives that a file has taken over."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from stockroom.renditions import SOURCE_FORMATS, Options, Rendition, render
from stockroom.renditions.embedded.embedded import Embedded, Position
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import LARGER, OUTPUT_FORMATS
from stockroom.renditions.rendered import SIZES
from stockroom.renditions.rendering import decode, encode_larger
from stockroom.renditions.sandbox.answers import check_answer
from stockroom.renditions.sandbox.protocol import MAX_MESSAGE, Decoded, Encoded, Fault, Rejected
from tests.renditions.images import photo_bytes, photo_of

SOUND = render(photo_bytes())
JPEG = SOUND.renditions["720p"].data[:100]


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
def test_what_is_rendered_is_possible(name: str) -> None:
    check_answer(Decoded(render(photo_of(name))))


@pytest.mark.parametrize(
    "changes",
    [
        {"media_type": "text/html"},
        {"media_type": "image/png; charset=x"},
        {"width": 0},
        {"height": 100_000},
        {"color": "red"},
        {"color": "#ffffff\n"},
        {"thumbhash": bytes(26)},
        {"phash": -1},
        {"phash": 1 << 64},
        {"pixel_hash": bytes(31)},
        {"capture_time": datetime(999, 12, 31)},  # noqa: DTZ001  EXIF without an offset
        {"capture_time": datetime(1, 1, 1, tzinfo=UTC)},
        {"capture_time": datetime(2024, 5, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"capture_time": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14)))},
        {"embedded": Embedded(title="x" * 201)},
        {"embedded": Embedded(title="two\nlines")},
        {"embedded": Embedded(caption="x" * 2001)},
        {"embedded": Embedded(caption="a\0b")},
        {"embedded": Embedded(license_url="\ud800")},
        {"embedded": Embedded(keywords=("x",) * 101)},
        {"embedded": Embedded(keywords=("",))},
        {"embedded": Embedded(keywords=("x" * 65,))},
        {"embedded": Embedded(keywords=("\x1b[2J",))},
        {"embedded": Embedded(gps=Position(90.1, 0))},
        {"embedded": Embedded(gps=Position(0, float("nan")))},
        {"renditions": {}},
        {"renditions": {**SOUND.renditions, "../../index": SOUND.renditions["720p"]}},
    ],
)
def test_facts_that_cannot_be(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="impossible answer"):
        check_answer(Decoded(msgspec.structs.replace(SOUND, **changes)))


@pytest.mark.parametrize(
    "rendition",
    [
        Rendition(b"<script>", "text/html", 1, 1),
        Rendition(JPEG, "image/jpeg", 0, 1),
        Rendition(JPEG, "image/jpeg", 1, 721),
        Rendition(JPEG, "image/jpeg", 5121, 1),
        Rendition(b"", "image/jpeg", 1, 1),
        Rendition(b"<script>" + JPEG, "image/jpeg", 1, 1),
        Rendition(photo_of("webp"), "image/jpeg", 300, 200),
        Rendition(JPEG + bytes(20_000), "image/jpeg", 1, 1),
    ],
)
def test_renditions_that_cannot_be(rendition: Rendition) -> None:
    renditions = {**SOUND.renditions, "720p": rendition}
    with pytest.raises(ValueError, match="impossible answer"):
        check_answer(Decoded(msgspec.structs.replace(SOUND, renditions=renditions)))


def test_a_format_that_was_not_asked_for() -> None:
    check_answer(Encoded(dict(SOUND.renditions)), "jpeg")
    with pytest.raises(ValueError, match="a rendition's type"):
        check_answer(Encoded(dict(SOUND.renditions)), "webp")


def test_a_rejection_that_does_not_fit_into_a_row() -> None:
    with pytest.raises(ValueError, match="the sentence"):
        check_answer(Rejected("corrupt", "x" * 501))


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_the_least_compressible_picture_is_possible(name: str) -> None:
    """Noise in three channels, at the highest quality there is."""
    original, options = Original(bytes(noise(1280, 721).pngsave_buffer(compression=1))), Options(quality=100)
    picture = decode(original, options)
    if name == LARGER.name:
        check_answer(Encoded(encode_larger(original, picture.header, options)), name)
    else:
        check_answer(Encoded(picture.encode(OUTPUT_FORMATS[name], options)), name)


def noise(width: int, height: int) -> Any:
    bands = [pyvips.Image.gaussnoise(width, height, mean=128, sigma=80, seed=seed) for seed in range(3)]
    return bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb")


@pytest.mark.thorough
def test_the_largest_rendition_fits_into_a_message_even_of_noise() -> None:
    (name,) = LARGER.renditions
    size = SIZES[name]
    data = LARGER.save(noise(size.width, size.height), Options())
    answer = Encoded({name: Rendition(data, LARGER.media_type, size.width, size.height)})
    check_answer(answer, LARGER.name)
    assert len(msgspec.msgpack.encode(answer)) < MAX_MESSAGE


def test_the_largest_possible_answer_fits_into_a_message() -> None:
    renditions = {
        name: Rendition(JPEG.ljust(4 * width * height + 16_384), "image/jpeg", width, height)
        for name, (height, width) in SIZES.items()
        if name not in LARGER.renditions
    }
    answer = Decoded(msgspec.structs.replace(SOUND, renditions=renditions))
    check_answer(answer)
    assert len(msgspec.msgpack.encode(answer)) < MAX_MESSAGE


def test_faults_may_say_anything() -> None:
    check_answer(Fault("x" * 10_000))
