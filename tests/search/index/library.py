"""What the tests of the index look at in its tables."""

from stockroom.runtime.database import Database
from stockroom.search.index.posting_writer import delete_postings, write_postings
from stockroom.search.index.resolver import Entries, Resolver
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.index.term_dictionary import TermDictionary
from tests.search.pictures import Picture


def resolve(db: Database, picture: Picture) -> Entries:
    """The entries of a picture, resolved by a process that remembers nothing."""
    return Resolver(db, TermDictionary(db)).resolve(picture.document())


def write(db: Database, image_id: int, entries: Entries) -> None:
    """Index a picture by these entries; its row is made when it is missing."""
    make_ready(db, image_id)
    db.run_transaction(lambda cursor: write_postings(cursor, {image_id: entries}))


def delete(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: delete_postings(cursor, [image_id]))


def make_ready(db: Database, image_id: int) -> None:
    """The row of a ready picture that nothing is known of."""
    db.execute(
        "INSERT INTO image (id, owner_id, state, size, type, name, description, tags, license, credit) "
        "VALUES (%s, 1, 'ready', 1, '', '', '', '', '', '') ON DUPLICATE KEY UPDATE id = image.id",
        (image_id,),
    )


def read_recorded_terms(db: Database, image_id: int) -> list[str]:
    """The terms that a picture's row records, sorted."""
    rows = db.query(
        "SELECT t.term FROM image i JOIN term t ON FIND_IN_SET(t.term_id, i.indexed_terms) WHERE i.id = %s",
        (image_id,),
    )
    return sorted(bytes(term).decode() for (term,) in rows)


def read_terms(db: Database, image_id: int) -> list[str]:
    """The terms under which a picture is found, sorted."""
    rows = db.query(
        "SELECT t.term FROM posting p JOIN term t ON t.term_id = p.term_id WHERE p.image_id = %s", (image_id,)
    )
    return sorted(bytes(term).decode() for (term,) in rows)


def read_df(db: Database) -> dict[str, int]:
    """The df of every term."""
    return {bytes(term).decode(): df for term, df in db.query("SELECT term, df FROM term")}


def assert_consistent(db: Database, stride: int = STRIDE) -> None:
    """df is the number of postings of each term, and the skip pointers are the sampled postings."""
    wrong = db.query(
        "SELECT t.term, t.df, COUNT(p.image_id) FROM term t LEFT JOIN posting p ON p.term_id = t.term_id "
        "GROUP BY t.term_id, t.term, t.df HAVING t.df <> COUNT(p.image_id)"
    )
    assert wrong == ()
    sampled = db.query(
        f"SELECT term_id, image_id FROM posting WHERE CRC32(image_id) %% {stride} = 0 "
        "ORDER BY term_id, image_id"
    )
    assert sampled == db.query("SELECT term_id, image_id FROM posting_skip ORDER BY term_id, image_id")
