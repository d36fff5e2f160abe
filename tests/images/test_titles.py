"""Titles of pictures, by the examples that those of the page are held against, too."""

import json

import msgspec
import pytest

from stockroom.api.sharing.shared_picture import make_shared_picture
from stockroom.api.sharing.site import Site
from stockroom.images.picture import Metadata
from stockroom.images.titles import is_file_name, make_title
from stockroom.renditions import SOURCE_FORMATS
from tests.api.examples import PICTURE
from tooling import ROOT

EXAMPLES = json.loads((ROOT / "frontend/tests/pictures/title-examples.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES)
def test_titles_elsewhere_are_those_of_the_page(example: dict[str, str]) -> None:
    metadata = Metadata(name=example["name"], description=example["description"], license="CC0-1.0")
    picture = msgspec.structs.replace(PICTURE, metadata=metadata)
    assert make_shared_picture(picture, Site("https://photos.example.org")).title == example["title"]
    assert example["title"].removesuffix("…") in " ".join(make_title(metadata).split())


@pytest.mark.parametrize("extension", [each for source in SOURCE_FORMATS for each in source.extensions])
def test_the_files_of_every_accepted_format_are_known_by_their_names(extension: str) -> None:
    assert is_file_name(f"harbour.{extension.upper()}")


def test_it_takes_as_long_as_the_name_is_long() -> None:
    assert not is_file_name("IMG_" + "1" * 100_000 + " (1)(1) x")
