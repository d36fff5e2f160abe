"""Pieces of files, put together byte by byte where no encoder would make them.

Here are those that several modules of tests use; a piece that one module alone uses stands in that module.
"""

import struct
import zlib

from tests.renditions.images import photo

GIF_FRAME = b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
"""One frame of one pixel."""


def png_chunk(kind: bytes, content: bytes, checksum: int | None = None) -> bytes:
    """A chunk of a PNG, with its right checksum unless another is given."""
    checksum = checksum or zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_with(*chunks: bytes) -> bytes:
    """A small PNG with these chunks behind its header."""
    data = photo(64, 48).pngsave_buffer()
    return bytes(data[:33] + b"".join(chunks) + data[33:])


def jpeg_segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def jpeg(**options: object) -> bytes:
    """A small JPEG; the options are those of libvips."""
    return bytes(photo(64, 48).jpegsave_buffer(**options))


def jpeg_with(*segments: bytes) -> bytes:
    """A small JPEG with these segments at its beginning."""
    data = jpeg()
    return data[:2] + b"".join(segments) + data[2:]


def with_jpeg_sides(data: bytes, width: int, height: int) -> bytes:
    """The JPEG with other sides in its frame header."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        start = data.find(marker)
        if start > 0:
            return data[: start + 5] + struct.pack(">HH", height, width) + data[start + 9 :]
    raise ValueError("no frame header")


def webp_of(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP of these chunks: kind and content of each."""
    content = b"WEBP" + b"".join(
        kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a WebP: kind and content of each."""
    position, found = 12, []
    while position < len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        found.append((data[position : position + 4], data[position + 8 : position + 8 + length]))
        position += 8 + length + length % 2
    return found


def vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    """The first chunk of an extended WebP, which tells the sides of its canvas."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes((flags, 0, 0, 0)) + sides


def gif_of(width: int, height: int, content: bytes) -> bytes:
    """A GIF with a canvas of these sides, two colours, and this between its header and its end."""
    head = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return b"GIF89a" + head + content + b";"


def iso_box(kind: bytes, content: bytes) -> bytes:
    """A box of the ISO base media file format."""
    return (8 + len(content)).to_bytes(4) + kind + content
