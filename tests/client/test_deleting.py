"""The commands that delete pictures and bring them back."""

from tests.client.conftest import Run
from tests.client.library import Library, answer, image


def test_pictures_are_deleted_and_restored(library: Library, run: Run) -> None:
    row = library.add_ready(b"1")
    ran = run("delete", row.id, "none", "--json")
    assert (ran.status, [(each["id"], each["state"]) for each in ran.json["images"]]) == (
        1,
        [(row.id, "deleted"), ("none", "gone")],
    )
    assert row.id in run("status").out
    ran = run("restore", row.id)
    assert (ran.status, row.state) == (0, "ready")
    assert f"ready         {row.id}" in ran.out
    assert library.calls("POST", "/api/images/delete") == [{"ids": [row.id, "none"]}]


def test_what_a_search_finds_is_deleted_after_a_question(library: Library, run: Run) -> None:
    row = library.add_ready(b"1")
    library.images = [image(row.id, "sea.jpg")]
    ran = run("delete", "--search", "sea")
    assert (ran.status, row.state) == (1, "ready")
    assert f"{row.id}  sea.jpg" in ran.err
    assert run("delete", "--search", "sea", "--yes").status == 0
    assert row.state == "deleted"
    assert run("restore", "--all").status == 0
    assert row.state == "ready"


def test_what_is_to_be_deleted_or_restored_is_said(run: Run) -> None:
    wrong = (("delete",), ("delete", "A", "--search", "sea"), ("restore",), ("restore", "A", "--all"))
    for arguments in wrong:
        assert run(*arguments).status == 2


def test_an_answer_about_other_pictures_is_none(library: Library, run: Run) -> None:
    library.fault("POST /api/images/delete", answer(200, b'{"images": []}'))
    ran = run("delete", "A")
    assert ran.status == 1
    assert "does not answer like a Stockroom library" in ran.err
