"""Importing an export, into a fake library on a real port."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from operations.archive import bag, importing
from operations.archive.export import PICTURES, export
from operations.archive.importing import IMPORTER, import_export
from operations.archive.library import Library
from stockroom.api.auth import Caller
from stockroom.images.record import OwnerRecord, PictureRecord
from stockroom.resources import Resources
from tests.client import library as fake
from tests.factories import ALICE, BOB
from tests.operations.archive.library import AWKWARD, add_picture, library_of, lose_original
from tooling.errors import ToolError

FOREIGN = Caller("https://id.example", "carol", "Carol", frozenset({"upload"}))
NAMELESS = Caller("stockroom", "dave", "", frozenset({"upload"}))


@pytest.fixture
def target() -> Iterator[fake.Library]:
    with fake.serving() as library:
        yield library


@pytest.fixture
def tokens() -> list[tuple[str, str]]:
    """Subjects and names that tokens were made for."""
    return []


@pytest.fixture
def library(resources: Resources, target: fake.Library, tokens: list[tuple[str, str]]) -> Library:
    def make_token(subject: str, name: str) -> str:
        tokens.append((subject, name))
        return fake.TOKEN

    return replace(library_of(resources), site=target.url, make_token=make_token)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def run(library: Library, folder: Path, **options: Any) -> list[str]:
    """Import what lies in the folder; the lines about pictures, also when it fails."""
    told: list[str] = []
    import_export(library, folder, lambda _: None, tell=told.append, **options)
    return told


def map_of(path: Path) -> list[tuple[str, str]]:
    with path.open(newline="") as file:
        return [(row["old_id"], row["state"]) for row in csv.DictReader(file)]


def test_pictures_are_uploaded_with_what_was_said_about_them_as_their_owners(
    resources: Resources,
    library: Library,
    folder: Path,
    target: fake.Library,
    tokens: list[tuple[str, str]],
) -> None:
    alices = add_picture(resources, fake.JPEG + b"1", **AWKWARD)
    bobs = add_picture(resources, fake.JPEG + b"2", BOB)
    others = [add_picture(resources, fake.JPEG + bytes([n]), who) for n, who in ((3, FOREIGN), (4, NAMELESS))]
    export(library, folder, lambda _: None)
    told = run(library, folder)
    assert tokens == [("alice", "Alice"), ("bob", "Bob"), ("dave", ""), (IMPORTER, "")]
    assert [line.split()[:2] for line in told] == [
        ["ready", alices],
        ["ready", bobs],
        ["ready", others[1]],
        ["ready", others[0]],
    ]
    asked = [file for body in target.calls("POST", "/api/uploads") for file in body["files"]]
    assert asked[0] | AWKWARD == asked[0]
    assert (asked[1]["description"], asked[1]["tags"], asked[1]["credit"]) == ("", [], "")
    assert set(target.objects.values()) == {fake.JPEG + bytes([n]) for n in (0x31, 0x32, 3, 4)}
    rows = (folder.parent / "export-ids.csv").read_text().splitlines()
    assert rows[:2] == ["old_id,new_id,state", f"{alices},ID{0:011},ready"]
    assert len(rows) == 5
    # The export itself is as it was.
    assert list(bag.check(folder, lambda _: None)) == []


def test_a_picture_that_has_expired_stays_out(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    expired = add_picture(resources, fake.JPEG + b"1")
    resources.db.execute("UPDATE image SET state = 'hidden', expires = '2001-01-01'")
    export(library, folder, lambda _: None)
    (told,) = run(library, folder)
    assert told.split()[:2] == ["expired", expired]
    assert target.calls("POST", "/api/uploads") == []
    assert target.objects == {}


def test_an_import_that_is_repeated_sends_nothing(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    ids = [add_picture(resources, fake.JPEG + bytes([number])) for number in range(3)]
    export(library, folder, lambda _: None)
    run(library, folder, map_file=str(folder.parent / "first.csv"))
    sent = target.puts()
    told = run(library, folder)
    assert [line.split()[:2] for line in told] == [["duplicate", each] for each in ids]
    assert target.puts() == sent
    first, second = (map_of(folder.parent / name) for name in ("first.csv", "export-ids.csv"))
    assert first == [(each, "ready") for each in ids]
    assert second == [(each, "duplicate") for each in ids]


def test_a_damaged_export_uploads_nothing(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    for number in range(12):
        add_picture(resources, fake.JPEG + bytes([number]))
    export(library, folder, lambda _: None)
    for original in (folder / "data" / "originals").rglob("*.jpg"):
        original.write_bytes(b"x")
    with pytest.raises(ToolError, match="is not what was exported") as error:
        run(library, folder)
    assert str(error.value).count(" is damaged") == importing.MAX_NAMED
    assert "… and 2 more\n" in str(error.value)
    assert "PARTIAL=1" in str(error.value)
    assert target.requests == []


def test_the_whole_originals_of_a_damaged_export_can_be_imported_alone(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    good, damaged, missing = (add_picture(resources, fake.JPEG + bytes([number])) for number in range(3))
    export(library, folder, lambda _: None)
    next(folder.rglob(f"{damaged}.jpg")).write_bytes(fake.JPEG + b"x")
    next(folder.rglob(f"{missing}.jpg")).unlink()
    next(folder.rglob(f"{good}.jpg.xmp")).unlink()
    told: list[str] = []
    with pytest.raises(ToolError, match="2 pictures are not in the library"):
        import_export(library, folder, lambda _: None, is_partial=True, tell=told.append)
    assert {tuple(line.split()[:2]) for line in told} == {
        ("ready", good),
        ("failed", damaged),
        ("failed", missing),
    }
    assert list(target.objects.values()) == [fake.JPEG + b"\0"]


def test_lines_that_are_damaged_are_not_imported_in_part(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    add_picture(resources, fake.JPEG)
    export(library, folder, lambda _: None)
    (folder / PICTURES).write_text("")
    with pytest.raises(ToolError, match=r"pictures\.jsonl is damaged") as error:
        run(library, folder, is_partial=True)
    assert "PARTIAL" not in str(error.value)
    assert target.requests == []


def test_a_picture_that_does_not_become_ready_is_an_error_in_the_end(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    good = add_picture(resources, fake.JPEG + b"1")
    bad = add_picture(resources, fake.JPEG + b"2", name="bad.jpg")
    lost = add_picture(resources, fake.JPEG + b"3")
    lose_original(resources, lost)
    target.failing["bad.jpg"] = {"code": "undecodable", "detail": "It cannot be\x1b decoded."}
    with pytest.raises(ToolError, match="not whole"):
        export(library, folder, lambda _: None)
    told: list[str] = []
    with pytest.raises(ToolError, match="2 pictures are not in the library"):
        import_export(library, folder, lambda _: None, tell=told.append)
    assert {tuple(line.split()[:2]) for line in told} == {("ready", good), ("failed", bad), ("absent", lost)}
    assert any("It cannot be\N{REPLACEMENT CHARACTER} decoded." in line for line in told)


def test_what_had_failed_before_may_fail_again(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    add_picture(resources, fake.JPEG + b"1", name="bad.jpg")
    resources.db.execute("UPDATE image SET state = 'failed', failed_sha256 = sha256, sha256 = NULL")
    target.failing["bad.jpg"] = {"code": "undecodable", "detail": "No."}
    export(library, folder, lambda _: None)
    (line,) = run(library, folder)
    assert line.startswith("failed")


def test_everything_can_become_one_contributors_in_batches(
    resources: Resources,
    library: Library,
    folder: Path,
    tokens: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "BATCH", 1)
    ids = [add_picture(resources, fake.JPEG + bytes([n]), who) for n, who in enumerate((ALICE, BOB))]
    export(library, folder, lambda _: None)
    assert [line.split()[1] for line in run(library, folder, subject="erin")] == ids
    assert tokens == [("erin", ""), ("erin", "")]


def make_record(**fields: Any) -> PictureRecord:
    """The line of a picture, as whoever makes an export can write it."""
    known: dict[str, Any] = {
        "id": "0" * 13,
        "state": "ready",
        "created": "2020-01-01T00:00:00.000Z",
        "owner": OwnerRecord("stockroom", "alice", "Alice"),
        "name": "a.jpg",
        "description": "",
        "tags": [],
        "license": "CC0-1.0",
        "credit": "",
        "sha256": None,
        "type": "image/jpeg",
        "size": 1,
    }
    return PictureRecord(**known | fields)


def write_lines(folder: Path, *lines: bytes) -> None:
    """An export with these lines: whoever makes one can make it whole."""
    bag.claim(folder)
    bag.begin(folder)
    (folder / "data").mkdir()
    (folder / PICTURES).write_bytes(b"".join(b"%b\n" % line for line in lines))
    manifest = folder / "draft"
    manifest.write_text(f"{bag.hash_file(folder / PICTURES)}  {PICTURES}\n")
    bag.end(folder, manifest, size=1, files=1, information={})


def write_export(folder: Path, file: str) -> None:
    """An export of one picture, whose original is said to be `file`."""
    write_lines(folder, msgspec.json.encode(make_record(file=file)))


def test_a_line_cannot_have_another_file_uploaded(
    library: Library, folder: Path, target: fake.Library
) -> None:
    (folder.parent / "secret.jpg").write_bytes(fake.JPEG + b"secret")
    write_export(folder, "data/../../secret.jpg")
    with pytest.raises(ToolError, match="is no file of"):
        run(library, folder)
    assert target.requests == []


def test_a_line_cannot_have_a_folder_uploaded(library: Library, folder: Path, target: fake.Library) -> None:
    write_export(folder, "data")
    with pytest.raises(ToolError, match="1 pictures are not in the library"):
        run(library, folder)
    assert target.requests == []


def test_a_file_that_is_not_the_one_of_its_line_is_said_to_have_failed(
    library: Library, folder: Path, target: fake.Library
) -> None:
    write_export(folder, "data/a.jpg")
    (folder / "data" / "a.jpg").write_bytes(fake.JPEG + b"another")
    with pytest.raises(ToolError, match="1 pictures are not in the library"):
        run(library, folder)
    assert target.objects


def test_a_library_that_does_not_answer_ends_the_import(
    resources: Resources, library: Library, folder: Path, target: fake.Library
) -> None:
    add_picture(resources, fake.JPEG + b"1")
    export(library, folder, lambda _: None)
    (folder.parent / "export-ids.csv").write_text("of an earlier run")
    with pytest.raises(ToolError, match="`stockroom upload` failed"):
        run(replace(library, make_token=lambda *_: "wrong"), folder)
    assert (folder.parent / "export-ids.csv").read_text() == "of an earlier run"
    assert json.dumps(target.puts()) == "[]"


def test_a_map_that_cannot_be_written_is_said_before_anything_is_uploaded(
    library: Library, folder: Path, target: fake.Library
) -> None:
    write_export(folder, "data/a.jpg")
    with pytest.raises(ToolError, match=r"nowhere/ids\.csv\.part: No such file or directory"):
        run(library, folder, map_file=str(folder / "nowhere" / "ids.csv"))
    assert target.requests == []


@pytest.mark.parametrize("picture", ["=HYPERLINK(1)", "\x1b]0;title\x07", "0" * 12 + "o", ""])
def test_an_id_that_is_none_comes_neither_into_the_table_nor_to_the_terminal(
    library: Library, folder: Path, picture: str
) -> None:
    write_lines(folder, msgspec.json.encode(make_record(id=picture)))
    with pytest.raises(ToolError, match="is no picture's id") as error:
        run(library, folder)
    assert "\x1b" not in str(error.value)
    assert map_of(folder.parent / "export-ids.csv.part") == []


@pytest.mark.parametrize("line", [b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"id":"\xff"}'])
def test_a_line_that_cannot_be_read_is_named(library: Library, folder: Path, line: bytes) -> None:
    write_lines(folder, line)
    with pytest.raises(ToolError, match=r"data/pictures\.jsonl, line 1: "):
        run(library, folder)


def test_the_lines_are_read_in_the_export_alone(library: Library, folder: Path) -> None:
    write_lines(folder)
    (folder / PICTURES).replace(folder.parent / "outside")
    (folder / "manifest-sha256.txt").write_text("")
    bag.replace_text(folder / "tagmanifest-sha256.txt", "")
    with pytest.raises(ToolError, match=f"it has no {PICTURES}"):
        run(library, folder)
    (folder / PICTURES).symlink_to(folder.parent / "outside")
    with pytest.raises(ToolError, match="is no file of"):
        run(library, folder)


def test_two_lines_cannot_share_a_file(library: Library, folder: Path) -> None:
    names = ("data/a.jpg", "data/b.jpg")
    write_lines(folder, *(msgspec.json.encode(make_record(file=name)) for name in names))
    (folder / "data" / "a.jpg").write_bytes(fake.JPEG)
    (folder / "data" / "b.jpg").symlink_to("a.jpg")
    told: list[str] = []
    with pytest.raises(ToolError, match="2 pictures are not in the library"):
        import_export(library, folder, lambda _: None, tell=told.append)
    assert told[1].endswith("its file is that of another line, too")


def test_the_table_of_ids_is_not_written_where_a_link_leads(library: Library, folder: Path) -> None:
    write_lines(folder)
    (folder.parent / "another").write_text("kept")
    (folder.parent / "export-ids.csv").symlink_to("another")
    with pytest.raises(ToolError, match="is a link"):
        run(library, folder)
    assert (folder.parent / "another").read_text() == "kept"


@pytest.mark.parametrize("subject", ["", " alice", "\x1b", "a" * 10_000])
def test_a_subject_that_no_token_can_have_does_not_end_an_import(
    library: Library, folder: Path, tokens: list[tuple[str, str]], subject: str
) -> None:
    owner = OwnerRecord("stockroom", subject, "Alice")
    write_lines(
        folder,
        msgspec.json.encode(
            make_record(file="data/a.jpg", owner=owner, sha256=sha256(fake.JPEG).hexdigest())
        ),
    )
    (folder / "data" / "a.jpg").write_bytes(fake.JPEG)
    run(library, folder)
    assert tokens == [(IMPORTER, "")]


def test_a_name_of_any_length_fits_into_a_token(
    library: Library, folder: Path, tokens: list[tuple[str, str]]
) -> None:
    owner = OwnerRecord("stockroom", "alice", "A" * 200_000)
    write_lines(
        folder,
        msgspec.json.encode(
            make_record(file="data/a.jpg", owner=owner, sha256=sha256(fake.JPEG).hexdigest())
        ),
    )
    (folder / "data" / "a.jpg").write_bytes(fake.JPEG)
    run(library, folder)
    assert tokens == [("alice", "A" * 200)]
