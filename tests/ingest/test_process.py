import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from aws_lambda_powertools.metrics import MetricUnit
from msgspec.structs import replace
from pymysql.cursors import Cursor

from stockroom.images import change_log, ids, takedowns
from stockroom.images.duplicates import find_duplicates
from stockroom.images.looks import list_bands
from stockroom.images.picture import Picture
from stockroom.images.repository import lifecycle
from stockroom.images.repository.pictures import find_ready
from stockroom.images.states import ATTEMPT_SECONDS, MAX_ATTEMPTS
from stockroom.images.storage import Download, RenditionKey, Storage, list_rendition_keys
from stockroom.ingest import reaper
from stockroom.ingest.process import READY_METRIC, OriginalProcessor, Outcome
from stockroom.renditions import Rendition
from stockroom.renditions.sandbox.decoder import Decoder, FurtherFormat, SandboxedPicture
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable, Unavailable
from stockroom.runtime.observability import metrics
from stockroom.runtime.timestamps import now
from stockroom.search.service import parse
from tests.factories import begin_attempt, make_overdue, pending, state, stored_renditions, uploaded
from tests.proxy import DatabaseProxy
from tests.renditions.embedded.blocks import dataset, exif, photoshop, xmp
from tests.renditions.embedded.blocks import text as blocks_text
from tests.renditions.hostile.builders import jpeg_segment, jpeg_with
from tests.renditions.images import encode, photo, photo_bytes, photo_of

LATER = "2037-01-01T00:00:00Z"
T = TypeVar("T")


def processor(resources: Resources, **changes: Any) -> OriginalProcessor:
    """A processor of these resources; `changes` are other parts, or fields of `Settings`."""
    parts = {name: changes.pop(name) for name in ("db", "storage", "decoder") if name in changes}
    return OriginalProcessor(
        db=parts.get("db", resources.db),
        storage=parts.get("storage", resources.storage),
        search_index=resources.search_index,
        decoder=parts.get("decoder", resources.decoder),
        settings=replace(resources.settings, **changes),
    )


def logged(logs: Callable[[], str], *keys: str) -> list[tuple[Any, ...]]:
    """The level, the message and these keys of each line of the log that is a warning or worse."""
    lines = [json.loads(line) for line in logs().splitlines()]
    return [
        tuple(line.get(key) for key in ("level", "message", *keys))
        for line in lines
        if line.get("level", "INFO") != "INFO"
    ]


def process(resources: Resources, image_id: int, **changes: Any) -> Outcome:
    return processor(resources, **changes).process(image_id)


def postings(db: Database, image_id: int) -> set[str]:
    rows = db.query(
        "SELECT t.term FROM posting p JOIN term t ON t.term_id = p.term_id WHERE p.image_id = %s",
        (image_id,),
    )
    return {bytes(term).decode() for (term,) in rows}


def addresses(picture: Picture) -> set[str]:
    """The keys under which the renditions of a picture are asked for."""
    key = RenditionKey(picture.image_id, picture.link_key, picture.version)
    return set(list_rendition_keys(key, ("jpeg", *picture.formats)))


def cancel_meanwhile(resources: Resources) -> None:
    """What a cancellation writes to the only row, before it deletes the objects."""
    resources.db.execute("UPDATE image SET state = 'deleting', sha256 = NULL, deadline = UTC_TIMESTAMP(3)")


def find_picture(resources: Resources, image_id: int) -> Picture:
    (picture,) = find_ready(resources.db, [image_id])
    return picture


def test_a_photograph_becomes_a_picture(resources: Resources) -> None:
    image_id = uploaded(
        resources, photo_bytes(), name="casa.jpg", description="A courtyard #Barcelona", tags=["light"]
    )
    assert process(resources, image_id) == "ready"
    picture = find_picture(resources, image_id)
    assert (picture.width, picture.height) == (1800, 1200)
    assert picture.metadata.all_tags == ("light", "barcelona")
    assert picture.owner_name == "Alice"
    assert (picture.version, picture.formats) == (1, ("webp",))
    renditions = stored_renditions(resources, image_id)
    kinds = {"v1/720p.jpg": "jpeg", "v1/240p.jpg": "jpeg", "v1/720p.webp": "webp", "v1/240p.webp": "webp"}
    assert {name: head["ContentType"] for name, head in renditions.items()} == {
        name: f"image/{kind}" for name, kind in kinds.items()
    }
    for head in renditions.values():
        assert head["CacheControl"] == "public, max-age=86400"
    found = postings(resources.db, image_id)
    assert {"*", "#barcelona", "#light", "courtyard", "orientation:landscape"} <= found
    assert resources.db.query("SELECT deadline, attempts FROM image") == ((None, 0),)
    bands = resources.db.query(
        "SELECT band, value FROM phash_band WHERE image_id = %s ORDER BY band", (image_id,)
    )
    ((phash, pixels),) = resources.db.query("SELECT phash, LENGTH(pixel_hash) FROM image")
    assert (list(bands), pixels) == (list(enumerate(list_bands(phash))), 32)


