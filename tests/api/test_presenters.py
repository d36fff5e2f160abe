import msgspec
from msgspec import UNSET

from stockroom.api import presenters
from stockroom.api.schemas import Position
from stockroom.images import ids
from stockroom.images.duplicates import Group, GroupPage
from stockroom.search.service import PopularTag, SearchPage, SimilarPicture
from tests.api.examples import IMAGE_ID, PICTURE


def test_a_picture_has_text_for_ids_times_and_paths() -> None:
    path = f"/i/{ids.encode(IMAGE_ID)}/v7"
    assert msgspec.to_builtins(presenters.present_image(PICTURE)) == {
        "id": ids.encode(IMAGE_ID),
        "name": "a.jpg",
        "description": "A #sea",
        "tags": ["blue", "sea"],
        "license": "CC0-1.0",
        "credit": "",
        "creator": "A. Artist",
        "copyright": "(c) 2015 A. Artist",
        "usage_terms": "Ask first.",
        "license_url": "https://example.org/terms",
        "place": "Rügen",
        "title": "A title",
        "camera": "Exakta Varex",
        "lens": "Biotar 58",
        "filled": ["creator", "place"],
        "revision": 3,
        "edited": "2016-05-02T00:00:00.000Z",
        "embargo": None,
        "expires": None,
        "width": 3,
        "height": 2,
        "color": "#0000ff",
        "thumbhash": "AQI=",
        "created": "2016-05-01T12:00:00.000Z",
        "taken": "2015-04-03T02:01:00.000Z",
        "owner": "Ada",
        "owner_id": "7",
        "urls": {
            "240p": f"{path}/240p.jpg",
            "720p": f"{path}/720p.jpg",
            "240p.webp": f"{path}/240p.webp",
            "720p.webp": f"{path}/720p.webp",
        },
    }


def test_a_format_of_a_later_release_is_passed_over() -> None:
    later = msgspec.structs.replace(PICTURE, formats=("webp", "of-a-later-release"))
    assert presenters.present_image(later) == presenters.present_image(PICTURE)


def test_where_a_picture_was_taken_is_shown_only_if_the_operator_wants_it_so() -> None:
    page = SearchPage([PICTURE], previous=None, next=None, is_relaxed=False, corrected_query="")
    for shows_gps, expected in ((False, UNSET), (True, Position(54.4, 13.4))):
        shown = [
            presenters.present_image(PICTURE, shows_gps=shows_gps),
            *presenters.present_page(page, shows_gps=shows_gps).images,
            *presenters.present_similar([SimilarPicture(PICTURE, "near")], shows_gps=shows_gps).images,
        ]
        assert [image.gps for image in shown] == [expected] * 3
    assert "gps" not in msgspec.to_builtins(presenters.present_image(PICTURE))


def test_a_page_says_no_more_than_it_has_to() -> None:
    empty = SearchPage([], previous=None, next=None, is_relaxed=False, corrected_query="")
    assert msgspec.to_builtins(presenters.present_page(empty)) == {"images": [], "next": None}
    page = SearchPage([PICTURE], previous="before", next="after", is_relaxed=True, corrected_query="the sea")
    shown = msgspec.to_builtins(presenters.present_page(page))
    assert shown.pop("images") == [msgspec.to_builtins(presenters.present_image(PICTURE))]
    assert shown == {"next": "after", "previous": "before", "relaxed": True, "corrected": "the sea"}


def test_similar_pictures_are_one_page() -> None:
    shown = msgspec.to_builtins(presenters.present_similar([SimilarPicture(PICTURE, "near")]))
    image = msgspec.to_builtins(presenters.present_image(PICTURE))
    assert shown == {"images": [image | {"kind": "near"}], "next": None}


def test_groups_of_duplicates_show_what_is_still_there() -> None:
    pictures = [msgspec.structs.replace(PICTURE, image_id=IMAGE_ID + number) for number in range(3)]
    groups = [Group("near", tuple(each.image_id for each in pictures)), Group("same-pixels", (IMAGE_ID, 7))]
    shown = presenters.present_groups(GroupPage(groups, IMAGE_ID), pictures[:2])
    assert [(group.kind, [image.id for image in group.images]) for group in shown.groups] == [
        ("near", [ids.encode(IMAGE_ID), ids.encode(IMAGE_ID + 1)])
    ]
    assert shown.next == ids.encode(IMAGE_ID)
    assert presenters.present_groups(GroupPage([], None), []).next is None


def test_suggestions_have_counts() -> None:
    tags = presenters.present_tags([("sea", 2)])
    popular = presenters.present_popular_tags([PopularTag("sea", 2, None)])
    words = presenters.present_words([("seas", 3)])
    assert msgspec.to_builtins(tags) == {"tags": [{"tag": "sea", "count": 2}]}
    assert msgspec.to_builtins(popular) == msgspec.to_builtins(tags)
    assert msgspec.to_builtins(words) == {"words": [{"word": "seas", "count": 3}]}
