"""The log of what was done with pictures: what stands in it, and what a page of it shows."""

import json
from functools import partial

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


def test_pages_are_of_one_picture_or_of_all_and_the_newest_entries_come_first(resources: Resources) -> None:
    bob = owner_of(resources, BOB)
    steps: list[tuple[int, change_log.Action, int]] = [
        (bob, "edit", 1), (change_log.LIBRARY, "hide", 2), (bob, "delete", 1), (bob + 1, "show", 2),
    ]  # fmt: skip
    for actor, action, image_id in steps:
        resources.db.run_transaction(
            partial(change_log.append, actor=actor, action=action, details={image_id: {"n": image_id}})
        )
    everything = change_log.find_page(resources.db, None, change_log.LAST_ENTRY, 10)
    assert [(entry.actor, entry.action, entry.image_id) for entry in reversed(everything)] == steps
    assert [entry.actor_name for entry in reversed(everything)] == ["Bob", "", "Bob", ""]
    assert [entry.detail for entry in everything] == [{"n": 2}, {"n": 1}, {"n": 2}, {"n": 1}]
    ids = [entry.entry_id for entry in everything]
    assert ids == sorted(ids, reverse=True)
    assert change_log.find_page(resources.db, None, ids[1], 1) == everything[2:3], "below, and no more"
    assert change_log.find_page(resources.db, 1, change_log.LAST_ENTRY, 10) == everything[1::2]
    assert change_log.find_page(resources.db, 1, ids[1], 10) == everything[3:]
    assert change_log.find_page(resources.db, 7, change_log.LAST_ENTRY, 10) == []


def test_only_of_a_picture_that_the_log_knows_does_it_say_that_it_has_gone(database: Database) -> None:
    database.run_transaction(lambda cursor: change_log.append(cursor, 7, "delete", {1: {}}))
    for image_id in (1, 2):
        database.run_transaction(partial(change_log.append_purge, image_id=image_id))
    newest, _ = change_log.find_page(database, None, change_log.LAST_ENTRY, 10)
    assert (newest.image_id, newest.actor, newest.action, newest.detail) == (
        1, change_log.LIBRARY, "purge", {},
    )  # fmt: skip
