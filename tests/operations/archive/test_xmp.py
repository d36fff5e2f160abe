"""Sidecars as an XML parser reads them."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from operations.archive.xmp import make_sidecar
from stockroom.embedding.xmp import NAMESPACES, XML_LANGUAGE
from stockroom.images.record import PictureRecord
from stockroom.runtime.licenses import LICENSES, license_address
from tests.operations.archive.library import AWKWARD, LONG

PLAIN: dict[str, Any] = {
    "name": "a.jpg",
    "description": "",
    "tags": [],
    "license": "CC0-1.0",
    "credit": "",
}


def record(**metadata: Any) -> PictureRecord:
    facts: dict[str, Any] = {
        "id": "0",
        "state": "ready",
        "created": "",
        "sha256": None,
        "type": "",
        "size": 1,
    }
    return PictureRecord(**(facts | PLAIN | metadata))


def read(packet: bytes) -> ET.Element:
    description = ET.fromstring(packet).find("rdf:RDF/rdf:Description", NAMESPACES)  # noqa: S314  our own
    assert description is not None
    return description


def texts(description: ET.Element, name: str) -> list[str | None]:
    return [item.text for item in description.findall(f"{name}/*/rdf:li", NAMESPACES)]


@pytest.mark.parametrize("metadata", [AWKWARD, PLAIN | LONG])
def test_whatever_people_write_is_read_as_they_wrote_it(metadata: dict[str, Any]) -> None:
    description = read(make_sidecar(record(**metadata)))
    assert texts(description, "dc:title") == [metadata["name"]]
    assert texts(description, "dc:description") == [metadata["description"]]
    assert texts(description, "dc:subject") == metadata["tags"]
    assert texts(description, "dc:creator") == [metadata.get("creator") or metadata["credit"]]
    assert description.findtext("photoshop:Credit", None, NAMESPACES) == metadata["credit"]
    (title,) = description.findall("dc:title/rdf:Alt/rdf:li", NAMESPACES)
    assert title.get(XML_LANGUAGE) == "x-default"


@pytest.mark.parametrize("char", ["\0", "\x0b", "\x1b", "\ufffe", "\ud800"])
def test_what_xml_cannot_carry_is_replaced(char: str) -> None:
    assert texts(read(make_sidecar(record(description=f"a{char}b"))), "dc:description") == ["a\ufffdb"]


def test_what_nobody_has_said_is_left_out() -> None:
    description = read(make_sidecar(record()))
    names = {child.tag.partition("}")[2] for child in description}
    assert names == {"title", "Marked", "UsageTerms", "WebStatement", "license"}


def test_hashtags_are_subjects_and_each_tag_is_one_once() -> None:
    packet = make_sidecar(
        record(tags=["sea", "sun"], hashtags=["sun", "sand"], taken="2020-01-02T03:04:05.000Z")
    )
    assert texts(read(packet), "dc:subject") == ["sea", "sun", "sand"]
    assert read(packet).findtext("photoshop:DateCreated", None, NAMESPACES) == "2020-01-02T03:04:05.000Z"


@pytest.mark.parametrize(
    ("license_", "address", "is_marked"),
    [
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "False"),
        ("CC-BY-NC-SA-4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/", "True"),
        ("all-rights-reserved", None, "True"),
    ],
)
def test_a_licence_is_named_by_its_address(license_: str, address: str | None, is_marked: str) -> None:
    description = read(make_sidecar(record(license=license_)))
    link = description.find("cc:license", NAMESPACES)
    assert (None if link is None else link.get(f"{{{NAMESPACES['rdf']}}}resource")) == address
    assert description.findtext("xmpRights:WebStatement", None, NAMESPACES) == address
    assert description.findtext("xmpRights:Marked", None, NAMESPACES) == is_marked
    assert texts(description, "xmpRights:UsageTerms") == [license_]


def test_every_licence_but_one_can_be_read_somewhere() -> None:
    assert [each for each in LICENSES if license_address(each) is None] == ["all-rights-reserved"]


def test_what_is_said_beside_the_credit_has_its_own_properties() -> None:
    description = read(
        make_sidecar(
            record(
                credit="Agency",
                creator="Ann; Ben",
                copyright="© Ann",
                usage_terms="Ask first.",
                license_url="https://example.org/",
                place="Berlin",
            )
        )
    )
    assert texts(description, "dc:creator") == ["Ann", "Ben"]
    assert texts(description, "dc:rights") == ["© Ann"]
    assert texts(description, "xmpRights:UsageTerms") == ["Ask first."]
    assert description.findtext("xmpRights:WebStatement", None, NAMESPACES) == "https://example.org/"
    assert description.findtext("Iptc4xmpCore:Location", None, NAMESPACES) == "Berlin"
