"""What a caller may choose: the limits that a file must keep, and the quality of renditions."""

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Limits, which are checked before any pixel is decoded, and the quality of renditions (1…100).

    Three limits on pixels: `max_pixels` is for all files, most of which are decoded line by line in little
    memory; `max_pixels_in_memory` is for those whose decoder holds the whole picture, in up to 9 bytes a
    pixel; `max_pixels_avif` is for AVIF, whose decoder takes up to 25. docs/formats.md has the limit of every
    kind of file. With these defaults no file needs more than 0.7 GB, and 0.8 GB with the rendition at 1440p.

    `max_metadata` is in bytes, for all metadata of a file together. `max_parts` is the number of parts of the
    container beside the picture. `max_frames` is how many frames the file of an
    animation may list, of which the first one is rendered. `max_scans` is how many passes over the picture a
    progressive JPEG may take; encoders write about ten. `max_scanned_pixels` is how many pixels these passes
    may go over together: 20 passes over the largest such picture.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_pixels: int = 100_000_000
    max_pixels_in_memory: int = 50_000_000
    max_pixels_avif: int = 25_000_000
    max_side: int = 65_500
    max_metadata: int = 8_000_000
    max_parts: int = 1_000
    max_frames: int = 1_000
    max_scans: int = 100
    max_scanned_pixels: int = 1_000_000_000
    quality: int = 80
