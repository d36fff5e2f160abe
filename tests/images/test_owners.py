from stockroom.images.owners import Owners
from stockroom.runtime.database import Database
from tests.factories import Statements


def test_a_contributor_has_one_id_in_every_process(database: Database) -> None:
    alice = Owners(database).owner_id("stockroom", "alice", "Alice")
    assert Owners(database).owner_id("stockroom", "alice", "Alice") == alice
    assert Owners(database).owner_id("elsewhere", "alice", "Alice") != alice
    assert database.query("SELECT COUNT(*) FROM owner") == ((2,),)


def test_a_remembered_owner_costs_no_statement(database: Database) -> None:
    owners = Owners(database)
    with Statements(database) as sent:
        alice = owners.owner_id("stockroom", "alice", "Alice")
    assert sent.count == 2
    with Statements(database) as sent:
        assert owners.owner_id("stockroom", "alice", "Alice") == alice
    assert sent.count == 0


def test_a_changed_name_reaches_the_row(database: Database) -> None:
    owners = Owners(database)
    alice = owners.owner_id("stockroom", "alice", "Alice")
    assert owners.owner_id("stockroom", "alice", "Alice A.") == alice
    assert database.query("SELECT name FROM owner") == (("Alice A.",),)


def test_ids_are_forgotten_with_the_database_that_gave_them(database: Database) -> None:
    owners = Owners(database)
    owners.owner_id("stockroom", "alice", "Alice")
    database.execute("TRUNCATE TABLE owner")
    bob = owners.owner_id("stockroom", "bob", "Bob")
    owners.forget()
    alice = owners.owner_id("stockroom", "alice", "Alice")
    assert alice != bob
    assert database.query("SELECT subject FROM owner WHERE owner_id = %s", (alice,)) == (("alice",),)


def test_ids_are_forgotten_with_each_new_connection(database: Database) -> None:
    """A database that was restored from a backup may have given the ids to others."""
    owners = Owners(database)
    alice = owners.owner_id("stockroom", "alice", "Alice")
    database.execute("UPDATE owner SET subject = 'eve'")
    database.close()
    assert owners.owner_id("stockroom", "alice", "Alice") != alice


def test_without_a_name_others_see_a_pseudonym_that_the_subject_does_not_tell(database: Database) -> None:
    owners = Owners(database)
    alice = owners.owner_id("stockroom", "alice", "")
    assert Owners(database).owner_id("stockroom", "alice", "") == alice
    assert database.query("SELECT name FROM owner") == ((f"contributor-{alice}",),)


def test_a_name_that_a_token_no_longer_has_is_shown_no_longer(database: Database) -> None:
    owners = Owners(database)
    alice = owners.owner_id("stockroom", "alice", "Alice")
    owners.owner_id("stockroom", "alice", "")
    assert database.query("SELECT name FROM owner") == ((f"contributor-{alice}",),)
    owners.owner_id("stockroom", "alice", "Alice A.")
    assert database.query("SELECT name FROM owner") == (("Alice A.",),)
