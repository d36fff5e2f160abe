"""Whatever texts pictures and searches have, everything about them can be read by those it is for."""

import json
from datetime import datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from stockroom.analysis.appearance import DIRECTIONS
from stockroom.api.sharing.feeds import write_atom, write_json_feed
from stockroom.api.sharing.oembed import present_oembed
from stockroom.api.sharing.picture_body import write_picture_body
from stockroom.api.sharing.picture_head import write_picture_head
from stockroom.api.sharing.site import Site
from stockroom.images.picture import Metadata, Picture
from stockroom.search.service import SearchPage

SITE = Site("https://photos.example.org")
ATOM = "{http://www.w3.org/2005/Atom}"
PARTS = ('"><script>', "</title>", "</script>", "<!--", "]]>", "&", "'", "\0", "\u202e", "\u2028", "\ufffe")
TEXTS = st.lists(st.text(max_size=20) | st.sampled_from(PARTS), max_size=5).map("".join)
NAMES = TEXTS.filter(lambda text: bool("".join(set(text) - DIRECTIONS).split()))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    return Picture(
        image_id=draw(st.integers(0, (1 << 60) - 1)),
        owner_id=1,
        owner_name=draw(TEXTS),
        metadata=Metadata(
            name=draw(NAMES),
            description=draw(TEXTS),
            tags=tuple(draw(st.lists(TEXTS, max_size=3))),
            license=draw(st.sampled_from(("CC-BY-4.0", "all-rights-reserved"))),
            credit=draw(TEXTS),
            creator=draw(TEXTS),
            copyright=draw(TEXTS),
        ),
        width=draw(st.integers(1, 50_000)),
        height=draw(st.integers(1, 50_000)),
        color="#000000",
        thumbhash=b"",
        taken=None,
        version=1,
        edited=draw(st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))),  # noqa: DTZ001
    )


class Tags(HTMLParser):
    """The elements of a piece of HTML, and nothing that is open at its end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.script = ""
        self._open = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self._open = tag
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.script += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@given(pictures())
def test_a_head_has_the_elements_that_it_should_have(picture: Picture) -> None:
    tags = Tags(write_picture_head(picture, SITE))
    assert tags.names[0] == "title"
    assert tags.names[-1] == "script"
    assert set(tags.names) == {"title", "meta", "link", "script"}
    assert (tags.names.count("title"), tags.names.count("script"), tags.names.count("link")) == (1, 1, 4)
    assert json.loads(tags.script)["@type"] == "ImageObject"


@given(pictures())
def test_a_body_has_the_elements_that_it_should_have(picture: Picture) -> None:
    assert Tags(write_picture_body(picture, SITE)).names == ["div", "div", "picture", "img"]


@given(st.lists(pictures(), max_size=3), TEXTS)
def test_feeds_can_be_read(found: list[Picture], text: str) -> None:
    page = SearchPage(found, None, "next", is_relaxed=False, corrected_query="")
    feed = ET.fromstring(write_atom(page, [("q", text)], SITE))  # noqa: S314  our own answer
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == len(found)
    for entry in [feed, *entries]:
        # RFC 4287, 4.1.1 and 4.1.2: one of each, and an author.
        for name in ("id", "title", "updated"):
            assert len(entry.findall(f"{ATOM}{name}")) == 1
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
    for entry in entries:
        assert set(Tags(entry.findtext(f"{ATOM}content") or "").names) <= {"p", "a", "img"}
    items = json.loads(write_json_feed(page, [("q", text)], SITE))["items"]
    for item in items:
        assert set(Tags(item["content_html"]).names) <= {"p", "a", "img"}
    assert len(items) == len(found)


@given(pictures(), st.integers(0, 3000), st.integers(0, 3000))
def test_no_photo_is_larger_than_it_may_be(picture: Picture, width: int, height: int) -> None:
    answer = present_oembed(picture, SITE, max_width=width, max_height=height)
    for shown_width, shown_height in (
        (answer.width, answer.height),
        (answer.thumbnail_width, answer.thumbnail_height),
    ):
        assert 1 <= shown_width <= (width or picture.width)
        assert 1 <= shown_height <= (height or picture.height)
