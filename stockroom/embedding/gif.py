"""GIF89a: XMP in an application extension, as Adobe's specification lays it out.

The packet stands there as it is. A reader that knows nothing of XMP takes its bytes for the lengths of
blocks; a trailer of falling numbers leads it to the end of the extension, wherever it comes out of the
packet.
"""

from collections.abc import Iterator
from typing import NamedTuple

from stockroom.embedding import xmp
from stockroom.embedding.description import Description, Unembeddable
from stockroom.embedding.pieces import FileBytes, Piece, Span, count_parts, join

APPLICATION = b"\x21\xff\x0bXMP DataXMP"
TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_SIGNATURES = (b"GIF87a", b"GIF89a")
_HEADER_BYTES = 13
_HAS_TABLE = 0x80
_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_APPLICATION_LABEL, _COMMENT_LABEL = 0xFF, 0xFE


class _Block(NamedTuple):
    """What begins a block (0x21, 0x2C, 0x3B), the label of an extension, and the span of all of it."""

    kind: int
    label: int
    span: Span


def embed(data: FileBytes, description: Description) -> list[Piece]:
    """The pieces of the copy. Raises Unembeddable for a file whose blocks cannot be told apart."""
    if data[:6] not in _SIGNATURES or len(data) < _HEADER_BYTES:
        raise Unembeddable("its header is damaged")
    start = _HEADER_BYTES + _measure_table(data[10])
    blocks = list(_iterate_blocks(data, start))
    if all(block.kind != _IMAGE for block in blocks):
        raise Unembeddable("its blocks are damaged")
    # In the order of the file, and quick to look up: a file may have any number of them.
    packets = {block.span: None for block in blocks if _is_packet(data, block.span)}
    packet = None
    if packets:
        first = next(iter(packets))
        packet = data[first.start + len(APPLICATION) : first.end - len(TRAILER)]
    written = APPLICATION + xmp.update_packet(packet, description) + TRAILER
    # Of an older version there are no extensions.
    pieces: list[Piece] = [b"GIF89a", Span(6, start)]
    for block in blocks:
        is_before_pictures = block.kind == _EXTENSION and block.label in (_APPLICATION_LABEL, _COMMENT_LABEL)
        if written and not is_before_pictures:
            pieces.append(written)
            written = b""
        if block.span not in packets:
            pieces.append(block.span)
    pieces.append(Span(blocks[-1].span.end, len(data)))
    return join(pieces)


def _is_packet(data: FileBytes, span: Span) -> bool:
    return data[span.start : span.start + len(APPLICATION)] == APPLICATION


def _iterate_blocks(data: FileBytes, position: int) -> Iterator[_Block]:
    """The blocks, up to the end of the picture, or to where the file ends after its first picture."""
    has_picture = False
    parts = count_parts()
    while position < len(data):
        start, kind = position, data[position]
        label = 0
        if kind == _EXTENSION and position + 2 < len(data):
            label = data[position + 1]
            position += 2
        elif kind == _IMAGE and position + 10 < len(data):
            # After the position and the sides come flags, perhaps a table, and the size of a code.
            position += 10 + _measure_table(data[position + 9]) + 1
        elif kind == _END:
            yield _Block(kind, label, Span(start, position + 1))
            return
        elif has_picture:
            return
        else:
            raise Unembeddable("its blocks are damaged")
        end = _find_end(data, position, parts)
        if end is None:
            if has_picture:
                return
            raise Unembeddable("its blocks are damaged")
        position = end
        has_picture |= kind == _IMAGE
        yield _Block(kind, label, Span(start, position))


def _find_end(data: FileBytes, position: int, parts: Iterator[None]) -> int | None:
    """Where the blocks of data end that begin here; None where the file ends before."""
    for _ in parts:
        if position >= len(data):
            return None
        length = data[position]
        position += 1 + length
        if length == 0:
            return position
    return None


def _measure_table(flags: int) -> int:
    """The bytes of a table of colours."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & _HAS_TABLE else 0
