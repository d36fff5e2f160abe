"""libvips, set up once in each process for files from strangers. Nothing else here imports `pyvips` itself.

The settings hold for the whole process. Only the loaders of accepted source formats can run at all (no SVG,
PDF, CSV or raw). A picture is decoded by one thread: a Lambda function has about one processor, and more
threads only cost memory. libvips keeps no cache of past operations, as no picture comes twice. Its warnings,
one for each tile of a damaged file, are not logged: the rejection says what is wrong.
"""

import logging
from typing import Any

import pyvips

from stockroom.renditions.original import Original
from stockroom.renditions.sources import SOURCE_FORMATS

pyvips.operation_block_set("VipsForeignLoad", True)
for _format in SOURCE_FORMATS:
    pyvips.operation_block_set(_format.loader_class, False)
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)
logging.getLogger("pyvips").setLevel(logging.ERROR)

UNREADABLE = (pyvips.Error, MemoryError, UnicodeDecodeError)
"""What libvips and pyvips raise for a file that cannot be read. libvips quotes the file in its messages, and
pyvips fails to decode those that are not UTF-8."""


def error_message(error: Exception) -> str:
    """The message in an error of `UNREADABLE`.

    libvips collects its messages in one buffer, which is empty afterwards. Otherwise the message about the
    next file would begin with this one.
    """
    if isinstance(error, UnicodeDecodeError):
        pyvips.vips_lib.vips_error_clear()
        return error.object.decode("latin-1")
    return str(error)


def open_source(original: Original) -> "pyvips.Source":
    """A libvips source at the start of the file, without a copy of the file.

    libvips calls back into the source and does not keep it alive: the caller holds it until the pixels that
    are wanted have been computed. The original does not refer to its sources, so both are freed as soon as
    the caller lets go of them, without waiting for the garbage collector.
    """
    if original.is_complete():
        return pyvips.Source.new_from_memory(original.whole())
    reader = _Reader(original)
    source = pyvips.SourceCustom()
    source.on_read(reader.read)
    source.on_seek(reader.seek)
    return source


def load(source: "pyvips.Source", loader: str, **options: Any) -> "pyvips.Image":
    """The image that a named loader of libvips ("jpegload") reads from a source, once, from top to bottom."""
    return pyvips.Operation.call(f"{loader}_source", source, access="sequential", **options)


class _Reader:
    """A position in an original that libvips reads while the original is being downloaded.

    libvips asks for 4 KiB at a time. That costs 5 ms for a file of 4 MB, and lets the decoder work during the
    download.
    """

    def __init__(self, original: Original) -> None:
        self._original = original
        self._position = 0

    def read(self, length: int) -> bytes:
        """The next bytes. As from any stream, fewer than `length` may come."""
        chunk = self._original.read_some(self._position, length)
        self._position += len(chunk)
        return chunk

    def seek(self, offset: int, whence: int) -> int:
        """Move as `io.IOBase.seek` does; the new position."""
        self._position = offset + (0, self._position, self._original.size)[whence]
        return self._position


__all__ = ["UNREADABLE", "error_message", "load", "open_source", "pyvips"]
