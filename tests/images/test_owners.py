"""The numbers of contributors."""

from stockroom.images.owners import Owners
from stockroom.runtime.database import Database
from tests.factories import Statements


def test_a_number_is_remembered(database: Database) -> None:
    owners = Owners(database)
    number = owners.owner_id("stockroom", "ada", "Ada")
    with Statements(database) as statements:
        assert owners.owner_id("stockroom", "ada", "Ada") == number
    assert statements.count == 0
    assert owners.owner_id("stockroom", "eve", "Eve") != number


def test_a_restored_database_may_have_given_the_number_to_another(database: Database) -> None:
    owners = Owners(database)
    number = owners.owner_id("stockroom", "ada", "Ada")
    database.execute("UPDATE owner SET subject = 'eve'")
    database.close()
    assert owners.owner_id("stockroom", "ada", "Ada") != number
