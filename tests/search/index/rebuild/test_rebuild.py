"""The index is built anew while the library is used, and put in place at once."""

import pickle
import random
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pymysql
import pytest
from pymysql.cursors import Cursor

from stockroom.images.picture import Picture as ReadyPicture
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import REPEATABLE, Database, error_code
from stockroom.runtime.migrations import LOCK
from stockroom.runtime.settings import Settings
from stockroom.search.index import posting_reader, skip_pointers
from stockroom.search.index.document import Document, build_document
from stockroom.search.index.rebuild import catching_up, counting, forms, indexing, loading, records, tables
from stockroom.search.index.rebuild.catching_up import CatchingUp
from stockroom.search.index.rebuild.indexing import Analyse, IdRange, IndexedRange, index_range
from stockroom.search.index.rebuild.loading import load_postings
from stockroom.search.index.rebuild.processes import index_here, index_in_processes
from stockroom.search.index.rebuild.rebuild import Rebuilt, Refused, Watcher, rebuild
from stockroom.search.index.rebuild.runs import Block
from stockroom.search.index.rebuild.vocabulary import Vocabulary
from stockroom.search.index.skip_pointers import is_sampled
from stockroom.search.service import SearchIndex, parse
from tests.search.index.library import assert_consistent, read_recorded_terms, read_terms
from tests.search.index.rebuild.writing import Writer
from tests.search.index.test_audit import audit
from tests.search.model import TODAY, answer, draw_library, draw_query
from tests.search.pictures import Picture, at, image_ids, stock

T = TypeVar("T")
PICTURES = [
    Picture(id=at(2016, number=n), description=f"red boat number{n} #sea", tags=("été",)) for n in range(12)
]
QUERIES = 200


def build(
    db: Database,
    settings: Settings,
    analyse: Analyse = build_document,
    *,
    watcher: Watcher | None = None,
    may_differ: bool = False,
    pictures_per_range: int = 5,
) -> Rebuilt:
    """A rebuild by this process."""

    def index(ranges: Sequence[IdRange], folder: Path, owner: str) -> Iterator[IndexedRange]:
        return index_here(settings, ranges, folder, owner, analyse)

    return rebuild(
        db,
        index,
        analyse=analyse,
        may_differ=may_differ,
        watcher=watcher,
        pictures_per_range=pictures_per_range,
    )


def analyse_anew(picture: ReadyPicture) -> Document:
    """An analysis in which boats are ships, and every picture is a novelty."""
    document = build_document(picture)
    text = f"{document.description} novelty".replace("boat", "ship")
    return Document(
        name=document.name, description=text, tags=document.tags, filter_terms=document.filter_terms
    )


def read_index(db: Database) -> list[object]:
    """All that searches read, and what the rows record."""
    return [
        db.query("SELECT * FROM posting ORDER BY 1, 2"),
        db.query("SELECT * FROM posting_skip ORDER BY 1, 2"),
        db.query("SELECT term_id, term, df FROM term ORDER BY 1"),
        db.query("SELECT * FROM lexicon ORDER BY 1, 2"),
        db.query("SELECT id, indexed_terms FROM image ORDER BY 1"),
    ]


def assert_sound(db: Database, analyse: Analyse = build_document) -> None:
    """Each ready picture is indexed by its metadata of now, and nothing else is."""
    assert audit(SearchIndex(db)).problems.keys() <= {"unused-term"}
    assert_consistent(db, skip_pointers.STRIDE)
    ready = [image_id for (image_id,) in db.query("SELECT id FROM image WHERE state = 'ready'")]
    for picture in find_ready(db, ready):
        expected = sorted(analyse(picture).term_weights())
        assert read_terms(db, picture.image_id) == expected
        assert read_recorded_terms(db, picture.image_id) == expected
    assert db.query("SELECT COUNT(DISTINCT image_id) FROM posting") == ((len(ready),),)
    assert_clean(db)


