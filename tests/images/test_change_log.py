"""The log of what was done with pictures: what stands in it, and what a page of it shows."""

import json
from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any

import pytest

from stockroom.images import change_log
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import BOB, Statements, owner_of


def test_an_action_on_many_pictures_is_one_statement(database: Database) -> None:
    details = {image_id: {"tags": [[], ["été"]], "n": image_id} for image_id in (9, 1, 1 << 63)}

    with Statements(database) as statements:
        database.run_transaction(lambda cursor: change_log.append(cursor, 7, "edit", details))
    assert statements.count == 3, "the transaction's two and the one"
    rows = database.query(
        "SELECT image_id, actor, action, detail, at IS NOT NULL FROM change_log ORDER BY entry_id"
    )
    assert [(image_id, json.loads(detail)) for image_id, _, _, detail, _ in rows] == sorted(details.items())
    assert {row[1:3] + row[4:] for row in rows} == {(7, "edit", 1)}


def test_no_picture_is_no_entry(database: Database) -> None:
    database.run_transaction(lambda cursor: change_log.append(cursor, 7, "edit", {}))
    assert database.query("SELECT COUNT(*) FROM change_log") == ((0,),)


def test_what_is_rolled_back_is_not_in_the_log(database: Database) -> None:
    def fail(cursor: object) -> None:
        change_log.append(cursor, change_log.LIBRARY, "hide", {1: {}})  # type: ignore[arg-type]
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.run_transaction(fail)
    assert database.query("SELECT COUNT(*) FROM change_log") == ((0,),)


Step = tuple[int, change_log.Action, int]
"""Who did what with which picture."""


def write(db: Database, steps: Sequence[Step]) -> None:
    for actor, action, image_id in steps:
        db.run_transaction(
            partial(change_log.append, actor=actor, action=action, details={image_id: {"n": image_id}})
        )


def read(db: Database, limit: int, **conditions: Any) -> list[Step]:
    """All entries that a reader finds who goes from page to page, the first one first."""
    found: list[Step] = []
    before: int | None = change_log.LAST_ENTRY
    while before is not None:
        page = change_log.find_page(db, before, limit, **conditions)
        assert len(page.entries) <= limit
        found += [(entry.actor, entry.action, entry.image_id) for entry in page.entries]
        before = page.next
    return found[::-1]


def count_reads(db: Database) -> int:
    return sum(int(value) for _, value in db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",)))


def test_pages_are_of_one_picture_or_of_all_and_the_newest_entries_come_first(resources: Resources) -> None:
    bob = owner_of(resources, BOB)
    steps: list[Step] = [
        (bob, "edit", 1), (change_log.LIBRARY, "hide", 2), (bob, "delete", 1), (bob + 1, "show", 2),
    ]  # fmt: skip
    write(resources.db, steps)
    everything = change_log.find_page(resources.db, change_log.LAST_ENTRY, 10).entries
    assert [(entry.actor, entry.action, entry.image_id) for entry in reversed(everything)] == steps
    assert [entry.actor_name for entry in reversed(everything)] == ["Bob", "", "Bob", ""]
    assert [entry.detail for entry in everything] == [{"n": 2}, {"n": 1}, {"n": 2}, {"n": 1}]
    ids = [entry.entry_id for entry in everything]
    assert ids == sorted(ids, reverse=True)
    assert change_log.find_page(resources.db, ids[1], 1) == (everything[2:3], ids[2]), "below, and no more"
    assert change_log.find_page(resources.db, ids[1], 2) == (everything[2:], None)
    first = change_log.find_page(resources.db, change_log.LAST_ENTRY, 10, image_id=1)
    assert first == (everything[1::2], None)
    assert change_log.find_page(resources.db, ids[1], 10, image_id=1) == (everything[3:], None)
    assert change_log.find_page(resources.db, change_log.LAST_ENTRY, 10, image_id=7) == ([], None)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_who_did_what_with_which_picture_is_asked_in_every_combination(
    database: Database, limit: int
) -> None:
    actors: tuple[int, ...] = (change_log.LIBRARY, 7, 8)
    actions: tuple[change_log.Action, ...] = ("edit", "delete")
    steps = [step for _ in range(2) for step in product(actors, actions, (1, 2))]
    write(database, steps)
    for actor, action, image_id in product((None, *actors, 9), (None, *actions, "lift"), (None, 1, 2, 3)):
        assert read(database, limit, actor=actor, action=action, image_id=image_id) == [
            step
            for step in steps
            if actor in (None, step[0]) and action in (None, step[1]) and image_id in (None, step[2])
        ], (actor, action, image_id)


RARE = {"actor": 9}, {"action": "lift"}, {"actor": 7, "action": "show"}, {"actor": 9, "action": "lift"}


@pytest.mark.parametrize("conditions", RARE)
def test_what_somebody_has_seldom_done_is_found_without_reading_all_that_was_done(
    database: Database, conditions: dict[str, Any]
) -> None:
    write(database, [(9, "lift", 1), (7, "show", 1)])
    values = ", ".join(
        ["(UTC_TIMESTAMP(3), 1, 7, 'edit', '{}'), (UTC_TIMESTAMP(3), 1, 8, 'show', '{}')"] * 200
    )
    database.execute(f"INSERT INTO change_log (at, image_id, actor, action, detail) VALUES {values}")
    before = count_reads(database)
    page = change_log.find_page(database, change_log.LAST_ENTRY, 10, **conditions)
    assert count_reads(database) - before < 30, "of 402 entries"
    assert (len(page.entries), page.next) == (1, None)


def test_a_page_of_what_was_seldom_done_with_a_picture_ends_where_enough_was_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_log, "MAX_READ", 20)
    edits: list[Step] = [(7, "edit", 1)] * 45
    write(database, [(9, "lift", 1), *edits, (8, "show", 1)])
    before = count_reads(database)
    first = change_log.find_page(database, change_log.LAST_ENTRY, 10, image_id=1, actor=9)
    assert count_reads(database) - before < 30, "of 47 entries"
    rows = database.query("SELECT entry_id FROM change_log ORDER BY entry_id DESC")
    entry_ids = [entry_id for (entry_id,) in rows]
    assert first == ([], entry_ids[19]), "where the next page goes on, the twentieth was read"
    for conditions in ({"actor": 9}, {"action": "lift"}, {"actor": 9, "action": "lift"}):
        assert read(database, 10, image_id=1, **conditions) == [(9, "lift", 1)]
    assert read(database, 10, image_id=1, actor=8) == [(8, "show", 1)]
    assert read(database, 7, image_id=1, action="edit") == edits
    last = change_log.find_page(database, entry_ids[41], 4, image_id=1, action="edit")
    assert ([entry.entry_id for entry in last.entries], last.next) == (entry_ids[42:46], None)


def test_only_of_a_picture_that_the_log_knows_does_it_say_that_it_has_gone(database: Database) -> None:
    database.run_transaction(lambda cursor: change_log.append(cursor, 7, "delete", {1: {}}))
    for image_id in (1, 2):
        database.run_transaction(partial(change_log.append_purge, image_id=image_id))
    (newest, _), _ = change_log.find_page(database, change_log.LAST_ENTRY, 10)
    assert (newest.image_id, newest.actor, newest.action, newest.detail) == (
        1, change_log.LIBRARY, "purge", {},
    )  # fmt: skip
