"""Renditions: what is made of an uploaded picture, and what is refused.

`render(data, options)` is pure: bytes in, bytes and facts out; no S3, no database, no clock, no environment.
`FORMATS`, `Options`, `Rendered` and `Refused` are plain Python. libvips is only loaded when `render` is asked
for, so a function without the libvips layer may still import the list of accepted formats from here.
"""

from typing import TYPE_CHECKING

from stockroom.renditions.formats import FORMATS, Format
from stockroom.renditions.model import Options, Orientation, Rendered, Rendition
from stockroom.renditions.refused import Refused

if TYPE_CHECKING:
    from stockroom.renditions.pipeline import render

__all__ = ["FORMATS", "Format", "Options", "Orientation", "Refused", "Rendered", "Rendition", "render"]


def __getattr__(name: str) -> object:
    if name == "render":
        from stockroom.renditions.pipeline import render

        return render
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
