"""What is taken over of a file whose blocks disagree, or hold what cannot be shown."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.renditions.embedded.embedded import MAX_CHARACTERS, MAX_KEYWORDS, Embedded, Position
from stockroom.renditions.embedded.reconcile import Blocks, read_blocks
from tests.renditions.embedded.blocks import caption, dataset, exif, photoshop, rationals, text, xmp


def embedded(exif: bytes = b"", iim: bytes = b"", xmp: bytes = b"") -> Embedded:
    return read_blocks(Blocks(exif, iim, xmp)).embedded


def test_a_file_without_any_says_nothing() -> None:
    assert read_blocks(Blocks()) == (Embedded(), None)


@pytest.mark.parametrize("bad", ["a\u0007b", "a\ufffdb", "a\u0085b", "\t"])
def test_a_text_that_cannot_be_shown_leaves_the_field_to_the_next_block(bad: str) -> None:
    own = exif([text(0x010E, bad.encode("utf-8", "surrogatepass") + b"\0")])
    assert embedded(exif=own, xmp=xmp(caption("a boat"))).caption == "a boat"


def test_lines_and_blanks() -> None:
    packet = xmp(
        caption("  one\r\ntwo\tthree  ") + "<photoshop:City>New\n  York</photoshop:City>"
        "<dc:creator><rdf:Seq><rdf:li> Ann </rdf:li><rdf:li/><rdf:li>Ben</rdf:li></rdf:Seq></dc:creator>"
    )
    found = embedded(xmp=packet)
    assert (found.caption, found.city, found.creator) == ("one\ntwo\tthree", "New York", "Ann; Ben")


def test_texts_are_cut_and_keywords_are_not() -> None:
    words = "".join(f"<rdf:li>{'x' * 65}{number}</rdf:li><rdf:li>w{number}</rdf:li>" for number in range(99))
    packet = xmp(
        caption("x" * 2001)
        + f"<dc:subject><rdf:Bag>{words}<rdf:li>w1</rdf:li></rdf:Bag></dc:subject>"
        + f'<cc:license rdf:resource="https://example.org/{"x" * 500}"/>'
    )
    found = embedded(xmp=packet)
    assert found.caption == "x" * 2000
    assert found.keywords == tuple(f"w{number}" for number in range(99))
    assert found.license_url == ""
    many = b"".join(dataset(25, str(number).encode()) for number in range(200))
    assert len(embedded(iim=many).keywords) == MAX_KEYWORDS


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("<xmpRights:WebStatement>https://a.example/x</xmpRights:WebStatement>", "https://a.example/x"),
        (
            "<xmpRights:WebStatement>see our site</xmpRights:WebStatement>"
            '<cc:license rdf:resource="http://creativecommons.org/licenses/by/4.0/"/>',
            "http://creativecommons.org/licenses/by/4.0/",
        ),
        (
            "<xmpRights:WebStatement>https://a.example/x</xmpRights:WebStatement>"
            '<cc:license rdf:resource="https://creativecommons.org/publicdomain/zero/1.0/"/>',
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        ("<xmpRights:WebStatement>javascript:alert(1)</xmpRights:WebStatement>", ""),
        ("<xmpRights:WebStatement>https://a.example/ x</xmpRights:WebStatement>", ""),
        ("<xmpRights:WebStatement>https://a.example/ü</xmpRights:WebStatement>", ""),
        (
            '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorURL>HTTPS://b.example'
            "</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>",
            "HTTPS://b.example",
        ),
    ],
)
def test_the_address_of_a_licence(properties: str, expected: str) -> None:
    assert embedded(xmp=xmp(properties)).license_url == expected


def test_the_place_that_is_shown_is_believed_before_the_place_of_the_camera() -> None:
    def location(kind: str, city: str) -> str:
        return (
            f"<Iptc4xmpExt:Location{kind}><rdf:Bag><rdf:li><rdf:Description>"
            f"<Iptc4xmpExt:City>{city}</Iptc4xmpExt:City></rdf:Description></rdf:li></rdf:Bag>"
            f"</Iptc4xmpExt:Location{kind}>"
        )

    shown, created, old = (
        location("Shown", "Rome"),
        location("Created", "Ostia"),
        "<photoshop:City>Roma</photoshop:City>",
    )
    assert embedded(xmp=xmp(created)).city == "Ostia"
    assert embedded(xmp=xmp(created + old)).city == "Roma"
    assert embedded(xmp=xmp(created + old + shown)).city == "Rome"


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D850", "NIKON D850"),
        ("SONY", "ILCE-7M3", "SONY ILCE-7M3"),
        ("", "Pixel 8", "Pixel 8"),
        ("Apple", "", "Apple"),
        ("", "", ""),
    ],
)
def test_names_of_cameras(make: str, model: str, expected: str) -> None:
    assert embedded(exif=exif([text(0x010F, make.encode()), text(0x0110, model.encode())])).camera == expected


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("51,30.5N", "0,7.5W", Position(51.508333, -0.125)),
        ("33,51,24S", "151,12,55E", Position(-33.856667, 151.215278)),
        ("51,30.5", "0,7.5W", None),
        ("51,30.5E", "0,7.5N", None),
        ("91,0N", "0,7.5W", None),
        ("nanN", "0,7.5W", None),
        ("0,0N", "0,0E", None),
    ],
)
def test_positions_of_xmp(latitude: str, longitude: str, expected: Position | None) -> None:
    packet = xmp("", f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}"')
    assert embedded(xmp=packet).gps == expected
    assert embedded(xmp=xmp("", f'exif:GPSLatitude="{latitude}"')).gps is None


def test_the_position_of_exif_is_believed_first() -> None:
    own = exif([], gps=[text(1, b"N\0"), rationals(2, (1, 1)), text(3, b"E\0"), rationals(4, (2, 1))])
    packet = xmp("", 'exif:GPSLatitude="51,30.5N" exif:GPSLongitude="0,7.5W"')
    assert embedded(exif=own, xmp=packet).gps == Position(1, 2)


@pytest.mark.parametrize(
    ("own", "old", "new", "expected"),
    [
        ("2003:03:03 03:03:03", "20010101", "2002-02-02", datetime(2003, 3, 3, 3, 3, 3)),  # noqa: DTZ001
        ("0000:00:00 00:00:00", "20010101", "2002-02-02", datetime(2002, 2, 2)),  # noqa: DTZ001
        ("", "20010101", "2002", datetime(2001, 1, 1, 10, 30, tzinfo=UTC)),
        ("", "20010199", "2002-02-02T02:02Z", datetime(2002, 2, 2, 2, 2, tzinfo=UTC)),
        ("", "2001", "2002-13-01", None),
    ],
)
def test_the_first_time_of_capture_that_makes_sense(
    own: str, old: str, new: str, expected: datetime | None
) -> None:
    blocks = Blocks(
        exif([], own=[text(0x9003, own.encode())]),
        photoshop(dataset(55, old.encode()) + dataset(60, b"123000+0200")),
        xmp("", f'photoshop:DateCreated="{new}"'),
    )
    moment = read_blocks(blocks).capture_time
    assert moment == expected
    assert (moment is None or moment.tzinfo) == (expected is None or expected.tzinfo)


VALUES = st.text(max_size=30) | st.sampled_from(["\u202e", "\0", "\ud800", "\ufffd", "x" * 3000, "a\nb\r\nc"])


@given(st.dictionaries(st.sampled_from([5, 25, 55, 60, 80, 90, 110, 116, 120]), VALUES), VALUES, VALUES)
def test_whatever_is_read_can_be_stored(old: dict[int, str], new: str, own: str) -> None:
    iim = b"".join(dataset(number, value.encode("utf-8", "surrogatepass")) for number, value in old.items())
    packet = xmp(f"<dc:title><![CDATA[{new}]]></dc:title>".encode("utf-8", "replace").decode())
    block = exif(
        [
            text(0x010F, own.encode("utf-8", "replace")),
            text(0x010E, b"\xff\xfe" + own.encode("utf-16", "replace")),
        ]
    )
    found = embedded(block, photoshop(iim), packet)
    for field, limit in MAX_CHARACTERS.items():
        value = getattr(found, field)
        assert len(value) <= limit
        assert value == value.strip()
        value.encode()
        assert not any(ord(char) < 32 and char not in "\n\t" for char in value)
