"""Renditions: an uploaded file becomes small pictures and facts about them, or is rejected with a reason.

`render(data, options)` takes bytes and returns bytes and facts. The package needs no storage, database, clock
or environment, and imports nothing else of Stockroom. `render` loads libvips, and `SOURCE_FORMATS` a module
for each format; both are imported when they are asked for, so that a function without the libvips layer may
use the rest.

Values here are `msgspec.Struct`, not dataclasses: creating a dataclass takes half a millisecond of every cold
start.
"""

from typing import TYPE_CHECKING

from stockroom.renditions.options import Options
from stockroom.renditions.rejection import REJECTION_CODES, ImageRejected, RejectionCode
from stockroom.renditions.rendered import Orientation, Rendered, Rendition

if TYPE_CHECKING:
    from stockroom.renditions.rendering import render
    from stockroom.renditions.sources import SOURCE_FORMATS, SourceFormat

__all__ = [
    "REJECTION_CODES",
    "SOURCE_FORMATS",
    "ImageRejected",
    "Options",
    "Orientation",
    "RejectionCode",
    "Rendered",
    "Rendition",
    "SourceFormat",
    "render",
]


def __getattr__(name: str) -> object:
    if name == "render":
        from stockroom.renditions.rendering import render

        return render
    if name in {"SOURCE_FORMATS", "SourceFormat"}:
        from stockroom.renditions import sources

        return getattr(sources, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
