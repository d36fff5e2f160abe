"""XMP in the forms that programs write it in, and in those that nobody means well with."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stockroom.renditions.embedded.xmp import MAX_DEPTH, MAX_ELEMENTS, MAX_VALUES, PROPERTIES, read_xmp
from tests.renditions.embedded.blocks import BILLION_LAUGHS, NAMESPACES, caption, xmp


@pytest.mark.parametrize(
    ("properties", "attributes", "expected"),
    [
        (caption("a boat"), "", {"caption": ["a boat"]}),
        ("<dc:description>a boat</dc:description>", "", {"caption": ["a boat"]}),
        ("", 'dc:description="a boat" photoshop:City="Rome"', {"caption": ["a boat"], "city": ["Rome"]}),
        ("<photoshop:City> R&#246;m &amp; &lt;x&gt; </photoshop:City>", "", {"city": [" Röm & <x> "]}),
        ("<photoshop:City><![CDATA[Rome]]></photoshop:City>", "", {"city": ["Rome"]}),
        (
            "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sun</rdf:li></rdf:Bag></dc:subject>",
            "",
            {"keywords": ["sea", "sun"]},
        ),
        (
            '<dc:title><rdf:Alt><rdf:li xml:lang="de">Boot</rdf:li><rdf:li xml:lang="x-default">boat</rdf:li>'
            "</rdf:Alt></dc:title>",
            "",
            {"title": ["boat", "Boot"]},
        ),
        (
            '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>',
            "",
            {"cc_license": ["https://creativecommons.org/licenses/by/4.0/"]},
        ),
        (
            "<Iptc4xmpExt:LocationShown><rdf:Bag>"
            '<rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>Rome</Iptc4xmpExt:City></rdf:li>'
            '<rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>Oslo</Iptc4xmpExt:City>'
            "<Iptc4xmpExt:CountryName>Norway</Iptc4xmpExt:CountryName></rdf:li>"
            "</rdf:Bag></Iptc4xmpExt:LocationShown>",
            "",
            {"shown_city": ["Rome"]},
        ),
        (
            "<plus:Licensor><rdf:Seq><rdf:li><rdf:Description><plus:LicensorURL>https://x.example"
            "</plus:LicensorURL></rdf:Description></rdf:li></rdf:Seq></plus:Licensor>",
            "",
            {"licensor_url": ["https://x.example"]},
        ),
        (
            '<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li Iptc4xmpExt:City="Rome"/></rdf:Bag>'
            "</Iptc4xmpExt:LocationCreated>",
            "",
            {"created_city": ["Rome"]},
        ),
        # Qualified: the value stands in rdf:value.
        (
            '<photoshop:City rdf:parseType="Resource"><rdf:value>Rome</rdf:value></photoshop:City>',
            "",
            {"city": ["Rome"]},
        ),
        # A property of the same name inside another one is not this picture's.
        ("<dc:source><photoshop:City>Rome</photoshop:City></dc:source>", "", {}),
        ("<photoshop:City>  </photoshop:City>", "", {}),
    ],
)
def test_forms_of_a_property(properties: str, attributes: str, expected: dict[str, list[str]]) -> None:
    assert read_xmp(xmp(properties, attributes)) == expected


def test_properties_are_known_by_their_namespaces() -> None:
    renamed = xmp('<a:City xmlns:a="http://ns.adobe.com/photoshop/1.0/">Rome</a:City>')
    other = xmp('<photoshop:City xmlns:photoshop="https://other.example/">Rome</photoshop:City>')
    assert (read_xmp(renamed), read_xmp(other)) == ({"city": ["Rome"]}, {})


def test_every_property_is_read() -> None:
    for path, name in PROPERTIES.items():
        prefixes = {prefix for prefix in ("tiff", "exifEX", "aux", "Iptc4xmpCore") if f"{prefix}:" in path}
        uri = {
            "tiff": "http://ns.adobe.com/tiff/1.0/",
            "exifEX": "http://cipa.jp/exif/1.0/",
            "aux": "http://ns.adobe.com/exif/1.0/aux/",
            "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
        }
        declared = " ".join(f'xmlns:{prefix}="{uri[prefix]}"' for prefix in prefixes)
        outer, _, inner = path.partition("/")
        content = f"<{inner}>text</{inner}>" if inner else "text"
        assert read_xmp(xmp(f"<{outer}>{content}</{outer}>", declared)) == {name: ["text"]}, path


@pytest.mark.parametrize(
    "declaration",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/evil.dtd"> %p;]>',
        "<!DOCTYPE x>",
    ],
)
def test_a_document_type_is_refused(declaration: str) -> None:
    assert read_xmp(xmp(caption("&c;"), before=declaration)) == {}
    assert read_xmp(xmp(caption("plain"), before=declaration)) == {}


def test_an_unknown_entity_ends_the_packet() -> None:
    assert read_xmp(xmp(caption("&secret;"), 'photoshop:City="Rome"')) == {"city": ["Rome"]}


def test_a_declared_encoding_is_not_believed() -> None:
    packet = b'<?xml version="1.0" encoding="idna"?>' + xmp(caption("Röm")).partition(b"?>")[2]
    assert read_xmp(packet) == {"caption": ["Röm"]}


def test_damage_leaves_what_came_before() -> None:
    whole = xmp("<photoshop:City>Rome</photoshop:City>" + caption("a boat"))
    assert read_xmp(whole[: whole.index(b"a boat") + 3]) == {"city": ["Rome"]}
    assert read_xmp(whole.replace(b"a boat", b"a\0boat")) == {"city": ["Rome"]}


def test_bytes_that_are_no_utf_8_spoil_one_text_alone() -> None:
    packet = xmp(caption("caf?") + "<photoshop:City>Rome</photoshop:City>").replace(b"caf?", b"caf\xe9")
    assert read_xmp(packet) == {"caption": ["caf\ufffd"], "city": ["Rome"]}


@pytest.mark.parametrize("padding", [b"\0" * 4096, b" " * 4096, b"\xef\xbb\xbf"])
def test_padding(padding: bytes) -> None:
    assert read_xmp(padding + xmp(caption("a boat")) + padding) == {"caption": ["a boat"]}


def test_depth_elements_and_values_are_limited() -> None:
    deep = xmp("<dc:source>" * 100_000 + "</dc:source>" * 100_000 + caption("too late"))
    wide = xmp("<dc:source/>" * MAX_ELEMENTS + caption("too late"))
    bag = "".join(f"<rdf:li>{number}</rdf:li>" for number in range(MAX_ELEMENTS // 2))
    huge = xmp(f"<dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>" + caption("in time"))
    assert read_xmp(deep) == read_xmp(wide) == {}
    properties = read_xmp(huge)
    assert len(properties["keywords"]) == MAX_VALUES
    assert properties["caption"] == ["in time"]
    languages = "".join('<rdf:li xml:lang="x-default">x</rdf:li>' for _ in range(MAX_VALUES + 1))
    assert len(read_xmp(xmp(f"<dc:title><rdf:Alt>{languages}</rdf:Alt></dc:title>"))["title"]) == MAX_VALUES
    nested = "<dc:source>" * (MAX_DEPTH - 5) + "</dc:source>" * (MAX_DEPTH - 5)
    assert read_xmp(xmp(nested + caption("in time"))) == {"caption": ["in time"]}


def test_ten_megabytes_cost_what_one_does() -> None:
    """In processor time, of which a picture has five seconds; here it is a small part of one."""
    began = time.process_time()
    for filler in ("<dc:source/>", "x", "<dc:source dc:a='1' dc:b='2'/>", "&amp;", "<!-- -->", "<?a b?>"):
        repeated = filler * (10_000_000 // len(filler))
        read_xmp(xmp(f"<dc:source>{repeated}</dc:source>"))
        read_xmp(xmp(caption(repeated)))
    attributes = " ".join(f'a{number}="x"' for number in range(100_000))
    declarations = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(50_000))
    for many in (attributes, declarations):
        read_xmp(xmp("<dc:source/>", many))
    assert time.process_time() - began < 14 * 1.0


@given(st.binary(max_size=400))
@example(b"\xff\xfe<\0x\0>\0")
def test_no_bytes_are_an_error(data: bytes) -> None:
    read_xmp(data)


PIECES = st.sampled_from(
    [
        *(f"<{slash}{name}>" for slash in ("", "/") for name in ("dc:title", "dc:subject", "plus:Licensor")),
        *(
            f"<{slash}rdf:{name}>"
            for slash in ("", "/")
            for name in ("Alt", "Bag", "Description", "li", "RDF")
        ),
        *(
            '<rdf:li xml:lang="x-default">',
            '<plus:Licensor rdf:parseType="Resource">',
            f"<rdf:RDF {NAMESPACES}>",
        ),
        *(
            "a",
            "&#0;",
            "&#x41;",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<!DOCTYPE x>",
            "<x",
            "/>",
            ">",
            "\0",
            "\ud800",
        ),
    ]
)


@given(st.lists(PIECES, max_size=40))
def test_no_sequence_of_tags_is_an_error(pieces: list[str]) -> None:
    packet = xmp("@").replace(b"@", "".join(pieces).encode("utf-8", "surrogatepass"))
    for values in read_xmp(packet).values():
        assert all(value.strip() for value in values)
