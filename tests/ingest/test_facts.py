"""Facts that are derived once more are as if the file were uploaded now, and nobody's words are touched."""

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from stockroom.images import change_log, visibility
from stockroom.images.repository import facts
from stockroom.images.repository.edits import NewMetadata, replace_metadata
from stockroom.images.repository.facts import FactSource
from stockroom.images.repository.pictures import find_in_states, find_ready
from stockroom.ingest import fact_writing
from stockroom.ingest.fact_reading import FactReader, FactResult, Which
from stockroom.ingest.fact_writing import Written, write_facts
from stockroom.ingest.process import OriginalProcessor, Outcome
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.renditions.sandbox.failures import DecoderUnavailable
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable
from stockroom.search.index.document import build_document
from stockroom.search.index.writer import IndexWriter
from tests.factories import Statements, put_original, ready, uploaded
from tests.renditions.embedded.blocks import caption, exif, text, xmp
from tests.renditions.images import encode, flat, photo, photo_of, with_fields

BLOCKS = {
    "exif_data": b"Exif\0\0"
    + exif(
        [text(0x0110, b"Model 7\0")],
        own=[text(0x9003, b"2019:05:06 07:08:09\0"), text(0xA434, b"Lens 3\0")],
    ),
    "xmp_data": xmp(
        caption("a boat at #sea")
        + "<dc:subject><rdf:Bag><rdf:li>Harbour</rdf:li></rdf:Bag></dc:subject>"
        + caption("Evening").replace("dc:description", "dc:title"),
        'exif:GPSLatitude="51,30.5N" exif:GPSLongitude="0,7.5W"',
    ),
}


@functools.cache
def new_file() -> bytes:
    """The file of a picture. Another one altogether stands for what older code has derived from it."""
    return encode(with_fields(photo(90, 120).invert(), **BLOCKS), "jpeg")


def publish(resources: Resources, content: bytes, **changes: Any) -> int:
    image_id = uploaded(resources, content, **changes)
    assert process(resources, image_id) == "ready"
    return image_id


def process(resources: Resources, image_id: int) -> Outcome:
    return OriginalProcessor(
        db=resources.db,
        storage=resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=resources.settings,
    ).process(image_id)


def make_outdated(resources: Resources, **changes: Any) -> int:
    """A picture whose facts are those of another file; its id."""
    image_id = publish(resources, photo_of("png"), **changes)
    put_original(resources, image_id, new_file())
    resources.db.execute(
        "UPDATE image SET size = %s, width = 90, height = 120 WHERE id = %s", (len(new_file()), image_id)
    )
    return image_id


def read(resources: Resources, image_id: int, which: Which, pauses: tuple[float, ...] = ()) -> FactResult:
    (source,) = facts.find_sources(resources.db, after=image_id - 1, until=image_id, limit=9).sources
    return make_reader(resources, pauses).read(source, which)


def make_reader(resources: Resources, pauses: tuple[float, ...] = ()) -> FactReader:
    return FactReader(
        storage=resources.storage, decoder=resources.decoder, settings=resources.settings, pauses=pauses
    )


def renew(resources: Resources, image_id: int, which: Which) -> Written:
    result = read(resources, image_id, which)
    assert result.outcome == "read", result
    return write_facts(resources.db, resources.search_index, [result])[image_id]


LOOKS = "color, thumbhash, HEX(phash), pixel_hash"
SAID = "taken, camera, lens, embedded, filled, description, tags, hashtags"


def row(resources: Resources, image_id: int, columns: str) -> tuple[Any, ...]:
    ((*values,),) = resources.db.query(f"SELECT {columns} FROM image WHERE id = %s", (image_id,))
    return tuple(values)


def found_by(resources: Resources, image_id: int) -> list[tuple[Any, ...]]:
    """The terms and bands of a picture."""
    terms = resources.db.query(
        "SELECT t.term, p.weight FROM posting p JOIN term t ON t.term_id = p.term_id WHERE p.image_id = %s "
        "ORDER BY 1",
        (image_id,),
    )
    bands = resources.db.query(
        "SELECT band, value, phash FROM phash_band WHERE image_id = %s ORDER BY 1", (image_id,)
    )
    return [*terms, *bands]


def is_sound(resources: Resources) -> bool:
    page = resources.search_index.audit()
    problems: dict[Any, int] = page.problems
    while page.next:
        page = resources.search_index.audit(page.next)
        problems |= page.problems
    return problems.keys() <= {"unused-term"}


