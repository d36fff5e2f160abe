"""WebP (RFC 9649): XMP and Exif in chunks of their own, announced by flags of the chunk VP8X."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from stockroom.embedding import exif, xmp
from stockroom.embedding.description import Description, Unembeddable
from stockroom.embedding.pieces import FileBytes, Piece, Span, count_bytes, count_parts, join

_HEADER_BYTES = 12
_MOST_BYTES = 2**32 - 10
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10
_FEATURES, _LOSSY, _LOSSLESS, _EXIF, _XMP = b"VP8X", b"VP8 ", b"VP8L", b"EXIF", b"XMP "


class _Chunk(NamedTuple):
    """The type of a chunk, where its content begins and ends, and where the next chunk begins."""

    kind: bytes
    start: int
    end: int
    next: int

    @property
    def span(self) -> Span:
        return Span(self.start - 8, self.next)


def embed(data: FileBytes, description: Description) -> list[Piece]:
    """The pieces of the copy. Raises Unembeddable for a file whose chunks cannot be told apart."""
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    chunks = list(_iterate_chunks(data, end))
    if (
        data[:4] + data[8:12] != b"RIFFWEBP"
        or not chunks
        or chunks[0].kind not in (_FEATURES, _LOSSY, _LOSSLESS)
    ):
        raise Unembeddable("its chunks are damaged")
    first = chunks[0]
    pieces: list[Piece] = []
    if first.kind == _FEATURES:
        if first.end - first.start < 10:
            raise Unembeddable("its chunks are damaged")
        flags = data[first.start] | _HAS_XMP
        pieces += [Span(first.start - 8, first.start), bytes([flags]), Span(first.start + 1, first.next)]
        chunks = chunks[1:]
    else:
        pieces.append(_make_features(data, first))
    packet: bytes | None = None
    for chunk in chunks:
        if chunk.kind == _XMP:
            packet = data[chunk.start : chunk.end] if packet is None else packet
        elif chunk.kind == _EXIF:
            pieces.append(_update_exif(data, chunk, description))
        else:
            pieces.append(chunk.span)
    last = pieces[-1]
    if isinstance(last, Span) and (last.end - last.start) % 2:
        pieces.append(b"\0")  # the padding of a last chunk, which some writers leave out
    pieces.append(_make_chunk(_XMP, xmp.update_packet(packet, description)))
    size = 4 + count_bytes(pieces)
    if size > _MOST_BYTES:
        raise Unembeddable("it is too large")
    return join([b"RIFF" + struct.pack("<I", size) + b"WEBP", *pieces, Span(end, len(data))])


def _iterate_chunks(data: FileBytes, end: int) -> Iterator[_Chunk]:
    position = _HEADER_BYTES
    for _ in count_parts():
        if position + 8 > end:
            return
        kind, length = struct.unpack_from("<4sI", data, position)
        start = position + 8
        if start + length > end:
            raise Unembeddable("its chunks are damaged")
        position = min(start + length + length % 2, end)
        yield _Chunk(kind, start, start + length, position)


def _make_features(data: FileBytes, picture: _Chunk) -> bytes:
    """The chunk VP8X of a file that has none: flags, and the sides of the picture."""
    head = data[picture.start : picture.start + 10]
    flags = _HAS_XMP
    if picture.kind == _LOSSY and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 6))
    elif picture.kind == _LOSSLESS and head[:1] == b"\x2f" and len(head) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= _HAS_ALPHA if bits >> 28 & 1 else 0
    else:
        raise Unembeddable("its header is damaged")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _make_chunk(_FEATURES, bytes([flags, 0, 0, 0]) + sides)


def _update_exif(data: FileBytes, chunk: _Chunk, description: Description) -> Piece:
    before = data[chunk.start : chunk.end]
    # Some writers put the signature of JPEG's segment before the TIFF structure.
    prefix = exif.PREFIX if before.startswith(exif.PREFIX) else b""
    tiff = before.removeprefix(prefix)
    after = exif.update_texts(tiff, description, most=_MOST_BYTES)
    return chunk.span if after == tiff else _make_chunk(_EXIF, prefix + after)


def _make_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
