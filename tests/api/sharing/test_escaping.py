"""Whatever a stranger writes stays a text, in every language that it is written into."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.analysis.appearance import DIRECTIONS
from stockroom.api.sharing.escaping import escape, make_line, write_json_script

PARTS = (
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&#x0;",
    '"',
    "'",
    "\0",
    "\u2028",
    "\\",
)
TEXTS = st.lists(st.text() | st.sampled_from(PARTS)).map("".join)
# What neither HTML nor XML can say, in whatever spelling.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


class Reader(HTMLParser):
    """Collects everything that a parser of HTML finds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS)
def test_a_text_in_html_is_read_as_it_was_written(text: str) -> None:
    readable = UNSPEAKABLE.sub("", text)
    read = Reader(f'<p title="{escape(text)}">{escape(text)}</p>')
    assert read.tags == [("p", {"title": readable})]
    assert (read.text, read.comments) == (readable, [])


@given(TEXTS)
def test_a_text_in_xml_is_read_as_it_was_written(text: str) -> None:
    element = ET.fromstring(f'<a b="{escape(text)}">{escape(text)}</a>')  # noqa: S314  our own answer
    # A parser makes one line break of each, and a blank of one in an attribute.
    readable = re.sub("\r\n?", "\n", UNSPEAKABLE.sub("", text))
    assert (element.text or "") == readable
    assert element.get("b") == re.sub("[\n\t]", " ", readable)
    assert len(element) == 0


@given(TEXTS)
def test_json_ends_no_script_and_is_read_as_it_was_written(text: str) -> None:
    written = write_json_script({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}
    read = Reader(f'<script type="application/ld+json">{written}</script><p>')
    assert [tag for tag, _ in read.tags] == ["script", "p"]
    assert read.text == written


@given(TEXTS, st.integers(2, 50))
def test_a_line_is_short_and_changes_no_direction(text: str, limit: int) -> None:
    line = make_line(text, limit)
    assert len(line) <= limit
    assert not DIRECTIONS & set(line)
    assert line == " ".join(line.split())
    assert bool(line) == bool("".join(set(UNSPEAKABLE.sub("", text)) - DIRECTIONS).split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("a bay\n\tat sea", "a bay at sea"),
        ("a bay at sea, in the evening", "a bay at sea,…"),
        ("a" * 20, "a" * 13 + "…"),
        ("\u202eexe.gnp", "exe.gnp"),
    ],
)
def test_a_line_ends_where_a_word_does(text: str, line: str) -> None:
    assert make_line(text, 14) == line
