"""The registry of filters: one entry decides what is indexed, what is asked for and what is checked."""

import re
from pathlib import Path

import pytest

from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest
from stockroom.search.filters import (
    FILTERS,
    OWNER,
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


EXAMPLES = {
    "orientation": (["orientation:landscape"], " Landscape ", "orientation:landscape", "Round"),
    "color": (["color:red"], "RED", "color:red", "#ff0000"),
    "license": (["license:CC0-1.0"], "cc0-1.0", "license:CC0-1.0", "WTFPL"),
    "owner": (["owner:17"], "id:17", "owner:17", None),
}
"""By filter: the terms of PICTURE; a text that asks for the picture, and its term; a text that is refused."""


def test_every_filter_has_an_example() -> None:
    assert list(EXAMPLES) == [each.name for each in FILTERS]


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in FILTERS])
def test_what_a_picture_has_and_a_visitor_may_ask_for(each: Filter) -> None:
    terms, text, term, refused_text = EXAMPLES[each.name]
    assert each.picture_terms(PICTURE) == terms
    assert parse_filters({each.name: text}) == ((term,), None)
    assert set(terms) <= set(find_filter_terms(PICTURE))
    if refused_text is None:
        assert not each.choices
        return
    with pytest.raises(BadRequest) as refused:
        parse_filters({each.name: refused_text})
    (place,) = refused.value.errors
    assert (place.pointer, place.code) == (f"?{each.name}", "invalid-choice")
    assert place.detail == f"{each.name} is one of {', '.join(each.choices)}, not {refused_text!r}."


def test_grey_is_gray() -> None:
    assert parse_filters({"color": "GREY"}).terms == ("color:gray",)


@pytest.mark.parametrize(
    ("text", "name"), [(" ADA  é ", "ada e"), ("17", "17"), ("id:x", "id:x"), ("id:", "id:"), ("\u0301", "")]
)
def test_a_contributors_name_is_no_term(text: str, name: str) -> None:
    assert parse_filters({"owner": text}) == ((), name)


def test_blank_texts_count_as_absent() -> None:
    assert parse_filters({each.name: " " for each in FILTERS}) == ((), None)


def test_an_unknown_filter_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="no-such-filter"):
        parse_filters({"no-such-filter": "640"})


def test_the_page_about_searching_shows_every_filter() -> None:
    page = (Path(__file__).parents[2] / "docs" / "search.md").read_text()
    section = page.partition("\n## Filters\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    assert rows == [
        (each.name, each.description, ", ".join(f"`{choice}`" for choice in each.choices) or "any text")
        for each in FILTERS
    ]


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
        name="wide",
        description="Least width of the picture in pixels",
        choices=steps,
        values_of=lambda picture: [step for step in steps if picture.width >= int(step)],
    )
    assert at_least.picture_terms(PICTURE) == ["wide:640", "wide:1200"]
    assert at_least.query_term("1200") == "wide:1200"
    with pytest.raises(BadRequest, match="wide is one of 640, 1200, 2560"):
        at_least.query_term("1000")
