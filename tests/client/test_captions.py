"""A captions file that is wrong says where."""

from pathlib import Path

import pytest

from stockroom_client.captions import CaptionsError, read_captions


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("{}", "is not a list"),
        ('["a.jpg"]', 'entry 1: an object with "file"'),
        ('[{"file": 1}]', 'entry 1: an object with "file"'),
        ('[{"file": "a", "tags": "b"}]', "tags is a list of texts"),
        ('[{"file": "a", "tags": [1]}]', "tags is a list of texts"),
        ('[{"file": "a", "name": 1}]', "name is a text"),
        ('[{"file": "b"}, {"file": "a", "title": "x"}]', "entry 2: 'title' is unknown"),
        ('[{"file": "a"}, {"file": "a"}]', "entry 2: a is there twice"),
    ],
)
def test_mistakes(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "captions.json"
    file.write_text(content)
    with pytest.raises(CaptionsError, match=words):
        read_captions(file)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(CaptionsError, match="No such file"):
        read_captions(tmp_path / "captions.json")
