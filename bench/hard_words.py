"""Words that make searches expensive, added to a corpus: in its index alone, in no text."""

from stockroom.runtime.database import Database
from stockroom.search.index.document import ALL_PICTURES
from stockroom.search.index.lexicon import compute_df_bucket
from stockroom.search.index.skip_pointers import STRIDE

NEVER_TOGETHER = ("neveron", "nevertwo")
"""The stems of "neverone" and "nevertwo": each in a fifth of all pictures, in no picture both."""
ALWAYS_TOGETHER = tuple(f"pho{number:02d}" for number in range(17))
"""Seventeen words with one beginning, all in the same twenty-fifth of the pictures."""


def add_hard_words(db: Database) -> None:
    """Add the words, unless the corpus has them; each is in every nth picture, from a remainder on."""
    words = [(word, 5, remainder) for remainder, word in enumerate(NEVER_TOGETHER)]
    words += [(word, 25, 3) for word in ALWAYS_TOGETHER]
    for word, every, remainder in words:
        if not db.query("SELECT 1 FROM term WHERE term = %s", (word,)):
            _add_word(db, word, every, remainder)


def _add_word(db: Database, word: str, every: int, remainder: int) -> None:
    ((all_pictures, total),) = db.query("SELECT term_id, df FROM term WHERE term = %s", (ALL_PICTURES,))
    db.execute("INSERT INTO term (term, df) VALUES (%s, %s)", (word, total // every))
    ((term_id,),) = db.query("SELECT term_id FROM term WHERE term = %s", (word,))
    db.execute(
        "INSERT INTO posting (term_id, image_id, weight) SELECT %s, image_id, 100 FROM "
        "(SELECT image_id, ROW_NUMBER() OVER (ORDER BY image_id) AS n FROM posting WHERE term_id = %s) p "
        "WHERE n %% %s = %s",
        (term_id, all_pictures, every, remainder),
    )
    db.execute(
        "INSERT INTO posting_skip (term_id, image_id) SELECT term_id, image_id FROM posting "
        f"WHERE term_id = %s AND CRC32(image_id) %% {STRIDE} = 0",
        (term_id,),
    )
    if word in ALWAYS_TOGETHER:
        db.execute(
            "INSERT INTO lexicon (surface, term_id, magnitude) VALUES (%s, %s, %s)",
            (word, term_id, compute_df_bucket(total // every)),
        )
