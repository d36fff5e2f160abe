"""What is asked for, and what is refused."""

import contextlib
import sys
from datetime import date
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stockroom.runtime.errors import BadRequest
from stockroom.search.index.id_ranges import ALL_IDS
from stockroom.search.query.parse import MAX_QUERY, LastWord, Phrase, Query, parse

TODAY = date(2026, 5, 1)
BLUE_SEA = Phrase(("blue", "sea"), ("blue", "sea"))


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("", Query()),
        (" \t ", Query()),
        ("sea", Query(words=("sea",), last_word=LastWord("sea", "sea", False))),
        ("the sea", Query(words=("sea",), last_word=LastWord("sea", "sea", False))),
        ("the", Query(words=("the",), last_word=LastWord("the", "the", True))),
        ("the #sea", Query(tags=("#sea",))),
        ('"the sea"', Query(phrases=(Phrase(("the", "sea"), ("the", "sea")),))),
        ("“the sea”", Query(phrases=(Phrase(("the", "sea"), ("the", "sea")),))),
        ('"sea"', Query(phrases=(Phrase((), ("sea",)),))),
        ('desc:"red boats"', Query(phrases=(Phrase(("red", "boat"), ("red", "boat"), True),))),
        ("DESC:red", Query(phrases=(Phrase(("red",), ("red",), True),))),
        ("東京都", Query(phrases=(Phrase(("東", "京", "都"), ("東京", "京都")),))),
        ("-sea", Query(excluded_terms=("sea",))),
        ("-#sea -tags:sun,sand", Query(excluded_terms=("#sea", "#sun", "#sand"))),
        ('-"the sea"', Query(excluded_phrases=(Phrase(("the", "sea"), ("the", "sea")),))),
        ("-well-known", Query(excluded_phrases=(Phrase(("well", "known"), ("well", "known")),))),
        ('tags:cute,dog,"new york"', Query(tags=("#cute", "#dog", "#new york"))),
        ("tags:cute, dog", Query(words=("dog",), tags=("#cute",), last_word=LastWord("dog", "dog", False))),
        ("tag:#sea, tag:", Query(tags=("#sea",))),
        ("#sea,#sun #sand.", Query(tags=("#sea", "#sun", "#sand"))),
        ('# - "" desc: tags: date: tag:,', Query()),
        (
            'by:smith CAMERA:"EOS 5D"',
            Query(filters=("by:smith", "camera:eo", "camera:5d"), by_names=("smith",)),
        ),
        ("taken:5-2016 place:rome", Query(filters=("taken:2016-05", "place:rome"))),
        (
            "-by:smith -taken:2016",
            Query(excluded_terms=("by:smith", "taken:2016"), excluded_by_names=("smith",)),
        ),
        ('-camera:"EOS 5D"', Query(excluded_together=(("camera:eo", "camera:5d"),))),
        ('by: camera:"" -place:', Query()),
        ("by:the the", Query(filters=("by:the",), by_names=("the",))),
        ("no:operator", Query(words=("oper",), last_word=LastWord("operator", "oper", False))),
        (
            'red"blue sea"',
            Query(words=("red",), phrases=(BLUE_SEA,), last_word=LastWord("red", "red", False)),
        ),
    ],
)
def test_grammar(q: str, expected: Query) -> None:
    assert parse(q, today=TODAY) == expected


def test_the_last_word_may_be_unfinished() -> None:
    assert parse("red sunfl #tag", today=TODAY).last_word == LastWord("sunfl", "sunfl", False)
    assert parse("red su", today=TODAY).last_word is None
    assert parse("sea the", today=TODAY).last_word is None
    assert parse('"sunfl"', today=TODAY).last_word is None


def test_dates_of_the_text_and_of_parameters_meet() -> None:
    both = parse("from:2016-05-02", last="5-2016", today=TODAY)
    assert both == parse("to:31-5-2016", first="2016-05-02", today=TODAY)
    assert both.id_ranges != (ALL_IDS,)
    assert parse("from:2017 to:2016", today=TODAY).id_ranges == ()
    assert (
        parse("date:20-*-2016 from:1-6-2016", today=TODAY).id_ranges == parse("date:20-*-2016").id_ranges[:7]
    )


def test_tags_of_the_text_and_of_parameters_add_up() -> None:
    assert parse("#sea", tags=["Sun", "sand,sea", ""], today=TODAY).tags == ("#sea", "#sun", "#sand")


