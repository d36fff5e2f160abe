"""The registry of filters: one entry decides what is indexed, what is asked for and what is checked."""

from pathlib import Path

import pytest

from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest
from stockroom.search.filters import (
    FILTERS,
    OWNER,
    Choices,
    Filter,
    PictureFacts,
    find_filter_terms,
    parse_filters,
)

PICTURE = PictureFacts(
    metadata=Metadata(name="a.jpg", license="CC0-1.0"),
    width=1200,
    height=800,
    color="#ff0000",
    owner_id=17,
)


def test_what_a_picture_has() -> None:
    assert find_filter_terms(PICTURE) == [
        "orientation:landscape",
        "color:red",
        "license:CC0-1.0",
        "owner:17",
    ]


@pytest.mark.parametrize(
    ("name", "text", "term"),
    [
        ("orientation", " Square ", "orientation:square"),
        ("color", "GREY", "color:gray"),
        ("license", "cc-by-4.0", "license:CC-BY-4.0"),
        ("owner", "id:17", "owner:17"),
    ],
)
def test_what_a_visitor_may_ask_for(name: str, text: str, term: str) -> None:
    assert parse_filters({name: text}) == ((term,), None)


@pytest.mark.parametrize(
    ("text", "name"), [(" ADA  é ", "ada e"), ("17", "17"), ("id:x", "id:x"), ("id:", "id:"), ("\u0301", "")]
)
def test_a_contributors_name_is_no_term(text: str, name: str) -> None:
    assert parse_filters({"owner": text}) == ((), name)


def test_blank_texts_count_as_absent() -> None:
    assert parse_filters({each.name: " " for each in FILTERS}) == ((), None)


@pytest.mark.parametrize(
    ("name", "text", "detail"),
    [
        ("orientation", "Round", "orientation is one of landscape, portrait, square, not 'round'."),
        ("color", "#ff0000", "not '#ff0000'."),
        ("license", "WTFPL", "not 'WTFPL'."),
    ],
)
def test_what_is_no_choice_is_refused_by_name(name: str, text: str, detail: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_filters({name: text})
    (place,) = refused.value.errors
    assert (place.pointer, place.code) == (f"?{name}", f"invalid-{name}")
    assert place.detail.endswith(detail)


def test_an_unknown_filter_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="no-such-filter"):
        parse_filters({"no-such-filter": "640"})


@pytest.mark.parametrize("name", [each.name for each in FILTERS])
def test_every_filter_is_documented(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "search.md").read_text()
    assert f"`{name}`" in page


def test_every_value_of_a_picture_can_be_asked_for() -> None:
    for each in FILTERS:
        assert each.description
        for value in each.values_of(PICTURE):
            text = f"id:{value}" if each is OWNER else value
            assert each.query_term(text) in each.picture_terms(PICTURE)


def test_a_threshold_is_a_value_for_each_step() -> None:
    """The design that the module describes: a picture of 1,200 pixels has two of three steps."""
    steps = ("640", "1200", "2560")
    at_least = Filter(
        name="minwidth",
        description="Least width of the picture in pixels",
        choices=Choices(steps, "invalid-number"),
        values_of=lambda picture: [step for step in steps if picture.width >= int(step)],
    )
    assert at_least.picture_terms(PICTURE) == ["minwidth:640", "minwidth:1200"]
    assert at_least.query_term("1200") == "minwidth:1200"
    with pytest.raises(BadRequest, match="minwidth is one of 640, 1200, 2560"):
        at_least.query_term("1000")
