"""XMP packets (ISO 16684-1): a description as RDF, alone or in place of what a packet said before.

The properties are those of IPTC's photo metadata standard, which the Metadata Working Group's guidelines
match with IIM and Exif. A property that says the same already stays as it is, with its other languages;
everything else in a packet stays, too.
"""

import io
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple
from xml.etree import ElementTree as ET
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesNSImpl

from stockroom.embedding.description import Description, Unembeddable

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "cc": "http://creativecommons.org/ns#",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
}
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_PACKET_BYTES = 2 * 1024 * 1024
"""A longer packet is not read. An editor's history fills some hundred kilobytes."""
PLACE = ("Iptc4xmpCore:Location", "photoshop:City", "photoshop:State", "photoshop:Country")
"""The parts of a place, from the smallest to the largest."""
OTHER_PLACES = ("Iptc4xmpCore:CountryCode", "Iptc4xmpExt:LocationShown", "Iptc4xmpExt:LocationCreated")
"""Further properties that say where: of another place, these would be wrong."""

_MAX_DEPTH = 100
MAX_ELEMENTS = 50_000
MAX_NAMESPACES = 500
"""Elements and namespaces of one packet. To write a packet takes the square of either."""
_HEADER = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_TRAILER = b'\n<?xpacket end="w"?>'
# XML 1.0 has no way to write these, not even as references.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Kind = Literal["text", "alternatives", "sequence", "bag", "resource"]


class _Property(NamedTuple):
    """A property of the description: how RDF writes it, and the copies of it that other programs keep."""

    name: str
    kind: Kind
    values: tuple[str, ...] | None
    mirrors: tuple[str, ...] = ()


class _Unreadable(Exception):
    """This is no packet."""


