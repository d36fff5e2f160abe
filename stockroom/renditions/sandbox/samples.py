"""Whether a decoder can read the sound file that every accepted format brings along."""

from stockroom.renditions.options import Options
from stockroom.renditions.original import Original
from stockroom.renditions.rejection import ImageRejected
from stockroom.renditions.rendering import decode
from stockroom.renditions.sources import SourceFormat


def check_decoder(format_: SourceFormat) -> None:
    """Raise RuntimeError when the libraries of this process cannot read a sound file of a format."""
    try:
        decode(Original(format_.sample), Options())
    except ImageRejected as rejected:
        raise RuntimeError(f"this decoder cannot read {format_.title}: {rejected}") from rejected
