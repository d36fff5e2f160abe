"""What an export writes, and how it goes on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from operations.archive import bag
from operations.archive import export as module
from operations.archive.export import ORIGINALS, PICTURES, Summary, export, read_records
from operations.archive.library import Library
from stockroom.images import ids
from stockroom.images.record import PictureRecord
from stockroom.ingest import questions
from stockroom.resources import Resources
from tests.factories import BOB, pending, row_in, uploaded
from tests.operations.archive.library import (
    AWKWARD,
    LONG,
    add_picture,
    damage_original,
    library_of,
    lose_original,
)
from tooling.errors import ToolError

Export = Callable[..., Summary]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


@pytest.fixture
def run(resources: Resources, folder: Path) -> Export:
    """Exports the library of the test, and checks what is there by its checksums."""

    def run(**options: Any) -> Summary:
        said: list[str] = []
        try:
            summary = export(library_of(resources), folder, said.append, **options)
        finally:
            assert list(bag.check(folder, lambda _: None)) == []
        assert f" pictures in {folder}: " in said[-1]
        return summary

    return run


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / PICTURES).read_text().splitlines()]


def payload(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in (folder / ORIGINALS).rglob("*") if path.is_file()}


def test_an_export_has_a_line_an_original_and_a_sidecar_for_each_picture(
    resources: Resources, run: Export, folder: Path
) -> None:
    first = add_picture(resources, b"one", **AWKWARD)
    second = add_picture(resources, b"second", BOB, **LONG, type="image/png")
    summary = run()
    assert (summary.pictures, summary.fetched, summary.kept, summary.fetched_bytes) == (2, 2, 0, 9)
    one, two = lines(folder)
    assert one | AWKWARD == one
    assert two | LONG == two
    assert (one["schema"], one["id"], one["state"], one["size"]) == (1, first, "ready", 3)
    assert one["owner"] == {"issuer": "stockroom", "subject": "alice", "name": "Alice"}
    assert two["owner"]["subject"] == "bob"
    month = one["created"][:7].replace("-", "/")
    assert one["file"] == f"{ORIGINALS}/{month}/{first}.jpg"
    assert two["file"].endswith(f"/{second}.png")
    assert (folder / one["file"]).read_bytes() == b"one"
    assert payload(folder) == {one["file"], f"{one['file']}.xmp", two["file"], f"{two['file']}.xmp"}
    assert list(read_records(folder)) == [msgspec.convert(line, PictureRecord) for line in (one, two)]
    assert not list(folder.glob("*.part"))


def test_an_empty_library_makes_an_empty_export(run: Export, folder: Path) -> None:
    assert run().pictures == 0
    assert lines(folder) == []


def test_a_second_export_fetches_only_what_is_new_or_damaged(
    resources: Resources, run: Export, folder: Path
) -> None:
    ids_ = [add_picture(resources, bytes([number])) for number in range(3)]
    run()
    kept, damaged, missing = lines(folder)
    (folder / damaged["file"]).write_bytes(b"\0")
    (folder / missing["file"]).unlink()
    # What storage loses after an export is still in it.
    lose_original(resources, ids_[0])
    add_picture(resources, b"new")
    summary = run()
    assert (summary.fetched, summary.kept) == (3, 1)
    assert (folder / kept["file"]).read_bytes() == b"\0"


def test_an_export_that_was_interrupted_goes_on(
    resources: Resources, run: Export, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        add_picture(resources, bytes([number]))
    monkeypatch.setattr(module, "BATCH", 1)
    fetch, fetched = module._fetch, []

    def fail_at_the_third(library: Library, folder: Path, record: PictureRecord) -> Any:
        fetched.append(record.id)
        if len(fetched) == 3:
            (folder / f"{module.original_path(record)}.part").write_bytes(b"half")
            raise OSError(28, "No space left on device")
        return fetch(library, folder, record)

    monkeypatch.setattr(module, "_fetch", fail_at_the_third)
    with pytest.raises(ToolError, match="No space left on device; run the command again"):
        export(library_of(resources), folder, lambda _: None)
    with pytest.raises(ToolError, match="is no complete export"):
        list(bag.check(folder, lambda _: None))
    monkeypatch.setattr(module, "_fetch", fetch)
    summary = run()
    assert (summary.fetched, summary.kept, summary.removed) == (2, 2, 0)
    assert len(payload(folder)) == 8


@pytest.mark.parametrize("prune", [False, True])
def test_an_export_that_is_cut_short_leaves_the_earlier_one_in_its_folder_whole(
    resources: Resources, run: Export, folder: Path, monkeypatch: pytest.MonkeyPatch, *, prune: bool
) -> None:
    kept, gone = add_picture(resources, b"1"), add_picture(resources, b"2")
    run()
    before = lines(folder)
    resources.db.execute("UPDATE image SET description = 'changed' WHERE id = %s", (ids.decode(kept),))
    if prune:
        resources.db.execute("DELETE FROM image WHERE id = %s", (ids.decode(gone),))
    add_picture(resources, b"3")
    fetch = module._fetch

    def lose_the_library(library: Library, folder: Path, record: PictureRecord) -> Any:
        result = fetch(library, folder, record)
        if result == "fetched":
            raise OSError(113, "No route to host")
        return result

    monkeypatch.setattr(module, "_fetch", lose_the_library)
    with pytest.raises(ToolError, match="No route to host"):
        export(library_of(resources), folder, lambda _: None, prune=prune)
    assert list(bag.check(folder, lambda _: None)) == []
    assert lines(folder) == before
    monkeypatch.setattr(module, "_fetch", fetch)
    summary = run(prune=prune)
    assert (summary.fetched, summary.removed) == (0, 2 if prune else 0)
    assert lines(folder)[0]["description"] == "changed"


def test_the_table_is_read_in_pages(
    resources: Resources, run: Export, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "PAGE_ROWS", 2)
    expected = [add_picture(resources, bytes([number])) for number in range(5)]
    run()
    assert [line["id"] for line in lines(folder)] == expected


def test_a_missing_original_is_an_error_after_everything_else_was_written(
    resources: Resources, run: Export, folder: Path
) -> None:
    good, lost, damaged = (add_picture(resources, content) for content in (b"1", b"2", b"3"))
    lose_original(resources, lost)
    damage_original(resources, damaged)
    with pytest.raises(ToolError) as error:
        run()
    assert f"of 1 pictures are missing in storage: {lost}" in str(error.value)
    assert f"of 1 pictures are not what was uploaded: {damaged}" in str(error.value)
    assert [(line["id"], bool(line["file"])) for line in lines(folder)] == [
        (good, True),
        (lost, False),
        (damaged, False),
    ]
    assert not list(folder.rglob("*.part"))


def test_what_is_no_picture_yet_is_exported_as_far_as_it_is_there(
    resources: Resources, run: Export, folder: Path
) -> None:
    announced, landed = pending(resources, b"1"), uploaded(resources, b"2")
    failed = uploaded(resources, b"3")
    resources.db.execute(
        "UPDATE image SET state = 'failed', failed_sha256 = sha256, sha256 = NULL, "
        "failure_code = 'truncated', failure_detail = 'It ends early.' WHERE id = %s",
        (failed,),
    )
    forgotten = row_in(resources, "failed", b"4")
    resources.db.execute("UPDATE image SET failed_sha256 = NULL WHERE id = %s", (forgotten,))
    row_in(resources, "deleting", b"5")
    run()
    assert [(line["id"], line["state"], bool(line["file"])) for line in lines(folder)] == [
        (ids.encode(announced), "pending", False),
        (ids.encode(landed), "pending", True),
        (ids.encode(failed), "failed", True),
        (ids.encode(forgotten), "failed", False),
    ]
    assert lines(folder)[2]["failure"] == {"code": "truncated", "detail": "It ends early."}


def test_pictures_that_were_deleted_leave_an_export_only_on_request(
    resources: Resources, run: Export, folder: Path
) -> None:
    add_picture(resources, b"1")
    gone = add_picture(resources, b"2")
    add_picture(resources, b"3")
    run()
    before = payload(folder)
    resources.db.execute("DELETE FROM image WHERE id = %s", (ids.decode(gone),))
    # The export stays what it was, and whole.
    said = rf"has 2 files of pictures that the library no longer has, .*{gone}\.jpg\. .*PRUNE=1"
    with pytest.raises(ToolError, match=said):
        run()
    assert payload(folder) == before
    assert len(lines(folder)) == 3
    assert run(prune=True).removed == 2
    assert len(payload(folder)) == 4
    assert gone not in {line["id"] for line in lines(folder)}


def test_a_picture_whose_true_type_was_found_out_is_kept_once(
    resources: Resources, run: Export, folder: Path
) -> None:
    add_picture(resources, b"1")
    run()
    resources.db.execute("UPDATE image SET type = 'image/webp'")
    assert run().removed == 0
    (line,) = lines(folder)
    assert payload(folder) == {line["file"], f"{line['file']}.xmp"}
    assert line["file"].endswith(".webp")


def test_a_folder_of_something_else_is_left_alone(resources: Resources, folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    with pytest.raises(ToolError, match="holds something else than an export"):
        export(library_of(resources), folder, lambda _: None, prune=True)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("line", "said"),
    [("{}", "line 2: Object missing required field"), ("nothing", "line 2: JSON is malformed")],
)
def test_a_line_that_cannot_be_read_is_named(
    resources: Resources, run: Export, folder: Path, line: str, said: str
) -> None:
    add_picture(resources, b"1")
    run()
    with (folder / PICTURES).open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(ToolError, match=said):
        list(read_records(folder))


def test_a_schema_of_another_version_is_refused(resources: Resources, run: Export, folder: Path) -> None:
    add_picture(resources, b"1")
    run()
    text = (folder / PICTURES).read_text()
    (folder / PICTURES).write_text(text.replace('"schema":1', '"schema":2'))
    with pytest.raises(ToolError, match="line 1: its schema is 2; this version reads 1"):
        list(read_records(folder))


def test_links_in_the_folder_have_nothing_written_or_removed_outside(
    resources: Resources, run: Export, folder: Path
) -> None:
    added = add_picture(resources, b"1")
    run()
    (original,) = (folder / ORIGINALS).rglob("*.jpg")
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    (outside / "0.jpg").write_text("kept")
    original.unlink()
    sidecar = original.with_name(f"{original.name}.xmp")
    sidecar.unlink()
    for path in (
        original.with_name(f"{original.name}.part"),
        sidecar,
        *(folder / name for name in module.DRAFTS),
    ):
        path.symlink_to(outside / "file")
    assert run().fetched == 1
    assert (outside / "file").read_text() == "kept"
    month = original.parent
    month.rename(folder.parent / "month")
    month.symlink_to(folder.parent / "month")
    with pytest.raises(ToolError, match=f"{added}.jpg' is no file of"):
        export(library_of(resources), folder, lambda _: None)
    (folder / ORIGINALS).rename(folder.parent / "originals")
    (folder / ORIGINALS).symlink_to(outside)
    with pytest.raises(ToolError, match=f"'{ORIGINALS}' is no file of"):
        export(library_of(resources), folder, lambda _: None, prune=True)
    assert (outside / "0.jpg").read_text() == "kept"
