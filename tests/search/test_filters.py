"""The registry of filters: one entry decides what is indexed, what is asked for and what is checked."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest
from stockroom.runtime.licenses import LICENSES
from stockroom.search.filters import (
    FILTERS,
    OWNER,
    Filter,
    IndexedPicture,
    PictureToIndex,
    find_filter_terms,
    parse_filters,
)

PICTURE = PictureToIndex(
    metadata=Metadata(name="a.jpg", license="CC0-1.0", creator="Ann Ólafs", place="New York"),
    width=1200,
    height=800,
    color="#ff0000",
    owner_id=17,
    camera="Canon EOS 5D",
    taken=datetime(2016, 5, 20, 23, 59),  # noqa: DTZ001  as the database stores it
)


def of_width(width: int) -> PictureToIndex:
    """PICTURE of another width."""
    return msgspec.structs.replace(PICTURE, width=width)


class Threshold(NamedTuple):
    """How a filter of numbers is to be tested."""

    picture_of: Callable[[int], PictureToIndex]
    """A picture that measures just so much in the smallest unit: pixels, where the steps are megapixels."""
    unit: int = 1
    """So many of the smallest unit are one of the steps."""
    is_at_most: bool = False
    """Whether a picture has the steps that it does not exceed; else it has those that it reaches."""


class Example(NamedTuple):
    """What one filter makes of PICTURE."""

    terms: list[str]
    """The terms of PICTURE."""
    text: str
    """A text that asks for it."""
    term: str
    """The term of that text."""
    refused_text: str | None
    """A text that is none of the choices; None for a filter without choices."""
    threshold: Threshold | None = None
    """For a filter whose choices are numbers."""


EXAMPLES = {
    "orientation": Example(["orientation:landscape"], " Landscape ", "orientation:landscape", "Round"),
    "color": Example(["color:red"], "RED", "color:red", "#ff0000"),
    "license": Example(["license:CC0-1.0"], "cc0-1.0", "license:CC0-1.0", "WTFPL"),
    "owner": Example(["owner:17"], "id:17", "owner:17", None),
    "by": Example(["by:ann", "by:olaf"], " ÓLAFS ", "by:olaf", None),
    "camera": Example(["camera:5d", "camera:canon", "camera:eo"], "5d", "camera:5d", None),
    "place": Example(["place:new", "place:york"], "YORK", "place:york", None),
    "taken": Example(["taken:2016", "taken:2016-05", "taken:2016-05-20"], "5-2016", "taken:2016-05", None),
}
ALL_FILTERS = [pytest.param(each, id=each.name) for each in FILTERS]


def test_every_filter_has_an_example() -> None:
    assert list(EXAMPLES) == [each.name for each in FILTERS]


@pytest.mark.parametrize("each", ALL_FILTERS)
def test_what_a_picture_has_and_a_visitor_may_ask_for(each: Filter) -> None:
    terms, text, term, refused_text, _ = EXAMPLES[each.name]
    assert each.picture_terms(PICTURE) == terms
    assert parse_filters({each.name: text}) == ((term,), None, text.strip() if each.name == "by" else "", {})
    assert set(terms) <= set(find_filter_terms(PICTURE))
    if refused_text is None:
        assert not each.choices
        return
    with pytest.raises(BadRequest) as refused:
        parse_filters({each.name: refused_text})
    (place,) = refused.value.errors
    assert (place.pointer, place.code) == (f"?{each.name}", "invalid-choice")
    assert place.detail == f"{each.name} is one of {', '.join(each.choices)}, not {refused_text!r}."


def test_a_group_stands_for_several_values() -> None:
    """No picture has the term of the group itself."""
    conditions = parse_filters({"license": " FREE ", "color": "red"})
    assert conditions.terms == ("color:red", "license:free")
    assert conditions.alternatives == {
        "license:free": tuple(f"license:{each}" for each in LICENSES if each != "all-rights-reserved")
    }
    assert parse_filters({"license": "CC0-1.0"}).alternatives == {}


def test_groups_consist_of_values_and_are_none() -> None:
    for each in FILTERS:
        names = {group.name for group in each.groups}
        assert names <= set(each.choices)
        assert all(group.values and set(group.values) < set(each.choices) - names for group in each.groups)


def test_grey_is_gray() -> None:
    assert parse_filters({"color": "GREY"}).terms == ("color:gray",)


@pytest.mark.parametrize(
    ("text", "name"), [(" ADA  é ", "ada e"), ("17", "17"), ("id:x", "id:x"), ("id:", "id:"), ("\u0301", "")]
)
def test_a_contributors_name_is_no_term(text: str, name: str) -> None:
    assert parse_filters({"owner": text}) == ((), name, "", {})


def test_blank_texts_count_as_absent() -> None:
    assert parse_filters({each.name: " " for each in FILTERS}) == ((), None, "", {})


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("EOS 5D", ("camera:eo", "camera:5d")),
        ("5d, EOS; 5D!", ("camera:5d", "camera:eo")),
        ("well-known", ("camera:well", "camera:known")),
        ("東京都", ("camera:東京", "camera:京都")),
        # No word: nothing is found, rather than everything.
        ("- !", ("camera:- !",)),
    ],
)
def test_words_of_a_field_are_asked_for_in_any_order(text: str, terms: tuple[str, ...]) -> None:
    assert parse_filters({"camera": text}).terms == terms


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2016-05-20", "2016-05-20"),
        ("20-5-2016", "2016-05-20"),
        ("2016-5", "2016-05"),
        ("05-2016", "2016-05"),
        ("2016", "2016"),
        ("0999", "0999"),
    ],
)
def test_a_day_of_capture_in_all_its_forms(text: str, value: str) -> None:
    assert parse_filters({"taken": text}).terms == (f"taken:{value}",)


@pytest.mark.parametrize(
    "text", ["yesterday", "*-2016", "2016-13", "30-2-2016", "0000", "2016-05-20-1", "٢٠١٦"]
)
def test_what_is_no_day_of_capture(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_filters({"taken": text})
    (place,) = refused.value.errors
    assert (place.pointer, place.code) == ("?taken", "invalid-date")


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
            assert set(each.query_terms(text)) <= set(each.picture_terms(PICTURE))


def check_threshold(each: Filter, threshold: Threshold) -> None:
    """Exactly at each step, and at both sides of it, a picture has the steps that it passes and no other."""
    unit, is_at_most = threshold.unit, threshold.is_at_most
    steps = sorted(int(choice) for choice in each.choices)
    for measure in sorted({step * unit + offset for step in steps for offset in (-1, 0, 1)}):
        passed = {
            str(step) for step in steps if (measure <= step * unit if is_at_most else measure >= step * unit)
        }
        assert set(each.values_of(threshold.picture_of(measure))) == passed, f"{each.name} of {measure}"


@pytest.mark.parametrize("each", ALL_FILTERS)
def test_a_filter_of_numbers_is_a_threshold_whose_steps_are_all_passed(each: Filter) -> None:
    threshold = EXAMPLES[each.name].threshold
    is_threshold = bool(each.choices) and all(choice.isdecimal() for choice in each.choices)
    assert is_threshold == (threshold is not None), "its example says what a picture of any measure is"
    if threshold is not None:
        check_threshold(each, threshold)


STEPS = ("640", "1200", "2560")


def make_threshold(values_of: Callable[[IndexedPicture], list[str]]) -> Filter:
    return Filter(name="wide", description="Least width in pixels", choices=STEPS, values_of=values_of)


def test_a_threshold_is_a_value_for_each_step() -> None:
    """The design that the module describes: a picture of 1,200 pixels has two of three steps."""
    wide = make_threshold(lambda picture: [step for step in STEPS if picture.width >= int(step)])
    assert wide.picture_terms(PICTURE) == ["wide:640", "wide:1200"]
    assert wide.query_term("1200") == "wide:1200"
    with pytest.raises(BadRequest, match="wide is one of 640, 1200, 2560"):
        wide.query_term("1000")
    check_threshold(wide, Threshold(of_width))


@pytest.mark.parametrize(
    "values_of",
    [
        pytest.param(lambda picture: [step for step in STEPS if picture.width > int(step)], id="above"),
        pytest.param(
            lambda picture: [step for step in STEPS if picture.height >= int(step)], id="other side"
        ),
        pytest.param(
            lambda picture: [step for step in STEPS if picture.width >= int(step)][-1:],
            id="largest step alone",
        ),
    ],
)
def test_a_wrong_threshold_is_noticed(values_of: Callable[[IndexedPicture], list[str]]) -> None:
    with pytest.raises(AssertionError, match="wide of"):
        check_threshold(make_threshold(values_of), Threshold(of_width))


def test_a_threshold_of_what_a_picture_does_not_exceed() -> None:
    """In thousands of pixels, which are never rounded: a picture of 640,001 pixels is wider than 640."""
    narrow = make_threshold(lambda picture: [step for step in STEPS if picture.width <= int(step) * 1000])
    rounded = make_threshold(lambda picture: [step for step in STEPS if picture.width // 1000 <= int(step)])
    threshold = Threshold(of_width, unit=1000, is_at_most=True)
    check_threshold(narrow, threshold)
    with pytest.raises(AssertionError, match="wide of"):
        check_threshold(rounded, threshold)
