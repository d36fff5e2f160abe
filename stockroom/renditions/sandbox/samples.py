"""A sound file of every accepted format: a decoder that cannot read it may not call another file damaged."""

from base64 import b64decode

from stockroom.renditions.options import Options
from stockroom.renditions.original import Original
from stockroom.renditions.rejection import ImageRejected
from stockroom.renditions.rendering import decode
from stockroom.renditions.sources import SourceFormat

SAMPLES = {
    "jpeg": b64decode(
        "/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARES"
        "EhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAQABADASIAAhEB"
        "AxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAA"
        "AAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAA//2Q=="
    ),
    "png": b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAFElEQVQoz2NoIBEwjGoY1TB8NQAA"
        "JYSAEESZTEwAAAAASUVORK5CYII="
    ),
    "webp": b64decode("UklGRiQAAABXRUJQVlA4IBgAAABQAQCdASoQABAAAsBMJaQABHQAAORAAAA="),
    "gif": b64decode(
        "R0lGODlhEAAQAIAAAExpcYCAgCH/C05FVFNDQVBFMi4wAwEAAAAh+QQFAAAAACwAAAAAEAAQAAACDoyPqcvtD6OctNqLsz4FADs="
    ),
    "avif": b64decode(
        "AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJp"
        "bG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAABwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAAB"
        "AAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgQAMAAAAABRpc3BlAAAAAAAAABAAAAAQAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAA"
        "AAEAAQOBAgMAAAAkbWRhdBIACgkYDP/aICGg0IAyDRlHh4YhgABoAAh1hlM="
    ),
}
"""Sixteen by sixteen grey pixels in each format, by the format's name."""


def check_decoder(format_: SourceFormat) -> None:
    """Raise RuntimeError when the libraries of this process cannot read a sound file of a format."""
    try:
        decode(Original(SAMPLES[format_.name]), Options())
    except ImageRejected as rejected:
        raise RuntimeError(f"this decoder cannot read {format_.title}: {rejected}") from rejected