def test_the_same_photograph_saved_again_is_found_by_its_looks(resources: Resources) -> None:
    image = photo(600, 400)
    files = (
        image.jpegsave_buffer(Q=90),
        image.jpegsave_buffer(Q=90, interlace=True),
        image.jpegsave_buffer(Q=50),
        image.flipver().jpegsave_buffer(Q=90),
    )
    first, progressive, coarse, _ = (uploaded(resources, file) for file in files)
    for image_id, _ in resources.db.query("SELECT id, owner_id FROM image"):
        assert process(resources, image_id) == "ready"
    assert find_duplicates(resources.db, first) == {progressive: "same-pixels", coarse: "near"}


def described_photo(text: str = "The harbour at night") -> bytes:
    """A photograph whose file says what it shows, by whom, where, and with which camera."""
    iim = [dataset(25, b"Sea"), dataset(25, b"Night sky"), dataset(80, b"Ann Olafs"), dataset(90, b"Bergen")]
    own = exif([blocks_text(0x010F, b"Canon\0"), blocks_text(0x010E, text.encode() + b"\0")])
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + own), jpeg_segment(0xED, photoshop(b"".join(iim))))


def test_what_the_contributor_left_empty_comes_from_the_file(resources: Resources) -> None:
    image_id = uploaded(resources, described_photo(), tags=["sea"], place="Norway")
    assert process(resources, image_id) == "ready"
    picture = find_picture(resources, image_id)
    metadata = picture.metadata
    assert (metadata.description, metadata.creator) == ("The harbour at night", "Ann Olafs")
    assert (metadata.tags, metadata.place) == (("sea", "night sky"), "Norway")
    assert (picture.camera, picture.filled) == ("Canon", ("description", "creator", "tags"))
    found = postings(resources.db, image_id)
    assert {"harbour", "#night sky", "by:ann", "by:olaf", "camera:canon", "place:norway", "norway"} <= found
    assert "place:bergen" not in found
    for q in ("by:olafs", "camera:CANON harbour", "place:norway", "#sea", "ann"):
        assert [each.image_id for each in resources.search_index.find_images(parse(q)).pictures] == [image_id]


@pytest.mark.parametrize(
    ("given", "license_"),
    [({}, "CC-BY-4.0"), ({"license": "all-rights-reserved"}, "all-rights-reserved")],
)
def test_a_licence_that_the_contributor_has_named_stays(
    resources: Resources, given: dict[str, Any], license_: str
) -> None:
    packet = xmp('<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>')
    content = jpeg_with(jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet))
    image_id = uploaded(resources, content, **given)
    # Posting the same file again asks the same question again.
    assert pending(resources, content, **given) == image_id
    assert process(resources, image_id) == "ready"
    picture = find_picture(resources, image_id)
    assert picture.metadata.license == license_
    assert picture.filled == (("license_url",) if given else ("license_url", "license"))
    ((detail,),) = resources.db.query("SELECT detail FROM change_log WHERE action = 'publish'")
    assert json.loads(detail) == {"license": picture.metadata.license}
    assert f"license:{license_}" in postings(resources.db, image_id)


def test_metadata_that_are_posted_again_meanwhile_are_filled_anew(resources: Resources) -> None:
    content = described_photo()
    image_id = uploaded(resources, content, description="first", creator="Zoe")

    class Reposting(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            with super().decode(*arguments, **options) as picture:
                pending(resources, content, description="second")
                yield picture

    decoder = Reposting()
    assert process(resources, image_id, decoder=decoder) == "ready"
    decoder.close()
    picture = find_picture(resources, image_id)
    assert (picture.metadata.description, picture.metadata.creator) == ("second", "Ann Olafs")
    assert picture.filled == ("creator", "place", "tags")
    assert "zoe" not in postings(resources.db, image_id)


def test_a_field_that_was_emptied_stays_empty_when_the_picture_is_published_again(
    resources: Resources,
) -> None:
    image_id = uploaded(resources, described_photo())
    assert process(resources, image_id) == "ready"
    # As after an embargo.
    resources.db.execute("UPDATE image SET state = 'pending', creator = '', filled = 'place', revision = 9")
    assert process(resources, image_id) == "ready"
    picture = find_picture(resources, image_id)
    assert (picture.metadata.creator, picture.filled) == ("", ("place",))
    assert (picture.metadata.place, picture.camera, picture.revision) == ("Bergen", "Canon", 9)


def test_both_logs_say_what_became_of_an_upload(resources: Resources, logs: Callable[[], str]) -> None:
    picture, bad, refused = (
        uploaded(resources, content) for content in (photo_of("jpeg"), b"bad", b"refused")
    )
    hidden = uploaded(resources, encode(photo(), "png"), embargo=LATER)
    ((owner_id,),) = resources.db.query("SELECT DISTINCT owner_id FROM image")
    sha256 = hashlib.sha256(b"refused").digest()
    resources.db.run_transaction(lambda cursor: takedowns.insert(cursor, sha256, actor=owner_id, reason="x"))
    logs()
    image_ids = [picture, hidden, bad, refused]
    outcomes = [process(resources, image_id) for image_id in image_ids]
    assert outcomes == ["ready", "hidden", "failed", "superseded"]
    lines = [json.loads(line) for line in logs().splitlines()]
    assert [
        (line["message"], line["image_id"], line.get("code")) for line in lines if "image_id" in line
    ] == [
        ("published", ids.encode(picture), None),
        ("published as hidden", ids.encode(hidden), None),
        ("upload failed", ids.encode(bad), "not-an-image"),
        ("taken down", ids.encode(refused), None),
    ]
    rows = resources.db.query("SELECT image_id, actor, action, detail FROM change_log ORDER BY entry_id")
    assert [(*row, json.loads(detail)) for *row, detail in rows] == [
        (picture, owner_id, "publish", {"license": find_picture(resources, picture).metadata.license}),
        (hidden, change_log.LIBRARY, "hide", {}),
        (refused, change_log.LIBRARY, "take-down", {"was": "pending"}),
    ]
    assert resources.storage.head_original(refused) is None


@pytest.mark.parametrize(
    ("waited", "measured"), [(timedelta(seconds=2.5), [2500.0]), (timedelta(seconds=-1), [0.0]), (None, [])]
)
def test_how_long_a_contributor_waits_is_measured(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, waited: timedelta | None, measured: list[float]
) -> None:
    """Storage has a clock of its own. An original that is announced again has landed long ago."""
    landed_at = now()
    values: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: values.append(metric))
    monkeypatch.setattr("stockroom.ingest.process.now", lambda: landed_at + (waited or timedelta()))
    image_id = uploaded(resources, photo_of("jpeg"))
    whole = processor(resources, formats=("jpeg",))
    assert whole.process(image_id, None if waited is None else landed_at) == "ready"
    assert values == [
        {"name": READY_METRIC, "unit": MetricUnit.Milliseconds, "value": value} for value in measured
    ]


