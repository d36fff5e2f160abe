"""Whether an answer can come from a worker that does its work: a file that takes a worker over writes others.

Nothing here looks at pixels. What a rendition shows is the contributor's affair; under which name and type it
is published is not.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from stockroom.renditions.embedded.embedded import (
    MAX_CHARACTERS,
    MAX_KEYWORD_CHARACTERS,
    MAX_KEYWORDS,
    MULTILINE,
    Embedded,
)
from stockroom.renditions.embedded.texts import is_printable
from stockroom.renditions.facts.capture_time import FIRST_YEAR
from stockroom.renditions.outputs import JPEG, OUTPUT_FORMATS
from stockroom.renditions.rendered import SIZES, Rendered, Rendition
from stockroom.renditions.sandbox.protocol import Answer, Decoded, Described, Encoded, Rejected

_MEDIA_TYPE = re.compile(r"image/[a-z]+")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_MAX_SIDE = 65_535
_MAX_THUMBHASH = 25
_PIXEL_HASH = 32
_MAX_SENTENCE = 500
# No picture takes more bytes than without compression, but for its header.
_MAX_BYTES_PER_PIXEL, _MAX_HEADER = 4, 16_384


def check_answer(answer: Answer, format_name: str = JPEG.name) -> None:
    """Raise ValueError for an answer that no sound worker gives when it is asked for this output format."""
    match answer:
        case Decoded(rendered):
            _check_facts(rendered)
            _check_renditions(rendered.renditions, JPEG.name)
        case Encoded(renditions):
            _check_renditions(renditions, format_name)
        case Described(embedded, capture_time):
            _require(capture_time is None or _is_capture_time(capture_time), "the time of capture")
            _check_embedded(embedded)
        case Rejected(_, sentence):
            _require(len(sentence) <= _MAX_SENTENCE, "the sentence of a rejection")


def _check_facts(rendered: Rendered) -> None:
    _require(_MEDIA_TYPE.fullmatch(rendered.media_type) is not None, "the media type")
    _require(0 < rendered.width <= _MAX_SIDE and 0 < rendered.height <= _MAX_SIDE, "the sides")
    _require(_COLOR.fullmatch(rendered.color) is not None, "the colour")
    _require(len(rendered.thumbhash) <= _MAX_THUMBHASH, "the ThumbHash")
    _require(0 <= rendered.phash < 1 << 64, "the perceptual hash")
    _require(len(rendered.pixel_hash) == _PIXEL_HASH, "the hash of the pixels")
    _require(rendered.capture_time is None or _is_capture_time(rendered.capture_time), "the time of capture")
    _check_embedded(rendered.embedded)


def _check_embedded(embedded: Embedded) -> None:
    for field, limit in MAX_CHARACTERS.items():
        text = getattr(embedded, field)
        _require(len(text) <= limit and is_printable(text, is_multiline=field in MULTILINE), f"the {field}")
    _require(len(embedded.keywords) <= MAX_KEYWORDS, "the number of keywords")
    for keyword in embedded.keywords:
        is_keyword = 0 < len(keyword) <= MAX_KEYWORD_CHARACTERS and is_printable(keyword, is_multiline=False)
        _require(is_keyword, "a keyword")
    if embedded.gps is not None:
        # A number that is none is not between any two.
        is_on_earth = abs(embedded.gps.latitude) <= 90 and abs(embedded.gps.longitude) <= 180
        _require(is_on_earth, "the position")


def _is_capture_time(moment: datetime) -> bool:
    # In no other zone than UTC: there, the year 1 may be one that no calendar has.
    return moment.year >= FIRST_YEAR and moment.utcoffset() in {None, timedelta(0)}


def _check_renditions(renditions: Mapping[str, Rendition], format_name: str) -> None:
    format_ = OUTPUT_FORMATS[format_name]
    _require(renditions.keys() == set(format_.renditions), "the names of the renditions")
    for name, rendition in renditions.items():
        limit = SIZES[name]
        _require(rendition.media_type == format_.media_type, "a rendition's type")
        _require(0 < rendition.height <= limit.height and 0 < rendition.width <= limit.width, "its sides")
        _require(format_.magic.match(rendition.data) is not None, "its first bytes")
        largest = _MAX_HEADER + _MAX_BYTES_PER_PIXEL * rendition.width * rendition.height
        _require(len(rendition.data) <= largest, "its size")


def _require(is_sound: bool, part: str) -> None:
    if not is_sound:
        raise ValueError(f"an impossible answer: {part}")
