"""The directories of EXIF: a TIFF header, then directories (IFDs) that point at each other by their offsets.

libexif follows every such pointer, also one that leads back to a directory where it has been.
"""

from typing import Literal

from stockroom.renditions.limits import too_much_metadata
from stockroom.renditions.options import Options

PREFIX = b"Exif\0\0"
"""What precedes the TIFF header in a JPEG segment, and in some WebP chunks."""
MAX_POINTERS = 4
"""A camera writes three at most; with more of them, a file asks for more work than its size suggests."""
MAX_ENTRIES = 1000
"""Entries of all directories together. A camera writes fewer than a hundred."""

BYTE_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
# The tags whose values point at the Exif, GPS and interoperability directories.
_POINTER_TAGS = frozenset({0x8769, 0x8825, 0xA005})
ENTRY_SIZE = 12


def check_directories(tiff: bytes, options: Options) -> None:
    """Raise `ImageRejected` for EXIF whose directories hold too many entries, or pointers at directories.

    Other damage is left to the decoder.
    """
    byte_order = BYTE_ORDERS.get(tiff[:4])
    if byte_order is None:
        return

    def read_number(position: int, size: int) -> int:
        return int.from_bytes(tiff[position : position + size], byte_order)

    unvisited, visited, pointers, read = [read_number(4, 4)], set[int](), 0, 0
    while unvisited:
        directory = unvisited.pop()
        if directory in visited or directory + 2 > len(tiff):
            continue
        visited.add(directory)
        entries = min(read_number(directory, 2), (len(tiff) - directory - 2) // ENTRY_SIZE)
        read += entries
        if read > MAX_ENTRIES:
            raise too_much_metadata(options)
        for entry in range(directory + 2, directory + 2 + ENTRY_SIZE * entries, ENTRY_SIZE):
            if read_number(entry, 2) in _POINTER_TAGS:
                pointers += 1
                if pointers > MAX_POINTERS:
                    raise too_much_metadata(options)
                unvisited.append(read_number(entry + 8, 4))
