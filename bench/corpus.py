"""A library of any size for the search benchmarks: `python -m bench.corpus --rows 1000000`.

Words, tags, contributors and colours follow Zipf's law. The words of a picture belong mostly to one of 150
subjects. File names are a camera's or words; the days of upload lie within three years. What the index holds
of a picture comes from the product (`build_document`); the rows are loaded by LOAD DATA LOCAL in the order of
their keys.
"""

import argparse
import gc
import itertools
import random
import tempfile
import time
from array import array
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymysql

from bench.servers import SERVERS, benchmark_server
from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.images import tags as tagging
from stockroom.images.contributor_names import fold_name
from stockroom.images.picture import Metadata
from stockroom.runtime.database import SESSION, Database
from stockroom.runtime.licenses import LICENSES
from stockroom.runtime.migrations import migrate
from stockroom.runtime.settings import Settings
from stockroom.search.filters import PictureToIndex
from stockroom.search.index.document import Document, build_document
from stockroom.search.index.lexicon import compute_df_bucket
from stockroom.search.index.skip_pointers import is_sampled
from tooling.servers import Server

SEED = 20260501
LAST_DAY = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 3 * 365
WORDS = 40_000
TAGS = 8_000
OWNERS = 400

# The words that the benchmarks ask for, a subject a line: the first words of each line are the commonest of
# all. The rest of the vocabulary is made of syllables.
SUBJECTS = """
    sea beach sunset water sky boat harbour island sand coast
    city light street people night tower bridge window market traffic
    mountain forest tree river snow lake rain autumn winter stone
    green blue flower summer garden sun sunflower field road spring
    house woman man child cat dog bird family kitchen table
    car train station church old red white black morning church
"""
SUBJECT_COUNT = 150
SUBJECT_WORDS = 400
ON_SUBJECT = 0.6
"""The share of a picture's words that belong to its subject."""
_ONSETS = "b c d f g h j k l m n p r s t v w br ch cl dr fl gr pl sh st tr th"
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou"]
_CODAS = ("", "", "n", "r", "l", "s", "t", "m", "nd", "st", "ck", "ng")
_ENDINGS = ("", "", "", "s", "s", "ing", "ed")
COLORS = """
    #325ab4 #87ceeb #46963c #808080 #6e4b32 #f2f2f2 #141414 #e6821e #c8281e #e6d232 #ff69b4 #78378c
    #2d9b9b
"""
SHAPES = ((1280, 720, 65), (480, 720, 30), (720, 720, 5))