@pytest.mark.parametrize(
    ("first", "meanwhile"),
    [
        pytest.param({"embargo": LATER}, [{}], id="no embargo any more"),
        pytest.param({}, [{"embargo": LATER}, {}], id="an embargo, and then none"),
        pytest.param({}, ["UPDATE image SET link_key = 'another'"], id="other links"),
    ],
)
def test_a_contributor_whose_picture_changes_meanwhile_has_waited_from_the_put_on(
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    meanwhile: list[dict[str, Any] | str],
) -> None:
    """Before a transaction, the file is posted again with other dates, or the picture hidden and shown."""
    landed_at, content = now(), photo_of("jpeg")
    values: list[float] = []
    monkeypatch.setattr(metrics, "add_metric", lambda **metric: values.append(metric["value"]))
    monkeypatch.setattr("stockroom.ingest.process.now", lambda: landed_at + timedelta(seconds=2.5))
    image_id = uploaded(resources, content, **first)
    changes = iter(meanwhile)

    class Overtaken(Database):
        def run_transaction(self, work: Callable[[Cursor], T]) -> T:
            change = next(changes, None)
            if isinstance(change, str):
                resources.db.execute(change)
            elif change is not None:
                assert pending(resources, content, **change) == image_id
            return super().run_transaction(work)

    with closing(Overtaken(resources.settings)) as db:
        assert processor(resources, db=db, formats=("jpeg",)).process(image_id, landed_at) == "ready"
    assert next(changes, None) is None
    assert values == [2500.0]
    assert len(stored_renditions(resources, image_id)) == 2


def test_a_picture_is_found_by_what_its_file_says_of_it(resources: Resources) -> None:
    titled = photoshop(dataset(5, b"Lighthouse") + dataset(120, b"By the sea"))
    taken = exif([], own=[blocks_text(0x9003, b"2016:05:20 12:30:00\0")])
    content = jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + taken), jpeg_segment(0xED, titled))
    image_id = uploaded(resources, content)
    assert process(resources, image_id) == "ready"
    picture = find_picture(resources, image_id)
    assert (picture.title, picture.metadata.description) == ("Lighthouse", "By the sea")
    for q in ("lighthouse", "taken:2016-05-20"):
        assert [each.image_id for each in resources.search_index.find_images(parse(q)).pictures] == [image_id]


def test_the_type_is_what_the_bytes_are(resources: Resources) -> None:
    image_id = uploaded(resources, encode(photo(), "png"), type="image/jpeg")
    assert process(resources, image_id) == "ready"
    assert resources.db.query("SELECT type FROM image WHERE id = %s", (image_id,)) == (("image/png",),)


def test_a_second_event_changes_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    assert process(resources, image_id) == "kept"
    assert len(stored_renditions(resources, image_id)) == 4
    assert resources.db.query("SELECT MAX(df) FROM term") == ((1,),)


def test_two_events_at_once_publish_one_picture(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    outcomes: list[Outcome] = []

    class Overtaken(Storage):
        """Another process handles the same event while this one writes its first rendition."""

        def write_rendition(self, key: str, rendition: Rendition) -> None:
            if not outcomes:
                outcomes.append("superseded")
                other, decoder = Database(resources.settings), Decoder()
                outcomes[0] = process(resources, image_id, db=other, decoder=decoder)
                decoder.close()
                other.close()
            super().write_rendition(key, rendition)

    storage = Overtaken(resources.settings)
    assert process(resources, image_id, storage=storage, formats=("jpeg",)) == "superseded"
    assert outcomes == ["ready"]
    assert state(resources.db, image_id) == "ready"
    assert len(stored_renditions(resources, image_id)) == 4
    assert resources.db.query("SELECT MAX(df) FROM term") == ((1,),)


def test_a_row_deleted_meanwhile_leaves_no_object(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class CancelledMeanwhile(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            cancel_meanwhile(resources)
            with super().decode(*arguments, **options) as picture:
                yield picture

    decoder = CancelledMeanwhile()
    assert process(resources, image_id, decoder=decoder) == "superseded"
    decoder.close()
    assert stored_renditions(resources, image_id) == {}
    assert resources.storage.head_original(image_id) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"not a picture at all", "not-an-image"), (photo_bytes()[:20_000], "truncated")],
)
def test_a_bad_file_fails_with_a_reason(resources: Resources, content: bytes, code: str) -> None:
    image_id = uploaded(resources, content)
    assert process(resources, image_id) == "failed"
    ((failure, detail, sha256),) = resources.db.query(
        "SELECT failure_code, failure_detail, sha256 FROM image WHERE id = %s", (image_id,)
    )
    assert failure == code
    assert detail.endswith(".")
    assert sha256 is None
    assert resources.storage.head_original(image_id) is not None, "a fix of ours may render it yet"
    assert postings(resources.db, image_id) == set()
    assert uploaded(resources, content) != image_id, "the same file can be sent again"


