"""What kind of picture a file is, by its first bytes."""

import mimetypes

HEAD = 64  # bytes that `sniff` wants to see

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_KNOWN = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic", "image/heif"}
)


def sniff(head: bytes) -> str | None:
    """The media type that the content shows, or None."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), _box_size(head)), 4))}
        if brands & {b"avif", b"avis"}:
            return "image/avif"
        if brands & _HEVC_BRANDS:
            return "image/heic"
        if brands & {b"mif1", b"msf1"}:
            return "image/heif"
    return None


def guess(name: str, head: bytes) -> tuple[str | None, bool]:
    """The type of a file and whether its content shows it.

    A name alone is believed only for formats whose content this module does not know.
    """
    shown = sniff(head)
    if shown:
        return shown, True
    named = mimetypes.guess_type(name)[0]
    return named, named not in _KNOWN


def _box_size(head: bytes) -> int:
    return int.from_bytes(head[:4], "big")
