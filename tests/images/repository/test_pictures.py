from datetime import datetime

import pytest

from stockroom.images.picture import Metadata, Position
from stockroom.images.repository.pictures import find_ready, find_row
from stockroom.images.states import STATES, State
from stockroom.resources import Resources
from tests.factories import Statements, pending, ready, row_in

TAKEN = datetime(2026, 5, 1, 12, 0, 0, 120000)  # noqa: DTZ001  as the database returns it
OTHER_MOMENTS = tuple(TAKEN.replace(year=year) for year in (2016, 2017, 2618))


def test_ready_pictures_come_in_the_order_of_their_ids_in_the_question(resources: Resources) -> None:
    first, second = ready(resources, b"1"), ready(resources, b"2")
    for image_ids in ([first, second], [second, first]):
        found = find_ready(resources.db, [*image_ids, 77])
        assert [picture.image_id for picture in found] == image_ids


def test_a_ready_picture_has_all_its_columns(resources: Resources) -> None:
    image_id = pending(
        resources, b"1", name="sea.jpg", description="The #Sea", tags=["blue", "new york"], credit="A. Artist"
    )
    resources.db.execute(
        "UPDATE image SET state = 'ready', version = 2, width = 3, height = 4, color = '#010203', "
        "thumbhash = %s, taken = %s, formats = 'webp,avif', creator = 'B', copyright = 'C', "
        "usage_terms = 'U', license_url = 'https://l', place = 'P', camera = 'K', lens = 'L', "
        'embedded = \'{"title":"Tïtle","gps":{"latitude":-1.5,"longitude":2e-06}}\', '
        "filled = 'creator,place', revision = 7, edited = %s, embargo = %s, expires = %s",
        (b"\x00\xff", TAKEN, *OTHER_MOMENTS),
    )
    (picture,) = find_ready(resources.db, [image_id])
    assert picture.metadata == Metadata(
        name="sea.jpg",
        description="The #Sea",
        tags=("blue", "new york"),
        hashtags=("sea",),
        license="all-rights-reserved",
        credit="A. Artist",
        creator="B",
        copyright="C",
        usage_terms="U",
        license_url="https://l",
        place="P",
        embargo=OTHER_MOMENTS[1],
        expires=OTHER_MOMENTS[2],
    )
    assert (picture.owner_name, picture.width, picture.height, picture.color) == ("Alice", 3, 4, "#010203")
    assert (picture.thumbhash, picture.taken) == (b"\x00\xff", TAKEN)
    assert (picture.version, picture.formats) == (2, ("webp", "avif"))
    assert (picture.camera, picture.lens, picture.filled) == ("K", "L", ("creator", "place"))
    assert (picture.title, picture.gps) == ("Tïtle", Position(-1.5, 0.000002))
    assert (picture.revision, picture.edited) == (7, OTHER_MOMENTS[0])


@pytest.mark.parametrize("state", [state for state in STATES if state != "ready"])
def test_a_row_that_is_not_ready_is_no_picture(resources: Resources, state: State) -> None:
    image_id = row_in(resources, state)
    assert find_ready(resources.db, [image_id]) == []


def test_pictures_cost_one_statement_and_none_when_there_are_no_ids(resources: Resources) -> None:
    image_ids = [ready(resources, bytes([n])) for n in range(5)]
    for some, count in (([], 0), (image_ids[:1], 1), (image_ids, 1)):
        with Statements(resources.db) as sent:
            find_ready(resources.db, some)
        assert sent.count == count


def test_the_hashtags_of_an_old_row_are_those_of_its_description(resources: Resources) -> None:
    image_id = pending(resources, b"1", description="The #Sea", tags=["blue"])
    resources.db.execute("UPDATE image SET hashtags = NULL")
    row = find_row(resources.db, image_id)
    assert row is not None
    assert row.metadata.all_tags == ("blue", "sea")


@pytest.mark.parametrize("state", STATES)
def test_a_row_is_found_in_any_state(resources: Resources, state: State) -> None:
    row = find_row(resources.db, row_in(resources, state))
    assert row is not None
    assert (row.state, row.owner_name, row.metadata.name) == (state, "Alice", "photo.jpg")


def test_a_row_whose_owner_is_missing_is_a_row(resources: Resources) -> None:
    image_id = pending(resources)
    resources.db.execute("DELETE FROM owner")
    row = find_row(resources.db, image_id)
    assert row is not None
    assert row.owner_name == ""


def test_no_row(resources: Resources) -> None:
    assert find_row(resources.db, 77) is None
