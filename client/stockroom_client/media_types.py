"""What kind of picture a file is, by its first bytes."""

import mimetypes

HEAD_SIZE = 64  # bytes that `sniff` needs

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_BRANDS = (
    ({b"avif", b"avis"}, "image/avif"),
    ({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}, "image/heic"),
    ({b"mif1", b"msf1"}, "image/heif"),
)
_SNIFFED = {media_type for _, media_type in (*_SIGNATURES, *_BRANDS)} | {"image/webp"}


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes of a file show, or None."""
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        # An ISOBMFF file begins with its size, "ftyp", the major brand, a version and compatible brands.
        end = min(len(head), int.from_bytes(head[:4], "big"))
        brands = {head[8:12], *(head[start : start + 4] for start in range(16, end, 4))}
        return next((media_type for family, media_type in _BRANDS if brands & family), None)
    return None


def guess(name: str, head: bytes) -> tuple[str | None, bool]:
    """The media type of a file, and whether its content agrees.

    The name decides only about types that `sniff` does not recognise, which no content can contradict.
    """
    if media_type := sniff(head):
        return media_type, True
    media_type = mimetypes.guess_type(name)[0]
    return media_type, media_type not in _SNIFFED
