"""Downloads: whole files or none."""

from pathlib import Path
from typing import Any

import pytest

from tests.client.conftest import Run
from tests.client.library import Handler, Library, answer, error, reset

CONTENT = bytes(range(256)) * 4000


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones too, by their names."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def cut_short(handler: Handler) -> bool:
    """Storage sends half of the file."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CONTENT)))
    handler.end_headers()
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])
    handler.wfile.flush()
    return reset(handler)


def test_originals_come_under_their_names(library: Library, run: Run, tmp_path: Path) -> None:
    first, second = library.add_original("Tür.jpg", CONTENT), library.add_original("b.png", b"b")
    ran = run("download", first, second, first, "--to", tmp_path / "new" / "folder")
    assert ran.status == 0
    assert files(tmp_path / "new" / "folder") == {"Tür.jpg": CONTENT, "b.png": b"b"}
    assert ran.out.splitlines() == [
        f"{image_id}  {tmp_path / 'new' / 'folder' / name}"
        for image_id, name in ((first, "Tür.jpg"), (second, "b.png"))
    ]


def test_the_token_goes_to_the_library_alone(library: Library, run: Run, tmp_path: Path) -> None:
    run("download", library.add_original("a.jpg", CONTENT), "--to", tmp_path)
    assert library.authorizations == ["Bearer good", None]


def test_copies_with_metadata_are_asked_for(library: Library, run: Run, tmp_path: Path) -> None:
    plain = library.add_original("a.jpg", b"a")
    refused = library.add_original("b.jpg", b"b", metadata=False, note="No metadata: it is damaged.")
    ran = run("download", "--json", "--metadata", plain, refused, "--to", tmp_path)
    assert [entry["metadata"] for entry in ran.json["files"]] == [True, False]
    assert "No metadata: it is damaged." in ran.err
    assert [path for _, path, _ in library.requests if "/api/" in path] == [
        f"/api/images/{image_id}/original?metadata=1" for image_id in (plain, refused)
    ]


def test_what_is_there_already_is_not_fetched_and_nothing_is_replaced(
    library: Library, run: Run, tmp_path: Path
) -> None:
    image_id = library.add_original("a.jpg", CONTENT)
    (tmp_path / "a.jpg").write_bytes(b"another")
    for _ in range(2):
        assert run("download", image_id, "--to", tmp_path).status == 0
    assert files(tmp_path) == {"a.jpg": b"another", f"a-{image_id}.jpg": CONTENT}
    assert len(library.calls("GET", f"/bucket/{image_id}")) == 1
    (tmp_path / f"a-{image_id}.jpg").write_bytes(b"changed")
    ran = run("download", image_id, "--to", tmp_path)
    assert (ran.status, "there is another file of the name" in ran.err) == (1, True)


@pytest.mark.parametrize(
    "fault",
    [reset, cut_short, answer(503), answer(403), error(400, "ExpiredToken"), answer(200, b"other bytes")],
)
def test_a_download_that_breaks_off_is_begun_again(
    library: Library, run: Run, tmp_path: Path, fault: Any
) -> None:
    image_id = library.add_original("a.jpg", CONTENT)
    library.fault("GET /bucket", fault)
    assert run("download", image_id, "--to", tmp_path).status == 0
    assert files(tmp_path) == {"a.jpg": CONTENT}
    assert len(library.calls("GET", f"/api/images/{image_id}/original")) == 2


@pytest.mark.parametrize(
    "fault", [cut_short, answer(200, CONTENT[:-1]), answer(200, CONTENT + b"x"), answer(400)]
)
def test_no_half_file_is_left(library: Library, run: Run, tmp_path: Path, fault: Any) -> None:
    image_id, good = library.add_original("a.jpg", CONTENT), library.add_original("b.jpg", b"b")
    library.fault(f"GET /bucket/{image_id}", *[fault] * 4)
    ran = run("download", "--json", image_id, good, "--to", tmp_path)
    assert ran.status == 1
    assert [entry["file"] for entry in ran.json["files"]] == [None, str(tmp_path / "b.jpg")]
    assert files(tmp_path) == {"b.jpg": b"b"}


@pytest.mark.parametrize("name", ["../a.jpg", "..\\a.jpg", "/etc/a.jpg", ".a.jpg", "a\x1b[2J.jpg", "...", ""])
def test_no_name_leads_out_of_the_folder(library: Library, run: Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    assert run("download", library.add_original(name, b"a"), "--to", folder).status == 0
    (written,) = files(folder)
    assert not written.startswith(".")
    assert written.isprintable()
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("stem", ["東" * 120, "🌊" * 120, "a" * 255])
def test_a_long_name_is_cut_to_what_file_systems_take(
    library: Library, run: Run, tmp_path: Path, stem: str
) -> None:
    first, second = (library.add_original(f"{stem}.jpg", content) for content in (b"1", b"2"))
    assert run("download", first, second, "--to", tmp_path).status == 0
    written = files(tmp_path)
    assert sorted(written.values()) == [b"1", b"2"]
    assert all(name.endswith(".jpg") for name in written)


def test_links_to_elsewhere_are_not_followed(library: Library, run: Run, tmp_path: Path) -> None:
    image_id = library.add_original("a.jpg", b"a", url="http://storage.example/a")
    ran = run("download", image_id, "--to", tmp_path)
    assert (ran.status, files(tmp_path)) == (1, {})
    assert "no safe address" in ran.err


def test_an_unknown_picture_fails_and_the_others_come(library: Library, run: Run, tmp_path: Path) -> None:
    good = library.add_original("a.jpg", b"a")
    ran = run("download", "nonsense/../x", good, "--to", tmp_path)
    assert (ran.status, files(tmp_path)) == (1, {"a.jpg": b"a"})
    assert "There is no original for you" in ran.err


def test_a_disk_that_cannot_be_written_is_a_sentence(library: Library, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    ran = run("download", library.add_original("a.jpg", b"a"), "--to", tmp_path / "file" / "folder")
    assert ran.status == 1
    assert "cannot be written" in ran.err
