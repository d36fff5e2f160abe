import pytest

from stockroom.images.contributor_names import NAME_CHARACTERS
from stockroom.images.owners import Owners
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from tests.factories import Statements


def test_a_contributor_has_one_id_in_every_process(database: Database) -> None:
    alice = Owners(database).find_or_insert("stockroom", "alice", "Alice")
    assert Owners(database).find_or_insert("stockroom", "alice", "Alice") == alice
    assert Owners(database).find_or_insert("elsewhere", "alice", "Alice") != alice
    assert database.query("SELECT COUNT(*) FROM owner") == ((2,),)


def test_a_known_owner_costs_one_statement(database: Database) -> None:
    owners = Owners(database)
    for expected in (3, 1, 1):
        with Statements(database) as sent:
            owners.find_or_insert("stockroom", "alice", "Alice")
        assert sent.count == expected


def test_a_changed_name_reaches_the_row(database: Database) -> None:
    owners = Owners(database)
    alice = owners.find_or_insert("stockroom", "alice", "Alice")
    assert owners.find_or_insert("stockroom", "alice", "Álice  A.") == alice
    assert database.query("SELECT name, folded_name FROM owner") == (("Álice  A.", "alice a."),)
    # Another process may have written a name since.
    Owners(database).find_or_insert("stockroom", "alice", "A.")
    owners.find_or_insert("stockroom", "alice", "Álice  A.")
    assert database.query("SELECT name FROM owner") == (("Álice  A.",),)


def test_a_long_name_is_cut_where_it_is_compared(database: Database) -> None:
    Owners(database).find_or_insert("stockroom", "alice", "ﷺ" * 200)
    ((folded,),) = database.query("SELECT folded_name FROM owner")
    assert len(folded) == NAME_CHARACTERS


def restore_to_another_owner(db: Database) -> None:
    """An older snapshot, in which alice was not there yet: her id has gone to somebody else."""
    db.execute("UPDATE owner SET subject = 'eve'")


@pytest.mark.parametrize("loses_connection", [True, False])
def test_after_a_restore_nobody_gets_the_id_of_another(
    database: Database, settings: Settings, loses_connection: bool
) -> None:
    """Neither when the connection is lost without notice, nor when nothing tells the process."""
    owners = Owners(database)
    alice = owners.find_or_insert("stockroom", "alice", "Alice")
    other = Database(settings)
    restore_to_another_owner(other)
    if loses_connection:
        ((connection,),) = database.query("SELECT CONNECTION_ID()")
        other.execute(f"KILL {connection}")
    other.close()
    assert owners.find_or_insert("stockroom", "alice", "Alice") != alice


def test_without_a_name_others_see_a_pseudonym_that_the_subject_does_not_tell(database: Database) -> None:
    owners = Owners(database)
    alice = owners.find_or_insert("stockroom", "alice", "")
    assert Owners(database).find_or_insert("stockroom", "alice", "") == alice
    assert database.query("SELECT name FROM owner") == ((f"contributor-{alice}",),)


@pytest.mark.parametrize(
    "name",
    [
        "contributor-1",
        "Contributor-1",
        "contributor-\uff11\uff17",
        "CONTRIBUTOR \u2013 17",
        "contributor17",
        "(contributor_17)",
        "cöntributor-17",
    ],
)
def test_nobody_takes_the_pseudonym_of_another(database: Database, name: str) -> None:
    owners = Owners(database)
    owners.find_or_insert("stockroom", "alice", "")
    eve = owners.find_or_insert("stockroom", "eve", name)
    assert owners.find_or_insert("stockroom", "eve", name) == eve
    ((shown,),) = database.query("SELECT name FROM owner WHERE owner_id = %s", (eve,))
    assert shown == f"contributor-{eve}"


def test_a_name_that_only_begins_like_a_pseudonym_is_shown(database: Database) -> None:
    for name in ("Contributor", "17 contributors", "contributor-x"):
        eve = Owners(database).find_or_insert("stockroom", "eve", name)
        assert database.query("SELECT name FROM owner WHERE owner_id = %s", (eve,)) == ((name,),)


def test_a_name_that_a_token_no_longer_has_is_shown_no_longer(database: Database) -> None:
    owners = Owners(database)
    alice = owners.find_or_insert("stockroom", "alice", "Alice")
    owners.find_or_insert("stockroom", "alice", "")
    assert database.query("SELECT name FROM owner") == ((f"contributor-{alice}",),)
    owners.find_or_insert("stockroom", "alice", "Alice A.")
    assert database.query("SELECT name FROM owner") == (("Alice A.",),)
