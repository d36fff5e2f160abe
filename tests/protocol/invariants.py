"""What must be true of a library at any moment, and of one in which nothing happens any more."""

import hashlib
from collections import Counter
from datetime import timedelta
from typing import Any, Literal

import msgspec

from stockroom.images import ids
from stockroom.images.looks import Looks, list_bands
from stockroom.images.picture import Metadata
from stockroom.images.repository.leases import MAX_BACKOFF_SECONDS
from stockroom.images.states import MAX_ATTEMPTS
from stockroom.images.storage import (
    RenditionKey,
    list_rendition_keys,
    parse_original_key,
    parse_rendition_key,
)
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.runtime.timestamps import to_column_value
from stockroom.search.filters import PictureToIndex
from stockroom.search.index.document import build_document
from tests.protocol.library import Library
from tests.renditions.images import encode, photo

Content = Literal["a JPEG", "a PNG", "no picture"]
CRASHES = MAX_ATTEMPTS - 1
"""Processes that die over a good picture until it fails. One that is shown again begins with one attempt."""
MAX_VERSION = 4
"""The newest version of renditions that a job makes."""
LOOKS = "id, owner_id, width, height, phash, thumbhash, pixel_hash"
BYTES: dict[Content, bytes] = {
    "a JPEG": encode(photo(96, 64), "jpeg"),
    "a PNG": encode(photo(64, 96), "png"),
    "no picture": b"no picture, and never one",
}
"""What contributors upload."""


def check_expected(
    library: Library,
    expected: dict[int, Content],
    cancelled: set[int],
    failed: set[int],
    crashes: Counter[int],
) -> None:
    """At any moment: what has arrived is there, what was taken back is not, and good pictures do not fail.

    `expected` are the contents of uploads that have arrived and that nobody takes back; `failed` are ids that
    have failed at some time, and may be forgotten. `crashes` counts the processes that died over an id.
    """
    states: dict[int, str] = dict(library.observer.query("SELECT id, state FROM image"))
    for image_id in expected.keys() - failed:
        assert states.get(image_id) in (
            "pending",
            "ready",
            "hidden",
            "failed",
        ), "an upload that has arrived is gone"
    for image_id in cancelled:
        assert states.get(image_id) in (None, "deleting"), "an upload that was taken back is still there"
    for image_id, content in expected.items():
        if content == "no picture":
            assert states.get(image_id) != "ready", "what is no picture is shown as one"
        elif states.get(image_id) == "failed":
            assert crashes[image_id] >= CRASHES, "a good picture has failed"


def check_all_ready(library: Library, expected: dict[int, Content], crashes: Counter[int]) -> None:
    """In a quiet library, in which every embargo has ended: every good picture is public, or has expired."""
    rows = library.observer.query("SELECT id, state, expires FROM image")
    states: dict[int, str] = {image_id: state for image_id, state, _ in rows}
    expired = {image_id for image_id, _, expires in rows if expires is not None}
    for image_id, content in expected.items():
        if content != "no picture" and crashes[image_id] < CRASHES:
            state = "hidden" if image_id in expired else "ready"
            assert states.get(image_id) == state, f"a good picture is {states.get(image_id)}"


def check_nothing_is_stored(library: Library, image_id: int) -> None:
    """No object of this id is stored."""
    folder = f"i/{ids.encode(image_id)}"
    assert not [key for key in library.objects(library.settings.images_bucket) if key.startswith(folder)]
    assert image_id not in _original_ids(library)


def check_always(library: Library, landed: set[int], licenses: dict[int, str], incomplete: set[int]) -> None:
    """At any moment.

    `landed` are ids whose originals arrived; `licenses` is what was posted last for each id. `incomplete` are
    rows that a restore has brought back after their objects had gone.
    """
    originals = _original_ids(library)
    renditions = library.objects(library.settings.images_bucket)
    rows = _rows(library)
    for image_id, row in rows.items():
        if image_id in incomplete:
            continue
        if row["state"] in ("ready", "hidden", "deleted", "failed") or (
            row["state"] == "pending" and image_id in landed
        ):
            assert image_id in originals, f"the original of a row that is {row['state']} is gone"
        if row["state"] == "failed" and row["width"] is not None:
            assert row["deadline"] is None, "a picture that was to be shown again will be forgotten"
        if row["failures"]:
            assert row["deadline"] is not None, "what the reaper has failed at is tried never again"
        if _has_renditions(row):
            missing = _expected_renditions(image_id, row) - renditions
            assert not missing, f"a picture lacks {missing}"
        if row["state"] == "ready":
            assert row["license"] == licenses[image_id], "an older licence was published"
    check_index(library, rows)
    check_bands(library)
    check_log(library, rows)


