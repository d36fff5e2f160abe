"""Every field that is read, written by ExifTool into every format that takes it, as IPTC's reference picture
has it: each field says its own name."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from stockroom.renditions import Options, render
from stockroom.renditions.embedded.embedded import Embedded, Position
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import LARGER, OUTPUT_FORMATS
from stockroom.renditions.rendering import decode, encode_larger
from tests.renditions.embedded import exiftool
from tests.renditions.images import photo_of

FORMATS = ("jpeg", "png", "webp", "avif")
TAKEN = datetime(2023, 5, 20, 10, 30, tzinfo=UTC)
TEXTS = Embedded(
    title="The Title (réf)",
    caption="The description aka caption (réf)\nin two lines",
    keywords=("Keyword1réf", "Keyword2réf", "New York"),
    creator="Creator1 (réf); Creator2 (réf)",
    credit="Credit Line (réf)",
    copyright="Copyright (Notice) (réf)",
    sublocation="Sublocation (réf)",
    city="City (réf)",
    state="State (réf)",
    country="Country (réf)",
)
IIM = (
    "-IPTC:CodedCharacterSet=utf8",
    f"-IPTC:ObjectName={TEXTS.title}",
    f"-IPTC:Caption-Abstract={TEXTS.caption}",
    *(f"-IPTC:Keywords={keyword}" for keyword in TEXTS.keywords),
    "-IPTC:By-line=Creator1 (réf)",
    "-IPTC:By-line=Creator2 (réf)",
    f"-IPTC:Credit={TEXTS.credit}",
    f"-IPTC:CopyrightNotice={TEXTS.copyright}",
    f"-IPTC:Sub-location={TEXTS.sublocation}",
    f"-IPTC:City={TEXTS.city}",
    f"-IPTC:Province-State={TEXTS.state}",
    f"-IPTC:Country-PrimaryLocationName={TEXTS.country}",
    "-IPTC:DateCreated=2023:05:20",
    "-IPTC:TimeCreated=12:30:00+02:00",
)
XMP = (
    f"-XMP-dc:Title={TEXTS.title}",
    "-XMP-dc:Title-de=Der Titel",
    f"-XMP-dc:Description={TEXTS.caption}",
    *(f"-XMP-dc:Subject={keyword}" for keyword in TEXTS.keywords),
    "-XMP-dc:Creator=Creator1 (réf)",
    "-XMP-dc:Creator=Creator2 (réf)",
    f"-XMP-photoshop:Credit={TEXTS.credit}",
    f"-XMP-dc:Rights={TEXTS.copyright}",
    f"-XMP-iptcCore:Location={TEXTS.sublocation}",
    f"-XMP-photoshop:City={TEXTS.city}",
    f"-XMP-photoshop:State={TEXTS.state}",
    f"-XMP-photoshop:Country={TEXTS.country}",
    "-XMP-photoshop:DateCreated=2023:05:20 12:30:00+02:00",
    "-XMP-xmpRights:UsageTerms=Rights Usage Terms (réf)",
    "-XMP-xmpRights:WebStatement=http://www.WebStatementOfRights.org/2023.1",
    "-XMP-plus:Licensor={LicensorURL=https://example.org/licensor}",
    "-XMP-tiff:Make=NIKON CORPORATION",
    "-XMP-tiff:Model=NIKON D850",
    "-XMP-exifEX:LensModel=NIKKOR 50mm",
    "-XMP-exif:GPSLatitude=48.8584",
    "-XMP-exif:GPSLongitude=-2.2945",
)
EXIF = (
    f"-EXIF:ImageDescription={TEXTS.caption}",
    "-EXIF:Artist=Creator1 (réf); Creator2 (réf)",
    f"-EXIF:Copyright={TEXTS.copyright}",
    "-EXIF:Make=Canon",
    "-EXIF:Model=EOS R5 (réf)",
    "-EXIF:LensModel=RF24-70mm F2.8",
    "-EXIF:DateTimeOriginal=2023:05:20 12:30:00",
    "-EXIF:OffsetTimeOriginal=+02:00",
    "-EXIF:GPSLatitude=33.8568",
    "-EXIF:GPSLatitudeRef=S",
    "-EXIF:GPSLongitude=151.2153",
    "-EXIF:GPSLongitudeRef=E",
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files `<block>.<format>`, each with the fields of one block."""
    folder = tmp_path_factory.mktemp("reference")
    steps = []
    for block, tags in (("iim", IIM), ("xmp", XMP), ("exif", EXIF)):
        files = [folder / f"{block}.{name}" for name in (FORMATS if block != "iim" else ("jpeg",))]
        for file in files:
            file.write_bytes(photo_of(file.suffix[1:]))
        steps.append((files, tags))
    exiftool.write(*steps)
    return folder


def test_iim(pictures: Path) -> None:
    rendered = render((pictures / "iim.jpeg").read_bytes())
    assert (rendered.embedded, rendered.capture_time) == (TEXTS, TAKEN)


@pytest.mark.parametrize("name", FORMATS)
def test_xmp(pictures: Path, name: str) -> None:
    rendered = render((pictures / f"xmp.{name}").read_bytes())
    expected = msgspec.structs.replace(
        TEXTS,
        usage_terms="Rights Usage Terms (réf)",
        license_url="http://www.WebStatementOfRights.org/2023.1",
        camera="NIKON D850",
        lens="NIKKOR 50mm",
        gps=Position(48.8584, -2.2945),
    )
    assert (rendered.embedded, rendered.capture_time) == (expected, TAKEN)


