"""The format of a file, told by its first bytes: its name and its declared type prove nothing."""

from stockroom.renditions.file_format import FileFormat, find_format
from stockroom.renditions.refused_formats import REFUSED_FORMATS, SVG, RefusedFormat
from stockroom.renditions.rejection import ImageRejected
from stockroom.renditions.sources import SOURCE_FORMATS, SourceFormat

SNIFFED_BYTES = 1024
"""How much of a file `sniff` looks at."""

KNOWN_FORMATS: tuple[FileFormat, ...] = (*SOURCE_FORMATS, *REFUSED_FORMATS)
_TITLES = [format_.title for format_ in SOURCE_FORMATS]
ACCEPTED_TITLES = f"{', '.join(_TITLES[:-1])} or {_TITLES[-1]}"
"""The accepted formats as a sentence lists them: "A, B or C"."""


def sniff(head: bytes) -> SourceFormat:
    """The format of a file that begins with `head`. Raises `ImageRejected` when it is not an accepted one."""
    if not head:
        raise ImageRejected(
            "empty", "The file is empty (0 bytes). Check it on your device and upload it again."
        )
    found = find_format(head, KNOWN_FORMATS) or (SVG if _looks_like_svg(head) else None)
    if isinstance(found, SourceFormat):
        return found
    if isinstance(found, RefusedFormat):
        raise ImageRejected("unsupported-type", explain_refusal(found))
    raise ImageRejected(
        "not-an-image",
        f"This file is not a picture we can recognise. Upload a {ACCEPTED_TITLES} file; "
        "if it should be one, it may be damaged: export it again.",
    )


def explain_refusal(refused: RefusedFormat) -> str:
    """That a format is not accepted, and what the contributor can do."""
    advice = refused.advice or f"Export it as {ACCEPTED_TITLES} and upload that."
    return f"{refused.title} files are not accepted. {advice}"


def _looks_like_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith(b"<") and b"<svg" in text
