"""JPEG (ITU T.81): XMP in an APP1 segment, IIM in APP13, Exif in APP1.

The segments before the first scan are written anew; all that follows is copied as it is.
"""

import hashlib
import struct
from collections.abc import Iterator
from typing import NamedTuple

from stockroom.embedding import exif, iim, mpf, xmp
from stockroom.embedding.description import Description, Unembeddable
from stockroom.embedding.pieces import FileBytes, Piece, Span, count_bytes, count_parts, join

MOST_SEGMENT_BYTES = 65533
"""What a segment can hold beside its marker and its length."""
XMP_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\0"
EXTENSION_SIGNATURE = b"http://ns.adobe.com/xmp/extension/\0"
_GUID_BYTES = 32
MOST_METADATA_BYTES = 32 * 1024 * 1024
"""Of the segments of a file that are read: these are in memory, some of them several times."""
MOST_EXTENSIONS = 100
_START, _SCAN, _END = 0xD8, 0xDA, 0xD9
_APP0, _APP1, _APP2, _APP13 = 0xE0, 0xE1, 0xE2, 0xED
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class _Segment(NamedTuple):
    """A segment with its marker, or bytes that belong to none (marker None)."""

    marker: int | None
    span: Span
    content: bytes = b""
    """Of a segment that may have metadata, what follows its length; of APP2, the signature alone."""


def embed(data: FileBytes, description: Description) -> list[Piece]:
    """The pieces of the copy. Raises Unembeddable for a file whose segments cannot be told apart."""
    if data[:2] != bytes([0xFF, _START]):
        raise Unembeddable("its segments are damaged")
    segments = list(_iterate_segments(data))
    scan = segments.pop().span
    pieces: list[Piece] = []
    index: int | None = None
    packet = _make_packet_segments(segments, description)
    resources = _make_resource_segments(segments, description)
    has_packet = any(map(_is_packet, segments))
    for segment in segments:
        marker, content = segment.marker, segment.content
        if _is_packet(segment):
            pieces.append(packet)
            packet = b""
            continue
        if marker == _APP13 and content.startswith(iim.SIGNATURE) and resources is not None:
            pieces.append(resources)
            resources = b""
            continue
        # XMP comes after JFIF's segment and Exif's, which have to be the first ones.
        if not has_packet and not _has_to_be_first(segment):
            pieces.append(packet)
            packet = b""
        if marker == _APP2 and content.startswith(mpf.SIGNATURE):
            index = len(pieces)
        pieces.append(_update_exif(segment, description))
    pieces.append(packet)
    if index is not None:
        _shift_index(data, pieces, index, grown=count_bytes(pieces) - scan.start)
    return join(piece for piece in (*pieces, Span(scan.start, len(data))) if piece)


def _iterate_segments(data: FileBytes) -> Iterator[_Segment]:
    """The segments from the start of the image on; the last one begins the first scan."""
    position = bytes_read = 0
    for _ in count_parts():
        head = data[position : position + 4]
        if len(head) < 4:
            raise Unembeddable("it ends before the picture begins")
        marker = head[1]
        if head[0] != 0xFF:
            found = data.find(b"\xff", position)
            end = found if found > 0 else len(data)
            yield _Segment(None, Span(position, end))
        elif marker == 0xFF:
            end = position + 1
            yield _Segment(None, Span(position, end))
        elif marker == _END:
            raise Unembeddable("it ends before the picture begins")
        elif marker == _START or marker in _STANDALONE or marker == 0:
            end = position + 2
            yield _Segment(marker, Span(position, end))
        else:
            end = position + 2 + int.from_bytes(head[2:])
            if end < position + 4 or end > len(data):
                raise Unembeddable("its segments are damaged")
            span = Span(position, end)
            if marker == _SCAN:
                yield _Segment(marker, span)
                return
            content = b""
            if marker in (_APP1, _APP13):
                content = data[position + 4 : end]
            elif marker == _APP2:
                content = data[position + 4 : min(end, position + 4 + len(mpf.SIGNATURE))]
            bytes_read += len(content)
            if bytes_read > MOST_METADATA_BYTES:
                raise Unembeddable("its metadata are too long")
            yield _Segment(marker, span, content)
        position = end


def _is_packet(segment: _Segment) -> bool:
    return segment.marker == _APP1 and segment.content.startswith((XMP_SIGNATURE, EXTENSION_SIGNATURE))