def test_limits_come_from_the_settings(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, max_pixels=1000) == "failed"
    assert resources.db.query("SELECT failure_code FROM image") == (("too-many-pixels",),)


def test_an_object_over_the_size_limit_fails(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, max_bytes=100) == "failed"
    assert resources.db.query("SELECT failure_code FROM image") == (("too-large",),)


def test_a_bad_file_of_a_row_deleted_meanwhile_leaves_no_object(resources: Resources) -> None:
    image_id = uploaded(resources, b"no picture")

    class CancelledMeanwhile(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            cancel_meanwhile(resources)
            with super().decode(*arguments, **options) as picture:
                yield picture

    decoder = CancelledMeanwhile()
    assert process(resources, image_id, decoder=decoder) == "superseded"
    decoder.close()
    assert resources.storage.head_original(image_id) is None


def test_an_original_without_a_row_is_kept(resources: Resources) -> None:
    """After a restore of the database to an older snapshot, its event may come, and it is the only copy."""
    image_id = uploaded(resources, b"1")
    resources.db.execute("DELETE FROM image")
    assert process(resources, image_id) == "orphan"
    assert resources.storage.head_original(image_id) is not None


def test_a_row_that_vanishes_meanwhile_takes_no_object_with_it(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class RestoredMeanwhile(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            resources.db.execute("DELETE FROM image")
            with super().decode(*arguments, **options) as picture:
                yield picture

    decoder = RestoredMeanwhile()
    assert process(resources, image_id, decoder=decoder) == "superseded"
    decoder.close()
    assert resources.storage.head_original(image_id) is not None


def test_a_row_whose_owner_is_missing_keeps_its_original(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    resources.db.execute("DELETE FROM owner")
    assert process(resources, image_id) == "ready"
    assert resources.storage.head_original(image_id) is not None


def test_a_second_event_of_a_failed_upload_changes_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, b"no picture")
    assert process(resources, image_id) == "failed"
    before = resources.db.query("SELECT * FROM image")
    assert process(resources, image_id) == "kept"
    assert resources.db.query("SELECT * FROM image") == before
    assert resources.storage.head_original(image_id) is not None


def test_an_original_that_arrives_after_its_cancellation_goes(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    cancel_meanwhile(resources)
    assert process(resources, image_id) == "superseded"
    assert resources.storage.head_original(image_id) is None


def test_metadata_that_change_while_a_picture_is_rendered_are_the_indexed_ones(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"), tags=["old"], license="CC0-1.0")

    class PostedAgainMeanwhile(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            with super().decode(*arguments, **options) as picture:
                again = pending(resources, photo_of("jpeg"), tags=["new"], license="CC-BY-4.0")
                assert again == image_id
                yield picture

    decoder = PostedAgainMeanwhile()
    assert process(resources, image_id, decoder=decoder) == "ready"
    decoder.close()
    assert find_picture(resources, image_id).metadata.license == "CC-BY-4.0"
    found = postings(resources.db, image_id)
    assert "#new" in found
    assert "#old" not in found
    assert [term.casefold() for term in found if term.startswith("license:")] == ["license:cc-by-4.0"]


def attempts(db: Database) -> int:
    ((count,),) = db.query("SELECT attempts FROM image")
    return int(count)


def test_an_original_that_kills_whatever_renders_it_fails_in_the_end_and_is_kept(
    resources: Resources,
) -> None:
    """Whoever renders counts the attempt, before it begins."""
    image_id = uploaded(resources, photo_of("jpeg"))

    class Killed(BaseException):
        """Nothing of the process is left to count anything."""

    class Killing(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            with super().decode(*arguments, **options):
                raise Killed

    decoder = Killing()
    for count in range(1, MAX_ATTEMPTS + 1):
        with pytest.raises(Killed):
            process(resources, image_id, decoder=decoder)
        assert attempts(resources.db) == count
    decoder.close()
    assert process(resources, image_id) == "kept", "the last attempt may still be under way"
    assert state(resources.db, image_id) == "pending"
    let_attempts_end(resources)
    assert process(resources, image_id) == "failed"
    assert resources.db.query("SELECT failure_code FROM image") == (("processing-failed",),)
    assert resources.storage.head_original(image_id) is not None


def let_attempts_end(resources: Resources) -> None:
    """No attempt that has begun can be under way any more."""
    resources.db.execute(f"UPDATE image SET attempted_at = attempted_at - INTERVAL {ATTEMPT_SECONDS} SECOND")


def test_an_outage_costs_no_attempt(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class Full(Storage):
        def write_rendition(self, key: str, rendition: Rendition) -> None:
            raise StorageUnavailable(f"no room for {key}, {len(rendition.data)} bytes")

    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(StorageUnavailable):
            process(resources, image_id, storage=Full(resources.settings))
    assert attempts(resources.db) == 0
    assert process(resources, image_id) == "ready"


def test_an_attempt_that_cannot_be_taken_back_hides_no_outage(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class Full(Storage):
        def write_rendition(self, key: str, rendition: Rendition) -> None:
            raise StorageUnavailable(f"no room for {key}, {len(rendition.data)} bytes")

    class Unforgiving(Database):
        """A database that takes no attempt back."""

        def execute(self, sql: str, args: Sequence[object] = ()) -> int:
            if "attempts = attempts - 1" in sql:
                raise Unavailable("away")
            return super().execute(sql, args)

    with pytest.raises(StorageUnavailable):
        process(resources, image_id, db=Unforgiving(resources.settings), storage=Full(resources.settings))
    assert logged(logs, "image_id") == [("WARNING", "attempt not taken back", ids.encode(image_id))]
    assert attempts(resources.db) == 1


class Away(Database):
    """A database that goes away before the transaction that publishes."""

    def run_transaction(self, work: Callable[[Cursor], T]) -> T:
        raise Unavailable(f"away before {work}")


def test_the_renditions_of_a_cancelled_upload_go_too(resources: Resources) -> None:
    """The upload was cancelled after its renditions were written, before it was published."""
    image_id = uploaded(resources, photo_of("jpeg"))
    with pytest.raises(Unavailable):
        process(resources, image_id, db=Away(resources.settings))
    assert stored_renditions(resources, image_id)
    cancel_meanwhile(resources)
    assert process(resources, image_id) == "superseded"
    assert stored_renditions(resources, image_id) == {}


def test_a_database_that_goes_away_leaves_the_row_pending(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    with pytest.raises(Unavailable):
        process(resources, image_id, db=Away(resources.settings))
    assert state(resources.db, image_id) == "pending"
    assert resources.storage.head_original(image_id) is not None


@pytest.mark.parametrize(
    ("statement"),
    ["SET formats", "\x03COMMIT"],
    ids=["formats", "commit"],
)
def test_a_lost_answer_does_not_take_the_renditions_of_a_picture(
    resources: Resources, statement: str
) -> None:
    """The server executes the statement, and the connection is cut before the answer: it runs twice."""
    image_id = uploaded(resources, photo_of("jpeg"))
    with DatabaseProxy(resources.settings, statement, lose_answer=True) as proxy:
        db = Database(proxy.settings)
        assert process(resources, image_id, db=db) == "ready"
        db.close()
    assert state(resources.db, image_id) == "ready"
    assert find_picture(resources, image_id).formats == ("webp",)
    assert {"v1/720p.jpg", "v1/240p.jpg", "v1/720p.webp"} <= set(stored_renditions(resources, image_id))
    assert resources.storage.head_original(image_id) is not None
    assert resources.db.query("SELECT MAX(df) FROM term") == ((1,),)


def test_an_event_without_an_object_changes_nothing(resources: Resources) -> None:
    image_id = pending(resources)
    assert process(resources, image_id) == "kept"
    assert resources.db.query("SELECT state, attempts FROM image") == (("pending", 0),)


def test_jpeg_alone_when_so_set(resources: Resources, watched: "Watched") -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg",), decoder=watched) == "ready"
    assert watched.seen == [(("ready", "", 1),)], "the picture is complete as soon as it is public"
    assert set(stored_renditions(resources, image_id)) == {"v1/720p.jpg", "v1/240p.jpg"}
    assert find_picture(resources, image_id).formats == ()


def test_every_format_that_is_set_is_stored_where_it_is_asked_for(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg", "webp", "avif")) == "ready"
    picture = find_picture(resources, image_id)
    assert picture.formats == ("webp", "avif")
    prefix = f"i/{ids.encode(image_id)}-{picture.link_key}/"
    stored = {prefix + name for name in stored_renditions(resources, image_id)}
    assert len(stored) == 6
    assert addresses(picture) == stored
    resources.storage.delete_renditions(image_id, picture.link_key)
    assert stored_renditions(resources, image_id) == {}


def test_a_picture_with_many_lines_gets_a_larger_rendition_where_it_is_set(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    assert process(resources, image_id, formats=("jpeg", "1440p", "webp")) == "ready"
    picture = find_picture(resources, image_id)
    assert picture.formats == ("webp", "1440p"), "it is the last one, whatever the order of the setting"
    heads = stored_renditions(resources, image_id)
    assert len(heads) == 5
    larger, other = heads["v1/1440p.webp"], heads["v1/720p.webp"]
    for header in ("ContentType", "CacheControl"):
        assert larger[header] == other[header]
    assert resources.db.query("SELECT deadline FROM image") == ((None,),)
    prefix = f"i/{ids.encode(image_id)}-{picture.link_key}/"
    assert addresses(picture) == {prefix + name for name in heads}
    resources.storage.delete_renditions(image_id, picture.link_key)
    assert stored_renditions(resources, image_id) == {}


@pytest.mark.parametrize("reason", ["no-larger", "too-slow"])
def test_that_a_picture_has_no_larger_rendition_is_a_fact(
    resources: Resources, logs: Callable[[], str], reason: str
) -> None:
    """It is logged, the picture is complete, and nobody tries again."""
    image_id = uploaded(resources, photo_of("jpeg") if reason == "no-larger" else photo_bytes())

    class TooSlow(SandboxedPicture):
        def __init__(self, picture: SandboxedPicture) -> None:
            self.rendered = picture.rendered

        def further_formats(self) -> Iterator[FurtherFormat]:
            yield FurtherFormat("1440p", left_out="too-slow")

    class Slow(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            with super().decode(*arguments, **options) as picture:
                yield TooSlow(picture) if reason == "too-slow" else picture

    decoder = Slow()
    assert process(resources, image_id, formats=("jpeg", "1440p"), decoder=decoder) == "ready"
    decoder.close()
    assert resources.db.query("SELECT state, formats, deadline FROM image") == (("ready", "", None),)
    assert set(stored_renditions(resources, image_id)) == {"v1/720p.jpg", "v1/240p.jpg"}
    lines = [json.loads(line) for line in logs().splitlines()]
    assert [(line["level"], line["format"], line["reason"]) for line in lines if line.get("format")] == [
        ("INFO", "1440p", reason)
    ]


class Watched(Decoder):
    """Looks at the row whenever a further format is asked for, and once there are no more of them."""

    def __init__(self, look: Callable[[], object]) -> None:
        super().__init__()
        self.look = look
        self.seen: list[object] = []

    @contextmanager
    def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
        with super().decode(*arguments, **options) as picture:
            yield WatchedPicture(picture, self)


class WatchedPicture(SandboxedPicture):
    def __init__(self, picture: SandboxedPicture, watched: Watched) -> None:
        self.rendered = picture.rendered
        self.further = picture.further_formats()
        self.watched = watched

    def further_formats(self) -> Iterator[FurtherFormat]:
        while True:
            self.watched.seen.append(self.watched.look())
            try:
                yield next(self.further)
            except StopIteration:
                return


@pytest.fixture
def watched(resources: Resources) -> Iterator[Watched]:
    decoder = Watched(lambda: resources.db.query("SELECT state, formats, deadline IS NULL FROM image"))
    yield decoder
    decoder.close()


@pytest.mark.parametrize("formats", [("jpeg",), ("jpeg", "webp", "avif")])
@pytest.mark.parametrize(
    "change",
    ["state = 'deleting', sha256 = NULL", "state = 'hidden'", "link_key = 'another'"],
    ids=["deleting", "hidden", "other links"],
)
def test_what_was_written_for_a_picture_that_changes_before_its_formats_are_recorded_goes(
    resources: Resources, watched: Watched, formats: tuple[str, ...], change: str
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    watched.look = lambda: resources.db.execute(f"UPDATE image SET {change}")
    assert process(resources, image_id, formats=formats, decoder=watched) == "superseded"
    assert len(watched.seen) == 1, "AVIF is not tried"
    assert stored_renditions(resources, image_id) == {}
    assert (resources.storage.head_original(image_id) is None) is ("deleting" in change)


def test_what_is_written_for_a_picture_that_another_event_has_published_and_an_edit_has_hidden_goes(
    resources: Resources,
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class Overtaken(Storage):
        """Another delivery publishes the picture, and it is hidden and settled, before the first write."""

        calls = iter([None])

        def write_rendition(self, key: str, rendition: Rendition) -> None:
            # Renditions are written in threads, and a connection is for one thread.
            for _ in self.calls:
                with closing(Database(resources.settings)) as other:
                    other.execute("UPDATE image SET state = 'hidden', link_key = 'another'")
            super().write_rendition(key, rendition)

    assert process(resources, image_id, storage=Overtaken(resources.settings)) == "superseded"
    assert stored_renditions(resources, image_id) == {}
    assert resources.storage.head_original(image_id) is not None


def test_an_upload_under_an_embargo_that_is_cancelled_meanwhile_leaves_no_object(
    resources: Resources,
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"), embargo=LATER)

    class Cancelled(Database):
        def run_transaction(self, work: Callable[[Cursor], T]) -> T:
            cancel_meanwhile(resources)
            return super().run_transaction(work)

    with closing(Cancelled(resources.settings)) as db:
        assert process(resources, image_id, db=db) == "superseded"
    assert state(resources.db, image_id) == "deleting"
    assert resources.storage.head_original(image_id) is None


def test_what_an_earlier_attempt_has_written_goes_though_another_event_hides_the_picture(
    resources: Resources,
) -> None:
    """The dates of the picture were others at the earlier attempt, at whose end the process died."""
    image_id = uploaded(resources, photo_of("jpeg"))
    with pytest.raises(Unavailable):
        process(resources, image_id, db=Away(resources.settings))
    assert stored_renditions(resources, image_id)
    resources.db.execute("UPDATE image SET embargo = '2037-01-01'")

    class HiddenMeanwhile(Database):
        def run_transaction(self, work: Callable[[Cursor], T]) -> T:
            resources.db.execute("UPDATE image SET state = 'hidden', link_key = 'another'")
            return super().run_transaction(work)

    with closing(HiddenMeanwhile(resources.settings)) as db:
        assert process(resources, image_id, db=db) == "superseded"
    assert stored_renditions(resources, image_id) == {}
    assert resources.storage.head_original(image_id) is not None


def test_a_single_further_format_does_not_delay_the_picture_either(
    resources: Resources, watched: Watched
) -> None:
    """Until the format is recorded, the row has a deadline: the reaper has the format tried again."""
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg", "webp"), decoder=watched) == "ready"
    assert watched.seen == [(("ready", "", 0),), (("ready", "webp", 0),)]


def test_further_formats_never_delay_the_picture(resources: Resources, watched: Watched) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("avif", "jpeg", "webp"), decoder=watched) == "ready"
    assert watched.seen == [(("ready", "", 0),), (("ready", "avif", 0),), (("ready", "avif,webp", 0),)]


def test_a_format_that_cannot_be_made_is_tried_again(
    resources: Resources, watched: Watched, logs: Callable[[], str]
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    def kill() -> None:
        pid = watched.pid
        if len(watched.seen) == 0 and pid is not None:
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    watched.look = kill
    formats = ("jpeg", "webp", "avif")
    assert process(resources, image_id, formats=formats, decoder=watched) == "ready"
    *_, webp, avif = logged(logs, "image_id", "format", "fault")
    assert webp[:4] == ("ERROR", "format left out", ids.encode(image_id), "webp")
    assert avif[:4] == ("ERROR", "format left out", ids.encode(image_id), "avif")
    assert webp[4].startswith("no answer from the decoder")
    assert find_picture(resources, image_id).formats == ()
    assert set(stored_renditions(resources, image_id)) == {"v1/720p.jpg", "v1/240p.jpg"}
    assert process(resources, image_id, formats=formats) == "ready"
    assert find_picture(resources, image_id).formats == ("webp", "avif")
    assert len(stored_renditions(resources, image_id)) == 6
    assert process(resources, image_id, formats=formats) == "kept"


def test_a_format_that_cannot_be_made_does_not_keep_the_next_one_away(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class WithoutWebp(SandboxedPicture):
        def __init__(self, picture: SandboxedPicture) -> None:
            self.rendered = picture.rendered
            self.further = picture.further_formats()

        def further_formats(self) -> Iterator[FurtherFormat]:
            for each in self.further:
                yield FurtherFormat("webp", fault="no room") if each.name == "webp" else each

    class LackingWebp(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            with super().decode(*arguments, **options) as picture:
                yield WithoutWebp(picture)

    decoder = LackingWebp()
    assert process(resources, image_id, formats=("jpeg", "webp", "avif"), decoder=decoder) == "ready"
    decoder.close()
    assert resources.db.query("SELECT formats, deadline IS NULL FROM image") == (("avif", 0),)


def test_formats_that_storage_did_not_take_are_written_later(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class FullForWebp(Storage):
        def write_rendition(self, key: str, rendition: Rendition) -> None:
            if key.endswith(".webp"):
                raise StorageUnavailable("no room")
            super().write_rendition(key, rendition)

    with pytest.raises(StorageUnavailable):
        process(resources, image_id, storage=FullForWebp(resources.settings))
    assert state(resources.db, image_id) == "ready"
    make_overdue(resources.db)
    report = reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert report.redriven == 1
    assert process(resources, image_id) == "ready"
    assert find_picture(resources, image_id).formats == ("webp",)
    assert resources.db.query("SELECT deadline, attempts FROM image") == ((None, 0),)


def test_a_larger_rendition_for_which_the_machine_was_too_busy_is_made_later(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg", 1200, 800))

    class Stalled(Decoder):
        @contextmanager
        def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
            with super().decode(*arguments, **options) as picture:
                assert self.pid is not None
                os.kill(self.pid, signal.SIGSTOP)
                yield picture

    formats = ("jpeg", "1440p")
    with closing(Stalled(answer_seconds=2)) as decoder:
        assert process(resources, image_id, formats=formats, decoder=decoder) == "ready"
    assert resources.db.query("SELECT formats, deadline IS NULL FROM image") == (("", 0),)
    make_overdue(resources.db)
    report = reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert report.redriven == 1
    assert process(resources, image_id, formats=formats) == "ready"
    assert resources.db.query("SELECT formats, deadline FROM image") == (("1440p", None),)


def test_formats_that_can_never_be_made_are_given_up(resources: Resources, logs: Callable[[], str]) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg",)) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    resources.db.execute("UPDATE image SET attempts = %s, attempted_at = UTC_TIMESTAMP(3)", (MAX_ATTEMPTS,))
    assert process(resources, image_id) == "kept"
    assert "renditions left out" not in logs()
    let_attempts_end(resources)
    assert process(resources, image_id) == "kept"
    assert logged(logs, "image_id", "has_original") == [
        ("ERROR", "renditions left out", ids.encode(image_id), True)
    ]
    assert resources.db.query("SELECT state, deadline FROM image") == (("ready", None),)


def test_a_picture_whose_original_is_lost_keeps_its_renditions(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    resources.storage.delete_original(image_id)
    logs()
    assert process(resources, image_id) == "kept"
    assert logged(logs, "image_id", "has_original") == [
        ("ERROR", "renditions left out", ids.encode(image_id), False)
    ]
    assert resources.db.query("SELECT state, deadline, formats FROM image") == (("ready", None, "webp"),)
    assert len(stored_renditions(resources, image_id)) == 4


def test_a_picture_that_is_no_longer_accepted_stays_a_picture(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg",)) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    logs()
    assert process(resources, image_id, max_pixels=1000) == "kept"
    assert logged(logs, "image_id", "code") == [
        ("ERROR", "renditions left out", ids.encode(image_id), "too-many-pixels")
    ]
    assert resources.db.query("SELECT state, deadline FROM image") == (("ready", None),)


def test_renditions_of_an_older_version_are_completed_under_their_own_keys(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg",)) == "ready"
    resources.db.execute("UPDATE image SET version = 0")
    assert lifecycle.request_renditions(resources.db, image_id)
    assert process(resources, image_id) == "ready"
    assert {"v0/720p.jpg", "v0/720p.webp"} <= set(stored_renditions(resources, image_id))
    assert resources.db.query("SELECT version, formats, deadline FROM image") == ((0, "webp", None),)


def test_formats_that_are_no_longer_made_are_no_longer_linked(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    assert process(resources, image_id, formats=("jpeg",)) == "ready"
    assert find_picture(resources, image_id).formats == ()


def test_lost_renditions_are_written_again(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    before = stored_renditions(resources, image_id).keys()
    resources.storage.delete_renditions(image_id, find_picture(resources, image_id).link_key)
    assert lifecycle.request_renditions(resources.db, image_id)
    assert process(resources, image_id) == "ready"
    assert stored_renditions(resources, image_id).keys() == before


def test_a_picture_deleted_while_formats_are_made_leaves_no_object(
    resources: Resources, watched: Watched
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    def delete() -> None:
        resources.storage.delete_renditions(image_id, link_key(resources))
        cancel_meanwhile(resources)

    watched.look = delete
    formats = ("jpeg", "webp", "avif")
    assert process(resources, image_id, formats=formats, decoder=watched) == "superseded"
    assert stored_renditions(resources, image_id) == {}
    assert len(watched.seen) == 1, "AVIF is not tried"


def test_a_row_that_vanishes_while_formats_are_made_takes_no_object_with_it(
    resources: Resources, watched: Watched
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    watched.look = lambda: resources.db.execute("DELETE FROM image")
    assert process(resources, image_id, decoder=watched) == "superseded"
    assert resources.storage.head_original(image_id) is not None


def link_key(resources: Resources) -> str:
    ((key,),) = resources.db.query("SELECT link_key FROM image")
    return str(key)


def test_a_file_that_crashes_the_decoder_fails_and_the_next_one_is_fine(resources: Resources) -> None:
    """A killed decoder costs one picture, not the batch."""

    class Crashing(Decoder):
        crashes = True

        @contextmanager
        def decode(
            self, size: int, chunks: Iterable[bytes], *arguments: Any, **options: Any
        ) -> Iterator[SandboxedPicture]:
            with super().decode(size, self._crash(chunks), *arguments, **options) as picture:
                yield picture

        def _crash(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
            for chunk in chunks:
                self.wait_until_ready()
                pid = self.pid
                if self.crashes and pid is not None:
                    os.kill(pid, signal.SIGSEGV)
                    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
                yield chunk

    decoder = Crashing()
    bad, good = uploaded(resources, photo_of("jpeg")), uploaded(resources, encode(photo(), "png"))
    assert process(resources, bad, decoder=decoder) == "failed"
    decoder.crashes = False
    assert process(resources, good, decoder=decoder) == "ready"
    decoder.close()
    rows = resources.db.query("SELECT id, state, failure_code FROM image")
    assert set(rows) == {(bad, "failed", "undecodable"), (good, "ready", None)}


def test_storage_that_stops_sending_leaves_the_row_pending(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    class Half(Storage):
        @contextmanager
        def open_original(self, image_id: int) -> Iterator[Download | None]:
            assert image_id
            yield Download(len(photo_of("jpeg")), iter([photo_of("jpeg")[:5000]]))

    with pytest.raises(EOFError):
        process(resources, image_id, storage=Half(resources.settings))
    assert state(resources.db, image_id) == "pending"


class Restored(Database):
    """The row is gone just before an attempt at its original is counted."""

    def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        if "attempts = attempts + 1" in sql:
            super().execute("DELETE FROM image")
        return super().execute(sql, args)


def test_a_row_that_vanishes_before_its_attempt_takes_no_object_with_it(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, db=Restored(resources.settings)) == "superseded"
    assert resources.storage.head_original(image_id) is not None


class Overtaken(Database):
    """The sixth attempt at an original begins elsewhere just before this process counts one."""

    image_id = 0

    def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        if "attempts = attempts + 1" in sql:
            other = Database(self._settings)
            assert begin_attempt(other, self.image_id)
            other.close()
        return super().execute(sql, args)


def overtaken(resources: Resources, image_id: int) -> Database:
    resources.db.execute(
        "UPDATE image SET attempts = %s, attempted_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR",
        (MAX_ATTEMPTS - 1,),
    )
    db = Overtaken(resources.settings)
    db.image_id = image_id
    return db


def test_the_sixth_attempt_is_not_overtaken_by_who_read_the_row_before_it(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, db=overtaken(resources, image_id)) == "kept"
    assert state(resources.db, image_id) == "pending"


def test_the_sixth_attempt_at_further_formats_is_not_overtaken_either(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id, formats=("jpeg",)) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    assert process(resources, image_id, db=overtaken(resources, image_id)) == "kept"
    assert lifecycle.set_formats(resources.db, image_id, ["webp"], version=1, link_key=link_key(resources))
