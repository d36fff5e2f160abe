"""Under which terms pictures are indexed, as their rows have it."""

from stockroom.images.repository import indexing
from stockroom.resources import Resources
from tests.factories import ready, row_in


def test_the_terms_of_a_picture_are_recorded_in_order(resources: Resources) -> None:
    image_id = ready(resources)
    resources.db.run_transaction(lambda cursor: indexing.record_terms(cursor, {image_id: {30, 4}}))
    assert resources.db.query("SELECT indexed_terms FROM image") == (("4,30",),)


def test_terms_are_recorded_for_ready_pictures_alone_and_each_has_its_own(resources: Resources) -> None:
    first, second, hidden = ready(resources, b"1"), ready(resources, b"2"), row_in(resources, "hidden", b"3")
    resources.db.run_transaction(lambda cursor: indexing.record_terms(cursor, {}))
    resources.db.run_transaction(
        lambda cursor: indexing.record_terms(cursor, {hidden: [9], second: [2, 1], first: [3]})
    )
    assert resources.db.query("SELECT indexed_terms FROM image ORDER BY id") == (("3",), ("1,2",), (None,))