def check_put_off(library: Library) -> None:
    """At any moment: what the reaper has failed at is tried within a day, and by the end of its embargo."""
    now = to_column_value(library.now)
    rows = library.observer.query(
        "SELECT deadline, IF(state = 'hidden', embargo, NULL) FROM image WHERE failures > 0"
    )
    for deadline, embargo in rows:
        latest = now + timedelta(seconds=MAX_BACKOFF_SECONDS)
        assert deadline <= (min(latest, embargo) if embargo is not None and embargo > now else latest)


def check_links(library: Library, orphans: set[int]) -> None:
    """Each rendition of a row lies under its present links, or under some that were ended and are remembered.

    `orphans` are ids about which a restore has made the database forget something.
    """
    rows: dict[int, str] = dict(library.observer.query("SELECT id, link_key FROM image"))
    ended = set(library.observer.query("SELECT image_id, link_key FROM ended_link"))
    for key in library.objects(library.settings.images_bucket):
        image_id, (_, _, link_key) = parse_rendition_key(key), key.split("/")[1].partition("-")
        if image_id in rows and image_id not in orphans:
            assert link_key == rows[image_id] or (image_id, link_key) in ended, f"nobody knows of {key}"


def find_incomplete(library: Library) -> set[int]:
    """Rows that need objects which are not there."""
    originals, renditions = _original_ids(library), library.objects(library.settings.images_bucket)
    return {
        image_id
        for image_id, row in _rows(library).items()
        if (row["state"] in ("ready", "hidden", "deleted", "failed") and image_id not in originals)
        or (row["state"] == "pending" and row["attempts"] and image_id not in originals)
        or (_has_renditions(row) and not _expected_renditions(image_id, row) <= renditions)
    }


def find_strays(library: Library) -> set[int]:
    """The ids of renditions to which no row links, as a restore may leave them."""
    linked = {
        key
        for image_id, row in _rows(library).items()
        for version in range(1, MAX_VERSION + 1)
        for key in _expected_renditions(image_id, {**row, "version": version, "formats": "webp"})
    }
    found = {parse_rendition_key(key) for key in library.objects(library.settings.images_bucket) - linked}
    return {image_id for image_id in found if image_id is not None}


def check_index(library: Library, rows: dict[int, dict[str, Any]]) -> None:
    """Every ready picture has exactly its postings, nothing else has any, and the counts are those."""
    found = {
        (image_id, bytes(term).decode())
        for image_id, term in library.observer.query(
            "SELECT p.image_id, t.term FROM posting p JOIN term t ON t.term_id = p.term_id"
        )
    }
    expected = {
        (image_id, term)
        for image_id, row in rows.items()
        if row["state"] == "ready"
        for term in _expected_terms(row)
    }
    assert found == expected
    counts = Counter(term for _, term in found)
    stored = library.observer.query("SELECT term, df FROM term WHERE df > 0")
    assert {bytes(term).decode(): df for term, df in stored} == counts


def check_bands(library: Library) -> None:
    """Every ready picture that is not flat has its bands, and nothing else has any."""
    found = set(library.observer.query("SELECT band, value, owner_id, image_id FROM phash_band"))
    rows = library.observer.query(f"SELECT {LOOKS} FROM image WHERE state = 'ready'")
    assert found == {
        (band, value, each.owner_id, each.image_id)
        for each in (Looks(*row) for row in rows)
        if each.phash and not each.is_flat
        for band, value in enumerate(list_bands(each.phash))
    }


LAST_ACTIONS: dict[str | None, set[str | None]] = {
    "pending": {None, "show"},
    "failed": {None, "show"},
    "ready": {"publish", "edit", "restore"},
    "hidden": {"hide", "edit", "restore"},
    "deleted": {"delete"},
    "deleting": {None, "show", "delete", "take-down"},
    None: {"purge"},
}
"""By state (None: no row): what the log says last of it (None: nothing)."""


def check_log(library: Library, rows: dict[int, dict[str, Any]]) -> None:
    """Whatever has happened to a picture is the last that the log says of the picture."""
    last: dict[int, str] = dict(
        library.observer.query("SELECT image_id, action FROM change_log WHERE image_id > 0 ORDER BY entry_id")
    )
    for image_id in last.keys() | rows.keys():
        state = rows[image_id]["state"] if image_id in rows else None
        assert last.get(image_id) in LAST_ACTIONS[state], (state, last.get(image_id))


