import json

import pytest

from stockroom.images import change_log
from stockroom.runtime.database import Database
from tests.factories import Statements


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