def test_all_facts_are_those_of_a_new_upload(resources: Resources) -> None:
    image_id, new = make_outdated(resources), publish(resources, new_file())
    assert renew(resources, image_id, "looks") == "changed"
    assert row(resources, image_id, f"{LOOKS}, {SAID}") == row(resources, new, f"{LOOKS}, {SAID}")
    assert found_by(resources, image_id) == found_by(resources, new)
    assert is_sound(resources)
    # A second time there is nothing to write.
    before = row(resources, image_id, "revision, edited, version")
    assert renew(resources, image_id, "looks") == "same"
    assert row(resources, image_id, "revision, edited, version") == before == (1, None, 1)
    ((entry,),) = resources.db.query(
        "SELECT detail FROM change_log WHERE action = 'edit' AND actor = %s", (change_log.LIBRARY,)
    )
    assert json.loads(entry) == {
        "revision": 1,
        "before": {"description": "", "tags": []},
        "after": {"description": "a boat at #sea", "tags": ["harbour"]},
    }


def test_what_a_file_says_is_read_from_its_first_bytes(resources: Resources) -> None:
    image_id, new = make_outdated(resources), publish(resources, new_file())
    looks = row(resources, image_id, LOOKS)
    result = read(resources, image_id, "embedded")
    assert (result.requests, result.bytes_in, result.has_looks) == (1, len(new_file()), False)
    write_facts(resources.db, resources.search_index, [result])
    assert row(resources, image_id, SAID) == row(resources, new, SAID)
    assert row(resources, image_id, LOOKS) == looks
    assert is_sound(resources)


def test_a_large_file_is_not_read_as_a_whole(resources: Resources) -> None:
    content = encode(with_fields(photo(1500, 1000), **BLOCKS), "png")
    image_id = uploaded(resources, content)
    assert len(content) > 500_000
    result = make_reader(resources).read(FactSource(image_id, len(content), "image/png"), "embedded")
    assert (result.requests, result.bytes_in, result.read_embedded().camera) == (1, 65536, "Model 7")
    assert str(result.read_taken()) == "2019-05-06 07:08:09"


def test_facts_alone_make_no_new_revision(resources: Resources) -> None:
    image_id = publish(resources, new_file())
    terms = found_by(resources, image_id)
    resources.db.execute("UPDATE image SET lens = 'old', pixel_hash = NULL WHERE id = %s", (image_id,))
    assert renew(resources, image_id, "looks") == "changed"
    assert row(resources, image_id, "revision, lens, pixel_hash IS NULL") == (0, "Lens 3", 0)
    assert found_by(resources, image_id) == terms


def test_each_fact_that_is_another_one_is_written(resources: Resources) -> None:
    image_id = publish(resources, new_file())
    columns = f"{LOOKS}, {SAID}"
    right = row(resources, image_id, columns)
    for change in (
        "color = '#123456'", "thumbhash = 'x'", "phash = 1", "pixel_hash = NULL", "taken = NULL",
        "camera = 'old'", "lens = 'old'", "filled = 'description,tags,credit'",
        "embedded = NULL", "embedded = '{}'",
    ):  # fmt: skip
        resources.db.execute(f"UPDATE image SET {change} WHERE id = %s", (image_id,))
        assert row(resources, image_id, columns) != right
        assert (renew(resources, image_id, "looks"), change) == ("changed", change)
        assert row(resources, image_id, columns) == right
        assert renew(resources, image_id, "looks") == "same"


def test_a_picture_whose_row_records_no_terms_loses_those_of_its_former_facts(resources: Resources) -> None:
    image_id = publish(resources, new_file())
    terms = found_by(resources, image_id)
    resources.db.execute("UPDATE image SET camera = 'former' WHERE id = %s", (image_id,))
    (picture,) = find_ready(resources.db, [image_id])
    entries = resources.search_index.resolve(build_document(picture))
    resources.db.run_transaction(lambda cursor: resources.search_index.add(cursor, image_id, entries))
    resources.db.execute("UPDATE image SET indexed_terms = NULL WHERE id = %s", (image_id,))
    assert found_by(resources, image_id) != terms
    assert renew(resources, image_id, "embedded") == "changed"
    assert found_by(resources, image_id) == terms
    assert is_sound(resources)