class Zipf:
    """Draws from a list, the first most often: weight 1 / (rank + shift) ** exponent."""

    def __init__(self, rng: random.Random, values: list[str], exponent: float, shift: float = 2.7) -> None:
        self._rng = rng
        self._values = values
        self._sums = list(itertools.accumulate((rank + shift) ** -exponent for rank in range(len(values))))

    def draw(self, count: int) -> list[str]:
        total = self._sums[-1]
        return [self._values[bisect(self._sums, self._rng.random() * total)] for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the corpus."""

    id: int
    owner: int
    name: str
    description: str
    tags: list[str]
    license: str
    width: int
    height: int
    color: str
    phash: int

    def document(self) -> Document:
        return build_document(
            PictureToIndex(
                metadata=Metadata(
                    name=self.name,
                    description=self.description,
                    tags=tuple(self.tags),
                    license=self.license,
                ),
                width=self.width,
                height=self.height,
                color=self.color,
                owner_id=self.owner,
            )
        )


def owner_name(number: int) -> str:
    return f"Contributor {number}"


def make_vocabulary(rng: random.Random) -> list[str]:
    """Words, the commonest first. Stop words and the words of SUBJECTS are among the first ones."""
    made: dict[str, None] = {}
    while len(made) < WORDS:
        syllables = rng.choice((1, 2, 2, 3))
        stem = "".join(
            rng.choice(_ONSETS.split()) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables)
        )
        if len(stem) > 3:
            made[stem + rng.choice(_ENDINGS)] = None
    stops = [word for word in sorted(STOP_WORDS) if len(word) > 1][:40]
    named = zip(*(line.split() for line in SUBJECTS.strip().splitlines()), strict=True)
    first = dict.fromkeys(word for rank in zip(stops, named, strict=False) for word in (rank[0], *rank[1]))
    return [*first, *(word for word in made if word not in first)]


def make_subjects(rng: random.Random, words: list[str]) -> list[list[str]]:
    """The words of each subject, the commonest first; a word may belong to several subjects."""
    plain = [word for word in words if word not in STOP_WORDS]
    rank = {word: number for number, word in enumerate(plain)}
    named = [line.split() for line in SUBJECTS.strip().splitlines()]
    return [
        (named[number] if number < len(named) else [])
        + sorted(rng.sample(plain[len(named) * 10 :], SUBJECT_WORDS), key=rank.__getitem__)
        for number in range(SUBJECT_COUNT)
    ]


def generate_pictures(rows: int, seed: int = SEED) -> Iterator[Picture]:
    """`rows` pictures, the oldest first; always the same ones for a seed."""
    rng = random.Random(SEED)
    words = make_vocabulary(rng)
    texts = Zipf(rng, words, 1.0)
    plain = [word for word in words if word not in STOP_WORDS]
    tags = Zipf(rng, plain[:TAGS], 0.9)
    own = [Zipf(rng, some, 1.0) for some in make_subjects(rng, words)]
    subject = Zipf(rng, [str(number) for number in range(SUBJECT_COUNT)], 0.6)
    rng.seed(seed)
    owners = Zipf(rng, [str(number) for number in range(1, OWNERS + 1)], 0.8)
    colors = Zipf(rng, COLORS.split(), 0.7)
    licenses = Zipf(rng, list(LICENSES), 1.2, 1.0)
    start = int((LAST_DAY - timedelta(days=DAYS)).timestamp() * 1000)
    step = DAYS * 86_400_000 / rows
    for number in range(rows):
        moment = start + int((number + rng.random()) * step)
        of_subject = own[int(subject.draw(1)[0])]
        length, labels = rng.randint(4, 14), rng.randint(0, 5)
        described = [
            *of_subject.draw(round(length * ON_SUBJECT)),
            *texts.draw(round(length * (1 - ON_SUBJECT))),
        ]
        rng.shuffle(described)
        shown = [*of_subject.draw(round(labels * ON_SUBJECT)), *tags.draw(round(labels * (1 - ON_SUBJECT)))]
        camera = rng.random() < 0.5
        stem = f"dsc_{rng.randrange(10_000):04d}" if camera else "-".join(texts.draw(2))
        width, height = rng.choices([(w, h) for w, h, _ in SHAPES], [share for _, _, share in SHAPES])[0]
        yield Picture(
            id=moment << 20 | rng.getrandbits(20),
            owner=int(owners.draw(1)[0]),
            name=stem + ".jpg",
            description=" ".join(described),
            tags=list(dict.fromkeys(shown)),
            license=licenses.draw(1)[0],
            width=width,
            height=height,
            color=colors.draw(1)[0],
            phash=rng.getrandbits(64),
        )


class IndexRows:
    """The rows of the index's tables for many pictures, in memory: nine bytes a posting."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._images: list[array[int]] = []
        self._weights: list[bytearray] = []
        self._surfaces: set[tuple[bytes, int]] = set()

    def add(self, image_id: int, document: Document) -> None:
        for term, weight in document.term_weights().items():
            number = self._ids.get(term)
            if number is None:
                number = self._ids[term] = len(self._ids)
                self._images.append(array("Q"))
                self._weights.append(bytearray())
            self._images[number].append(image_id)
            self._weights[number].append(weight)
        self._surfaces.update((surface, self._ids[term] + 1) for surface, term in document.surface_forms())

    def terms(self) -> Iterator[str]:
        """Rows of `term`."""
        return (
            f"{number + 1}\t{escape(term)}\t{len(self._images[number])}\n"
            for term, number in self._ids.items()
        )

    def postings(self) -> Iterator[str]:
        """Rows of `posting`, in the order of its primary key."""
        for number, (images, weights) in enumerate(zip(self._images, self._weights, strict=True), 1):
            for image, weight in zip(images, weights, strict=True):
                yield f"{number}\t{image}\t{weight}\n"

    def skips(self) -> Iterator[str]:
        """Rows of `posting_skip`, in the order of its primary key."""
        for number, images in enumerate(self._images, 1):
            for image in images:
                if is_sampled(image):
                    yield f"{number}\t{image}\n"

    def lexicon(self) -> Iterator[str]:
        """Rows of `lexicon`, in the order of its primary key."""
        for surface, term_id in sorted(self._surfaces):
            size = compute_df_bucket(len(self._images[term_id - 1]))
            yield f"{escape(surface.decode())}\t{term_id}\t{size}\n"


def escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\0", "\\0")


def list_image_rows(some: list[Picture]) -> Iterator[str]:
    for picture in some:
        values = (
            picture.id, picture.owner, "ready", 1_000_000, "image/jpeg", picture.name, picture.description,
            tagging.serialize(picture.tags), picture.license, "", 1, picture.width, picture.height,
            picture.color, "x" * 24, picture.phash,
        )  # fmt: skip
        yield "\t".join(escape(str(value)) for value in values) + "\n"


IMAGE = (
    "id, owner_id, state, size, type, name, description, tags, license, credit, version, width, height, "
    "color, thumbhash, phash"
)


class Loader:
    """Loads rows by way of a file, a part at a time."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._path = folder / "rows.tsv"
        self._connection = pymysql.connect(
            host=settings.db_host,
            port=settings.db_port,
            user=settings.db_user,
            password=settings.db_password,
            database=settings.db_name,
            autocommit=True,
            local_infile=True,
            init_command=SESSION,
        )
        with self._connection.cursor() as cursor:
            # Between two loads, rows are made: on a busy machine for longer than a connection is kept.
            cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0, wait_timeout = 3600")

    def load(self, table: str, columns: str, rows: Iterator[str]) -> None:
        while part := list(itertools.islice(rows, 500_000)):
            self._path.write_text("".join(part))
            with self._connection.cursor() as cursor:
                cursor.execute(
                    f"LOAD DATA LOCAL INFILE '{self._path}' INTO TABLE {table} "
                    f"CHARACTER SET utf8mb4 ({columns})"
                )

    def close(self) -> None:
        self._connection.close()
        self._path.unlink(missing_ok=True)


def load(settings: Settings, rows: int) -> None:
    """Fill an empty, migrated schema."""
    index = IndexRows()
    # Millions of small objects live to the end, and the search for garbage among them takes half of the time.
    gc.disable()
    with tempfile.TemporaryDirectory() as folder:
        loader = Loader(settings, Path(folder))
        owners = (
            f"{number}\tbench\t{number}\t{owner_name(number)}\t{fold_name(owner_name(number))}\n"
            for number in range(1, OWNERS + 1)
        )
        loader.load("owner", "owner_id, issuer, subject, name, folded_name", owners)
        source = generate_pictures(rows)
        while some := list(itertools.islice(source, 100_000)):
            for picture in some:
                index.add(picture.id, picture.document())
            loader.load("image", IMAGE, list_image_rows(some))
        loader.load("term", "term_id, term, df", index.terms())
        loader.load("lexicon", "surface, term_id, magnitude", index.lexicon())
        loader.load("posting", "term_id, image_id, weight", index.postings())
        loader.load("posting_skip", "term_id, image_id", index.skips())
        loader.close()
    gc.enable()


def ensure(server: Server, rows: int) -> Settings:
    """The settings of a schema with `rows` pictures on a server, made when missing."""
    settings = Settings.from_environment(server.environment(f"corpus_{rows}"))
    admin = Database(settings, admin=True)
    migrate(admin, settings.db_name)
    admin.close()
    db = Database(settings)
    if db.query("SELECT df FROM term WHERE term = '*'") != ((rows,),):
        for table in ("owner", "image", "term", "lexicon", "posting", "posting_skip"):
            db.execute(f"TRUNCATE TABLE {table}")
        started = time.monotonic()
        load(settings, rows)
        db.close()
        analyze(settings)
        print(f"{rows:,} pictures loaded in {time.monotonic() - started:.0f} s", flush=True)
    db.close()
    return settings


def analyze(settings: Settings) -> None:
    db = Database(settings)
    for table in ("image", "term", "lexicon", "posting", "posting_skip"):
        db.query(f"ANALYZE TABLE {table}")
    db.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--db", choices=sorted(SERVERS), default="mariadb")
    given = options.parse_args()
    with benchmark_server(given.db) as server:
        ensure(server, given.rows)


if __name__ == "__main__":
    main()
