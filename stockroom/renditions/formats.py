"""Which files are accepted, told by their first bytes: a name or a declared type proves nothing."""

from dataclasses import dataclass

from stockroom.renditions.refused import Refused

TYPES_IN_WORDS = "JPEG, PNG, WebP, GIF or AVIF"


@dataclass(frozen=True, slots=True)
class Format:
    """An accepted source format. `name` is what `Rendered.format` holds."""

    name: str
    title: str
    media_type: str
    extensions: tuple[str, ...]
    remark: str


FORMATS: tuple[Format, ...] = (
    Format("jpeg", "JPEG", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "RGB, gray and CMYK"),
    Format(
        "png", "PNG", "image/png", ("png",), "1 to 16 bits a channel; of an animated one the still picture"
    ),
    Format("webp", "WebP", "image/webp", ("webp",), "of an animated one the first frame"),
    Format("gif", "GIF", "image/gif", ("gif",), "of an animated one the first frame"),
    Format("avif", "AVIF", "image/avif", ("avif",), "of a sequence its primary picture"),
)

# Refused, but worth calling by their name. The first match counts.
_KNOWN_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"II*\x00", "TIFF or camera raw"),
    (b"MM\x00*", "TIFF or camera raw"),
    (b"II+\x00", "TIFF or camera raw"),
    (b"MM\x00+", "TIFF or camera raw"),
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x01\x00", "Windows icon"),
    (b"PK\x03\x04", "ZIP"),
)

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def sniff(data: bytes) -> str:
    """The format's name. Raises `Refused` for everything that is not in `FORMATS`."""
    if not data:
        raise Refused("empty", "The file is empty (0 bytes). Check it on your device and upload it again.")
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    for magic, name in _KNOWN_MAGIC:
        if data.startswith(magic):
            raise unsupported(name)
    if _looks_like_svg(data):
        raise unsupported("SVG")
    raise Refused(
        "not-an-image",
        f"This file is not a picture we can recognise. Upload a {TYPES_IN_WORDS} file; "
        "if it should be one, it may be damaged: export it again.",
    )


def unsupported(name: str) -> Refused:
    return Refused(
        "unsupported-type", f"{name} files are not accepted. Export it as {TYPES_IN_WORDS} and upload that."
    )


def heic() -> Refused:
    """HEIC is HEVC inside: no decoder for it comes with the libvips we ship."""
    return Refused(
        "unsupported-type",
        "HEIC photos cannot be opened here. Export this one as JPEG and upload that; on an iPhone, Settings "
        "→ Camera → Formats → Most Compatible makes it take JPEG from now on.",
    )


def _sniff_iso_media(data: bytes) -> str:
    """AVIF or not, from the brands in the file type box: a major one, a version, then compatible ones."""
    size = int.from_bytes(data[:4])
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(size, 256, len(data)), 4))]
    # The major brand decides; a general one (mif1, msf1) leaves it to the compatible brands.
    for brand in brands:
        if brand in _AVIF_BRANDS:
            return "avif"
        if brand in _HEIC_BRANDS:
            raise heic()
    raise unsupported("HEIF" if brands[0] in _HEIF_BRANDS else "MP4 and similar")


def _looks_like_svg(data: bytes) -> bool:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head