@pytest.mark.parametrize("name", FORMATS)
def test_exif(pictures: Path, name: str) -> None:
    rendered = render((pictures / f"exif.{name}").read_bytes())
    assert rendered.embedded == Embedded(
        caption=TEXTS.caption,
        creator=TEXTS.creator,
        copyright=TEXTS.copyright,
        camera="Canon EOS R5 (réf)",
        lens="RF24-70mm F2.8",
        gps=Position(-33.8568, 151.2153),
    )
    assert rendered.capture_time == TAKEN


def test_no_rendition_carries_any_of_it(pictures: Path) -> None:
    """Neither a text nor the header of a block is in what the public gets, in any format of renditions."""
    for file in pictures.iterdir():
        original = Original(file.read_bytes())
        picture = decode(original, Options())
        for format_ in OUTPUT_FORMATS.values():
            renditions = (
                encode_larger(original, picture.header, Options())
                if format_ is LARGER
                else picture.encode(format_, Options())
            )
            assert set(renditions) == set(format_.renditions)
            for rendition in renditions.values():
                for word in ("réf", "Exif\0", "http:", "8BIM", "xmpmeta", "Canon", "NIKON", "2023:05"):
                    assert word.encode() not in rendition.data, (file.name, word)


MWG = {
    "caption": "Description",
    "creator": "Creator",
    "copyright": "Copyright",
    "keywords": "Keywords",
    "city": "City",
    "state": "State",
    "country": "Country",
    "sublocation": "Location",
}
"""What ExifTool calls the fields, as the Metadata Working Group has them."""
OLD = (
    "-IPTC:Caption-Abstract=caption of IIM",
    "-IPTC:By-line=creator of IIM",
    f"-IPTC:CopyrightNotice={('copyright' * 20)[:128]}",
    "-IPTC:Keywords=iim",
    "-IPTC:City=city of IIM",
    "-IPTC:Province-State=state of IIM",
    "-IPTC:DateCreated=2001:01:01",
    "-IPTC:TimeCreated=01:01:01+00:00",
)
NEW = (
    "-XMP-dc:Description=caption of XMP",
    "-XMP-dc:Creator=creator of XMP",
    f"-XMP-dc:Rights={'copyright' * 20}",
    "-XMP-dc:Subject=xmp",
    "-XMP-photoshop:City=city of XMP",
    "-XMP-photoshop:Country=country of XMP",
    "-XMP-iptcExt:LocationShownCity=city that is shown",
    "-XMP-iptcCore:Location=sublocation of XMP",
    "-XMP-photoshop:DateCreated=2002:02:02 02:02:02+00:00",
)
OWN = ("-EXIF:ImageDescription=caption of EXIF", "-EXIF:DateTimeOriginal=2003:03:03 03:03:03")
CONFLICTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "all three": ((*OLD, *NEW, *OWN),),
    "no digest": ((*OLD, *NEW),),
    "written together": ((*OLD, *NEW, "-Photoshop:IPTCDigest=new"),),
    "IIM has changed": ((*OLD, *NEW, "-Photoshop:IPTCDigest=new"), ("-IPTC:Caption-Abstract=newer caption",)),
    "IIM alone": (OLD,),
    "XMP alone": (NEW,),
}


@pytest.fixture(scope="module")
def conflicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("conflicts")
    files = {name: folder / f"{name}.jpg" for name in CONFLICTS}
    for file in files.values():
        file.write_bytes(photo_of("jpeg"))
    exiftool.write(*(([files[name]], tags) for name, steps in CONFLICTS.items() for tags in steps))
    return files


def test_conflicts_are_resolved_as_exiftool_resolves_them(conflicts: dict[str, Path]) -> None:
    """By the rules of the Metadata Working Group, with ExifTool's as a second reading of the same rules."""
    answers = exiftool.read(list(conflicts.values()), "-MWG:all")
    for (name, file), answer in zip(conflicts.items(), answers, strict=True):
        rendered = render(file.read_bytes())
        for field, tag in MWG.items():
            value = getattr(rendered.embedded, field)
            if tag in answer:
                expected = (answer[tag],) if field == "keywords" else answer[tag]
                assert value == expected, (name, field)
            else:
                # Where IIM has changed and lacks a field, ExifTool takes that for a deletion; the library
                # takes what XMP has.
                assert not value or name == "IIM has changed", field
        assert rendered.capture_time is not None
        assert answer["DateTimeOriginal"].startswith(f"{rendered.capture_time:%Y:%m:%d %H:%M:%S}"), name


def test_what_the_conflicts_are_resolved_to(conflicts: dict[str, Path]) -> None:
    captions = {name: render(file.read_bytes()).embedded.caption for name, file in conflicts.items()}
    assert captions == {
        "all three": "caption of EXIF",
        "no digest": "caption of XMP",
        "written together": "caption of XMP",
        "IIM has changed": "newer caption",
        "IIM alone": "caption of IIM",
        "XMP alone": "caption of XMP",
    }