def test_a_keyword_that_the_file_had_before_is_no_new_tag(resources: Resources) -> None:
    """There was no room for the tag, for instance."""
    image_id = publish(resources, new_file())
    resources.db.execute(
        "UPDATE image SET tags = '', filled = 'description', lens = 'old' WHERE id = %s", (image_id,)
    )
    assert renew(resources, image_id, "embedded") == "changed"
    assert row(resources, image_id, "tags, filled, lens") == ("", "description", "Lens 3")


def test_a_picture_that_is_deleted_while_it_is_read_is_left(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(resources)
    result = FactResult(image_id=image_id, outcome="read", embedded="{}")
    monkeypatch.setattr(facts, "find_facts", lambda *_: {})
    assert write_facts(resources.db, resources.search_index, [result]) == {image_id: "left"}


def test_each_of_many_pictures_has_its_outcome(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    image_ids = sorted(ready(resources, bytes([n])) for n in range(5))
    results = [
        FactResult(image_id=image_id, outcome="read", embedded=msgspec.json.encode(Embedded()).decode())
        for image_id in reversed(image_ids)
    ]
    assert write_facts(resources.db, resources.search_index, results[2:3]) == {image_ids[2]: "changed"}
    delete(resources, image_ids[0])
    plan, transactions = fact_writing._plan, list[int]()

    def count(db: Database, index: IndexWriter, some: Sequence[FactResult], *arguments: Any) -> Any:
        transactions.append(len(some))
        return plan(db, index, some, *arguments)

    monkeypatch.setattr(fact_writing, "PICTURES_A_TRANSACTION", 4)
    monkeypatch.setattr(fact_writing, "_plan", count)
    failed = FactResult(image_id=7, outcome="failed")
    assert write_facts(resources.db, resources.search_index, [*results, failed]) == dict(
        zip(image_ids, ("left", "changed", "same", "changed", "changed"), strict=True)
    )
    assert transactions == [4, 1]


def edit(resources: Resources, image_id: int) -> None:
    """What a person does at this moment."""
    picture = find_in_states(resources.db, [image_id], ("ready",))[image_id].picture
    metadata = type(picture.metadata)(name="mine", license="CC0-1.0", description="my own words")
    new = NewMetadata(picture.revision, metadata, ())
    assert resources.db.run_transaction(lambda cursor: replace_metadata(cursor, {image_id: new})) == 1


def delete(resources: Resources, image_id: int) -> None:
    resources.db.execute("UPDATE image SET state = 'deleted' WHERE id = %s", (image_id,))


@pytest.mark.parametrize(
    ("interfere", "outcome", "expected"),
    [(edit, "changed", ("Model 7", "my own words")), (delete, "left", ("", ""))],
)
def test_who_changes_a_picture_meanwhile_is_faster(
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    interfere: Callable[[Resources, int], None],
    outcome: Written,
    expected: tuple[str, str],
) -> None:
    image_id = make_outdated(resources)
    resolve, calls = fact_writing._resolve, [0]

    def resolve_slowly(*arguments: Any) -> Any:
        if not calls[0]:
            interfere(resources, image_id)
        calls[0] += 1
        return resolve(*arguments)

    monkeypatch.setattr(fact_writing, "_resolve", resolve_slowly)
    assert renew(resources, image_id, "embedded") == outcome
    assert row(resources, image_id, "camera, description") == expected
    assert calls == [2]


def test_a_picture_that_is_hidden_and_published_again_meanwhile_keeps_its_new_looks(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its metadata and its version are those that were read."""
    image_id = make_outdated(resources)
    resolve = fact_writing._resolve

    def resolve_slowly(*arguments: Any) -> Any:
        monkeypatch.setattr(fact_writing, "_resolve", resolve)
        hide_and_show(resources, image_id)
        return resolve(*arguments)

    monkeypatch.setattr(fact_writing, "_resolve", resolve_slowly)
    assert renew(resources, image_id, "embedded") == "changed"
    new = publish(resources, new_file())
    assert row(resources, image_id, LOOKS) == row(resources, new, LOOKS)
    assert is_sound(resources)


def hide_and_show(resources: Resources, image_id: int) -> None:
    """As a change of its dates does, and a second one that takes it back."""
    db, storage, index = resources.db, resources.storage, resources.search_index
    db.execute("UPDATE image SET embargo = UTC_TIMESTAMP(3) + INTERVAL 1 DAY WHERE id = %s", (image_id,))
    hidden = db.run_transaction(
        lambda cursor: visibility.hide_pictures(
            cursor, [image_id], actor=change_log.LIBRARY, remove_postings=index.remove_all
        )
    )
    db.execute("UPDATE image SET embargo = NULL WHERE id = %s", (image_id,))
    assert visibility.settle(db, storage, image_id, hidden[image_id], actor=change_log.LIBRARY)
    assert process(resources, image_id) == "ready"


def test_somebody_who_never_ends_changing_a_picture(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = make_outdated(resources)
    monkeypatch.setattr(facts, "lock_unchanged", lambda *_: set())
    assert renew(resources, image_id, "embedded") == "left"


def test_a_batch_takes_as_many_statements_as_it_changes_pictures(resources: Resources) -> None:
    image_ids = [publish(resources, encode(flat(9, 9, n, 0, 0), "png")) for n in (1, 2, 3)]
    results = [read(resources, image_id, "embedded") for image_id in image_ids]
    with Statements(resources.db) as statements:
        assert set(write_facts(resources.db, resources.search_index, results).values()) == {"same"}
    assert statements.count == 2


def test_a_picture_without_an_original(resources: Resources) -> None:
    image_id = ready(resources)
    for which in ("embedded", "looks"):
        assert read(resources, image_id, which).outcome == "missing"


def test_a_file_that_is_no_picture_any_more(resources: Resources) -> None:
    image_id = ready(resources)
    put_original(resources, image_id, b"no picture")
    for which in ("embedded", "looks"):
        result = read(resources, image_id, which)
        assert (result.outcome, result.code, result.image_id) == ("failed", "not-an-image", image_id)
    assert write_facts(resources.db, resources.search_index, [result]) == {}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageUnavailable("away"), "storage-unavailable"),
        (DecoderUnavailable("away"), "decoder-unavailable"),
        (KeyError("a mistake"), "internal-error"),
    ],
)
def test_what_goes_wrong_is_a_result(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    image_id = ready(resources)
    tries = []

    def fail(*_: object) -> None:
        tries.append(1)
        raise error

    monkeypatch.setattr("stockroom.ingest.fact_reading.describe_original", fail)
    result = read(resources, image_id, "embedded", pauses=(0, 0))
    assert (result.outcome, result.code) == ("failed", code)
    assert len(tries) == (1 if code == "internal-error" else 3)


def test_a_gif_is_not_asked_for(resources: Resources) -> None:
    image_id = publish(resources, photo_of("gif"))
    result = read(resources, image_id, "embedded")
    assert (result.outcome, result.requests) == ("read", 0)
    assert write_facts(resources.db, resources.search_index, [result]) == {image_id: "same"}


def test_sources_are_ready_pictures_of_a_range(resources: Resources) -> None:
    first, second, third = (ready(resources, bytes([n])) for n in range(3))
    resources.db.execute("UPDATE image SET state = 'hidden' WHERE id = %s", (second,))
    owner = row(resources, first, "owner_id")[0]

    def find(**limits: Any) -> list[int]:
        return [each.image_id for each in facts.find_sources(resources.db, **({"limit": 9} | limits)).sources]

    assert find() == [first, third]
    assert (find(after=first), find(until=second), find(owner=owner + 1)) == ([third], [first], [])
    assert facts.find_sources(resources.db, limit=1).end == first
    page = facts.find_sources(resources.db, limit=2)
    assert ([each.image_id for each in page.sources], page.end) == ([first], second)
    assert facts.find_sources(resources.db, after=second, limit=2).end is None


@pytest.mark.parametrize("counted_rows", [1, 2, 100])
def test_sources_are_counted_page_by_page(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, counted_rows: int
) -> None:
    monkeypatch.setattr(facts, "_COUNTED_ROWS", counted_rows)
    first, second, third = (ready(resources, bytes(n)) for n in (1, 2, 4))
    resources.db.execute("UPDATE image SET state = 'hidden' WHERE id = %s", (second,))
    owner = row(resources, first, "owner_id")[0]
    assert facts.count_sources(resources.db) == (2, 5)
    assert facts.count_sources(resources.db, owner=owner) == (2, 5)
    assert facts.count_sources(resources.db, owner=owner + 1) == (0, 0)
    assert facts.count_sources(resources.db, after=first) == (1, 4)
    assert facts.count_sources(resources.db, until=third - 1) == (1, 1)
    assert facts.count_sources(resources.db, until=0) == (0, 0)
