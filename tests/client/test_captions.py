"""A captions file that is wrong says where."""

from pathlib import Path

import pytest

from stockroom_client.captions import read_captions
from stockroom_client.failures import Failure


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "truncated"),
        ("[" * 100_000, "recursion"),
        ("{}", "Expected `array`, got `object`"),
        ('["a.jpg"]', r"Expected `object`, got `str` - at `\$\[0\]`"),
        ('[{"name": "a"}]', "missing required field `file`"),
        ('[{"file": 1}]', r"at `\$\[0\].file`"),
        ('[{"file": "a", "tags": "b"}]', r"Expected `array`, got `str` - at `\$\[0\].tags`"),
        ('[{"file": "a", "tags": [1]}]', r"Expected `str`, got `int` - at `\$\[0\].tags\[0\]`"),
        ('[{"file": "a", "name": null}]', r"Expected `str`, got `null` - at `\$\[0\].name`"),
        ('[{"file": "b"}, {"file": "a", "title": "x"}]', r"unknown field `title` - at `\$\[1\]`"),
        ('[{"file": "a"}, {"file": "a"}]', "a has more than one caption"),
    ],
)
def test_mistakes_in_json(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "captions.json"
    file.write_text(content)
    with pytest.raises(Failure, match=words) as caught:
        read_captions(file)
    assert caught.value.detail.startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name\na\n", "missing required field `file`"),
        ("file,title\na,b\n", "unknown field `title`"),
        ("file,name\na,b,c\n", "unknown field `more cells than columns`"),
        ('file\n"a', "unexpected end of data"),
    ],
)
def test_mistakes_in_csv(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "captions.csv"
    file.write_text(content)
    with pytest.raises(Failure, match=words):
        read_captions(file)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["file", "description", "tags", "credit"],
        ["a.jpg", '"The sea,\nat night"', '"#sea, night;2024"', ""],
        ["b.jpg", "", "", "Ada"],
    ]
    file = tmp_path / "captions.CSV"
    file.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8-sig")
    captions = read_captions(file)
    assert captions.find(tmp_path / "a.jpg") == {
        "description": "The sea,\nat night",
        "tags": ["sea", "night", "2024"],
    }
    assert captions.find(tmp_path / "b.jpg") == {"credit": "Ada"}


def test_an_empty_text_is_something_else_than_none(tmp_path: Path) -> None:
    file = tmp_path / "captions.json"
    file.write_text('[{"file": "a.jpg", "description": ""}]')
    assert read_captions(file).find(tmp_path / "a.jpg") == {"description": ""}


def test_by_path_and_by_name(tmp_path: Path) -> None:
    file = tmp_path / "captions.json"
    file.write_text(
        '[{"file": "sub/a.jpg", "credit": "sub"}, {"file": "a.jpg", "credit": "top"}, {"file": "typo"}]'
    )
    captions = read_captions(file)
    assert captions.find(tmp_path / "sub" / "a.jpg") == {"credit": "sub"}
    assert captions.unused() == ["a.jpg", "typo"]
    assert captions.find(tmp_path / "a.jpg") == {"credit": "top"}
    assert captions.find(Path("/elsewhere/a.jpg")) == {"credit": "top"}
    assert captions.find(Path("/elsewhere/b.jpg")) == {}
    assert captions.unused() == ["typo"]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No such file"):
        read_captions(tmp_path / "captions.json")


def test_not_text(tmp_path: Path) -> None:
    file = tmp_path / "captions.json"
    file.write_bytes(b'[{"file": "caf\xe9.jpg"}]')
    with pytest.raises(Failure, match="can't decode byte 0xe9"):
        read_captions(file)
