"""Blocks of metadata, made by hand: what no program would write, too."""

import hashlib
import struct

NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:cc="http://creativecommons.org/ns#" '
    'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
)

BILLION_LAUGHS = (
    "<!DOCTYPE lolz ["
    '<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    "]>"
)
"""A document type whose entities stand for each other."""


def xmp(properties: str, attributes: str = "", before: str = "") -> bytes:
    """A packet of one description with these properties, as elements or as attributes."""
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{before}'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}>'
        f'<rdf:Description rdf:about="" {attributes}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def caption(text: str) -> str:
    """A caption as an element of XMP."""
    return f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:description>'


def dataset(number: int, value: bytes, record: int = 2) -> bytes:
    """One dataset of IIM."""
    size = struct.pack(">H", len(value)) if len(value) < 0x8000 else b"\x80\x04" + len(value).to_bytes(4)
    return bytes([0x1C, record, number]) + size + value


def resource(number: int, content: bytes, name: bytes = b"") -> bytes:
    """One of Photoshop's image resources."""
    padded_name = bytes([len(name)]) + name + b"\0" * (1 - len(name) % 2)
    return (
        b"8BIM"
        + number.to_bytes(2)
        + padded_name
        + len(content).to_bytes(4)
        + content
        + b"\0" * (len(content) % 2)
    )


def photoshop(iim: bytes, digest: bytes | None = None) -> bytes:
    """The image resources of a JPEG with an IIM block, and with its digest or another one."""
    before = resource(0x03ED, b"resolution", b"a name")
    digests = b"" if digest is None else resource(0x0425, digest)
    return b"Photoshop 3.0\0" + before + resource(0x0404, iim) + digests


def digest_of(iim: bytes) -> bytes:
    """The digest that a program writes which keeps IIM and XMP alike."""
    return hashlib.md5(iim, usedforsecurity=False).digest()


Entry = tuple[int, int, int, bytes]
"""The tag of an EXIF entry, its type, the number of its values, and their bytes."""


def text(tag: int, value: bytes) -> Entry:
    """An entry of ASCII."""
    return tag, 2, len(value), value


def rationals(tag: int, *pairs: tuple[int, int]) -> Entry:
    """An entry of rational numbers."""
    return tag, 5, len(pairs), b"".join(struct.pack("<II", *pair) for pair in pairs)


def exif(first: list[Entry], own: list[Entry] | None = None, gps: list[Entry] | None = None) -> bytes:
    """A TIFF structure, little-endian: the first directory, the Exif directory and that of GPS."""
    data = bytearray(b"II*\0" + struct.pack("<I", 8))
    pointers = [(tag, entries) for tag, entries in ((0x8769, own), (0x8825, gps)) if entries is not None]
    starts: list[int] = []

    def write(entries: list[Entry]) -> None:
        start = len(data)
        values = start + 2 + 12 * len(entries) + 4
        directory, behind = struct.pack("<H", len(entries)), b""
        for tag, kind, count, value in entries:
            place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", values + len(behind))
            behind += b"" if len(value) <= 4 else value
            directory += struct.pack("<HHI", tag, kind, count) + place
        data.extend(directory + bytes(4) + behind)

    # The pointers are written twice: first to learn where the directories come to lie.
    write([*first, *((tag, 4, 1, bytes(4)) for tag, _ in pointers)])
    for _, entries in pointers:
        starts.append(len(data))
        write(entries)
    rest = data[starts[0] :] if starts else b""
    del data[8:]
    write(
        [*first, *((tag, 4, 1, struct.pack("<I", at)) for (tag, _), at in zip(pointers, starts, strict=True))]
    )
    return bytes(data + rest)
