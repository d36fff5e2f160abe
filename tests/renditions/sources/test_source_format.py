"""What must hold for every accepted format, whoever adds it."""

from mimetypes import MimeTypes
from pathlib import Path
from typing import Any

import pytest

from stockroom.renditions import SOURCE_FORMATS, SourceFormat
from tests.renditions.hostile import CORPUS
from tests.renditions.images import photo_of

FORMATS = [pytest.param(format_, id=format_.name) for format_ in SOURCE_FORMATS]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_whole_file_has_its_end_and_one_cut_off_has_not(format_: SourceFormat) -> None:
    data = photo_of(format_.name)
    assert not format_.is_cut_off(data)
    assert format_.is_cut_off(data[:-20])


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("code", ["too-many-pixels", "too-much-metadata"])
def test_the_corpus_has_a_bomb_for_each_limit_of_each_format(format_: SourceFormat, code: str) -> None:
    """A check that is forgotten in a new format is found by its bomb."""
    bombs = [
        name
        for name, hostile in CORPUS.items()
        if hostile.is_bomb and code in hostile.ends and name.startswith(f"{format_.name} ")
    ]
    assert bombs


@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_has_tests_of_its_own(format_: SourceFormat) -> None:
    assert "def test_" in Path(__file__).with_name(f"test_{format_.name}.py").read_text()


def test_names_types_and_extensions_belong_to_one_format_each() -> None:
    for field in ("name", "title", "media_type", "loader", "loader_class"):
        values = [getattr(format_, field) for format_ in SOURCE_FORMATS]
        assert len(set(values)) == len(values), field
    extensions = [extension for format_ in SOURCE_FORMATS for extension in format_.extensions]
    assert len(set(extensions)) == len(extensions)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_has_all_its_usual_extensions(format_: SourceFormat) -> None:
    usual = MimeTypes().guess_all_extensions(format_.media_type, strict=False)
    assert {extension.removeprefix(".") for extension in usual} <= set(format_.extensions)


def test_a_format_answers_every_question() -> None:
    answers: dict[str, Any] = {
        field: getattr(SOURCE_FORMATS[0], field) for field in SourceFormat.__struct_fields__
    }
    for field in answers:
        with pytest.raises(TypeError, match=f"Missing required argument '{field}'"):
            SourceFormat(**{other: value for other, value in answers.items() if other != field})
