"""XMP sidecars: a picture's metadata as other programs read it, beside the original (`<original>.xmp`)."""

import re
from xml.etree import ElementTree as ET

from stockroom.images.record import PictureRecord
from stockroom.runtime.licenses import LICENSES

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "cc": "http://creativecommons.org/ns#",
}
for _prefix, _namespace in NAMESPACES.items():
    ET.register_namespace(_prefix, _namespace)

XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# XML 1.0 has no way to write these, not even as references.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PUBLIC_DOMAIN = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}


def license_address(license_: str) -> str | None:
    """Where a licence can be read; None for a picture whose rights are all reserved."""
    if license_ in _PUBLIC_DOMAIN:
        return _PUBLIC_DOMAIN[license_]
    if license_ in LICENSES and license_.startswith("CC-"):
        kind, _, version = license_.removeprefix("CC-").lower().rpartition("-")
        return f"https://creativecommons.org/licenses/{kind}/{version}/"
    return None


def make_sidecar(record: PictureRecord) -> bytes:
    """The XMP packet of a picture, in UTF-8. What XML cannot carry is written as U+FFFD."""
    root = ET.Element(_name("x:xmpmeta"))
    rdf = ET.SubElement(root, _name("rdf:RDF"))
    about = ET.SubElement(rdf, _name("rdf:Description"), {_name("rdf:about"): ""})
    _add_translated(about, "dc:title", record.name)
    if record.description:
        _add_translated(about, "dc:description", record.description)
    if tags := dict.fromkeys((*record.tags, *record.hashtags)):
        _add_list(about, "dc:subject", "rdf:Bag", list(tags))
    if record.credit:
        _add_list(about, "dc:creator", "rdf:Seq", [record.credit])
        _add_text(about, "photoshop:Credit", record.credit)
    if record.taken:
        _add_text(about, "photoshop:DateCreated", record.taken)
    _add_text(about, "xmpRights:Marked", str(record.license not in _PUBLIC_DOMAIN))
    _add_translated(about, "xmpRights:UsageTerms", record.license)
    if address := license_address(record.license):
        _add_text(about, "xmpRights:WebStatement", address)
        ET.SubElement(about, _name("cc:license"), {_name("rdf:resource"): address})
    ET.indent(root)
    return b"%s\n" % ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _name(text: str) -> str:
    prefix, _, local = text.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _add_text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, _name(name))
    element.text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return element


def _add_list(parent: ET.Element, name: str, kind: str, texts: list[str]) -> None:
    items = ET.SubElement(ET.SubElement(parent, _name(name)), _name(kind))
    for text in texts:
        _add_text(items, "rdf:li", text)


def _add_translated(parent: ET.Element, name: str, text: str) -> None:
    items = ET.SubElement(ET.SubElement(parent, _name(name)), _name("rdf:Alt"))
    _add_text(items, "rdf:li", text).set(XML_LANGUAGE, "x-default")
