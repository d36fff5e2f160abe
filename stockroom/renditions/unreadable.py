"""Why libvips could not read a file: memory ran out, its end is missing, or it is damaged inside."""

import re

from stockroom.renditions.libvips import error_message
from stockroom.renditions.original import Original
from stockroom.renditions.rejection import ImageRejected, corrupt, too_much_memory, truncated
from stockroom.renditions.sources import SourceFormat

# As libvips and the libraries of the source formats word it. A test tries a file of each format.
_OUT_OF_MEMORY = re.compile(
    r"out of memory|(insufficient|not enough) memory|cannot allocate|failed to allocate|"
    # libheif also says "memory allocation error" where a file exceeds its own limits, which is damage.
    r"memory allocation(?! error: security limit)",
    re.IGNORECASE,
)


def rejection_for(error: Exception, original: Original, format_: SourceFormat) -> ImageRejected:
    """The rejection of a file of this format that failed to decode with an error of `libvips.UNREADABLE`."""
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(error_message(error)):
        return too_much_memory()
    return truncated() if format_.is_cut_off(original.whole()) else corrupt()
