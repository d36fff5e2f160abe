"""Packets, before and after."""

from xml.etree import ElementTree as ET

import pytest

from stockroom.embedding import Description, Unembeddable
from stockroom.embedding.xmp import (
    MAX_PACKET_BYTES,
    NAMESPACES,
    XML_LANGUAGE,
    remove_from_extension,
    update_packet,
)

RDF = NAMESPACES["rdf"]


def packet(content: str, declarations: str = "") -> bytes:
    """A packet whose description of the picture has this content."""
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{declarations}<x:xmpmeta {names}>'
        f'<rdf:RDF><rdf:Description rdf:about="">{content}</rdf:Description></rdf:RDF></x:xmpmeta>  '
        '<?xpacket end="w"?>'
    ).encode()


def read(updated: bytes) -> ET.Element:
    root = ET.fromstring(updated)  # noqa: S314  our own
    rdf = root.find("rdf:RDF", NAMESPACES)
    assert rdf is not None
    return rdf


def values(updated: bytes, name: str) -> list[str | None]:
    return [item.text for item in read(updated).findall(f"rdf:Description/{name}/*/rdf:li", NAMESPACES)]


TITLE = "<dc:title><rdf:Alt>{}</rdf:Alt></dc:title>"
TWO_LANGUAGES = TITLE.format('<rdf:li xml:lang="de">Meer</rdf:li><rdf:li xml:lang="x-default">Sea</rdf:li>')


def test_without_a_packet_there_is_a_new_one() -> None:
    updated = update_packet(None, Description(title="Sea"))
    assert values(updated, "dc:title") == ["Sea"]
    assert updated.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert updated.endswith(b'<?xpacket end="w"?>')


def test_a_packet_that_says_so_already_stays_byte_for_byte() -> None:
    before = packet(TWO_LANGUAGES)
    assert update_packet(before, Description(title="Sea", caption="")) == before


def test_other_languages_of_a_replaced_text_go_with_it() -> None:
    updated = update_packet(packet(TWO_LANGUAGES), Description(title="Lake"))
    (item,) = read(updated).findall("rdf:Description/dc:title/rdf:Alt/rdf:li", NAMESPACES)
    assert (item.text, item.get(XML_LANGUAGE)) == ("Lake", "x-default")


def test_properties_that_are_attributes_or_repeated_are_replaced() -> None:
    before = packet(TWO_LANGUAGES + TITLE.format("<rdf:li>Again</rdf:li>")).replace(
        b'rdf:about=""', b'rdf:about="" photoshop:Credit="Old" photoshop:Headline="Stays"'
    )
    updated = update_packet(before, Description(title="Lake", credit="New"))
    (about,) = read(updated)
    assert values(updated, "dc:title") == ["Lake"]
    assert about.findtext("photoshop:Credit", None, NAMESPACES) == "New"
    assert about.get(f"{{{NAMESPACES['photoshop']}}}Headline") == "Stays"


def test_prefixes_stay_and_one_that_is_taken_by_another_namespace_is_replaced() -> None:
    before = packet(
        '<own:a xmlns:own="urn:own">1</own:a><q:b xmlns:q="urn:q" xmlns:dc="urn:not-dc" dc:c="2"/>'
    )
    updated = update_packet(before, Description(title="Sea"))
    assert b"<own:a>1</own:a>" in updated
    assert read(updated).find("rdf:Description/{urn:own}a", NAMESPACES) is not None
    element = read(updated).find("rdf:Description/{urn:q}b", NAMESPACES)
    assert element is not None
    assert element.attrib == {"{urn:not-dc}c": "2"}
    assert values(updated, "dc:title") == ["Sea"]


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"no XML",
        b"<x/>",
        packet("<dc:title>").replace(b"</dc:title>", b""),
        packet("&a;", '<!DOCTYPE x [<!ENTITY a "aaaa">]>'),
        packet("<a>" * 5000 + "</a>" * 5000),
        packet("").decode().encode("utf-16"),
        packet("", '<?xml version="1.0" encoding="no-such"?>'),
    ],
)
def test_what_is_no_packet_is_replaced(before: bytes) -> None:
    updated = update_packet(before, Description(title="Sea"))
    assert values(updated, "dc:title") == ["Sea"]
    assert b"DOCTYPE" not in updated


def test_a_packet_that_is_too_long_is_not_read() -> None:
    with pytest.raises(Unembeddable, match=r"^its XMP packet is too long$"):
        update_packet(packet(" " * MAX_PACKET_BYTES), Description(title="Sea"))


@pytest.mark.parametrize("text", ["<&>\"']]>", "a\tb\nc", "\U0001f30a", " blanks "])
def test_every_text_is_read_as_it_was_written(text: str) -> None:
    assert values(update_packet(packet(""), Description(title=text)), "dc:title") == [text]


def test_what_xml_cannot_carry_is_replaced_and_lines_end_with_a_line_feed() -> None:
    updated = update_packet(None, Description(title="a\0b\x1bc\r\nd\re"))
    assert values(updated, "dc:title") == ["a\ufffdb\ufffdc\nd\ne"]
    assert update_packet(updated, Description(title="a\0b\x1bc\r\nd\re")) == updated


def test_a_place_replaces_all_parts_of_the_place_before() -> None:
    parts = (
        "<photoshop:City>Paris</photoshop:City><photoshop:Country>France</photoshop:Country>"
        "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li/></rdf:Bag></Iptc4xmpExt:LocationShown>"
    )
    before = packet(parts)
    assert update_packet(before, Description(place="Paris, France")) == before
    (about,) = read(update_packet(before, Description(place="Berlin")))
    assert [child.tag.partition("}")[2] for child in about] == ["Location"]
    (about,) = read(update_packet(before, Description(place="")))
    assert len(about) == 0


def test_an_extension_loses_what_the_packet_says_now() -> None:
    extension = packet(TWO_LANGUAGES + "<own:a xmlns:own='urn:own'>1</own:a>")
    updated = remove_from_extension(extension, Description(title="Lake"))
    assert updated is not None
    assert [child.tag for child in read(updated)[0]] == ["{urn:own}a"]
    assert remove_from_extension(extension, Description(caption="Lake")) is None
    assert remove_from_extension(b"no XML", Description(title="Lake")) is None
