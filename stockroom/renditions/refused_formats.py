"""Formats that are not accepted, and are named to the contributor. Accepted formats come before them."""

from stockroom.renditions.file_format import FileFormat

_EXPORT_FROM_PHONE = (
    "Export the photo as JPEG and upload that; on an iPhone, Settings > Camera > Formats > Most Compatible "
    "makes it take JPEG from now on."
)


class RefusedFormat(FileFormat, frozen=True, kw_only=True):
    """A known format that is not accepted. `advice` says what to do instead; empty for the usual advice."""

    brands: tuple[str, ...] = ()
    advice: str = ""


SVG = RefusedFormat(title="SVG", media_type="image/svg+xml", signatures=())
"""It has no signature: `sniffing` looks for its first element."""

REFUSED_FORMATS = (
    RefusedFormat(
        title="HEIC",
        media_type="image/heic",
        signatures=(),
        # Coded in HEVC: no decoder for HEVC comes with the libvips that Stockroom ships.
        brands=("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"),
        advice=_EXPORT_FROM_PHONE,
    ),
    RefusedFormat(
        title="HEIF",
        media_type="image/heif",
        # Only the major brand: all of these may be compatible brands of an AVIF or HEIC file.
        signatures=tuple(f"........{(b'ftyp' + brand).hex()}" for brand in (b"mif1", b"mif2", b"msf1")),
        advice=_EXPORT_FROM_PHONE,
    ),
    RefusedFormat(
        title="MP4 and similar",
        media_type="video/mp4",
        signatures=("........66747970",),
        # Some cameras write their raw files so.
        advice="Videos are not taken; of a photo, export a JPEG and upload that.",
    ),
    RefusedFormat(title="TIFF or camera raw", media_type="image/tiff", signatures=("49492a00", "4d4d002a")),
    RefusedFormat(title="BigTIFF", media_type="image/tiff", signatures=("49492b00", "4d4d002b")),
    RefusedFormat(title="PDF", media_type="application/pdf", signatures=(b"%PDF-".hex(),)),
    RefusedFormat(title="BMP", media_type="image/bmp", signatures=(b"BM".hex(),)),
    RefusedFormat(title="Photoshop", media_type="image/vnd.adobe.photoshop", signatures=(b"8BPS".hex(),)),
    RefusedFormat(title="JPEG XL", media_type="image/jxl", signatures=("ff0a", f"0000000c{b'JXL '.hex()}")),
    RefusedFormat(
        title="JPEG 2000", media_type="image/jp2", signatures=("ff4fff51", f"0000000c{b'jP  '.hex()}")
    ),
    RefusedFormat(title="Windows icon", media_type="image/vnd.microsoft.icon", signatures=("00000100",)),
    RefusedFormat(title="ZIP", media_type="application/zip", signatures=("504b0304",)),
    SVG,
)
