"""Pictures are found by the name that their contributor has now; namesakes are told apart by their ids."""

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from stockroom.images.owners import Owners, correct_folded_names
from stockroom.images.picture import Picture as ReadyPicture
from stockroom.runtime import migrations
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.execution.names import MAX_NAMESAKES
from stockroom.search.index.skip_pointers import is_sampled
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.factories import Statements
from tests.search.index.library import assert_consistent, read_df, read_recorded_terms, read_terms
from tests.search.pictures import Picture, at, image_ids, stock
from tests.servers import Server


def find(index: SearchIndex, owner: str, q: str = "") -> list[ReadyPicture]:
    return index.find_images(parse(q, filters={"owner": owner})).pictures


@pytest.fixture
def namesakes(database: Database) -> dict[int, int]:
    """A picture each of three owners: two are called Ada, and one Bob; by the ids of the owners."""
    owners = Owners(database)
    pictures = {}
    for number, (subject, name) in enumerate([("a", "Ada"), ("b", "ÁDA "), ("c", "Bob")], 1):
        owner_id = owners.find_or_insert("test", subject, name)
        pictures[owner_id] = at(2016, number=number)
        stock(database, [Picture(id=pictures[owner_id], description="red boat", owner_id=owner_id)])
    return pictures


def test_everybody_of_a_name_is_found(index: SearchIndex, namesakes: dict[int, int]) -> None:
    first, second, bob = namesakes.values()
    assert image_ids(find(index, " ada")) == [second, first]
    assert image_ids(find(index, "Bob", "boat")) == [bob]
    assert find(index, "Bob", "-boat") == []
    assert find(index, "Eve") == find(index, "Eve", "boat") == []


def test_one_of_two_namesakes_can_be_asked_for(index: SearchIndex, namesakes: dict[int, int]) -> None:
    for picture in find(index, "Ada"):
        assert image_ids(find(index, f"id:{picture.owner_id}")) == [picture.image_id]
        assert namesakes[picture.owner_id] == picture.image_id
    assert find(index, "id:12345") == []


def test_a_new_name_counts_at_once(database: Database, index: SearchIndex, namesakes: dict[int, int]) -> None:
    first, second, bob = namesakes.values()
    assert len(find(index, "Ada")) == 2
    Owners(database).find_or_insert("test", "a", "Grace")
    assert image_ids(find(index, "ada")) == [second]
    assert image_ids(find(index, "grace")) == [first]
    assert [picture.owner_name for picture in find(index, "grace")] == ["Grace"]
    Owners(database).find_or_insert("test", "a", "Bob")
    assert image_ids(find(index, "bob")) == [bob, first]


def test_a_removal_after_a_new_name_leaves_nothing(
    database: Database, index: SearchIndex, namesakes: dict[int, int]
) -> None:
    for owner_id, subject in zip(namesakes, "abc", strict=True):
        Owners(database).find_or_insert("test", subject, "Grace")
        database.run_transaction(lambda cursor, n=owner_id: index.remove(cursor, namesakes[n]))  # type: ignore[misc]
    assert database.query("SELECT * FROM posting") == ()
    assert set(read_df(database).values()) == {0}


def test_a_name_that_is_a_number_is_no_id(database: Database, index: SearchIndex) -> None:
    owners = Owners(database)
    first = owners.find_or_insert("test", "a", "Ada")
    second = owners.find_or_insert("test", "b", str(first))
    stock(database, [Picture(id=at(2016), owner_id=first), Picture(id=at(2017), owner_id=second)])
    assert image_ids(find(index, str(first))) == [at(2017)]
    assert image_ids(find(index, f"id:{first}")) == [at(2016)]


def test_a_name_of_nothing_is_nobodys(database: Database, index: SearchIndex) -> None:
    stock(database, [Picture(id=at(2016), owner_id=Owners(database).find_or_insert("test", "a", ""))])
    assert find(index, "\u0301") == []
    assert len(find(index, "")) == 1


def test_the_first_of_many_namesakes_are_found(database: Database, index: SearchIndex) -> None:
    """So that nobody can hide a contributor by taking the same name."""
    owners = Owners(database)
    for number in range(MAX_NAMESAKES + 3):
        owner_id = owners.find_or_insert("test", str(number), "Ada")
        stock(database, [Picture(id=at(2016, number=number), owner_id=owner_id)])
    expected = [at(2016, number=number) for number in reversed(range(MAX_NAMESAKES))]
    assert image_ids(find(index, "Ada")) == expected
    assert image_ids(find(index, "Ada", "picture")) == expected


def test_a_name_costs_one_statement_more_than_an_id(
    database: Database, index: SearchIndex, namesakes: dict[int, int]
) -> None:
    counts = []
    for owner in (f"id:{max(namesakes)}", "Bob"):
        with Statements(database) as statements_sent:
            find(index, owner)
        counts.append(statements_sent.count)
    assert counts[1] == counts[0] + 1


