"""The sample pictures: all captioned, small, and with their licence beside them."""

import json
from pathlib import Path

import pytest

from stockroom_client.captions import read_captions
from stockroom_client.contract import Config
from stockroom_client.discovery import discover
from tests.client.library import FORMATS

SAMPLES = Path(__file__).parents[2] / "samples"
PICTURES = sorted(SAMPLES.glob("*.jpg"))


def test_a_dozen() -> None:
    assert len(PICTURES) == 12
    assert {entry["file"] for entry in json.loads((SAMPLES / "photos.json").read_text())} == {
        picture.name for picture in PICTURES
    }


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_sample(picture: Path) -> None:
    metadata = read_captions(SAMPLES / "photos.json").find(picture)
    assert metadata["name"]
    assert metadata["description"]
    assert metadata["tags"]
    assert (metadata["license"], metadata["credit"]) == ("CC0-1.0", "Budgie Desktop Developers")
    assert picture.stat().st_size <= 350_000


def test_uploadable() -> None:
    config = Config(types=["image/jpeg"], max_bytes=10**6, max_files=500, formats=FORMATS)
    files, others = discover([SAMPLES], config, read_captions(SAMPLES / "photos.json"))
    assert [file.has_ended for file in files] == [False] * 12
    assert others == 2  # the captions and the licence


def test_licence_is_recorded() -> None:
    text = (SAMPLES / "LICENSE.md").read_text()
    assert "CC0-1.0" in text
    assert "budgie-backgrounds" in text
