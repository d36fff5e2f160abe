"""What each picture was indexed by is recorded; and the new index is compared with the old one by it."""

from collections.abc import Iterator

import pytest

from stockroom.images.repository.indexing import LAST_ID, find_fingerprints
from stockroom.runtime.database import Database
from stockroom.search.index.rebuild import checking, records, tables
from stockroom.search.index.rebuild.checking import Comparison, NotWhole, check_counts, compare
from tests.search.pictures import Picture, at, stock

IDS = [at(2016, number=n) for n in range(4)]
EVERYTHING = (0, LAST_ID)


@pytest.fixture
def owner(database: Database) -> Iterator[str]:
    """The rebuild whose the empty tables of a new index are."""
    owner = tables.create(database)
    yield owner
    tables.drop(database, owner)


@pytest.fixture
def library(database: Database) -> Database:
    """Four pictures."""
    stock(database, [Picture(id=image_id, description="red boat") for image_id in IDS])
    return database


def record(library: Database, owner: str, term_ids: list[int]) -> None:
    fingerprints = find_fingerprints(library, EVERYTHING, 100)
    indexed = {image_id: (fingerprints[image_id], term_ids) for image_id in IDS[:3]}
    records.insert(library, indexed, owner=owner)
    records.insert(library, {}, owner=owner)


def change(library: Database) -> None:
    """The first picture is edited, the second one deleted."""
    library.execute("UPDATE image SET revision = revision + 1 WHERE id = %s", (IDS[0],))
    library.execute("UPDATE image SET state = 'deleted' WHERE id = %s", (IDS[1],))


def test_terms_are_read_as_they_were_recorded(library: Database, owner: str) -> None:
    record(library, owner, [30, 2, 10])
    assert library.run_transaction(lambda cursor: records.read_terms(cursor, IDS[1:])) == {
        image_id: {2, 10, 30} for image_id in IDS[1:3]
    }


def test_which_pictures_have_changed(library: Database, owner: str) -> None:
    record(library, owner, [1])
    assert records.find_changes(library, EVERYTHING) == ([IDS[3]], [])
    assert records.find_changed(library, IDS) == {IDS[3]}
    change(library)
    assert records.find_changes(library, EVERYTHING) == ([IDS[0], IDS[3]], [IDS[1]])
    assert records.find_changes(library, (IDS[0], IDS[2])) == ([], [IDS[1]])
    assert records.find_changes(library, (0, IDS[0])) == ([IDS[0]], [])
    assert records.find_changed(library, IDS) == {IDS[0], IDS[1], IDS[3]}
    fingerprints = find_fingerprints(library, EVERYTHING, 100)
    indexed = {image_id: (fingerprints[image_id], [5]) for image_id in (IDS[0], IDS[3])}
    library.run_transaction(lambda cursor: records.replace(cursor, indexed, [IDS[1]], owner=owner))
    library.run_transaction(lambda cursor: records.replace(cursor, {}, [], owner=owner))
    assert records.find_changes(library, EVERYTHING) == ([], [])
    assert library.run_transaction(lambda cursor: records.read_terms(cursor, IDS)) == {
        IDS[0]: {5}, IDS[2]: {1}, IDS[3]: {5},
    }  # fmt: skip


def test_which_rows_record_other_terms(library: Database, owner: str) -> None:
    record(library, owner, [3, 1])
    for image_id, terms in zip(IDS, ("1,3", "1,2", None, "9"), strict=True):
        library.execute("UPDATE image SET indexed_terms = %s WHERE id = %s", (terms, image_id))

    def find(id_range: tuple[int, int] = EVERYTHING, *, with_unrecorded: bool = False) -> list[int]:
        return records.find_otherwise_recorded(library, id_range, with_unrecorded=with_unrecorded)

    assert find() == [IDS[1]]
    assert find(with_unrecorded=True) == [IDS[1], IDS[2]]
    assert find((IDS[1], IDS[2]), with_unrecorded=True) == [IDS[2]]
    assert find((0, IDS[1]), with_unrecorded=True) == [IDS[1]]


def fill(library: Database, owner: str) -> dict[int, int]:
    """Have the new tables be as the old ones; the df of the terms."""
    library.execute(f"INSERT INTO {tables.POSTING} SELECT * FROM posting")
    fingerprints = find_fingerprints(library, EVERYTHING, 100)
    records.insert(
        library, {image_id: (number, [1]) for image_id, number in fingerprints.items()}, owner=owner
    )
    return dict(library.query("SELECT term_id, df FROM term"))


def remove(library: Database, table: str, term: str, image_id: int) -> None:
    assert library.execute(
        f"DELETE p FROM {table} p JOIN term t ON t.term_id = p.term_id WHERE t.term = %s AND p.image_id = %s",
        (term, image_id),
    )


def test_an_index_that_is_whole(library: Database, owner: str) -> None:
    df = fill(library, owner)
    check_counts(library, df)
    ((boat,),) = library.query("SELECT term_id FROM term WHERE term = 'boat'")
    check_counts(library, df | {boat + 10**6: 0})
    with pytest.raises(NotWhole, match=r"1 terms are gone that were there when the index was built"):
        check_counts(library, df | {boat: df[boat] - 1, boat + 10**6: 1})
    postings = sum(df.values())
    with pytest.raises(NotWhole, match=f"{postings} postings are there, and {postings + 1} were written"):
        check_counts(library, df | {boat: df[boat] + 1})
    library.execute(f"DELETE FROM {tables.PICTURE} LIMIT 1")
    with pytest.raises(NotWhole, match="4 pictures are in the list of all, and 3 were indexed"):
        check_counts(library, df)


def test_an_index_without_terms_is_whole_and_alike(database: Database) -> None:
    owner = tables.create(database)
    check_counts(database, {})
    database.execute("INSERT INTO term (term) VALUES ('*')")
    check_counts(database, {})
    assert compare(database) == Comparison(compared=0, different=())
    tables.drop(database, owner)


def test_terms_that_find_other_pictures_are_told(
    library: Database, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PAGE", 2)
    fill(library, owner)
    ((terms,),) = library.query("SELECT COUNT(*) FROM term WHERE df > 0")
    assert compare(library) == Comparison(compared=terms, different=())
    # Beyond the page nobody looks.
    remove(library, tables.POSTING, "red", IDS[1])
    assert compare(library).different == ()
    # Another picture takes the place of the one that is gone.
    remove(library, tables.POSTING, "red", IDS[3])
    remove(library, tables.POSTING, "boat", IDS[2])
    assert compare(library) == Comparison(compared=terms, different=("boat", "red"))
    # One that has changed since may be found by other terms.
    library.execute("UPDATE image SET revision = revision + 1 WHERE id = %s", (IDS[2],))
    assert compare(library).different == ("red",)
    library.execute("INSERT INTO term (term, df) VALUES (%s, 1)", (b"no text: \xff",))
    library.execute(
        "INSERT INTO posting (term_id, image_id) SELECT term_id, %s FROM term WHERE term = %s",
        (IDS[0], b"no text: \xff"),
    )
    assert compare(library).different == ("no text: \ufffd", "red")


def test_some_terms_by_chance_are_compared_beside_the_commonest(
    library: Database, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "COMMONEST", 1)
    monkeypatch.setattr(checking, "OTHERS", 2)
    fill(library, owner)
    assert compare(library).compared in (2, 3)


@pytest.mark.parametrize(("different", "is_alike"), [(0, True), (1, True), (2, False)])
def test_a_few_terms_may_find_others(different: int, is_alike: bool) -> None:
    assert Comparison(compared=10, different=("term",) * different).is_alike is is_alike