def test_filters() -> None:
    query = parse(
        filters={"color": "grey", "owner": " ", "orientation": "Square"}, sort="newest", today=TODAY
    )
    assert query.filters == ("orientation:square", "color:gray")


def test_relevance_needs_something_to_match() -> None:
    assert parse("sea", sort="relevance", today=TODAY).is_ranked
    assert parse('"the sea"', sort="relevance", today=TODAY).is_ranked
    assert not parse("#sea date:2016", sort="relevance", today=TODAY).is_ranked
    assert not parse("sea", sort="newest", today=TODAY).is_ranked


@pytest.mark.parametrize(
    ("arguments", "pointer", "code"),
    [
        ({"q": "date:30-2-2016"}, "?q", "invalid-date"),
        ({"q": "sea from:20-*-2016"}, "?q", "invalid-date"),
        ({"q": "to:tomorrow"}, "?q", "invalid-date"),
        ({"q": "-date:2016"}, "?q", "invalid-date"),
        ({"first": "2016-02-30"}, "?from", "invalid-date"),
        ({"last": "soon"}, "?to", "invalid-date"),
        ({"q": "x" * (MAX_QUERY + 1)}, "?q", "query-too-long"),
        ({"tags": [f"t{n}" for n in range(51)]}, "?tag", "too-many-tags"),
        ({"filters": {"color": "#ff0000"}}, "?color", "invalid-choice"),
        ({"sort": "best"}, "?sort", "invalid-choice"),
    ],
)
def test_refusals_name_the_place(arguments: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(**arguments, today=TODAY)
    (place,) = refused.value.errors
    assert (place.pointer, place.code, refused.value.code) == (pointer, code, code)


def test_the_place_within_the_text_is_named() -> None:
    with pytest.raises(BadRequest, match=r"31-4-2016 \(in “date:31-4-2016”\)"):
        parse("sea date:31-4-2016", today=TODAY)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from('ab é東#"-:,*.+ 12\u0301tagsdedat')), st.booleans())
@example('"' * 1000, False)
@example("-" * 1000, False)
@example("#" * 1000, True)
@example("tags:" + "," * 995, True)
def test_any_text_is_a_query_or_a_refusal(q: str, folded: bool) -> None:
    try:
        found = parse(q.upper() if folded else q, today=TODAY)
    except BadRequest:
        return
    assert all(len(term.encode()) <= 96 for term in found.terms())


pieces = st.one_of(
    st.sampled_from(
        ["a", "-", '"', "#", "tags:,", "a-", "a'", "a.", "東", 'desc:"', "\u0301", "  ", "date:2016 "]
    ),
    st.text(alphabet=st.sampled_from('ab é東#"-:,*.+ 12\u0301tagsdedat'), min_size=1, max_size=12),
)


def steps(text: str) -> int:
    """Lines of the search package that are run to read a query."""
    count = 0

    def line(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event == "line" and "/search/" in frame.f_code.co_filename
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        parse(text, today=TODAY)
    except BadRequest:
        pass
    finally:
        sys.settrace(before)
    return count


@settings(deadline=None, max_examples=60)
@given(pieces)
@example('a"')
@example("#a")
def test_steps_are_linear_in_the_length(piece: str) -> None:
    for text in (piece * 1000, "x " + piece * 1000):
        parse_twice(text[:MAX_QUERY])  # so that what is memoised between queries is there
        quarter, whole = steps(text[: MAX_QUERY // 4]), steps(text[:MAX_QUERY])
        assert whole <= 6 * quarter + 400


def parse_twice(text: str) -> None:
    for part in (text, text[: MAX_QUERY // 4]):
        with contextlib.suppress(BadRequest):
            parse(part, today=TODAY)


def test_a_huge_query_is_refused_at_once() -> None:
    huge = '"a ' * 33_334
    with pytest.raises(BadRequest):
        parse(huge, today=TODAY)
    assert steps(huge) < 100


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("photos of a boat", ("boat",)),
        ("Bilder von Booten", ("booten",)),
        ("old photo of a boat", ("old", "photo", "boat")),
        ("photo booth", ("photo", "booth")),
        ("photos of", ("photo",)),
        ("pictures of the", ("pictur",)),
        ("photos of #sea", ()),
    ],
)
def test_what_asks_for_pictures_at_the_beginning_is_dropped(q: str, words: tuple[str, ...]) -> None:
    assert parse(q).words == words
