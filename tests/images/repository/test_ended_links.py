"""Which ended links are recorded, until when somebody may write under them, and which are due first."""

import pytest

from stockroom.images.repository import ended_links
from stockroom.images.repository.ended_links import EndedLink
from stockroom.images.states import ATTEMPT_SECONDS
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import ready


# No age is near the limit: a test may take long on a busy machine.
@pytest.mark.parametrize(
    ("age", "is_recorded"),
    [(0, True), (4 * ATTEMPT_SECONDS // 3, True), (8 * ATTEMPT_SECONDS // 3, False), (None, False)],
)
def test_a_link_is_recorded_while_an_attempt_may_write_under_it(
    resources: Resources, age: int | None, is_recorded: bool
) -> None:
    image_id = ready(resources)
    resources.db.execute("UPDATE image SET attempted_at = UTC_TIMESTAMP(3) - INTERVAL %s SECOND", (age,))
    resources.db.run_transaction(lambda cursor: ended_links.record(cursor, image_id, "former"))
    rows = resources.db.query(
        "SELECT image_id, ended_link.link_key, TIMESTAMPDIFF(SECOND, attempted_at, written_until) "
        "FROM ended_link JOIN image ON id = image_id"
    )
    assert rows == (((image_id, "former", ATTEMPT_SECONDS),) if is_recorded else ())


def test_the_longest_due_come_first_and_are_forgotten_one_by_one(database: Database) -> None:
    for image_id, link_key, days in ((1, "a", 1), (1, "b", 3), (2, "a", 2), (2, "b", -1)):
        database.execute(
            "INSERT INTO ended_link (image_id, link_key, written_until) "
            "VALUES (%s, %s, UTC_TIMESTAMP(3) - INTERVAL %s DAY)",
            (image_id, link_key, days),
        )
    due = [EndedLink(1, "b"), EndedLink(2, "a"), EndedLink(1, "a")]
    assert ended_links.find_due(database, 2) == due[:2]
    for number, ended in enumerate(due):
        assert ended_links.find_due(database, 10) == due[number:]
        ended_links.forget(database, ended)
    assert database.query("SELECT image_id, link_key FROM ended_link") == ((2, "b"),)
