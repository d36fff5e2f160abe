"""EXIF's directories (TIFF IFDs): libexif follows every pointer in them, also back to where it has been."""

from stockroom.renditions.limits import check_metadata
from stockroom.renditions.model import Options

# Exif, GPS and interoperability directories.
_POINTERS = frozenset({0x8769, 0x8825, 0xA005})
MAX_POINTERS = 4
"""A camera writes three at most; beyond that a file asks for more work than its size."""
MAX_ENTRIES = 4096


def check_directories(tiff: bytes, options: Options) -> None:
    """Raises `Refused` for EXIF whose directories point at each other without end. Other damage is passed."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(tiff[:4])
    if order is None:
        return

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)  # type: ignore[arg-type]

    waiting, seen, pointers = [number(4, 4)], set[int](), 0
    while waiting:
        at = waiting.pop()
        if at in seen or at + 2 > len(tiff):
            continue
        seen.add(at)
        entries = min(number(at, 2), (len(tiff) - at - 2) // 12)
        if entries > MAX_ENTRIES:
            _too_much(options)
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            if number(entry, 2) in _POINTERS:
                pointers += 1
                if pointers > MAX_POINTERS:
                    _too_much(options)
                waiting.append(number(entry + 8, 4))


def _too_much(options: Options) -> None:
    check_metadata(0, options.max_parts + 1, options)
