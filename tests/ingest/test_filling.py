"""What the contributor left empty is filled from the file, once, by the rules of a contributor's texts."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from stockroom.images.picture import Metadata, Picture
from stockroom.images.repository.pictures import ImageRow
from stockroom.images.tags import MAX_TAGS
from stockroom.ingest.filling import clean, fill_again, fill_empty_fields, fill_metadata
from stockroom.renditions.embedded.embedded import MAX_CHARACTERS, Embedded, Position

EDITED = datetime(2026, 1, 1)  # noqa: DTZ001  as the database returns it
EMPTY = Metadata(name="DSC_0042.jpg", license="all-rights-reserved")
FILE = Embedded(
    title="Night harbour",
    caption="The harbour at night #Bergen",
    keywords=("Sea", "New York", "a,b", "#boat", "sea"),
    creator="Ann",
    credit="Agency",
    copyright="(c) Ann",
    usage_terms="Ask first.",
    license_url="https://example.org/terms",
    sublocation="Bryggen",
    city="Bergen",
    state="Bergen",
    country="Norway",
    camera="Canon",
    lens="RF",
    gps=Position(60.4, 5.3),
)
FILLED = msgspec.structs.replace(
    EMPTY,
    description="The harbour at night #Bergen",
    hashtags=("bergen",),
    tags=("sea", "new york", "boat"),
    creator="Ann",
    credit="Agency",
    copyright="(c) Ann",
    usage_terms="Ask first.",
    license_url="https://example.org/terms",
    place="Bryggen, Bergen, Norway",
)


def row(metadata: Metadata = EMPTY, *, filled: tuple[str, ...] = (), has_been_read: bool = False) -> ImageRow:
    return ImageRow(
        owner_id=1,
        owner_name="Ada",
        state="pending",
        link_key="",
        revision=0,
        version=0,
        formats=(),
        lacks_renditions=False,
        has_recent_attempt=False,
        is_taken_down=False,
        was_picture=has_been_read,
        is_visible=True,
        filled=filled,
        has_been_read=has_been_read,
        metadata=metadata,
    )


def test_what_is_empty_is_filled_and_said_to_be_so() -> None:
    metadata, filled = fill_empty_fields(EMPTY, FILE)
    assert metadata == FILLED
    assert set(filled) == {
        *("description", "credit", "creator", "copyright", "usage_terms", "license_url", "place", "tags")
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "mine"),
        ("credit", "mine"),
        ("creator", "mine"),
        ("copyright", "mine"),
        ("usage_terms", "mine"),
        ("license_url", "https://mine.example"),
        ("place", "mine"),
    ],
)
def test_what_the_contributor_gave_stays(field: str, value: str) -> None:
    changes: dict[str, Any] = {field: value}
    metadata, filled = fill_empty_fields(msgspec.structs.replace(EMPTY, **changes), FILE)
    assert getattr(metadata, field) == value
    assert field not in filled
    assert len(filled) == 7


def test_a_file_without_metadata_fills_nothing() -> None:
    assert fill_metadata(row(), Embedded()) == (EMPTY, (), Embedded())


def test_without_a_caption_the_title_is_the_description() -> None:
    assert fill_empty_fields(EMPTY, Embedded(title="Night harbour"))[0].description == "Night harbour"


def test_keywords_are_added_to_the_tags_as_far_as_there_is_room() -> None:
    given = msgspec.structs.replace(EMPTY, tags=("sea", *map(str, range(MAX_TAGS - 2))))
    metadata, filled = fill_empty_fields(given, FILE)
    assert metadata.tags == (*given.tags, "new york")
    assert filled[-1] == "tags"
    full = msgspec.structs.replace(EMPTY, tags=tuple(map(str, range(MAX_TAGS))))
    metadata, filled = fill_empty_fields(full, FILE)
    assert metadata.tags == full.tags
    assert "tags" not in filled


def test_nothing_is_filled_a_second_time() -> None:
    """An empty field of a picture that was hidden and is shown again was emptied by somebody."""
    edited = msgspec.structs.replace(EMPTY, creator="Ben")
    found = fill_metadata(row(edited, filled=("place",), has_been_read=True), FILE)
    assert (found.metadata, found.fields) == (edited, ("place",))
    assert found.embedded.camera == "Canon"


@pytest.mark.parametrize(
    ("filled", "url", "license_"),
    [
        (("license",), "https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        (("license",), "https://example.org/terms", "all-rights-reserved"),
        (("license",), "", "all-rights-reserved"),
        # The contributor has named the licence, even if it is the library's own.
        ((), "https://creativecommons.org/licenses/by-sa/4.0/", "all-rights-reserved"),
    ],
)
def test_a_licence_that_nobody_has_named_is_the_files(
    filled: tuple[str, ...], url: str, license_: str
) -> None:
    found = fill_metadata(row(filled=filled), Embedded(license_url=url))
    assert found.metadata.license == license_
    assert ("license" in found.fields) == (license_ != "all-rights-reserved")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpj.\u202eexe", "gpj.exe"),
        ("a\u200bb", "ab"),
        ("\u200b\u2063", ""),
        ("e" + "\u0301" * 20, ""),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_texts_keep_the_rules_of_a_contributors_texts(text: str, shown: str) -> None:
    texts: dict[str, Any] = dict.fromkeys(MAX_CHARACTERS, text)
    cleaned = clean(Embedded(**texts, keywords=(text,)))
    for field in MAX_CHARACTERS.keys() - {"license_url"}:
        assert getattr(cleaned, field) == shown, field
    assert cleaned.license_url == ""
    assert cleaned.keywords == ((shown,) if shown else ())


@pytest.mark.parametrize("url", ["https://user@example.org/", "http:///x", "https://example.org/`"])
def test_an_address_that_no_contributor_could_give_is_left_out(url: str) -> None:
    assert clean(Embedded(license_url=url)).license_url == ""


def test_a_text_of_several_lines_keeps_them_and_a_line_is_one() -> None:
    cleaned = clean(Embedded(caption="One\ntwo", usage_terms="Ask\nfirst", creator="Ann\nBen", credit="A\nB"))
    assert (cleaned.caption, cleaned.usage_terms) == ("One\ntwo", "Ask\nfirst")
    assert (cleaned.creator, cleaned.credit) == ("Ann Ben", "A B")


OLD_READING = Embedded(title="Night harbour", keywords=("Sea",), creator="Ann")
"""What an older reader found in the file of FILE."""


def published(metadata: Metadata, filled: tuple[str, ...] = (), *, edited: datetime | None = None) -> Picture:
    return Picture(
        image_id=1,
        owner_id=1,
        owner_name="Ada",
        metadata=metadata,
        width=3,
        height=2,
        color="#000000",
        thumbhash=b"",
        taken=None,
        version=1,
        filled=filled,
        edited=edited,
    )


def test_a_file_that_is_read_anew_fills_what_it_would_have_filled() -> None:
    first = fill_metadata(row(), OLD_READING)
    again = fill_again(published(first.metadata, first.fields), first.embedded, FILE)
    assert again.metadata == msgspec.structs.replace(FILLED, tags=("sea", "new york", "boat"))
    assert set(again.fields) == set(fill_metadata(row(), FILE).fields)
    assert again.embedded == clean(FILE)
    # A second time changes nothing.
    assert fill_again(published(again.metadata, again.fields), again.embedded, FILE) == again


def test_what_was_never_read_is_filled() -> None:
    assert fill_again(published(EMPTY), None, FILE).metadata == FILLED


def test_what_a_person_has_given_or_edited_stays() -> None:
    given = msgspec.structs.replace(EMPTY, description="mine", creator="Me", tags=("own",))
    again = fill_again(published(given, ("credit",), edited=EDITED), OLD_READING, FILE)
    assert again.metadata == msgspec.structs.replace(given, credit="Agency")
    assert again.fields == ("credit",)
    # The same of a picture that nobody has edited: what was given at the upload is not filled either.
    again = fill_again(published(given), OLD_READING, FILE)
    assert (again.metadata.description, again.metadata.creator) == ("mine", "Me")
    assert again.metadata.place == FILLED.place


def test_what_a_person_has_emptied_stays_empty() -> None:
    again = fill_again(published(EMPTY, edited=EDITED), OLD_READING, FILE)
    assert (again.metadata, again.fields) == (EMPTY, ())


def test_what_the_file_no_longer_says_is_no_longer_filled() -> None:
    first = fill_metadata(row(), FILE)
    again = fill_again(published(first.metadata, first.fields), first.embedded, Embedded(creator="Bea"))
    # A tag stays: somebody may have given it as well.
    assert again.metadata == msgspec.structs.replace(EMPTY, creator="Bea", tags=FILLED.tags)
    assert again.fields == ("creator", "tags")


def test_a_tag_that_somebody_took_away_does_not_come_back() -> None:
    first = fill_metadata(row(), FILE)
    fewer = msgspec.structs.replace(first.metadata, tags=("sea",))
    again = fill_again(published(fewer, first.fields), first.embedded, FILE)
    assert again.metadata == fewer


@pytest.mark.parametrize(
    ("filled", "address", "expected"),
    [
        (("license",), "https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        (("license",), "https://example.org", "all-rights-reserved"),
        ((), "https://creativecommons.org/licenses/by/4.0/", "all-rights-reserved"),
    ],
)
def test_only_a_licence_from_the_file_becomes_another(
    filled: tuple[str, ...], address: str, expected: str
) -> None:
    again = fill_again(published(EMPTY, filled), None, Embedded(license_url=address))
    assert (again.metadata.license, "license" in again.fields) == (expected, bool(filled))
