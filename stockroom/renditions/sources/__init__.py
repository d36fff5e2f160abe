"""The accepted source formats, one module each. To add one: write its module, and name it here."""

from stockroom.renditions.sources.avif import AVIF
from stockroom.renditions.sources.gif import GIF
from stockroom.renditions.sources.jpeg import JPEG
from stockroom.renditions.sources.png import PNG
from stockroom.renditions.sources.source_format import SourceFormat
from stockroom.renditions.sources.webp import WEBP

SOURCE_FORMATS: tuple[SourceFormat, ...] = (JPEG, PNG, WEBP, GIF, AVIF)

__all__ = ["SOURCE_FORMATS", "SourceFormat"]