def assert_clean(db: Database) -> None:
    assert [name for (name,) in db.query("SHOW TABLES") if "rebuil" in name or "replaced" in name] == []


def find(db: Database, text: str) -> list[int]:
    return image_ids(SearchIndex(db).find_images(parse(text, today=TODAY), None, 50).pictures)


@pytest.fixture
def library(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Twelve pictures, of which every second one has skip pointers."""
    monkeypatch.setattr(skip_pointers, "STRIDE", 2)
    monkeypatch.setattr(posting_reader, "STRIDE", 2)
    stock(database, PICTURES)
    return database


@pytest.fixture
def other(settings: Settings) -> Iterator[Database]:
    """Another connection."""
    with closing(Database(settings)) as db:
        yield db


class At(Watcher):
    """Does something at the first moment of a step."""

    def __init__(self, step: str, work: Callable[[], object]) -> None:
        self._step = step
        self._work = work

    def tell(self, step: str, done: int, total: int) -> None:  # noqa: ARG002
        if step == self._step:
            self._step = ""
            self._work()


def test_what_is_right_stays_the_same(library: Database, settings: Settings) -> None:
    before = read_index(library)
    report = build(library, settings)
    assert read_index(library) == before
    assert (report.pictures, report.caught_up, report.forms_added, report.forms_deleted) == (12, 0, 0, 0)
    ((postings,),) = library.query("SELECT COUNT(*) FROM posting")
    assert report.postings == postings
    assert report.comparison.compared > 12
    assert report.comparison.different == ()
    assert_clean(library)


def test_a_library_without_pictures(database: Database, settings: Settings) -> None:
    assert build(database, settings).pictures == 0
    assert_sound(database)


def test_several_processes_build_the_same(database: Database, settings: Settings) -> None:
    sampled = [n for n in range(500) if is_sampled(at(2016, number=n))]
    stock(database, [Picture(id=at(2016, number=n), description="red boat") for n in sampled])
    stock(database, [Picture(id=at(2017, number=n), description=f"number{n}") for n in range(7)])
    before = read_index(database)
    report = rebuild(database, index_in_processes(settings, 2), pictures_per_range=5)
    assert report.pictures == len(sampled) + 7 > 10
    assert read_index(database) == before


def test_the_same_queries_find_the_same(database: Database, settings: Settings) -> None:
    """Before and after, and what the model finds; also after the old index was damaged."""
    rng = random.Random(3)
    pictures = draw_library(rng)
    while len(pictures) < 40:
        pictures = draw_library(rng)
    stock(database, pictures)
    index = SearchIndex(database)
    queries = [(drawn := draw_query(rng), drawn.text(rng)) for _ in range(QUERIES)]

    def find_all() -> list[list[int]]:
        texts = ((parse(text, filters={"orientation": drawn.shape}, today=TODAY)) for drawn, text in queries)
        return [image_ids(index.find_images(query, None, len(pictures)).pictures) for query in texts]

    before = find_all()
    assert before == [answer(drawn, pictures).ids for drawn, _ in queries]
    database.execute("DELETE FROM posting WHERE MOD(image_id, 3) = 0")
    build(database, settings, may_differ=True)
    assert find_all() == before


def test_another_analysis_makes_other_postings(library: Database, settings: Settings) -> None:
    report = build(library, settings, analyse_anew, may_differ=True)
    everything = sorted((picture.id for picture in PICTURES), reverse=True)
    assert find(library, "ship") == find(library, "novelty") == everything
    assert SearchIndex(library).find_images(parse("boat")).related_words == {"boat": ("ship",)}
    assert SearchIndex(library).complete_words("nov") == [("novelty", 12)]
    assert SearchIndex(library).complete_words("boa") == []
    assert "boat" in report.comparison.different
    assert_sound(library, analyse_anew)


def test_many_statements_do_what_one_does(
    library: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_index(library)
    for module, name, size in (
        (indexing, "PICTURES_PER_STATEMENT", 2),
        (loading, "ROWS_PER_STATEMENT", 7),
        (forms, "FORMS_PER_STATEMENT", 3),
        (forms, "DELETED_PER_STATEMENT", 2),
        (counting, "TERMS_PER_STATEMENT", 4),
        (catching_up, "ROWS_PER_RANGE", 5),
        (catching_up, "PICTURES_PER_TRANSACTION", 3),
        (catching_up, "ROWS_PER_TRANSACTION", 2),
    ):
        monkeypatch.setattr(module, name, size)
    build(library, settings, analyse_anew, may_differ=True)
    assert_sound(library, analyse_anew)
    build(library, settings, may_differ=True)
    after = read_index(library)
    # The terms of the other analysis are left, without pictures, until the audit sweeps them.
    assert (after[0], after[1], after[4]) == (before[0], before[1], before[4])


def test_forms_that_nothing_is_analysed_as_any_more_go(library: Database, settings: Settings) -> None:
    """Those of the analysis of today stay, as functions remember that they are there."""
    ((term_id,),) = library.query("SELECT term_id FROM term WHERE term = 'red'")
    for surface in (b"rouge", b"\0rouge", b"crimson"):
        library.execute("INSERT INTO lexicon VALUES (%s, %s, 2)", (surface, term_id))
    ((boat,),) = library.query("SELECT term_id FROM term WHERE term = 'boat'")
    library.execute("INSERT INTO lexicon VALUES ('boats', %s, 2)", (boat,))
    report = build(library, settings)
    assert report.forms_deleted == 3
    surfaces = {bytes(surface) for (surface,) in library.query("SELECT surface FROM lexicon")}
    assert b"boats" in surfaces
    assert surfaces.isdisjoint({b"rouge", b"\0rouge", b"crimson"})


def test_rows_without_a_record_get_one(library: Database, settings: Settings) -> None:
    library.execute("UPDATE image SET indexed_terms = NULL")
    build(library, settings, analyse_anew, may_differ=True)
    assert_sound(library, analyse_anew)


@pytest.mark.parametrize("step", ["index", "load", "forms", "catch up", "check", "swap", "finish"])
@pytest.mark.parametrize("analyse", [build_document, analyse_anew], ids=["the same", "another analysis"])
def test_what_is_written_meanwhile_is_not_lost(
    library: Database, other: Database, settings: Settings, step: str, analyse: Analyse
) -> None:
    writer = Writer(other)
    report = build(library, settings, analyse, may_differ=True, watcher=At(step, writer.write_everything))
    # Those who write know the analysis of before alone.
    if analyse is build_document:
        assert_sound(library)
        assert report.comparison.different == ()
    else:
        assert audit(SearchIndex(library)).problems.keys() <= {"unused-term"}
    assert report.caught_up >= 1 or step in {"index", "finish"}
    ((postings,),) = library.query(
        "SELECT COUNT(*) FROM posting p LEFT JOIN image i ON i.id = p.image_id AND i.state = 'ready' "
        "WHERE i.id IS NULL"
    )
    assert postings == 0


@pytest.mark.parametrize("analyse", [build_document, analyse_anew], ids=["the same", "another analysis"])
def test_what_is_written_just_before_and_just_after_the_swap(
    library: Database,
    other: Database,
    settings: Settings,
    analyse: Analyse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = Writer(other)
    swap = tables.swap

    def swap_between(db: Database, migration: int, owner: str) -> None:
        writer.write_everything()
        swap(db, migration, owner)
        writer.write_everything()

    monkeypatch.setattr(tables, "swap", swap_between)
    build(library, settings, analyse, may_differ=True)
    assert_sound(library, analyse)


def test_somebody_writes_all_the_time(library: Database, settings: Settings) -> None:
    stop = threading.Event()
    failures: list[Exception] = []

    def write() -> None:
        try:
            with closing(Database(settings)) as db:
                writer = Writer(db, seed=1)
                for _ in range(8):
                    writer.publish()
                while not stop.is_set() or writer.count < 30:
                    (writer.publish if writer.count % 2 else writer.write_something)()
        except Exception as error:  # noqa: BLE001 - looked at below
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(3):
            build(library, settings)
    finally:
        stop.set()
        thread.join()
    assert failures == []
    assert_sound(library)


class Killed(BaseException):
    """Whatever ends a process."""


class Mortal(Database):
    """A connection that is cut, for good, at a statement or a transaction, before it or after it."""

    def __init__(self, settings: Settings, lives: int = 10**9) -> None:
        super().__init__(settings)
        self.lives = lives

    def _run_with_retries(self, work: Callable[[Cursor], T]) -> T:
        self.lives -= 1
        if self.lives < 0:
            raise Killed
        return super()._run_with_retries(work)

    def run_once(self, work: Callable[[Cursor], T]) -> T:
        self.lives -= 1
        if self.lives < 0:
            raise Killed
        return super().run_once(work)


def test_killed_anywhere_the_index_is_the_old_one_or_the_new_one(
    library: Database, other: Database, settings: Settings
) -> None:
    """The next rebuild cleans up; what was written in between is not lost."""
    old = library.query("SELECT * FROM posting ORDER BY 1, 2")
    for _ in range(2):
        build(library, settings, may_differ=True)
        with closing(Mortal(settings)) as db:
            build(db, settings, analyse_anew, may_differ=True)
            statements = 10**9 - db.lives
    new = library.query("SELECT term_id, image_id FROM posting ORDER BY 1, 2")
    build(library, settings, may_differ=True)
    assert library.query("SELECT * FROM posting ORDER BY 1, 2") == old
    ends = set()
    for lives in [*range(1, statements, max(statements // 6, 1)), statements - 3]:
        with closing(Mortal(settings, lives)) as db, pytest.raises(Killed):
            build(db, settings, analyse_anew, may_differ=True)
        found = library.query("SELECT * FROM posting ORDER BY 1, 2")
        is_old = found == old
        ends.add(is_old)
        assert is_old or tuple(posting[:2] for posting in found) == new
        # Each posting is recorded: a repair by the audit in between takes none for a wrong one.
        problems = audit(SearchIndex(library)).problems
        assert "unrecorded-posting" not in problems
        assert "dangling-posting" not in problems
        is_unfinished = tables.is_swapped(library)
        report = build(library, settings, may_differ=True)
        assert report.has_finished_former is is_unfinished
        assert library.query("SELECT * FROM posting ORDER BY 1, 2") == old
        assert_sound(library)
    assert ends == {True, False}
    writer = Writer(other)
    with closing(Mortal(settings, statements - 3)) as db, pytest.raises(Killed):
        build(db, settings, analyse_anew, may_differ=True)
    writer.write_everything()
    build(library, settings, may_differ=True)
    assert_sound(library)


def test_terms_that_find_other_pictures_are_refused(library: Database, settings: Settings) -> None:
    before = read_index(library)
    with pytest.raises(Refused, match="terms find other pictures than before") as raised:
        build(library, settings, lambda _: Document(name="", description=""))
    assert "boat" in raised.value.report.comparison.different
    assert_clean(library)
    assert read_index(library)[:2] == before[:2]
    assert find(library, "boat") == sorted((picture.id for picture in PICTURES), reverse=True)
    assert_sound(library)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (f"DELETE FROM {tables.POSTING} LIMIT 1", "postings are there, and"),
        (f"DELETE FROM {tables.PICTURE} LIMIT 1", "and 11 were indexed"),
        ("DELETE FROM term WHERE term = 'number3'", "1 terms are gone"),
    ],
)
def test_an_index_that_is_not_whole_is_refused(
    library: Database, other: Database, settings: Settings, damage: str, message: str
) -> None:
    before = library.query("SELECT * FROM posting ORDER BY 1, 2")
    with pytest.raises(Refused, match=message):
        build(library, settings, watcher=At("check", partial(other.execute, damage)))
    assert library.query("SELECT * FROM posting ORDER BY 1, 2") == before
    assert_clean(library)


def test_a_rebuild_that_has_lost_its_claim_changes_nothing(library: Database, settings: Settings) -> None:
    class Claim(Watcher):
        def __init__(self, checks: int) -> None:
            self.checks = checks

        def check_claim(self) -> None:
            self.checks -= 1
            if self.checks < 0:
                raise RuntimeError("another one has begun")

    before = library.query("SELECT * FROM posting ORDER BY 1, 2")
    counting = Claim(10**9)
    build(library, settings, watcher=counting)
    checks = 10**9 - counting.checks
    for each in (0, checks // 2, checks - 1):
        with pytest.raises(RuntimeError, match="another one has begun"):
            build(library, settings, analyse_anew, may_differ=True, watcher=Claim(each))
        assert library.query("SELECT * FROM posting ORDER BY 1, 2") == before
        assert_sound(library)


def test_the_swap_waits_for_no_one_long(
    library: Database, other: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits behind it for longer than a second either."""
    other.run_once(lambda cursor: cursor.execute("START TRANSACTION"))
    other.query("SELECT 1 FROM posting LIMIT 1")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        assert find(library, "boat")
        other.run_once(lambda cursor: cursor.execute("COMMIT"))

    monkeypatch.setattr(tables, "time", SimpleNamespace(sleep=pause))
    build(library, settings)
    assert len(pauses) == 1
    assert_sound(library)


def test_a_swap_that_never_comes_about_is_refused(
    library: Database, other: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "SWAP_ATTEMPTS", 1)
    monkeypatch.setattr(tables, "PAUSE_SECONDS", 0)
    before = read_index(library)
    other.run_once(lambda cursor: cursor.execute("START TRANSACTION"))
    other.query("SELECT 1 FROM posting LIMIT 1")
    with pytest.raises(tables.SwapRefused, match="all the time"):
        build(library, settings, analyse_anew, may_differ=True)
    other.run_once(lambda cursor: cursor.execute("COMMIT"))
    after = read_index(library)
    assert after[:2] == before[:2]
    assert after[-1] == before[-1]
    assert_clean(library)


def test_a_swap_whose_answer_was_lost_has_come_about(
    library: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PAUSE_SECONDS", 0)
    rename = tables._rename
    attempts: list[int] = []

    def lose_answers(cursor: Cursor, migration: int, owner: str) -> None:
        attempts.append(migration)
        if len(attempts) > 1:
            rename(cursor, migration, owner)
        raise pymysql.OperationalError(2013, "Lost connection to MySQL server during query")

    monkeypatch.setattr(tables, "_rename", lose_answers)
    build(library, settings, analyse_anew, may_differ=True)
    assert len(attempts) == 2
    assert_sound(library, analyse_anew)


def test_a_migration_that_runs_is_not_disturbed(
    library: Database, other: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "CREATE_WAIT_SECONDS", 0)
    migrate = partial(other.query, "SELECT GET_LOCK(%s, 0)", (LOCK,))
    with pytest.raises(tables.SwapRefused, match="was migrated"):
        build(library, settings, watcher=At("check", migrate))
    assert_sound(library)
    with pytest.raises(tables.SwapRefused, match="is being migrated"):
        build(library, settings)
    other.query("SELECT RELEASE_LOCK(%s)", (LOCK,))
    assert_sound(library)


@pytest.mark.parametrize("step", ["index", "catch up", "check", "swap", "finish"])
def test_who_was_stopped_for_long_leaves_the_tables_of_another_rebuild_alone(
    library: Database, other: Database, settings: Settings, step: str
) -> None:
    """It has not noticed yet that its claim is over, and goes on with tables that have the same names."""
    ends: list[str] = []

    def begin() -> None:
        # The one that was stopped goes on while these tables are empty.
        if tables.is_swapped(other):
            tables.drop(other, tables.take_over(other))
        ends.append(tables.create(other))

    before = library.query("SELECT * FROM posting ORDER BY 1, 2")
    with pytest.raises(tables.Overtaken):
        build(library, settings, watcher=At(step, begin))
    assert library.query("SELECT * FROM posting ORDER BY 1, 2") == before
    assert tables.is_owner(other, ends[0])
    build(library, settings)
    assert_sound(library)


def test_what_outlives_its_rebuild_writes_nothing_into_the_tables_of_the_next_one(
    library: Database, tmp_path: Path
) -> None:
    """A worker whose rebuild was killed, or who was stopped together with it."""
    former = tables.create(library)
    owner = tables.create(library)
    ranges, vocabulary = (0, 1 << 63), Vocabulary(library)
    with pytest.raises(tables.Overtaken):
        index_range(library, vocabulary, ranges, tmp_path, owner=former)
    block = Block(1, 0, array("Q", [2]), b"\x03")
    with pytest.raises(tables.Overtaken):
        load_postings(library, [block], [2], former, lambda _: None)
    with pytest.raises(tables.Overtaken):
        CatchingUp(library, former).catch_up(Counter())
    for table in (tables.PICTURE, tables.POSTING, tables.SKIP):
        assert library.query(f"SELECT COUNT(*) FROM {table}") == ((0,),)
    assert index_range(library, vocabulary, ranges, tmp_path, owner=owner).pictures == len(PICTURES)
    assert library.query(f"SELECT COUNT(*) FROM {tables.PICTURE}") == ((len(PICTURES),),)


def test_who_has_written_as_the_owner_is_the_owner_until_the_commit(
    library: Database, other: Database, settings: Settings
) -> None:
    owner = tables.create(library)
    other.run_once(lambda cursor: cursor.execute("SET SESSION lock_wait_timeout = 1"))

    def write(cursor: Cursor) -> None:
        records.replace(cursor, {7: (1, [2])}, (), owner=owner)
        with pytest.raises(pymysql.OperationalError) as error:
            tables.create(other)
        assert error_code(error.value) in REPEATABLE

    library.run_transaction(write)
    assert library.query(f"SELECT image_id FROM {tables.PICTURE}") == ((7,),)
    build(library, settings)
    assert_sound(library)


def test_that_a_rebuild_was_overtaken_is_told_by_its_workers_too() -> None:
    assert isinstance(pickle.loads(pickle.dumps(tables.Overtaken())), tables.Overtaken)  # noqa: S301  our own


def test_the_swap_puts_no_tables_of_another_rebuild_in_place(
    library: Database, other: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither does one that was waited for: the other one begins between two attempts."""
    other.run_once(lambda cursor: cursor.execute("START TRANSACTION"))
    other.query("SELECT 1 FROM posting LIMIT 1")

    def pause(_seconds: float) -> None:
        other.run_once(lambda cursor: cursor.execute("COMMIT"))
        tables.create(other)

    monkeypatch.setattr(tables, "time", SimpleNamespace(sleep=pause))
    with pytest.raises(tables.Overtaken):
        build(library, settings)
    assert find(library, "boat") == sorted((picture.id for picture in PICTURES), reverse=True)
    build(library, settings)
    assert_sound(library)


def test_tables_of_before_a_migration_are_not_put_in_place(
    library: Database, other: Database, settings: Settings
) -> None:
    migrate = "INSERT INTO migration (number, applied) VALUES (9999, UTC_TIMESTAMP(3))"
    try:
        with pytest.raises(tables.SwapRefused, match="migrated"):
            build(library, settings, watcher=At("check", partial(other.execute, migrate)))
    finally:
        other.execute("DELETE FROM migration WHERE number = 9999")
    assert_sound(library)
