"""XMP: RDF in XML, of which the properties in PROPERTIES are read, and nothing else is kept.

expat reads the XML without building a tree. A packet with a document type declaration is not read at all, so
there are no entities but XML's own five, and nothing outside the packet is ever referred to. Whatever was
read before the packet stops making sense counts. Sources: ISO 16684-1 (XMP), W3C RDF/XML; the IPTC Photo
Metadata Standard for the names of properties.

A JPEG can have more XMP than fits into one segment ("extended XMP"): that part is not read. Programs put
there what is large, such as a preview, and not the fields that are read here.
"""

from xml.parsers import expat

from stockroom.renditions.embedded.texts import Properties

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 40
MAX_VALUES = 200
"""Values of one property."""
MAX_TEXT = 20_000
"""Characters of one value."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_ITEM, _RESOURCE = f"{_RDF}li", f"{_RDF}resource"
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "cc": "http://creativecommons.org/ns#",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
}

PROPERTIES = {
    "dc:title": "title",
    "dc:description": "caption",
    "dc:subject": "keywords",
    "dc:creator": "creator",
    "dc:rights": "copyright",
    "photoshop:Credit": "credit",
    "photoshop:DateCreated": "date",
    "photoshop:City": "city",
    "photoshop:State": "state",
    "photoshop:Country": "country",
    "Iptc4xmpCore:Location": "sublocation",
    "Iptc4xmpExt:LocationShown/Iptc4xmpExt:Sublocation": "shown_sublocation",
    "Iptc4xmpExt:LocationShown/Iptc4xmpExt:City": "shown_city",
    "Iptc4xmpExt:LocationShown/Iptc4xmpExt:ProvinceState": "shown_state",
    "Iptc4xmpExt:LocationShown/Iptc4xmpExt:CountryName": "shown_country",
    "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:Sublocation": "created_sublocation",
    "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:City": "created_city",
    "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:ProvinceState": "created_state",
    "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:CountryName": "created_country",
    "xmpRights:UsageTerms": "usage_terms",
    "xmpRights:WebStatement": "web_statement",
    "cc:license": "cc_license",
    "plus:Licensor/plus:LicensorURL": "licensor_url",
    "tiff:Make": "make",
    "tiff:Model": "model",
    "aux:Lens": "lens",
    "exifEX:LensModel": "lens_model",
    "exif:DateTimeOriginal": "exif_date",
    "exif:GPSLatitude": "latitude",
    "exif:GPSLongitude": "longitude",
}
"""The properties that are read, and what they are called here. Of a list of structures the first counts."""


def _qualify(name: str) -> str:
    """A name as expat gives it: the namespace, a blank, the local name."""
    prefix, _, local = name.partition(":")
    return f"{_NAMESPACES[prefix]} {local}"


_NAMES = {tuple(map(_qualify, path.split("/"))): name for path, name in PROPERTIES.items()}


class _Refused(Exception):
    """The packet declares a document type."""


class _Exhausted(Exception):
    """The packet has reached a limit."""


def read_xmp(data: bytes) -> Properties:
    """What an XMP packet says; nothing when it is no XML, or not in UTF-8."""
    # The damage of one text must not end the whole packet: what is no UTF-8 becomes U+FFFD, and whatever has
    # that character is left out later.
    packet = data[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff \t\r\n\0").encode()
    reader = _Reader()
    try:
        reader.parse(packet, is_whole=len(data) <= MAX_BYTES)
    except _Refused:
        return {}
    except (expat.ExpatError, _Exhausted):
        pass
    return reader.properties


class _Reader:
    """Collects the properties of one packet."""

    def __init__(self) -> None:
        self.properties: Properties = {}
        self._elements = 0
        self._is_inside = False
        # Whether each open element is a property, and the names of those that are.
        self._open: list[bool] = []
        self._path: tuple[str, ...] = ()
        self._text: list[str] | None = None
        self._length = 0
        self._language = ""
        self._item = 0

    def parse(self, packet: bytes, *, is_whole: bool) -> None:
        # Without the declared encoding: it could name any codec of Python.
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.Parse(packet, is_whole)

    def _refuse(self, *_declaration: object) -> None:
        raise _Refused

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise _Exhausted
        is_syntax = name.startswith(_RDF)
        is_property = self._is_inside and not is_syntax
        self._open.append(is_property)
        self._is_inside = self._is_inside or is_syntax
        if is_property:
            self._path = (*self._path, name)
        if len(self._path) == 1:
            if is_property:
                self._item = 0
            elif name == _ITEM:
                self._item += 1
        self._language = attributes.get(_LANGUAGE, "")
        for attribute, value in attributes.items():
            if attribute == _RESOURCE:
                self._record(self._path, value)
            elif self._is_inside:
                self._record((*self._path, attribute), value)
        self._text = [] if self._path in _NAMES else None
        self._length = 0

    def _end(self, _name: str) -> None:
        if self._text:
            self._record(self._path, "".join(self._text))
        # What an element says after its last child is no value.
        self._text = None
        if self._open.pop():
            self._path = self._path[:-1]

    def _add_text(self, text: str) -> None:
        if self._text is not None and self._length < MAX_TEXT:
            self._text.append(text)
            self._length += len(text)

    def _record(self, path: tuple[str, ...], value: str) -> None:
        name = _NAMES.get(path)
        if name is None or not value.strip() or (len(path) > 1 and self._item > 1):
            return
        values = self.properties.setdefault(name, [])
        if len(values) < MAX_VALUES:
            # Of the languages of a text, the default one is shown: it comes first.
            values.insert(0 if self._language == "x-default" else len(values), value[:MAX_TEXT])
