"""Which files are taken, and why others are not."""

import os
from pathlib import Path

import pytest

from stockroom_client.captions import read_captions
from stockroom_client.contract import Config
from stockroom_client.discovery import discover
from stockroom_client.items import Phase
from stockroom_client.media import guess, sniff
from tests.client.conftest import Picture

CONFIG: Config = {"types": ["image/jpeg", "image/png"], "max_bytes": 1000, "max_files": 500}


def ftyp(*brands: bytes) -> bytes:
    """The first box of an ISO media file."""
    body = b"ftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body + b"mif1heic"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (ftyp(b"heic"), "image/heic"),
        (ftyp(b"mif1", b"mif1", b"heic"), "image/heic"),
        (ftyp(b"mif1", b"mif1", b"avif"), "image/avif"),
        (ftyp(b"avif"), "image/avif"),
        (ftyp(b"mif1"), "image/heif"),
        (ftyp(b"isom"), None),
        (b"", None),
        (b"<svg", None),
    ],
)
def test_sniff(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind


def test_a_name_counts_only_where_content_says_nothing() -> None:
    assert guess("a.png", b"\xff\xd8\xff") == ("image/jpeg", True)
    assert guess("a.jpg", b"hello") == ("image/jpeg", False)
    assert guess("a.tiff", b"II*\0") == ("image/tiff", True)
    assert guess("a", b"hello") == (None, True)


def test_folders_are_walked_in_order(picture: Picture) -> None:
    root = picture("b.jpg").parent
    for name in ("sub/c.jpg", "a.jpg", ".hidden/d.jpg", ".e.jpg", "no-extension"):
        picture(name)
    (root / "notes.txt").write_text("hello")
    found = discover([root, root / "a.jpg"], CONFIG)
    names = [item.path.relative_to(root).as_posix() for item in found.items]
    assert names == ["a.jpg", "b.jpg", "no-extension", "sub/c.jpg"]
    assert found.others == 1


def test_what_misses_the_spec(picture: Picture, tmp_path: Path) -> None:
    picture("empty.jpg", b"", b"")
    picture("garbage.jpg", b"hello", b"")
    picture("large.jpg", b"x" * 1000)
    picture("scan.tiff", b"II*\0", b"")
    picture("phone.heic", b"", ftyp(b"heic"))
    text = picture("notes.txt", b"hello", b"")
    found = discover([tmp_path / "pictures"], CONFIG)
    assert {item.path.name: (item.phase, item.code) for item in found.items} == {
        "empty.jpg": (Phase.FAILED, "empty"),
        "garbage.jpg": (Phase.FAILED, "not-an-image"),
        "large.jpg": (Phase.FAILED, "too-large"),
        "scan.tiff": (Phase.SKIPPED, "type-not-accepted"),
        "phone.heic": (Phase.SKIPPED, "type-not-accepted"),
    }
    named = discover([text, text.with_name("scan.tiff"), text.with_name("missing")], CONFIG)
    assert [(item.phase, item.code) for item in named.items] == [
        (Phase.FAILED, "not-an-image"),
        (Phase.FAILED, "type-not-accepted"),
        (Phase.FAILED, "unreadable"),
    ]


def test_only_files(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    (item,) = discover([pipe], CONFIG).items
    assert item.reason == "is not a file"


def test_captions_by_place_and_by_name(picture: Picture, tmp_path: Path) -> None:
    picture("a.jpg")
    picture("sub/a.jpg")
    file = tmp_path / "pictures" / "captions.json"
    file.write_text('[{"file": "sub/a.jpg", "credit": "sub"}, {"file": "a.jpg", "credit": "top"}]')
    captions = read_captions(file)
    found = discover([tmp_path / "pictures"], CONFIG, captions)
    credit = {item.path.parent.name: item.metadata.get("credit") for item in found.items}
    assert credit == {"pictures": "top", "sub": "sub"}
    assert captions.unused() == []
    assert captions.of(Path("/elsewhere/a.jpg")) == {"credit": "top"}
    assert captions.of(Path("/elsewhere/b.jpg")) == {}
