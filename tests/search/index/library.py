"""What the tests of the index look at in its tables."""

from stockroom.runtime.database import Database
from stockroom.search.index.posting_writer import delete_postings, replace_postings, write_postings
from stockroom.search.index.resolver import Entries, Resolver
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.index.term_dictionary import TermDictionary
from tests.search.pictures import Picture


def resolve(db: Database, picture: Picture) -> Entries:
    """The entries of a picture, resolved by a process that remembers nothing."""
    return Resolver(db, TermDictionary(db)).resolve(picture.document())


def write(db: Database, image_id: int, entries: Entries) -> None:
    db.run_transaction(lambda cursor: write_postings(cursor, image_id, entries))


def delete(db: Database, image_id: int, entries: Entries) -> None:
    db.run_transaction(lambda cursor: delete_postings(cursor, image_id, entries))


def replace(db: Database, image_id: int, old: Entries, new: Entries) -> None:
    db.run_transaction(lambda cursor: replace_postings(cursor, image_id, old, new))


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
