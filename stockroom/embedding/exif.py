"""The texts of Exif that say what XMP says, too: of a file that has both, many readers believe Exif.

Nothing in the TIFF structure moves, as a maker's notes may hold positions of it: a longer text goes to the
end, and its entry points there.
"""

import struct

from stockroom.embedding.description import Description, Unembeddable

PREFIX = b"Exif\0\0"
_ASCII = 2
_INLINE_BYTES = 4
_ENTRY_BYTES = 12
_IMAGE_DESCRIPTION, _ARTIST, _COPYRIGHT = 0x010E, 0x013B, 0x8298


def update_texts(tiff: bytes, description: Description, *, most: int) -> bytes:
    """A TIFF structure whose texts say what the description says. Texts that are not there are not added.

    Without room in `most` bytes, a text becomes empty rather than to say what it said before. What is no
    TIFF structure stays as it is. Raises Unembeddable where a text is there more than once: each could be as
    long as the file.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return tiff
    texts = _list_texts(description)
    replaced: set[int] = set()
    try:
        directory = _Directory(bytearray(tiff), order, most)
        for entry in directory.entries:
            tag, kind, length = struct.unpack_from(f"{order}HHI", tiff, entry)
            text = texts.get(tag)
            if text is None or kind != _ASCII:
                continue
            if tag in replaced:
                raise Unembeddable("its Exif data have a text twice")
            replaced.add(tag)
            directory.replace(entry, length, text)
    except struct.error:
        return tiff
    return bytes(directory.tiff)


def _list_texts(description: Description) -> dict[int, str | None]:
    creators = description.creators
    return {
        _IMAGE_DESCRIPTION: description.caption,
        _ARTIST: None if creators is None else "; ".join(creators),
        _COPYRIGHT: description.copyright,
    }


class _Directory:
    """The first directory of a TIFF structure; `entries` are the positions of its entries."""

    def __init__(self, tiff: bytearray, order: str, most: int) -> None:
        self.tiff, self._order, self._most = tiff, order, most
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        self.entries = range(start + 2, start + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES)

    def replace(self, entry: int, length: int, text: str) -> None:
        """Replace the text of an entry, which is `length` bytes long."""
        is_inline = length <= _INLINE_BYTES
        place = entry + 8 if is_inline else struct.unpack_from(f"{self._order}I", self.tiff, entry + 8)[0]
        before = bytes(self.tiff[place : place + length])
        if before.rstrip(b"\0 ").decode("utf-8", "replace") == text.rstrip():
            return
        after = text.replace("\0", " ").encode() + b"\0"
        room = length if not is_inline and self._is_apart(place, length) else _INLINE_BYTES
        if len(after) > room and len(self.tiff) + 1 + len(after) > self._most:
            after = b"\0"
        if room > _INLINE_BYTES:
            # The old text goes, wherever the new one is written.
            self.tiff[place : place + length] = bytes(length)
        if len(after) <= _INLINE_BYTES:
            self.tiff[entry + 8 : entry + 8 + _INLINE_BYTES] = after.ljust(_INLINE_BYTES, b"\0")
        else:
            if len(after) > room:
                self.tiff += bytes(len(self.tiff) % 2)
                place = len(self.tiff)
            self.tiff[place : place + len(after)] = after
            struct.pack_into(f"{self._order}I", self.tiff, entry + 8, place)
        struct.pack_into(f"{self._order}I", self.tiff, entry + 4, len(after))

    def _is_apart(self, place: int, length: int) -> bool:
        """Whether a text lies inside the file and not upon the directory, as in a damaged file."""
        is_beside = place + length <= self.entries.start or place >= self.entries.stop
        return 8 <= place <= len(self.tiff) - length and is_beside