def test_names_that_nobody_has_folded_are_found(
    database: Database, index: SearchIndex, namesakes: dict[int, int]
) -> None:
    """As after the migration, and as the functions of the previous version write them."""
    database.execute("UPDATE owner SET folded_name = NULL")
    first, second, _ = namesakes.values()
    assert image_ids(find(index, "ada")) == [second, first]
    # A folded name that is older than the name counts for nothing.
    database.execute("UPDATE owner SET name = 'Grace', folded_name = 'ada' WHERE subject = 'a'")
    assert image_ids(find(index, "ada")) == [second]


def test_folded_names_are_corrected_page_by_page(database: Database, namesakes: dict[int, int]) -> None:
    database.execute("UPDATE owner SET folded_name = NULL WHERE subject <> 'b'")
    first, second, third = namesakes
    assert correct_folded_names(database, 0, 2, repair=False) == ([first], second)
    assert correct_folded_names(database, 0, 2, repair=True) == ([first], second)
    assert correct_folded_names(database, second, 2, repair=True) == ([third], 0)
    assert database.query("SELECT folded_name FROM owner ORDER BY owner_id") == (("ada",), ("ada",), ("bob",))


@pytest.fixture
def migrated(
    mariadb: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Database]]:
    """Applies migration 0007 to three pictures of before, and connects; one owner is called "1"."""
    name = "before_owners"
    admin = Database(mariadb.settings(), admin=True)
    admin.execute(f"DROP DATABASE IF EXISTS {name}")
    with monkeypatch.context() as patch:
        earlier = [each for each in migrations.migrations() if each[0] < 7]
        patch.setattr(migrations, "migrations", lambda: earlier)
        migrations.migrate(admin, name)
    db = Database(replace(settings, db_name=name))
    db.execute(
        "INSERT INTO owner (owner_id, issuer, subject, name) "
        "VALUES (1, 't', 'a', 'Ada'), (2, 't', 'b', '1'), (3, 't', 'c', 'ADA')"
    )
    db.execute(
        "INSERT INTO term (term_id, term, df) VALUES (1, 'owner:ada', 2), (2, 'owner:1', 1), (3, '*', 3)"
    )
    for image_id, owner_id, term_id in (SAMPLED, 1, 1), (SAMPLED + 1, 2, 2), (SAMPLED + 2, 3, 1):
        db.execute(
            "INSERT INTO image (id, owner_id, state, size, type, name, description, tags, license, credit, "
            "version, width, height, color, thumbhash) "
            "VALUES (%s, %s, 'ready', 1, '', '', '', '', 'CC0-1.0', '', 1, 3, 2, '#000000', 'x')",
            (image_id, owner_id),
        )
        for table in ("posting", "posting_skip") if is_sampled(image_id) else ("posting",):
            db.execute(
                f"INSERT INTO {table} (term_id, image_id) VALUES (%s, %s), (3, %s)",
                (term_id, image_id, image_id),
            )

    def apply() -> Database:
        migrations.migrate(admin, name)
        # As if the migration had been cut short at its end.
        admin.execute("DELETE FROM migration WHERE number = 7")
        assert migrations.migrate(admin, name) == [7]
        return db

    yield apply
    db.close()
    admin.execute(f"DROP DATABASE {name}")
    admin.close()


SAMPLED = next(filter(is_sampled, range(at(2016), at(2017))))


def test_pictures_of_before_the_migration_keep_being_found(migrated: Callable[[], Database]) -> None:
    db = migrated()
    index = SearchIndex(db)
    assert image_ids(find(index, "ada")) == [SAMPLED + 2, SAMPLED]
    assert image_ids(find(index, "1")) == [SAMPLED + 1]
    assert image_ids(find(index, "id:1")) == [SAMPLED]
    # The functions of the previous version find them as before.
    assert read_df(db) == {"*": 3, "owner:ada": 2, "owner:1": 1, "owner:2": 1, "owner:3": 1}
    assert_consistent(db)


def test_the_audit_takes_the_names_of_before_the_migration_away(migrated: Callable[[], Database]) -> None:
    db = migrated()
    index = SearchIndex(db)
    after = index.audit(repair=True).next
    while after:
        after = index.audit(after, repair=True).next
    assert "owner:ada" not in read_df(db)
    assert [read_df(db)[f"owner:{number}"] for number in (1, 2, 3)] == [1, 1, 1]
    assert_consistent(db)
    assert image_ids(find(index, "ada")) == [SAMPLED + 2, SAMPLED]
    for image_id in (SAMPLED, SAMPLED + 1, SAMPLED + 2):
        assert read_terms(db, image_id) == read_recorded_terms(db, image_id)
