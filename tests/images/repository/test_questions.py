"""What an operator's questions read."""

from stockroom.images import ids
from stockroom.images.record import FailureRecord, OwnerRecord
from stockroom.images.repository import questions
from stockroom.resources import Resources
from tests.factories import ALICE, BOB, owner_of, pending, ready, row_in

AWKWARD = "“Quotes” & <tags>,\r\n\t\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} \N{SNOWMAN} #Réunion #übung"


def test_rows_are_counted_by_state(resources: Resources) -> None:
    assert questions.count_states(resources.db) == []
    pending(resources, b"1")
    ready(resources, b"2")
    ready(resources, b"3")
    assert questions.count_states(resources.db) == [
        {"state": "pending", "rows": 1},
        {"state": "ready", "rows": 2},
    ]


def test_the_oldest_pending_rows_come_first(resources: Resources) -> None:
    ready(resources, b"0")
    oldest, newest = pending(resources, b"1"), pending(resources, b"22", BOB)
    found = questions.find_oldest_pending(resources.db)
    assert [row["id"] for row in found] == [ids.encode(oldest), ids.encode(newest)]
    assert (found[1]["owner_id"], found[1]["size"], found[1]["attempts"]) == (owner_of(resources, BOB), 2, 0)
    assert found[1]["deadline"].endswith("Z")


def test_failures_are_counted_by_reason(resources: Resources) -> None:
    failed = [row_in(resources, "failed", bytes([number])) for number in range(3)]
    resources.db.execute("UPDATE image SET failure_code = 'truncated'")
    resources.db.execute("UPDATE image SET failure_code = 'undecodable' WHERE id = %s", (failed[1],))
    assert questions.count_failures(resources.db) == [
        {"code": "truncated", "rows": 2, "oldest": ids.encode(failed[0]), "newest": ids.encode(failed[2])},
        {"code": "undecodable", "rows": 1, "oldest": ids.encode(failed[1]), "newest": ids.encode(failed[1])},
    ]


def test_owners_come_in_the_order_of_their_bytes(resources: Resources) -> None:
    pending(resources, b"1")
    ready(resources, b"22", BOB)
    ready(resources, b"333", BOB)
    alice, bob = owner_of(resources, ALICE), owner_of(resources, BOB)
    resources.db.execute("DELETE FROM owner WHERE owner_id = %s", (alice,))
    assert questions.sum_up_owners(resources.db) == [
        {
            "owner_id": bob,
            "issuer": "stockroom",
            "subject": "bob",
            "name": "Bob",
            "rows": 2,
            "ready": 2,
            "bytes": 5,
        },
        # A row whose owner is lost still counts.
        {
            "owner_id": alice,
            "issuer": None,
            "subject": None,
            "name": None,
            "rows": 1,
            "ready": 0,
            "bytes": 1,
        },
    ]


def test_one_row_is_shown_without_the_part_of_its_links_that_nobody_can_guess(resources: Resources) -> None:
    image_id = ready(resources, b"content")
    (row,) = questions.find_whole_row(resources.db, image_id)
    assert (row["id"], row["state"], row["width"]) == (ids.encode(image_id), "ready", 3)
    assert len(row["sha256"]) == 64
    assert "link_key" not in row
    assert questions.find_whole_row(resources.db, image_id + 1) == []


def test_a_record_is_what_the_row_says(resources: Resources) -> None:
    image_id = pending(resources, b"content", description=AWKWARD, tags=["sea", "été"], credit="A & B")
    resources.db.execute("UPDATE image SET taken = '2020-02-03 04:05:06.789'")
    (record,) = questions.find_records(resources.db, 0, 9)
    assert (record.id, record.state, record.owner) == (
        ids.encode(image_id),
        "pending",
        OwnerRecord("stockroom", "alice", "Alice"),
    )
    assert (record.description, record.tags, record.hashtags) == (
        AWKWARD,
        ["sea", "été"],
        ["réunion", "übung"],
    )
    assert (record.taken, record.size, record.type) == ("2020-02-03T04:05:06.789Z", 7, "image/jpeg")
    assert record.failure is None


def test_a_failed_record_has_its_reason_and_the_hash_of_what_was_kept(resources: Resources) -> None:
    row_in(resources, "failed", b"content")
    resources.db.execute("UPDATE image SET failure_code = 'truncated', failure_detail = 'It ends early.'")
    (record,) = questions.find_records(resources.db, 0, 9)
    assert record.failure == FailureRecord("truncated", "It ends early.")
    assert record.sha256 is not None


def test_records_come_in_pages_without_what_is_being_deleted(resources: Resources) -> None:
    first, gone, last = (
        row_in(resources, state, state.encode()) for state in ("ready", "deleting", "failed")
    )
    assert first < gone < last
    (record,) = questions.find_records(resources.db, 0, 1)
    assert record.id == ids.encode(first)
    assert [each.id for each in questions.find_records(resources.db, first, 9)] == [ids.encode(last)]