def _has_to_be_first(segment: _Segment) -> bool:
    is_exif = segment.marker == _APP1 and segment.content.startswith(exif.PREFIX)
    return segment.marker in (None, _START, _APP0) or is_exif


def _make_packet_segments(segments: list[_Segment], description: Description) -> bytes:
    """The first XMP packet of the file, updated, and its extension, as segments."""
    contents = [segment.content for segment in segments if segment.marker == _APP1]
    packets = [each.removeprefix(XMP_SIGNATURE) for each in contents if each.startswith(XMP_SIGNATURE)]
    extension_segments = [each for each in contents if each.startswith(EXTENSION_SIGNATURE)]
    extensions = b"".join(_make_segment(_APP1, each) for each in extension_segments)
    packet = xmp.update_packet(packets[0] if packets else None, description)
    if extension_segments:
        packet, extensions = _update_extension(packet, extension_segments, extensions, description)
    if len(XMP_SIGNATURE) + len(packet) > MOST_SEGMENT_BYTES:
        raise Unembeddable("its metadata leave no room for more")
    return _make_segment(_APP1, XMP_SIGNATURE + packet) + extensions


def _update_extension(
    packet: bytes, segments: list[bytes], unchanged: bytes, description: Description
) -> tuple[bytes, bytes]:
    """The packet and the segments of its extension, from which the description's properties are gone."""
    head = len(EXTENSION_SIGNATURE)
    parts: dict[bytes, dict[int, bytes]] = {}
    for each in segments:
        guid = each[head : head + _GUID_BYTES]
        offset = int.from_bytes(each[head + _GUID_BYTES + 4 : head + _GUID_BYTES + 8])
        parts.setdefault(guid, {})[offset] = each[head + _GUID_BYTES + 8 :]
    if len(parts) > MOST_EXTENSIONS:
        raise Unembeddable("its XMP packet has too many extensions")
    # Readers take the extension that the packet names.
    named = [guid for guid in parts if guid in packet]
    if len(named) != 1:
        return packet, unchanged
    extension = b"".join(content for _, content in sorted(parts[named[0]].items()))
    if len(extension) > xmp.MAX_PACKET_BYTES:
        raise Unembeddable("its XMP packet is too long")
    updated = xmp.remove_from_extension(extension, description)
    if updated is None:
        return packet, unchanged
    guid = hashlib.md5(updated, usedforsecurity=False).hexdigest().upper().encode()
    room = MOST_SEGMENT_BYTES - head - _GUID_BYTES - 8
    written = [
        _make_segment(
            _APP1,
            EXTENSION_SIGNATURE
            + guid
            + struct.pack(">II", len(updated), start)
            + updated[start : start + room],
        )
        for start in range(0, len(updated), room)
    ]
    return packet.replace(named[0], guid), b"".join(written)


def _make_resource_segments(segments: list[_Segment], description: Description) -> bytes | None:
    """The image resources of all APP13 segments, updated, as segments; None where they stay as they are."""
    contents = [
        segment.content.removeprefix(iim.SIGNATURE)
        for segment in segments
        if segment.marker == _APP13 and segment.content.startswith(iim.SIGNATURE)
    ]
    before = b"".join(contents)
    after = iim.update_resources(before, description)
    if after == before:
        return None
    room = MOST_SEGMENT_BYTES - len(iim.SIGNATURE)
    return b"".join(
        _make_segment(_APP13, iim.SIGNATURE + after[start : start + room])
        for start in range(0, len(after), room)
    )


def _update_exif(segment: _Segment, description: Description) -> Piece:
    if segment.marker != _APP1 or not segment.content.startswith(exif.PREFIX):
        return segment.span
    before = segment.content.removeprefix(exif.PREFIX)
    after = exif.update_texts(before, description, most=MOST_SEGMENT_BYTES - len(exif.PREFIX))
    return segment.span if after == before else _make_segment(_APP1, exif.PREFIX + after)


def _shift_index(data: FileBytes, pieces: list[Piece], index: int, *, grown: int) -> None:
    """Have the index of further pictures name the places where these are after the change."""
    span = pieces[index]
    if not isinstance(span, Span):
        return
    start = span.start + 4 + len(mpf.SIGNATURE)
    grown_before = count_bytes(pieces[:index]) - span.start
    content = mpf.shift_index(data[start : span.end], grown=grown, grown_after=grown - grown_before)
    pieces[index] = data[span.start : start] + content


def _make_segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content
