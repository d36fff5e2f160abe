"""PNG (ISO/IEC 15948): XMP in an iTXt chunk, Exif in an eXIf chunk; texts under PNG's own keywords.

IIM has no chunk of its own. ImageMagick, and others after it, write it in hexadecimal digits, as a "raw
profile" among the texts.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from stockroom.embedding import exif, iim, xmp
from stockroom.embedding.description import Description, Unembeddable
from stockroom.embedding.pieces import FileBytes, Piece, Span, count_parts, join

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = b"XML:com.adobe.xmp"
IPTC_KEYWORD = b"Raw profile type iptc"
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_MOST_BYTES = 2**31 - 1
_MOST_PROFILES = 4
"""Compressed IPTC data are short in a file, and long in memory."""


class _Chunk(NamedTuple):
    """The type of a chunk, the span of all of it, and where its content ends."""

    kind: bytes
    span: Span
    end: int


def embed(data: FileBytes, description: Description) -> list[Piece]:
    """The pieces of the copy. Raises Unembeddable for a file whose chunks cannot be told apart."""
    chunks = list(_iterate_chunks(data))
    is_png = data[: len(SIGNATURE)] == SIGNATURE and bool(chunks) and chunks[0].kind == b"IHDR"
    if not is_png or all(chunk.kind != b"IDAT" for chunk in chunks):
        raise Unembeddable("its chunks are damaged")
    texts = _list_texts(description)
    keywords = {chunk: _read_keyword(data, chunk) for chunk in chunks if chunk.kind in _TEXTS}
    # In the order of the file, and quick to look up: a file may have any number of them.
    packets = {
        chunk: None for chunk, keyword in keywords.items() if keyword == XMP_KEYWORD and chunk.kind == b"iTXt"
    }
    if sum(keyword == IPTC_KEYWORD for keyword in keywords.values()) > _MOST_PROFILES:
        raise Unembeddable("its IPTC data are there many times")
    if sum(chunk.kind == b"eXIf" for chunk in chunks) > 1:
        # The standard allows one. Each could become longer by all texts of the description.
        raise Unembeddable("its Exif data are there more than once")
    packet = _read_packet(data, next(iter(packets))) if packets else None
    written = _make_text(XMP_KEYWORD, xmp.update_packet(packet, description))
    replaced: set[bytes] = set()
    pieces: list[Piece] = [Span(0, len(SIGNATURE))]
    for chunk in chunks:
        keyword = keywords.get(chunk)
        text = texts.get(keyword.lower()) if keyword is not None else None
        if chunk in packets:
            pieces.append(written)
            written = b""
        elif keyword is not None and text is not None:
            # A keyword that is there again would say the same again.
            is_first = keyword.lower() not in replaced
            replaced.add(keyword.lower())
            pieces.append(_make_text(keyword, text.encode()) if text and is_first else b"")
        elif keyword == IPTC_KEYWORD and chunk.kind != b"iTXt":
            pieces.append(_update_iptc(data, chunk, description))
        elif chunk.kind == b"eXIf":
            pieces.append(_update_exif(data, chunk, description))
        else:
            if chunk.kind in (b"IDAT", b"IEND") and not packets:
                pieces.append(written)
                written = b""
            pieces.append(chunk.span)
    pieces.append(Span(chunks[-1].span.end, len(data)))
    return join(piece for piece in pieces if piece)


def _iterate_chunks(data: FileBytes) -> Iterator[_Chunk]:
    """The chunks, up to the end of the picture, or to where the file stops making sense after its pixels."""
    position = len(SIGNATURE)
    has_pixels = False
    for _ in count_parts():
        if position + 12 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            if has_pixels:
                return
            raise Unembeddable("its chunks are damaged")
        has_pixels |= kind == b"IDAT"
        yield _Chunk(kind, Span(position, end), end - 4)
        if kind == b"IEND":
            return
        position = end


def _list_texts(description: Description) -> dict[bytes, str | None]:
    """The description by PNG's keywords: programs that know no XMP read these."""
    creators = description.creators
    return {
        b"title": description.title,
        b"description": description.caption,
        b"author": None if creators is None else "; ".join(creators),
        b"copyright": description.copyright,
    }


def _read_keyword(data: FileBytes, chunk: _Chunk) -> bytes:
    start = chunk.span.start + 8
    return data[start : min(start + 80, chunk.end)].partition(b"\0")[0]


def _read_packet(data: FileBytes, chunk: _Chunk) -> bytes:
    content = data[chunk.span.start + 8 : chunk.end]
    fields = content[len(XMP_KEYWORD) + 1 :]
    is_compressed = fields[:1] == b"\1"
    _, _, fields = fields[2:].partition(b"\0")  # the language
    _, _, text = fields.partition(b"\0")  # the translated keyword
    return _decompress(text) if is_compressed else text


def _decompress(content: bytes) -> bytes:
    """As much of a compressed text as is read at most; nothing where it is damaged."""
    try:
        return zlib.decompressobj().decompress(content, xmp.MAX_PACKET_BYTES + 1)
    except zlib.error:
        return b""


def _update_iptc(data: FileBytes, chunk: _Chunk, description: Description) -> Piece:
    """A raw profile that says what the description says: a name, a length, then hexadecimal digits."""
    content = data[chunk.span.start + 8 + len(IPTC_KEYWORD) + 1 : chunk.end]
    profile = _decompress(content[1:]) if chunk.kind == b"zTXt" else content
    name, _, digits = profile.strip().partition(b"\n")
    _, _, digits = digits.strip().partition(b"\n")
    try:
        before = bytes.fromhex(digits.decode())
    except ValueError:
        raise Unembeddable("its IPTC data are damaged") from None
    after = iim.update_resources(before, description)
    if after == before:
        return chunk.span
    lines = [after[start : start + 36].hex() for start in range(0, len(after), 36)]
    profile = b"\n%s\n%8d\n%s\n" % (name, len(after), "\n".join(lines).encode())
    return _make_chunk(b"zTXt", IPTC_KEYWORD + b"\0\0" + zlib.compress(profile))


def _make_text(keyword: bytes, text: bytes) -> bytes:
    """An iTXt chunk: keyword, not compressed, no language, no translated keyword."""
    return _make_chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text)


def _update_exif(data: FileBytes, chunk: _Chunk, description: Description) -> Piece:
    before = data[chunk.span.start + 8 : chunk.end]
    after = exif.update_texts(before, description, most=_MOST_BYTES)
    return chunk.span if after == before else _make_chunk(chunk.kind, after)


def _make_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
