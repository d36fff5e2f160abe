"""What copies say, by the row and by what the file itself says."""

from typing import Any

import msgspec
import pytest

from stockroom.downloads.description import describe, read_embedded
from stockroom.embedding import Description
from stockroom.images.picture import Metadata, Picture
from stockroom.renditions.embedded.embedded import Embedded, Position
from tests.api.examples import PICTURE

READ = Embedded(
    caption="Caption",
    creator="Ann",
    credit="Agency",
    copyright="Ann",
    usage_terms="Ask",
    license_url="https://example.org/",
    city="Berlin",
    keywords=("Sea", "Berlin  Wall"),
)


def picture(filled: tuple[str, ...] = (), **fields: Any) -> Picture:
    metadata = Metadata(**({"name": "sea.jpg", "license": "all-rights-reserved"} | fields))
    return msgspec.structs.replace(PICTURE, metadata=metadata, filled=filled)


def test_what_contributors_say_is_what_the_copy_says() -> None:
    metadata = PICTURE.metadata
    assert describe(PICTURE, READ) == Description(
        title=None,
        caption=metadata.description,
        creators=None,  # filled, and edited by nobody
        credit="A. Artist",
        copyright=metadata.copyright,
        usage_terms=metadata.usage_terms,
        license_url=metadata.license_url,
        license_address="https://creativecommons.org/publicdomain/zero/1.0/",
        is_protected=False,
        keywords=("blue", "Sea"),
        place=None,
    )


def test_of_a_file_that_was_never_read_nothing_is_taken_away() -> None:
    assert describe(picture(), read_embedded(None, "image/jpeg")) == Description(is_protected=True)


def test_what_somebody_has_cleared_goes_and_the_contributor_is_credited() -> None:
    assert describe(picture(), READ) == Description(
        caption="",
        # The contributor would be a guess.
        creators=(),
        credit="Ada",
        copyright="",
        usage_terms="",
        license_url="",
        license_address="",
        is_protected=True,
        keywords=(),
        place="",
    )


def test_what_was_filled_from_the_file_stays_in_it() -> None:
    filled = ("description", "credit", "creator", "copyright", "usage_terms", "license_url", "place", "tags")
    fields: dict[str, Any] = {"description": "Capt", "tags": ("sea", "berlin wall"), "creator": "An"}
    described = describe(picture(filled, **fields), READ)
    assert described == Description(is_protected=True)


@pytest.mark.parametrize(
    ("fields", "creators", "credit"),
    [
        ({}, ("Ada",), "Ada"),
        ({"creator": "Ann; Ben"}, ("Ann", "Ben"), "Ann; Ben"),
        ({"creator": "Ann", "credit": "Agency"}, ("Ann",), "Agency"),
        ({"credit": "Agency"}, None, "Agency"),
        # The contributor has hardly made what is somebody else's.
        ({"copyright": "© 1987 Ann"}, None, "Ada"),
    ],
)
def test_a_file_that_names_nobody_names_whom_the_credit_line_names(
    fields: dict[str, Any], creators: tuple[str, ...] | None, credit: str
) -> None:
    described = describe(picture(**fields), Embedded())
    assert (described.creators, described.credit) == (creators, credit)


def test_a_pseudonym_is_written_into_no_file() -> None:
    nameless = msgspec.structs.replace(picture(), owner_name="contributor-7")
    described = describe(nameless, Embedded())
    assert (described.creators, described.credit) == (None, None)
    nameless = msgspec.structs.replace(picture(creator="Ann"), owner_name="contributor-7")
    described = describe(nameless, Embedded())
    assert (described.creators, described.credit) == (("Ann",), "Ann")


def test_a_contributor_is_one_person() -> None:
    by_studio = msgspec.structs.replace(picture(), owner_name="Ann; Ben")
    assert describe(by_studio, Embedded()).creators == ("Ann; Ben",)


def test_of_a_gif_the_library_does_not_know_whom_it_names() -> None:
    described = describe(picture(), read_embedded("{}", "image/gif"))
    assert (described.creators, described.credit) == (None, None)


KEYWORDS = ("#Sea", "Cat, black", "x" * 64 + " long", "Berlin  Wall")
"""The second and the third are no tags."""


def test_keywords_that_are_no_tags_stay_until_somebody_edits_the_tags() -> None:
    embedded = Embedded(keywords=KEYWORDS)
    assert describe(picture(("tags",), tags=("sea", "berlin wall")), embedded).keywords is None
    with_own = picture(("tags",), tags=("mine", "sea", "berlin wall"), hashtags=("boat",))
    assert describe(with_own, embedded).keywords == (*KEYWORDS, "mine", "boat")
    edited = picture((), tags=("sea",))
    assert describe(edited, embedded).keywords == ("#Sea",)


def test_a_name_that_is_no_file_name_is_the_title() -> None:
    assert describe(picture(name="Sea at night"), READ).title == "Sea at night"
    for name in ("sea.JPEG", "sea.heic", "DSC_4059"):
        assert describe(picture(name=name), READ).title is None


@pytest.mark.parametrize("filled", [(), ("usage_terms", "license_url")])
def test_a_public_licence_is_named_where_nothing_else_is_said(filled: tuple[str, ...]) -> None:
    described = describe(picture(filled, license="CC-BY-4.0"), READ if filled else Embedded())
    address = "https://creativecommons.org/licenses/by/4.0/"
    assert described.license_address == address
    assert described.license_url == (None if filled else address)
    assert described.usage_terms == (None if filled else "CC-BY-4.0")


def test_the_column_may_say_more_than_is_known_here() -> None:
    text = '{"caption":"Caption","keywords":["a"],"gps":{"latitude":1.0,"longitude":2.0},"later":"x"}'
    expected = Embedded(caption="Caption", keywords=("a",), gps=Position(1.0, 2.0))
    assert read_embedded(text, "image/jpeg") == expected
