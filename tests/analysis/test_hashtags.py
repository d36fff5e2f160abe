"""Hashtags within descriptions."""

import json

import pytest

from stockroom.analysis.hashtags import parse_hashtags, remove_hashtags
from tooling import ROOT

CAPTIONS = json.loads((ROOT / "frontend/tests/pictures/caption-examples.json").read_text())


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Sea and #sea and ##sand", ["sea", "sand"]),
        ("#été, #東京! #new_york.", ["été", "東京", "new_york"]),
        ("#नमस्ते #سلام ＃全角", ["नमस्ते", "سلام", "全角"]),  # noqa: RUF001
        ("#\u0130stanbul #istanbul", ["istanbul"]),
        ("a#b C# &#39; https://example.org/#part", []),
        ("#1 of #2020 but #2020s", ["2020s"]),
        ("#sea#sun", ["sea"]),  # the second begins inside a word
        ("# #_ #-", []),
        ("#\u200c\u200d #\u3164 #\u0301", []),  # nobody would see them
        ("#" + "a" * 100, ["a" * 64]),
    ],
)
def test_hashtags(text: str, tags: list[str]) -> None:
    assert parse_hashtags(text) == tags


@pytest.mark.parametrize("example", CAPTIONS)
def test_captions_are_those_of_the_page(example: dict[str, str]) -> None:
    assert remove_hashtags(example["description"]) == example["caption"]
