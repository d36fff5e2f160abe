"""The limits that are refused by, in words. They are compared wherever a file first says what it wants."""

from stockroom.renditions.model import Options
from stockroom.renditions.refused import Refused

PROGRESSIVE, INTERLACED = "a progressive JPEG", "an interlaced PNG"
_OPTIONAL = frozenset({PROGRESSIVE, INTERLACED})


def check_size(size: int, options: Options) -> None:
    """The bytes of the file."""
    if size > options.max_bytes:
        raise Refused(
            "too-large",
            f"The file has {size / 1e6:.1f} MB; at most {options.max_bytes / 1e6:.1f} MB are accepted. "
            "Make it smaller and upload it again.",
        )


def check_sides(width: int, height: int, kind: str, limit: int, options: Options) -> None:
    """The sides, and the pixels against the limit for this kind of file."""
    if max(width, height) > options.max_side:
        raise Refused(
            "side-too-long",
            f"The picture is {width} x {height} pixels; a side may have at most {options.max_side}. "
            "Make it smaller and upload it again.",
        )
    if width * height > limit:
        way_out = "Save it without that option or make it smaller" if kind in _OPTIONAL else "Make it smaller"
        raise Refused(
            "too-many-pixels",
            f"The picture has {width * height / 1e6:.1f} million pixels ({width} x {height}); at most "
            f"{limit / 1e6:.1f} million are accepted in {kind}. {way_out} and upload it again.",
        )


def check_tiles(pixels: int, limit: int) -> None:
    """The pixels of all that an AVIF puts together: tiles, transparency, a preview."""
    if pixels > limit:
        raise Refused(
            "too-many-pixels",
            f"The parts of the picture have {pixels / 1e6:.1f} million pixels together; at most "
            f"{limit / 1e6:.1f} million are accepted in an AVIF. Save it anew and upload that.",
        )


def check_frames(frames: int, options: Options) -> None:
    """The frames of an animation."""
    if frames > options.max_frames:
        raise Refused(
            "too-many-frames",
            f"The animation has more than {options.max_frames} frames. Save its best one as a picture and "
            "upload that.",
        )


def check_metadata(size: int, parts: int, options: Options) -> None:
    """The bytes of all metadata, and the parts a file is made of ahead of its picture."""
    if size > options.max_metadata or parts > options.max_parts:
        raise Refused(
            "too-much-metadata",
            f"The file carries more than {options.max_metadata / 1e6:.0f} MB, or {options.max_parts} parts, "
            "beside the picture itself. Save it without metadata and upload it again.",
        )


def check_scans(scans: int, options: Options) -> None:
    """The passes of a progressive JPEG, each of which goes over the whole picture."""
    if scans > options.max_scans:
        raise too_slow()


def too_slow() -> Refused:
    return Refused(
        "too-slow",
        "Opening this picture takes longer than any ordinary one. Save it as a plain JPEG or make it "
        "smaller, and upload it again.",
    )


def too_much_memory() -> Refused:
    return Refused(
        "too-much-memory",
        "Opening this picture takes more memory than there is for one. Save it as a plain JPEG or make it "
        "smaller, and upload it again.",
    )