def find_pictures(library: Library) -> set[int]:
    """What is a picture, or about to be shown again: neither deleted nor failed."""
    rows = library.observer.query(
        "SELECT id FROM image WHERE state IN ('ready', 'hidden') OR state = 'pending' AND width IS NOT NULL"
    )
    return {image_id for (image_id,) in rows}


def check_refused(library: Library, refused: set[Content], pictures_before: set[int]) -> None:
    """Nothing has become a picture whose content is refused.

    `refused` are the contents that were taken down before, and `pictures_before` the pictures of before.
    """
    hashes = {hashlib.sha256(BYTES[content]).digest() for content in refused}
    ready: dict[int, bytes] = dict(
        library.observer.query("SELECT id, sha256 FROM image WHERE state = 'ready'")
    )
    for image_id in ready.keys() - pictures_before:
        assert ready[image_id] not in hashes, "a content that was taken down has become a picture"


def check_quiet(
    library: Library, orphans: set[int], incomplete: set[int], crashes: Counter[int] | None = None
) -> None:
    """After two runs of the reaper in a quiet library: every row has its objects, and every object its row.

    `orphans` are ids whose rows a restore took away; `incomplete` is as above. The formats of a picture over
    which too many processes died (`crashes`) may be given up.
    """
    died = {image_id for image_id, count in (crashes or {}).items() if count > MAX_ATTEMPTS}
    rows = {image_id: row for image_id, row in _rows(library).items() if image_id not in incomplete}
    assert {row["state"] for row in rows.values()} <= {"ready", "hidden", "failed"}, rows
    assert _original_ids(library) - rows.keys() <= orphans | incomplete
    assert rows.keys() <= _original_ids(library)
    expected = {
        key
        for image_id, row in rows.items()
        if row["state"] == "ready"
        for key in _expected_renditions(image_id, row)
    }
    # A run that was left may have written a version to which the picture has not moved.
    newer = {
        key
        for image_id, row in rows.items()
        if row["state"] == "ready"
        for version in range(row["version"] + 1, MAX_VERSION + 1)
        for key in _expected_renditions(image_id, {**row, "version": version, "formats": "webp"})
    }
    unlinked = library.objects(library.settings.images_bucket) - expected - newer
    assert {parse_original_key("originals/" + key[2:15]) for key in unlinked} <= orphans | incomplete | {
        image_id for image_id, row in rows.items() if row["state"] == "failed" or image_id in died
    }
    for image_id, row in rows.items():
        if row["state"] == "ready":
            assert row["formats"] == "webp" or image_id in died
        if row["state"] in ("ready", "hidden"):
            assert row["deadline"] is None
        assert not row["failures"], "what was done in the end still counts as failed"


def _original_ids(library: Library) -> set[int]:
    found = {parse_original_key(key) for key in library.objects(library.settings.uploads_bucket)}
    return {image_id for image_id in found if image_id is not None}


def _rows(library: Library) -> dict[int, dict[str, Any]]:
    columns = (
        "id", "state", "license", "link_key", "version", "formats", "deadline", "name", "description", "tags",
        "hashtags", "credit", "creator", "place", "camera", "taken", "embedded", "width", "height", "color",
        "owner_id", "attempts", "failures",
    )  # fmt: skip
    rows = library.observer.query(f"SELECT {', '.join(columns)} FROM image")
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def _has_renditions(row: dict[str, Any]) -> bool:
    """Whether a picture is public, or was when it was deleted."""
    return row["state"] == "ready" or (row["state"] == "deleted" and bool(row["version"]))


def _expected_renditions(image_id: int, row: dict[str, Any]) -> set[str]:
    formats = ["jpeg", *filter(None, row["formats"].split(","))]
    return set(list_rendition_keys(RenditionKey(image_id, row["link_key"], row["version"]), formats))


def _expected_terms(row: dict[str, Any]) -> list[str]:
    metadata = Metadata(
        name=row["name"],
        description=row["description"],
        tags=tuple(filter(None, row["tags"].split("\n"))),
        hashtags=tuple(filter(None, row["hashtags"].split("\n"))),
        license=row["license"],
        credit=row["credit"],
        creator=row["creator"],
        place=row["place"],
    )
    to_index = PictureToIndex(
        metadata=metadata,
        title=msgspec.json.decode(row["embedded"], type=Embedded).title,
        camera=row["camera"],
        taken=row["taken"],
        width=row["width"],
        height=row["height"],
        color=row["color"],
        owner_id=row["owner_id"],
    )
    return build_document(to_index).terms()