class _Builder(ET.TreeBuilder):
    """Makes the tree, and remembers the prefixes of its namespaces."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: dict[str, str] = {}
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._depth += 1
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise Unembeddable("its XMP packet has too many elements")
        if self._depth > _MAX_DEPTH:
            raise _Unreadable
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)

    def start_ns(self, prefix: str | None, uri: str) -> None:
        self.prefixes.setdefault(uri, prefix or "")
        if len(self.prefixes) > MAX_NAMESPACES:
            raise Unembeddable("its XMP packet has too many namespaces")

    def doctype(self, _name: str, _pubid: str | None, _system: str | None) -> None:
        """Entities are declared there, and a small packet can make any amount of text of those."""
        raise _Unreadable


def make_tree(description: Description) -> ET.Element:
    """The description alone: an element `x:xmpmeta`."""
    root = ET.Element(full_name("x:xmpmeta"))
    rdf = ET.SubElement(root, full_name("rdf:RDF"))
    about = ET.SubElement(rdf, full_name("rdf:Description"), {full_name("rdf:about"): ""})
    _update([about], description)
    return root


def serialize(root: ET.Element, prefixes: dict[str, str] | None = None) -> bytes:
    """A tree in UTF-8, without an XML declaration; known namespaces have the prefixes of `NAMESPACES`."""
    chosen = _choose_prefixes(root, prefixes or {})
    output = io.StringIO()
    generator = XMLGenerator(output, short_empty_elements=True)
    for uri, prefix in chosen.items():
        generator.startPrefixMapping(prefix, uri)
    _write(generator, root)
    return output.getvalue().encode()


def update_packet(packet: bytes | None, description: Description) -> bytes:
    """A packet that says what the description says; without a packet, a new one.

    The packet itself where it says so already. What is no XMP is replaced. Raises Unembeddable for a packet
    that is too long to be read, or has too many parts.
    """
    if packet is not None and len(packet) > MAX_PACKET_BYTES:
        raise Unembeddable("its XMP packet is too long")
    builder = _Builder()
    try:
        root, about = _parse(packet or b"", builder)
    except _Unreadable:
        return _HEADER + serialize(make_tree(description)) + _TRAILER
    if packet is not None and not _update(about, description):
        return packet
    return _HEADER + serialize(root, builder.prefixes) + _TRAILER


def remove_from_extension(extension: bytes, description: Description) -> bytes | None:
    """The second part of a long packet, without what the first part says; None where it stays as it is."""
    builder = _Builder()
    try:
        root, about = _parse(extension, builder)
    except _Unreadable:
        return None
    names = [
        name
        for each in _list_properties(description)
        if each.values is not None
        for name in (each.name, *each.mirrors)
    ]
    if description.place is not None:
        names.extend((*PLACE, *OTHER_PLACES))
    removed = [_remove(about, name) for name in names]
    return serialize(root, builder.prefixes) if any(removed) else None


def full_name(text: str) -> str:
    """`dc:title` as ElementTree names it: `{http://purl.org/dc/elements/1.1/}title`."""
    prefix, _, local = text.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _parse(packet: bytes, builder: _Builder) -> tuple[ET.Element, list[ET.Element]]:
    """The tree of a packet, and its descriptions of the picture, at least one."""
    parser = ET.XMLParser(target=builder)  # noqa: S314  the builder refuses entities and depth
    try:
        parser.feed(packet.strip(b"\0\t\n\r "))
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError):
        raise _Unreadable from None
    rdf = next(root.iter(full_name("rdf:RDF")), None)
    if rdf is None:
        raise _Unreadable
    about = rdf.findall(full_name("rdf:Description"))
    if not about:
        about = [ET.SubElement(rdf, full_name("rdf:Description"), {full_name("rdf:about"): ""})]
    return root, about


def _list_properties(description: Description) -> Iterator[_Property]:
    texts: list[tuple[str, Kind, str | None, tuple[str, ...]]] = [
        ("dc:title", "alternatives", description.title, ()),
        ("dc:description", "alternatives", description.caption, ("tiff:ImageDescription",)),
        ("photoshop:Credit", "text", description.credit, ()),
        ("dc:rights", "alternatives", description.copyright, ("tiff:Copyright",)),
        ("photoshop:DateCreated", "text", description.taken, ()),
        ("xmpRights:UsageTerms", "alternatives", description.usage_terms, ()),
        ("xmpRights:WebStatement", "text", description.license_url, ()),
        ("cc:license", "resource", description.license_address, ()),
    ]
    for name, kind, text, mirrors in texts:
        yield _Property(name, kind, None if text is None else (text,) if text else (), mirrors)
    marked = None if description.is_protected is None else (str(description.is_protected),)
    yield _Property("xmpRights:Marked", "text", marked)
    yield _Property("dc:creator", "sequence", description.creators, ("tiff:Artist",))
    mirrors = ("lr:hierarchicalSubject", "digiKam:TagsList", "MicrosoftPhoto:LastKeywordXMP")
    yield _Property("dc:subject", "bag", description.keywords, mirrors)


def _update(about: list[ET.Element], description: Description) -> bool:
    """Make descriptions say what `description` says; whether anything was changed."""
    changed = False
    for each in _list_properties(description):
        values = None if each.values is None else tuple(map(_make_writable, each.values))
        if values is None or _read(about, each.name) == values:
            continue
        changed = True
        for name in (each.name, *each.mirrors):
            _remove(about, name)
        if values:
            _add(about[0], each.name, each.kind, values)
    if description.place is not None and _read_place(about) != (place := _make_writable(description.place)):
        changed = True
        for name in (*PLACE, *OTHER_PLACES):
            _remove(about, name)
        if place:
            _add(about[0], PLACE[0], "text", (place,))
    return changed


def _read_place(about: list[ET.Element]) -> str:
    return ", ".join(text for name in PLACE for text in _read(about, name) or ())


def _read(about: list[ET.Element], name: str) -> tuple[str, ...] | None:
    """The values of a property: of alternatives the default one. None where it stands more than once."""
    key = full_name(name)
    texts = [each.attrib[key] for each in about if key in each.attrib]
    elements = [element for each in about for element in each.findall(key)]
    if len(texts) + len(elements) > 1:
        return None
    if texts:
        return (texts[0],) if texts[0] else ()
    return _read_element(elements[0]) if elements else ()


def _read_element(element: ET.Element) -> tuple[str, ...]:
    resource = element.get(full_name("rdf:resource"))
    if resource is not None:
        return (resource,)
    if not len(element):
        return (element.text,) if element.text else ()
    items = element.findall(f"*/{full_name('rdf:li')}")
    if element[0].tag == full_name("rdf:Alt"):
        items = [item for item in items if item.get(XML_LANGUAGE) == "x-default"] or items[:1]
    return tuple(item.text or "" for item in items)


def _remove(about: list[ET.Element], name: str) -> bool:
    """Take a property out, however often it stands there; whether it did."""
    key = full_name(name)
    found = False
    for each in about:
        found |= each.attrib.pop(key, None) is not None
        for element in each.findall(key):
            each.remove(element)
            found = True
    return found


def _add(parent: ET.Element, name: str, kind: Kind, values: tuple[str, ...]) -> None:
    element = ET.SubElement(parent, full_name(name))
    if kind == "resource":
        element.set(full_name("rdf:resource"), values[0])
    elif kind == "text":
        element.text = values[0]
    else:
        container = {"alternatives": "rdf:Alt", "sequence": "rdf:Seq", "bag": "rdf:Bag"}[kind]
        items = ET.SubElement(element, full_name(container))
        for value in values:
            item = ET.SubElement(items, full_name("rdf:li"))
            item.text = value
            if kind == "alternatives":
                item.set(XML_LANGUAGE, "x-default")


def _make_writable(text: str) -> str:
    """What XML cannot carry is written as U+FFFD; readers take every end of a line for a line feed."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", unified)


def _choose_prefixes(root: ET.Element, prefixes: dict[str, str]) -> dict[str, str]:
    """A prefix for each namespace of a tree: the usual one, else that of the packet, else a new one."""
    usual = {uri: prefix for prefix, uri in NAMESPACES.items()}
    names = (name for element in root.iter() for name in (element.tag, *element.attrib))
    uris = dict.fromkeys(name[1:].partition("}")[0] for name in names if name.startswith("{"))
    uris.pop(XML_LANGUAGE[1:].partition("}")[0], None)
    chosen = {uri: usual[uri] for uri in uris if uri in usual}
    taken = {"", "xml", "xmlns", *chosen.values()}
    for number, uri in enumerate(uris):
        if uri not in chosen:
            prefix = prefixes.get(uri, "")
            while prefix in taken:
                prefix = f"ns{number}"
                number += len(uris)  # noqa: PLW2901
            chosen[uri] = prefix
            taken.add(prefix)
    return chosen


def _write(generator: XMLGenerator, element: ET.Element) -> None:
    """Write an element and what it contains; at most _MAX_DEPTH elements lie in one another."""
    name = _split(element.tag)
    attributes = {_split(key): value for key, value in element.attrib.items()}
    generator.startElementNS(name, None, AttributesNSImpl(attributes, {}))
    generator.characters(element.text or "")
    for child in element:
        _write(generator, child)
        generator.characters(child.tail or "")
    generator.endElementNS(name, None)


def _split(name: str) -> tuple[str | None, str]:
    if not name.startswith("{"):
        return None, name
    uri, _, local = name[1:].partition("}")
    return uri, local
