"""Whether an answer can come from a worker that does its work: a file that takes a worker over writes others.

Nothing here looks at pixels. What a rendition shows is the contributor's affair; under which name and type it
is published is not.
"""

import re
from collections.abc import Mapping

from stockroom.renditions.outputs import JPEG, OUTPUT_FORMATS
from stockroom.renditions.rendered import SIZES, Rendered, Rendition
from stockroom.renditions.sandbox.protocol import Answer, Decoded, Encoded, Rejected

_MEDIA_TYPE = re.compile(r"image/[a-z]+")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_MAX_SIDE = 65_535
_MAX_THUMBHASH = 25
_MAX_SENTENCE = 500


def check_answer(answer: Answer, format_name: str = JPEG.name) -> None:
    """Raise ValueError for an answer that no sound worker gives when it is asked for this output format."""
    match answer:
        case Decoded(rendered):
            _check_facts(rendered)
            _check_renditions(rendered.renditions, JPEG.name)
        case Encoded(renditions):
            _check_renditions(renditions, format_name)
        case Rejected(_, sentence):
            _require(len(sentence) <= _MAX_SENTENCE, "the sentence of a rejection")


def _check_facts(rendered: Rendered) -> None:
    _require(_MEDIA_TYPE.fullmatch(rendered.media_type) is not None, "the media type")
    _require(0 < rendered.width <= _MAX_SIDE and 0 < rendered.height <= _MAX_SIDE, "the sides")
    _require(_COLOR.fullmatch(rendered.color) is not None, "the colour")
    _require(len(rendered.thumbhash) <= _MAX_THUMBHASH, "the ThumbHash")
    _require(0 <= rendered.phash < 1 << 64, "the perceptual hash")


def _check_renditions(renditions: Mapping[str, Rendition], format_name: str) -> None:
    _require(renditions.keys() == SIZES.keys(), "the names of the renditions")
    for name, rendition in renditions.items():
        _require(rendition.media_type == OUTPUT_FORMATS[format_name].media_type, "a rendition's type")
        limit = SIZES[name]
        _require(0 < rendition.height <= limit.height and 0 < rendition.width <= limit.width, "its sides")


def _require(is_sound: bool, part: str) -> None:
    if not is_sound:
        raise ValueError(f"an impossible answer: {part}")
