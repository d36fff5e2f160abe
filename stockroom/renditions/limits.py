"""The checks against the limits in `Options`, each with the sentence that the contributor reads.

Every check belongs to the earliest place where a file says what it asks for: its size, its container, its
header.
"""

from stockroom.renditions.options import Options
from stockroom.renditions.rejection import ImageRejected

MAKE_SMALLER = "Make it smaller"
SAVE_WITHOUT_OPTION = "Save it without that option or make it smaller"


def check_file_size(size: int, options: Options) -> None:
    """Compare the file's size in bytes with `max_bytes`."""
    if size > options.max_bytes:
        raise ImageRejected(
            "too-large",
            f"The file has {size / 1e6:.1f} MB; at most {options.max_bytes / 1e6:.1f} MB are accepted. "
            "Make it smaller and upload it again.",
        )


def check_dimensions(
    width: int, height: int, kind: str, max_pixels: int, options: Options, *, remedy: str = MAKE_SMALLER
) -> None:
    """Compare the sides with `max_side`, and the number of pixels with two limits: `max_pixels`, which is for
    this kind of file ("an interlaced PNG"), and `options.max_pixels`, which is for all files."""
    if max(width, height) > options.max_side:
        raise ImageRejected(
            "side-too-long",
            f"The picture is {width} x {height} pixels; a side may have at most {options.max_side}. "
            "Make it smaller and upload it again.",
        )
    limit = min(max_pixels, options.max_pixels)
    if width * height > limit:
        raise ImageRejected(
            "too-many-pixels",
            f"The picture has {width * height / 1e6:.1f} million pixels ({width} x {height}); at most "
            f"{limit / 1e6:.1f} million are accepted in {kind}. {remedy} and upload it again.",
        )


def check_coded_pixels(pixels: int, limit: int) -> None:
    """Compare `limit` with the pixels of all pictures inside an AVIF (tiles, transparency, preview)."""
    if pixels > limit:
        raise ImageRejected(
            "too-many-pixels",
            f"The parts of the picture have {pixels / 1e6:.1f} million pixels together; at most "
            f"{limit / 1e6:.1f} million are accepted in an AVIF. Save it anew and upload that.",
        )


def check_frames(frames: int, options: Options) -> None:
    """Compare the number of an animation's frames with `max_frames`."""
    if frames > options.max_frames:
        raise ImageRejected(
            "too-many-frames",
            f"The animation has more than {options.max_frames} frames. Save its best one as a picture and "
            "upload that.",
        )


def find_most_scans(pixels: int, options: Options) -> int:
    """How many scans a progressive JPEG of so many pixels may have: the decoder goes over all in each."""
    return min(options.max_scans, options.max_scanned_pixels // max(pixels, 1))


def check_metadata(size: int, parts: int, options: Options) -> None:
    """Compare the bytes of all metadata with `max_metadata`, and the container's parts with `max_parts`."""
    if size > options.max_metadata or parts > options.max_parts:
        raise too_much_metadata(options)


def too_much_metadata(options: Options) -> ImageRejected:
    """The file carries more than its picture needs."""
    return ImageRejected(
        "too-much-metadata",
        f"The file carries more than {options.max_metadata / 1e6:.0f} MB, or {options.max_parts} parts, "
        "beside the picture itself. Save it without metadata and upload it again.",
    )


class MetadataTally:
    """A running count of a container's parts and of the bytes of metadata in them, checked at every step."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._bytes = self._parts = 0

    def add_part(self, size: int) -> None:
        """Count one more part, with `size` bytes of metadata."""
        self._parts += 1
        self.add_bytes(size)

    def add_bytes(self, size: int) -> None:
        """Count bytes of metadata that belong to a part which has been counted."""
        self._bytes += size
        check_metadata(self._bytes, self._parts, self._options)
