"""The Multi-Picture Format (CIPA DC-007): a JPEG followed by others, a gain map or a larger preview.

An index in the first file says where the others begin, counted from the index itself, and how long the first
one is. Both change with the metadata of the first file.
"""

import struct

SIGNATURE = b"MPF\0"
_ENTRIES = 0xB002
_ENTRY_BYTES = 16


def shift_index(segment: bytes, *, grown: int, grown_after: int) -> bytes:
    """The content of an index's segment, after its signature, for a first file that is `grown` bytes longer.

    `grown_after` of these bytes follow the index. What is no index stays as it is.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(segment[:4])
    if order is None:
        return segment
    shifted = bytearray(segment)
    try:
        (directory,) = struct.unpack_from(f"{order}I", segment, 4)
        (count,) = struct.unpack_from(f"{order}H", segment, directory)
        for number in range(count):
            tag, _, length, place = struct.unpack_from(f"{order}HHII", segment, directory + 2 + 12 * number)
            if tag == _ENTRIES:
                for entry in range(place, place + length, _ENTRY_BYTES):
                    _shift_entry(shifted, order, entry, grown, grown_after)
                # There is one list. Others would be read instead of it by nobody.
                break
    except struct.error:
        return segment
    return bytes(shifted)


def _shift_entry(index: bytearray, order: str, entry: int, grown: int, grown_after: int) -> None:
    size, offset = struct.unpack_from(f"{order}II", index, entry + 4)
    if offset == 0:
        # The file that has the index.
        struct.pack_into(f"{order}I", index, entry + 4, size + grown)
    else:
        struct.pack_into(f"{order}I", index, entry + 8, offset + grown_after)
