"""What has to be known about a file format before pictures of strangers are accepted in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stockroom.renditions.file_format import FileFormat

if TYPE_CHECKING:
    from stockroom.renditions.embedded.reconcile import Blocks
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.options import Options
    from stockroom.renditions.original import FileBytes, Original
    from stockroom.renditions.scaling import Scaler


class SourceFormat(FileFormat, frozen=True, kw_only=True):
    """An accepted format. No field has a default: whoever adds a format answers every question.

    For every file of the format, `check_container`, `check_header` and `scale` are called in this order. The
    checks raise `ImageRejected`. A file that shares its first bytes with a format that is not accepted
    (camera raw and TIFF) is for `check_container` to reject.
    """

    name: str
    """Also the stem of libvips's functions for the format: `<name>save_buffer`."""
    extensions: tuple[str, ...]
    remark: str
    """Which variants are accepted, and what of them is shown: one line for docs/formats.md."""

    further_limits: tuple[tuple[str, int], ...]
    """What `check_container` limits beside what `Options` does: what is counted, and how much there may be.
    Each is a row of docs/formats.md."""

    loader: str
    """The loader of libvips, without "_source": "jpegload"."""
    loader_class: str
    """The class of that loader, which is exempt from the block on all loaders: "VipsForeignLoadJpeg"."""

    check_container: Callable[[Original, Options], None]
    """Compares with the limits what the file carries beside its picture, before any library reads the file.

    Metadata and frames are what a decoder reads, inflates or lists before it knows the sides of the picture,
    so no limit on pixels covers them. The check walks over the container's parts and ends at the picture's
    data, at the first limit that is exceeded, or where the container stops making sense: damage is for the
    decoder to judge.
    """

    check_header: Callable[[pyvips.Image, Original, Options], None]
    """Compares with the limits what libvips has read: at least the sides, by `limits.check_dimensions`."""

    scale: Callable[[Scaler], pyvips.Image]
    """Decodes the picture, once, to the size that the scaler has: calls one of the methods of `Scaler`."""

    find_blocks: Callable[[Original, Options], Blocks] | None
    """The metadata of a file that was accepted, of which only some bytes are there.

    None where libvips reads no more of a file than its header, before it is asked for pixels.
    """

    is_cut_off: Callable[[FileBytes], bool]
    """Whether the end that the format announces is missing. Asked of a file that could not be decoded."""

    sample: bytes
    """A sound file: sixteen by sixteen grey pixels. A decoder that cannot read it may not call another file
    damaged."""
