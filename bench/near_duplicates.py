"""Near duplicates: how many are right, how many are found, what they cost: `python -m bench.near_duplicates`.

First the quality. The pictures are the photographs of the repository, their tiles, pages of print and flat
pictures, all of them unlike each other, and variants of the photographs and of every fourth tile. Each
picture is compared with each other one. Precision is the share of the pairs that are called near duplicates
that are variants of one picture; recall is the share of the variants of a kind that are found from the
picture itself, or of the frames of a burst from each other.

Then the cost, in a corpus of `bench.search` with `--rows` pictures: similar pictures with and without their
duplicates, in turn; groups of duplicates of the owner with the most pictures; and the statements that a
publication has more. --write puts both into docs/benchmarks.md.
"""

import argparse
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from unittest import mock

from pymysql.cursors import Cursor

from bench import report
from bench.corpus import ensure
from bench.measuring import count_rows_touched, describe_server, time_call
from bench.servers import benchmark_server
from bench.variants import (
    BURSTS,
    PHOTOGRAPHS,
    Made,
    cut_tiles,
    look,
    make_frames,
    make_page,
    make_variants,
    open_photograph,
)
from stockroom.images.duplicates import NEWEST, find_duplicates, find_groups
from stockroom.images.looks import are_near
from stockroom.images.repository.near_duplicates import delete_bands, insert_bands
from stockroom.renditions.libvips import pyvips
from stockroom.runtime.database import Database
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex

ORIGINAL = "the picture itself"
PAGES = 40
FLAT = 12


