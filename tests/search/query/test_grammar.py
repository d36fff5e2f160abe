"""The items of `q`: what was read can be written and read again."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stockroom.api.search_parameters import TEXT
from stockroom.search.query import grammar
from stockroom.search.query.grammar import OPERATORS, Item, Value, read_items

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("sea", Item(0, False, "", (Value("sea", False),))),
        ('  -"red sea', Item(2, True, "", (Value("red sea", True),))),
        ("“red sea”", Item(0, False, "", (Value("red sea", True),))),
        ('TAGS:a,"b c",', Item(0, False, "tags", (Value("a", False), Value("b c", True), Value("", False)))),
        ("date:2016,x", Item(0, False, "date", (Value("2016,x", False),))),
        ("-", Item(0, False, "", (Value("-", False),))),
        ("other:sea", Item(0, False, "", (Value("other:sea", False),))),
        ("-from:2016", Item(0, True, "from", (Value("2016", False),))),
    ],
)
def test_one_item(q: str, expected: Item) -> None:
    assert list(read_items(q)) == [expected]


def test_items_know_where_they_stand() -> None:
    assert [item.position for item in read_items('a  -b"c d" e')] == [0, 3, 5, 11]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from('ab é東#"“-:,*.+ 12\u0301tagsdedat')))
@example('tag:a,"b c",,d -"x y" --z desc: "')
def test_what_was_read_can_be_written_and_read_again(q: str) -> None:
    read = list(read_items(q))
    again = list(read_items(" ".join(map(write_item, read))))
    assert [replace(item, position=0) for item in again] == [replace(item, position=0) for item in read]


def write_item(item: Item) -> str:
    values = ",".join(f'"{value.text}"' if value.is_quoted else value.text for value in item.values)
    return f"{'-' if item.is_excluded else ''}{item.operator}{':' if item.operator else ''}{values}"


def test_every_operator_stands_where_operators_are_listed() -> None:
    for name, text in {
        "grammar.py": grammar.__doc__ or "",
        "docs/search.md": (ROOT / "docs/search.md").read_text(),
    }.items():
        rule = text.partition("operator = ")[2].partition("in any case")[0]
        assert set(re.findall(r'"([a-z]+)"', rule)) == OPERATORS, name
    # The document of the API has the other spelling of "tags" alone.
    assert set(re.findall(r"([a-z]+):", TEXT)) == OPERATORS - {"tag"}
    page = (ROOT / "frontend/src/search/params.ts").read_text()
    (unranked,) = re.findall(r"^const UNRANKED = .*\((?:\?:)?([a-z?|]+)\):", page, re.MULTILINE)
    # A word of the description ranks pictures, as a plain one does.
    assert {each for each in OPERATORS if re.fullmatch(unranked, each)} == OPERATORS - {"desc"}
