"""The command `edit`: which pictures, which changes, and what is said of them."""

import json
from pathlib import Path

import pytest

from stockroom_client import editing
from stockroom_client.editing import read_edits
from stockroom_client.failures import Failure
from tests.client.conftest import Run
from tests.client.library import Library, answer, image


@pytest.fixture(autouse=True)
def stocked(library: Library) -> None:
    library.images = [image(f"ID{number}", f"Sea {number}") for number in range(3)]


def test_pictures_by_their_ids(library: Library, run: Run) -> None:
    library.rejected["ID9"] = {"code": "too-many-tags", "detail": "Give at most 50 tags."}
    ran = run("edit", "ID0", "ID7", "ID9", "--add-tag", "#sea", "--credit", "A. Artist", "--clear", "place")
    assert ran.status == 1
    assert ran.out.splitlines() == [
        "edited     ID0",
        "gone       ID7",
        "rejected   ID9  Give at most 50 tags.",
    ]
    assert "1 edited, 1 gone, 1 rejected" in ran.err
    (request,) = library.calls("POST", "/api/images/edit")
    assert request == {
        "ids": ["ID0", "ID7", "ID9"],
        "set": {"credit": "A. Artist", "place": ""},
        "add_tags": ["sea"],
    }


def test_the_same_command_again_changes_nothing(run: Run) -> None:
    for state in ("edited", "unchanged"):
        ran = run("edit", "ID1", "--description", "A boat", "--json")
        assert (ran.status, ran.json) == (0, {"images": [{"state": state, "id": "ID1", "detail": ""}]})


def test_pictures_that_a_search_finds(library: Library, run: Run) -> None:
    ran = run("edit", "--search", "sea -fence", "--remove-tag", "old", "--tag", "new", "--limit", "2")
    assert ran.status == 0
    assert library.requests[0][1] == "/api/images?limit=2&q=sea+-fence"
    (request,) = library.calls("POST", "/api/images/edit")
    assert request == {"ids": ["ID0", "ID1"], "set": {"tags": ["new"]}, "remove_tags": ["old"]}


def test_a_search_that_finds_nothing_edits_nothing(library: Library, run: Run) -> None:
    library.images = []
    ran = run("edit", "--search", "sea", "--add-tag", "x")
    assert (ran.status, ran.out) == (0, "")
    assert "no pictures" in ran.err
    assert library.calls("POST", "/api/images/edit") == []


def test_a_table_of_changes(library: Library, run: Run, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text('id,name,add_tags,usage_terms\nID0,,"#sea, sun",\nID1,,"sea;sun",\nID2,New,,Ask first\n')
    assert run("edit", "--table", table).status == 0
    assert library.calls("POST", "/api/images/edit") == [
        {"ids": ["ID0", "ID1"], "set": {}, "add_tags": ["sea", "sun"]},
        {"ids": ["ID2"], "set": {"name": "New", "usage_terms": "Ask first"}},
    ]


def test_an_empty_text_of_a_list_in_json_clears_a_field(library: Library, run: Run, tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    table.write_text(json.dumps([{"id": "ID0", "description": "", "tags": []}]))
    assert run("edit", "--table", table).status == 0
    (request,) = library.calls("POST", "/api/images/edit")
    assert request == {"ids": ["ID0"], "set": {"description": "", "tags": []}}


def test_a_dry_run_says_what_would_change_and_changes_nothing(library: Library, run: Run) -> None:
    library.images[0]["tags"] = ["old", "sea"]
    arguments = ["--name", "Sea 0", "--description", "A boat", "--add-tag", "sea", "--add-tag", "sun"]
    ran = run("edit", "ID0", "ID7", "--dry-run", *arguments, "--remove-tag", "old", "--clear", "credit")
    assert ran.status == 1
    assert ran.out.splitlines() == [
        "edited     ID0  description: nothing becomes 'A boat'; new tags: sun; without the tags: old",
        "gone       ID7",
    ]
    assert run("edit", "ID1", "--dry-run", "--name", "Sea 1").out == "unchanged  ID1\n"
    assert library.calls("POST", "/api/images/edit") == []


def test_many_pictures_are_several_requests(
    library: Library, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "IDS_PER_REQUEST", 2)
    assert run("edit", "ID0", "ID1", "ID2", "--add-tag", "x").status == 0
    assert [request["ids"] for request in library.calls("POST", "/api/images/edit")] == [
        ["ID0", "ID1"],
        ["ID2"],
    ]


def test_a_busy_library_is_asked_again(library: Library, run: Run) -> None:
    library.fault("POST /api/images/edit", answer(503))
    assert run("edit", "ID0", "--add-tag", "x").status == 0


def test_an_answer_about_other_pictures_is_none(library: Library, run: Run) -> None:
    library.fault("POST /api/images/edit", answer(200, b'{"images": [{"id": "ID1", "state": "edited"}]}'))
    ran = run("edit", "ID0", "--add-tag", "x")
    assert (ran.status, "does not answer like a Stockroom library" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--add-tag", "x"], "name the pictures in one way"),
        (["ID0", "--search", "sea", "--add-tag", "x"], "name the pictures in one way"),
        (["ID0"], "say what is to change"),
        (["--table", "t.csv", "--add-tag", "x"], "say what is to change"),
        (["ID0", "--clear", "license"], "Invalid value for '--clear'"),
    ],
)
def test_wrong_usage(library: Library, run: Run, arguments: list[str], words: str) -> None:
    ran = run("edit", *arguments)
    assert (ran.status, words in ran.err) == (2, True), ran.err
    assert library.requests == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name\na\n", "missing required field `id`"),
        ("id,title\na,b\n", "unknown field `title`"),
        ("id,name\nID0,a\nID0,b\n", "ID0 is there more than once"),
        ("id,name\nID0,\n", "nothing is said about ID0"),
        ('id\n"a', "unexpected end of data"),
    ],
)
def test_mistakes_in_a_table(tmp_path: Path, content: str, words: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(content)
    with pytest.raises(Failure, match=words):
        read_edits(table)
    with pytest.raises(Failure, match="No such file"):
        read_edits(tmp_path / "none.csv")