def make_pictures(
    paths: Sequence[Path] = PHOTOGRAPHS, *, longest: int = 1600, tiles: int = 3, pages: int = PAGES
) -> list[Made]:
    """The photographs, reduced to `longest`, `tiles` by `tiles` parts of each, so many pages; variants."""
    made: list[Made] = []

    def add(subject: str, kind: str, image: object, quality: int = 90) -> None:
        made.append(Made(subject, kind, look(image, len(made), quality)))

    for path in paths:
        photograph = open_photograph(path, longest)
        for number, image in enumerate([photograph, *cut_tiles(photograph, tiles)]):
            subject, rng = f"{path.stem} {number}", random.Random(f"{path.stem} {number}")
            add(subject, ORIGINAL, image)
            if number % 4 == 0:
                for kind, variant, quality in make_variants(image, rng):
                    add(subject, kind, variant, quality)
                for kind, frame in make_frames(image, rng):
                    add(subject, kind, frame)
    for number in range(pages):
        page = make_page(number)
        add(f"page {number}", ORIGINAL, page)
        add(f"page {number}", "a page, saved at Q50", page, 50)
    for number in range(FLAT):
        # Black frames and white pages, with a sensor's noise or without.
        light = (0, 2, 128, 255)[number % 4]
        noise = pyvips.Image.gaussnoise(800, 600, mean=light, sigma=number // 4 * 2, seed=number)
        gray = noise.bandjoin([noise, noise]).cast("uchar").copy(interpretation="srgb")
        add(f"flat {number}", ORIGINAL, gray)
    return made


class Quality:
    """What came of comparing pictures with each other."""

    def __init__(self, made: Sequence[Made]) -> None:
        self.found: dict[str, int] = defaultdict(int)
        self.expected: dict[str, int] = defaultdict(int)
        self.right = 0
        self.wrong: list[tuple[Made, Made]] = []
        self.unlike = 0
        for one, other in combinations(made, 2):
            is_near = are_near(one.looks, other.looks)
            if one.subject != other.subject:
                self.unlike += 1
                if is_near:
                    self.wrong.append((one, other))
                continue
            self.right += is_near
            kind = self._find_kind(one, other)
            if kind is not None:
                self.expected[kind] += 1
                self.found[kind] += is_near

    @property
    def precision(self) -> float:
        """The share of right pairs among those that are called near duplicates."""
        return self.right / (self.right + len(self.wrong))

    def recall(self, *kinds: str) -> float:
        """The share of the pairs of some kinds, or of all, that are found."""
        names = kinds or tuple(self.expected)
        return sum(self.found[kind] for kind in names) / sum(self.expected[kind] for kind in names)

    @staticmethod
    def _find_kind(one: Made, other: Made) -> str | None:
        kinds = {one.kind, other.kind}
        if one.kind == other.kind and one.kind in BURSTS:
            return one.kind
        if ORIGINAL in kinds and not kinds & BURSTS.keys():
            return (kinds - {ORIGINAL}).pop()
        return None


def describe_quality(made: Sequence[Made], quality: Quality) -> str:
    """The table of a measurement."""
    subjects = len({each.subject for each in made})
    rows = [(kind, f"{quality.expected[kind]:,}", f"{quality.recall(kind):.1%}") for kind in quality.expected]
    called = quality.right + len(quality.wrong)
    return (
        f"{len(made):,} pictures of {subjects} subjects, {quality.unlike:,} unlike pairs. {called:,} pairs "
        f"are called near duplicates, and {len(quality.wrong)} of them are none: "
        f"precision {quality.precision:.4f}.\n\n" + report.table(("Variant", "Pairs", "Found (recall)"), rows)
    )


def fill_bands(db: Database) -> None:
    """Write the bands of all pictures of a corpus, which has none. Its hashes are drawn at random."""
    ((first, last),) = db.query("SELECT MIN(id), MAX(id) FROM image")
    step = (last - first) // 200 + 1
    for start in range(first, last + 1, step):
        rows = db.query(
            "SELECT id FROM image WHERE id >= %s AND id < %s AND state = 'ready'", (start, start + step)
        )
        ids = [image_id for (image_id,) in rows]
        for part in range(0, len(ids), 1000):
            some = ids[part : part + 1000]
            db.run_transaction(partial(insert_bands, image_ids=some))


def measure_similar(db: Database, questions: int = 200) -> list[tuple[str, str, str, str]]:
    """Similar pictures of the newest ones, with their duplicates and without, in turn."""
    index = SearchIndex(db)
    pictures = index.find_images(parse("harbour"), None, 100).pictures
    times: dict[str, list[float]] = defaultdict(list)
    rows: dict[str, list[int]] = defaultdict(list)
    for number in range(questions + 20):
        picture = pictures[number % len(pictures)]
        for name in ("shared terms alone", "with duplicates"):
            with mock.patch(
                "stockroom.search.suggest.similar.find_duplicates",
                find_duplicates if name == "with duplicates" else lambda *_: {},
            ):
                before = count_rows_touched(db)
                took = time_call(partial(index.find_similar, picture))
                touched = count_rows_touched(db) - before
            if number >= 20:
                times[name].append(took)
                rows[name].append(touched)
    return [
        (
            f"similar pictures, {name}",
            f"{statistics.median(times[name]):.2f} ms",
            f"{sorted(times[name])[int(questions * 0.99)]:.2f} ms",
            f"{int(statistics.median(rows[name])):,} (at most {max(rows[name]):,})",
        )
        for name in times
    ]


def measure_groups(db: Database, pages: int = 40) -> list[tuple[str, str, str, str]]:
    """Groups among the pictures of an owner with many, from the newest one on."""
    rows = db.query(
        "SELECT owner_id, COUNT(*) FROM phash_band WHERE band = 0 GROUP BY owner_id ORDER BY 2 DESC LIMIT 1"
    )
    owner_id, count = rows[0]
    times, touched = [], []
    before: int | None = NEWEST
    for _ in range(pages):
        if before is None:
            break
        start, counted = time.perf_counter(), count_rows_touched(db)
        before = find_groups(db, owner_id, before, 20).next
        times.append((time.perf_counter() - start) * 1e3)
        touched.append(count_rows_touched(db) - counted)
    return [
        (
            f"a page of groups, of an owner of {count:,} pictures",
            f"{statistics.median(times):.1f} ms",
            f"{max(times):.1f} ms",
            f"{int(statistics.median(touched)):,} (at most {max(touched):,})",
        )
    ]


def measure_publication(db: Database, count: int = 200) -> list[tuple[str, str, str, str]]:
    """The statements that write the bands of one picture, in a transaction of many."""
    ids = [image_id for (image_id,) in db.query(f"SELECT id FROM image ORDER BY id DESC LIMIT {count:d}")]
    rng = random.Random(1)
    rng.shuffle(ids)
    db.run_transaction(lambda cursor: delete_bands(cursor, ids))
    times: list[float] = []

    def insert(cursor: Cursor) -> None:
        times.extend(time_call(partial(insert_bands, cursor, [image_id])) for image_id in ids)

    db.run_transaction(insert)
    return [
        (
            "the bands of a picture that is published",
            f"{statistics.median(times):.2f} ms",
            f"{sorted(times)[int(count * 0.99)]:.2f} ms",
            "",
        )
    ]


def measure_costs(db: Database, kind: str, rows: int) -> str:
    """The table of the costs in one corpus."""
    if not db.query("SELECT 1 FROM phash_band LIMIT 1"):
        fill_bands(db)
        db.execute("ANALYZE TABLE phash_band, image")
    figures = [*measure_similar(db), *measure_groups(db), *measure_publication(db)]
    return (
        describe_server(db, kind, rows)
        + "\n\n"
        + report.table(("What", "Median", "99 % are faster than", "Rows touched"), figures)
    )


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000])
    parser.add_argument("--db", choices=("mariadb", "mysql"), default="mariadb")
    parser.add_argument("--only", choices=("quality", "costs"), help="measure one of the two")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    if options.only != "costs":
        made = make_pictures()
        quality = Quality(made)
        for one, other in quality.wrong[:20]:
            print(f"wrong: {one.subject}, {one.kind} - {other.subject}, {other.kind}")
        text = describe_quality(made, quality)
        print(text, flush=True)
        if options.write:
            report.replace_section("near duplicates", text)
    if options.only != "quality":
        parts = []
        with benchmark_server(options.db) as server:
            for rows in options.rows:
                db = Database(ensure(server, rows))
                parts.append(measure_costs(db, options.db, rows))
                print(parts[-1], flush=True)
                db.close()
        if options.write:
            report.replace_section("near duplicates cost", "\n\n".join(parts))


if __name__ == "__main__":
    main()
