"""Which files are taken, and why others are not."""

import os
from pathlib import Path

from stockroom_client.captions import Captions, read_captions
from stockroom_client.contract import Config
from stockroom_client.discovery import discover
from stockroom_client.local_file import LocalFile, State
from tests.client.conftest import Picture
from tests.client.library import FORMATS

CONFIG = Config(types=["image/jpeg", "image/png"], max_bytes=1000, max_files=500, formats=FORMATS)
NO_CAPTIONS = Captions([], Path())
HEIC = b"\0\0\0\x10ftypheic\0\0\0\0"


def endings(files: list[LocalFile]) -> dict[str, tuple[State, str]]:
    """State and code by file name, of files that have ended."""
    return {file.path.name: (file.state, file.code) for file in files if file.has_ended}


def test_folders_are_walked_in_order(picture: Picture) -> None:
    root = picture("b.jpg").parent
    for name in ("sub/c.jpg", "a.jpg", ".hidden/d.jpg", ".e.jpg", "no-extension"):
        picture(name)
    (root / "notes.txt").write_text("hello")
    files, others = discover([root, root / "a.jpg", root], CONFIG, NO_CAPTIONS)
    names = [file.path.relative_to(root).as_posix() for file in files]
    assert names == ["a.jpg", "b.jpg", "no-extension", "sub/c.jpg"]
    assert {file.media_type for file in files} == {"image/jpeg"}
    assert [file.size for file in files] == [file.path.stat().st_size for file in files]
    assert others == 1


def test_what_the_library_would_refuse(picture: Picture, tmp_path: Path) -> None:
    picture("empty.jpg", b"", b"")
    picture("garbage.jpg", b"hello", b"")
    picture("large.jpg", b"x" * 1000)
    picture("scan.tiff", b"II*\0", b"")
    picture("phone.heic", b"", HEIC)
    text = picture("notes.txt", b"hello", b"")
    files, others = discover([tmp_path / "pictures"], CONFIG, NO_CAPTIONS)
    assert others == 1
    assert endings(files) == {
        "empty.jpg": (State.FAILED, "empty"),
        "garbage.jpg": (State.FAILED, "not-an-image"),
        "large.jpg": (State.FAILED, "too-large"),
        "scan.tiff": (State.SKIPPED, "type-not-accepted"),
        "phone.heic": (State.SKIPPED, "type-not-accepted"),
    }
    named, others = discover(
        [text, text.with_name("scan.tiff"), text.with_name("missing")], CONFIG, NO_CAPTIONS
    )
    assert others == 0
    assert endings(named) == {
        "notes.txt": (State.FAILED, "not-an-image"),
        "scan.tiff": (State.FAILED, "type-not-accepted"),
        "missing": (State.FAILED, "unreadable"),
    }


def test_reasons_are_sentences(picture: Picture) -> None:
    large = picture("large.jpg", b"x" * 2_000_000)
    scan = picture("scan.tiff", b"II*\0", b"")
    files, _ = discover([large, scan, scan.with_name("missing")], CONFIG, NO_CAPTIONS)
    assert [file.detail for file in files] == [
        "has 1.9 MB; the limit is 0 MB",
        "is image/tiff, which this library does not accept: export it as image/jpeg, image/png",
        "cannot be read: No such file or directory",
    ]


def test_only_files(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    (file,), _ = discover([pipe], CONFIG, NO_CAPTIONS)
    assert file.detail == "is not a file"


def test_links_to_one_file_count_once(picture: Picture) -> None:
    path = picture()
    link = path.with_name("link.jpg")
    link.symlink_to(path)
    files, _ = discover([path.parent], CONFIG, NO_CAPTIONS)
    assert len(files) == 1


def test_captions_by_place_and_by_name(picture: Picture, tmp_path: Path) -> None:
    picture("a.jpg")
    picture("sub/a.jpg")
    captions_file = tmp_path / "pictures" / "captions.json"
    captions_file.write_text('[{"file": "sub/a.jpg", "credit": "sub"}, {"file": "a.jpg", "credit": "top"}]')
    captions = read_captions(captions_file)
    files, _ = discover([tmp_path / "pictures"], CONFIG, captions)
    assert {file.path.parent.name: file.metadata["credit"] for file in files} == {
        "pictures": "top",
        "sub": "sub",
    }
    assert captions.unused() == []
