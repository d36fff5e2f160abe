"""What a picture is titled, where it is not seen. The name of a file says less than a description does.

The page has the same rule in frontend/src/pictures/title.ts, with the examples of
frontend/tests/pictures/title-examples.json.
"""

import re

from stockroom.analysis.hashtags import remove_hashtags
from stockroom.images.picture import Metadata

_EXTENSION = re.compile(
    r"\.(?:jpe?g|jpe|jp2|jfif|png|webp|gif|avif|hei[cf]|tiff?|bmp|jxl"
    r"|ps[bd]|dng|nef|nrw|cr[23]|arw|raf|orf|pef|rw2|srw)\Z",
    re.I,
)
# The name that a camera or a phone counts its files with, and what programs append to it.
_CAMERA_NAME = re.compile(
    r"_*(?:(?:imgp?|dsc[fn]?|mg|mvimg|pxl|dji|gopr|cimg|pict|dcp|hpim)[-_ ]?e?[0-9]{3,}"
    r"|[a-z][0-9]{7,}|[0-9]{8,}|[0-9]{3}_[0-9]{4}|[0-9]{8}[-_ ][0-9]{4,})"
    r"(?:[-_ .~]+(?:[0-9]+|\([0-9]+\)|wa[0-9]+|mp|hdr|pano|portrait|cover|edit(?:ed)?|copy|kopie)"
    r"|\([0-9]+\))*",
    re.I,
)


def is_file_name(name: str) -> bool:
    """Whether a name is that of a file: it has a picture's extension, or it is one that cameras give."""
    stem = _EXTENSION.sub("", name)
    return stem != name or _CAMERA_NAME.fullmatch(stem) is not None


def make_title(metadata: Metadata) -> str:
    """The picture's name, unless that is a file's and there is a description, without its raw hashtags."""
    return (remove_hashtags(metadata.description) if is_file_name(metadata.name) else "") or metadata.name
