import pytest

from stockroom.images.repository import lifecycle, listing
from stockroom.images.states import State
from stockroom.resources import Resources
from tests.factories import ALICE, BOB, make_overdue, owner_of, pending, row_in


def test_uploads_are_the_owners_newest_first_without_those_that_go(resources: Resources) -> None:
    own = [row_in(resources, state, state.encode()) for state in ("pending", "ready", "failed")]
    deleting = row_in(resources, "deleting", b"deleting")
    anothers = pending(resources, b"anothers", BOB)
    owner_id = owner_of(resources, ALICE)
    newest_first = sorted(own, reverse=True)
    listed = listing.find_uploads_in_order(resources.db, owner_id, 1 << 63, 10)
    assert [row.image_id for row in listed] == newest_first
    found = listing.find_uploads(resources.db, owner_id, [deleting, anothers, 77, *own])
    assert found == listed


def test_pages_go_on_below_an_id(resources: Resources) -> None:
    image_ids = sorted((pending(resources, bytes([n])) for n in range(5)), reverse=True)
    owner_id = owner_of(resources, ALICE)
    page = listing.find_uploads_in_order(resources.db, owner_id, image_ids[1], 2)
    assert [row.image_id for row in page] == image_ids[2:4]


def test_an_upload_past_its_deadline_is_overdue(resources: Resources) -> None:
    late, waiting = pending(resources, b"1"), pending(resources, b"2")
    make_overdue(resources.db, late)
    rows = listing.find_uploads(resources.db, owner_of(resources, ALICE), [late, waiting])
    assert {row.image_id: row.is_overdue for row in rows} == {late: True, waiting: False}


def test_which_rows_are_the_owner_s(resources: Resources) -> None:
    ready_id, deleting = row_in(resources, "ready", b"1"), row_in(resources, "deleting", b"2")
    anothers = pending(resources, b"3", BOB)
    found = listing.find_own(resources.db, owner_of(resources, ALICE), [ready_id, deleting, anothers, 77])
    assert found == {ready_id}


def test_what_has_become_of_rows_that_were_to_be_cancelled(resources: Resources) -> None:
    waiting, deleting = pending(resources, b"1"), row_in(resources, "deleting", b"2")
    before = listing.find_ending(resources.db, [waiting, deleting, 77])
    assert {row.image_id: (row.state, row.has_begun) for row in before.values()} == {
        waiting: ("pending", False),
        deleting: ("deleting", False),
    }
    link_key = before[waiting].link_key
    assert len(link_key) == 16
    assert lifecycle.begin_attempt(resources.db, waiting, link_key=link_key)
    assert listing.find_ending(resources.db, [waiting])[waiting].has_begun


def test_rows_are_counted_by_state(resources: Resources) -> None:
    for number in range(3):
        pending(resources, bytes([number]))
    row_in(resources, "failed", b"failed")
    pending(resources, b"another's", BOB)
    states: tuple[State, ...] = ("ready", "pending", "failed")
    owner_id = owner_of(resources, ALICE)
    counted = listing.count_by_state(resources.db, owner_id, states, 10)
    assert counted == {"ready": 0, "pending": 3, "failed": 1}
    assert listing.count_by_state(resources.db, owner_id, states, 2)["pending"] == 2


def test_failures_whose_originals_were_kept(resources: Resources) -> None:
    first, second, lost = (row_in(resources, "failed", content) for content in (b"1", b"2", b"3"))
    resources.db.execute("UPDATE image SET failure_code = IF(id = %s, 'undecodable', 'truncated')", (second,))
    resources.db.execute("UPDATE image SET failed_sha256 = NULL WHERE id = %s", (lost,))
    assert listing.find_failed(resources.db, None, 0, 10) == [first, second]
    assert listing.find_failed(resources.db, None, 0, 1) == [first]
    assert listing.find_failed(resources.db, None, first, 10) == [second]
    assert listing.find_failed(resources.db, "undecodable", 0, 10) == [second]


def _named(resources: Resources, text: str, state: State | None = None) -> list[str]:
    owner_id = owner_of(resources, ALICE)
    rows = listing.find_named_uploads(resources.db, owner_id, 1 << 63, None, 10, text=text, state=state)
    return [row.file_name for row in rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dsc", ["DSC_0012.JPG"]),
        ("Harbour", ["DSC_0012.JPG"]),
        ("100%", ["100%_!.jpg"]),
        ("_", ["100%_!.jpg", "DSC_0012.JPG"]),
        ("_!", ["100%_!.jpg"]),
        ("%", ["100%_!.jpg"]),
        ("d_c", []),
        ("über", ["u\N{COMBINING DIAERESIS}ber.jpg"]),
        ("u\N{COMBINING DIAERESIS}BER", ["u\N{COMBINING DIAERESIS}ber.jpg"]),
        ("\N{SNOWMAN}", ["\N{SNOWMAN}\N{GRINNING FACE}.jpg"]),
        ("\N{CAT FACE}", []),
        ("photo", ["photo.jpg"]),
    ],
)
def test_uploads_are_found_by_a_part_of_a_name(resources: Resources, text: str, found: list[str]) -> None:
    pending(resources, b"1", name="photo.jpg")
    resources.db.execute("UPDATE image SET file_name = NULL")  # a row that is older than the column
    for number, (name, file_name) in enumerate(
        [
            ("The harbour", "DSC_0012.JPG"),
            ("Sale", "100%_!.jpg"),
            ("Over", "u\N{COMBINING DIAERESIS}ber.jpg"),
            ("Snow", "\N{SNOWMAN}\N{GRINNING FACE}.jpg"),
        ]
    ):
        pending(resources, bytes([number]), name=name, file_name=file_name)
    pending(resources, b"another's", BOB, name="dsc harbour 100%_! \N{SNOWMAN} u\u0308ber photo")
    assert _named(resources, text) == found


def test_uploads_of_all_states_are_found_by_name_but_those_that_go(resources: Resources) -> None:
    for state in ("pending", "ready", "failed", "hidden", "deleting"):
        image_id = row_in(resources, state, state.encode())
        resources.db.execute("UPDATE image SET file_name = %s WHERE id = %s", (f"DSC_{state}", image_id))
    assert _named(resources, "dsc") == ["DSC_hidden", "DSC_failed", "DSC_ready", "DSC_pending"]
    assert _named(resources, "dsc", "failed") == ["DSC_failed"]


def test_how_far_a_number_of_rows_reaches(resources: Resources) -> None:
    image_ids = [pending(resources, bytes([n])) for n in range(4)]
    row_in(resources, "failed", b"failed")
    pending(resources, b"another's", BOB)
    owner_id = owner_of(resources, ALICE)

    def reach(before: int, number: int, state: State | None) -> int | None:
        return listing.find_reach(resources.db, owner_id, before, number, state=state)

    assert reach(1 << 63, 3, None) == image_ids[2]
    assert reach(1 << 63, 3, "pending") == image_ids[1]
    assert reach(image_ids[3], 2, "pending") == image_ids[1]
    assert reach(1 << 63, 5, None) is reach(image_ids[3], 3, "pending") is reach(1 << 63, 2, "failed") is None
