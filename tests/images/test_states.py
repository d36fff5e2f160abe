"""Each transition on a real server, from every state; and whether everything that is said of it is true."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pymysql
import pytest
from pymysql.cursors import Cursor

from stockroom.images.picture import Metadata
from stockroom.images.repository import (
    deletion,
    edits,
    facts,
    indexing,
    leases,
    lifecycle,
    pending,
    renditions,
)
from stockroom.images.repository.facts import Looks, NewFacts
from stockroom.images.repository.metadata import FilledMetadata
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.repository.renditions import Move
from stockroom.images.states import (
    CANCEL,
    LEASE,
    MAX_ATTEMPTS,
    STATES,
    TRANSITIONS,
    State,
    Transition,
)
from stockroom.images.storage import RenditionKey
from stockroom.renditions import Rendered
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.resources import Resources
from stockroom.runtime.database import Database, Row
from tests.factories import row_in

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
ABSENT_ID = 7
LEASED_UNTIL = datetime(2020, 1, 1)  # noqa: DTZ001  as the database returns it
UPLOAD = (b"0" * 32, Metadata(name="a.jpg", license="CC0-1.0"))
RENDERED = Rendered(
    media_type="image/png",
    width=3,
    height=2,
    renditions={},
    color="#000000",
    thumbhash=b"x",
    phash=1,
    pixel_hash=bytes(32),
    capture_time=None,
)

FILLED = FilledMetadata(UPLOAD[1], (), Embedded())


def insert_pending(db: Database, image_id: int) -> None:
    upload = PendingUpload(image_id, 1, "image/jpeg", UPLOAD[0])
    db.run_transaction(
        lambda cursor: pending.insert(cursor, 1, [(upload, "a.jpg", UPLOAD[1])], upload_seconds=60)
    )


def extend_deadlines(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: pending.extend_deadlines(cursor, [image_id], upload_seconds=60))


def replace_metadata(db: Database, image_id: int) -> None:
    newest = {image_id: ("image/png", "b.png", UPLOAD[1])}
    db.run_transaction(lambda cursor: pending.replace_metadata(cursor, newest))


def publish(db: Database, image_id: int) -> None:
    db.run_transaction(
        lambda cursor: lifecycle.publish(
            cursor,
            image_id,
            RENDERED,
            FILLED,
            revision=0,
            version=1,
            link_key="key",
            has_further_formats=False,
        )
    )


def publish_hidden(db: Database, image_id: int) -> None:
    db.run_transaction(
        lambda cursor: lifecycle.publish_hidden(cursor, image_id, RENDERED, FILLED, revision=0)
    )


def hide(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: lifecycle.hide(cursor, [image_id]))


def request_settling(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: lifecycle.request_settling(cursor, [image_id]))


def end_links(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: lifecycle.end_links(cursor, image_id, "key"))


def show(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: lifecycle.show(cursor, image_id, "key"))


def edit(db: Database, image_id: int) -> None:
    new = edits.NewMetadata(0, UPLOAD[1], ())
    db.run_transaction(lambda cursor: edits.replace_metadata(cursor, {image_id: new}))


def record_terms(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: indexing.record_terms(cursor, {image_id: [3, 1]}))


def move(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: renditions.move(cursor, [Move(image_id, "key", 1, "avif")], 2))


def forget_versions(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: renditions.forget_versions(cursor, [RenditionKey(image_id, "key", 1)]))


def renew_facts(db: Database, image_id: int) -> None:
    new = NewFacts(Looks("#ffffff", b"y", 2, bytes(32)), None, FILLED, has_new_metadata=True)
    db.run_transaction(lambda cursor: facts.renew(cursor, image_id, new, revision=0, link_key="key"))


def lease_overdue(db: Database, _image_id: int) -> None:
    def lease_all(cursor: Cursor) -> None:
        for source in LEASE.sources:
            assert source != "absent"
            leases.lease_overdue(cursor, source, 300, 10)

    db.run_transaction(lease_all)


def delete(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.delete(cursor, [image_id], seconds=600))


def restore(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.restore(cursor, [image_id], formats=["webp"]))


def restore_hidden(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.restore_hidden(cursor, [image_id]))


def dismiss_picture(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.dismiss(cursor, [image_id], seconds=60))


def take_down(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.take_down(cursor, image_id, upload_seconds=60))


def delete_row(db: Database, image_id: int) -> None:
    db.run_transaction(lambda cursor: leases.delete_row(cursor, image_id, LEASED_UNTIL))


PERFORM: dict[str, Callable[[Database, int], object]] = {
    "pending.insert": insert_pending,
    "pending.extend_deadlines": extend_deadlines,
    "pending.replace_metadata": replace_metadata,
    "lifecycle.begin_attempt": lambda db, image_id: lifecycle.begin_attempt(db, image_id, link_key="key"),
    "lifecycle.refund_attempt": lifecycle.refund_attempt,
    "lifecycle.finish_formats": lambda db, image_id: lifecycle.finish_formats(
        db, image_id, ("webp",), version=1, link_key="key"
    ),
    "lifecycle.request_renditions": lifecycle.request_renditions,
    "lifecycle.retry": lifecycle.retry,
    "lifecycle.cancel": lambda db, image_id: lifecycle.cancel(db, [image_id], upload_seconds=60),
    "lifecycle.dismiss": lambda db, image_id: lifecycle.dismiss(db, [image_id], upload_seconds=60),
    "lifecycle.await_upload": lambda db, image_id: lifecycle.await_upload(db, [image_id]),
    "leases.purge": lambda db, image_id: leases.purge(db, image_id, LEASED_UNTIL, upload_seconds=60),
    "leases.forget": lambda db, image_id: leases.forget(db, image_id, LEASED_UNTIL),
    "leases.postpone": lambda db, image_id: leases.postpone(db, image_id, LEASED_UNTIL),
    "leases.delete_row": delete_row,
    "deletion.delete": delete,
    "deletion.dismiss": dismiss_picture,
    "deletion.restore": restore,
    "deletion.restore_hidden": restore_hidden,
    "deletion.take_down": take_down,
    "deletion.give_up": lambda db, image_id: deletion.give_up(db, image_id, LEASED_UNTIL),
    "lifecycle.publish": publish,
    "lifecycle.publish_hidden": publish_hidden,
    "lifecycle.hide": hide,
    "lifecycle.request_settling": request_settling,
    "lifecycle.end_links": end_links,
    "lifecycle.show": show,
    "lifecycle.set_formats": lambda db, image_id: lifecycle.set_formats(
        db, image_id, ("webp",), version=1, link_key="key"
    ),
    "facts.renew": renew_facts,
    "indexing.record_terms": record_terms,
    "renditions.move": move,
    "renditions.forget_versions": forget_versions,
    "edits.replace_metadata": edit,
    "leases.lose": lambda db, image_id: leases.lose(db, image_id, LEASED_UNTIL, "Lost.", days=30),
    "lifecycle.fail": lambda db, image_id: lifecycle.fail(db, image_id, "truncated", "Cut.", days=30),
    "leases.lease_overdue": lease_overdue,
    "leases.back_off": lambda db, image_id: leases.back_off(db, image_id, LEASED_UNTIL),
    "leases.recover": leases.recover,
}
"""How each function of a transition is called."""

HIDDEN_BY_DATES = "(COALESCE(embargo > UTC_TIMESTAMP(3), 0) OR COALESCE(expires <= UTC_TIMESTAMP(3), 0))"
VIOLATE = {
    "attempts = 0": "attempts = 1",
    "attempts > 0": "attempts = 0",
    "failures > 0": "failures = 0",
    f"attempts < {MAX_ATTEMPTS}": f"attempts = {MAX_ATTEMPTS}",
    "revision = %s": "revision = 1",
    "image.revision = new.revision": "revision = 1",
    "failed_sha256 IS NOT NULL": "failed_sha256 = NULL",
    "uploads_until > UTC_TIMESTAMP(3)": "uploads_until = '2001-01-01'",
    "deadline IS NOT NULL": "deadline = NULL",
    "COALESCE(uploads_until <= UTC_TIMESTAMP(3), 1)": "uploads_until = '2037-01-01'",
    "deadline IS NULL": "deadline = '2037-01-01'",
    "version = %s": "version = 2",
    "deadline = %s": "deadline = '2037-01-01'",
    "deadline < UTC_TIMESTAMP(3)": "deadline = '2037-01-01'",
    "deadline > UTC_TIMESTAMP(3)": "deadline = '2001-01-01'",
    "version > 0": "version = 0",
    "image.deadline IS NULL": "deadline = '2037-01-01'",
    "image.version = new.version": "version = 3",
    "image.link_key = new.link_key": "link_key = 'another'",
    "width IS NULL": "width = 3",
    "width IS NOT NULL": "width = NULL",
    "link_key = %s": "link_key = 'another'",
    "COALESCE(embargo <= UTC_TIMESTAMP(3), 1)": "embargo = '2037-01-01'",
    "COALESCE(expires > UTC_TIMESTAMP(3), 1)": "expires = '2001-01-01'",
    HIDDEN_BY_DATES: "embargo = NULL, expires = NULL",
    f"(version = 0 OR {HIDDEN_BY_DATES})": "version = 1",
    "(width IS NOT NULL OR NOT EXISTS (SELECT 1 FROM takedown WHERE takedown.sha256 = image.sha256))": (
        "width = NULL, sha256 = REPEAT('t', 32)"
    ),
    **{
        f"NOT EXISTS (SELECT 1 FROM takedown WHERE takedown.sha256 = image.{column})": (
            f"{column} = REPEAT('t', 32)"
        )
        for column in ("sha256", "failed_sha256")
    },
}
"""For each condition of a guard, a change of the row after which it does not hold."""

FULFIL = {
    "COALESCE(uploads_until <= UTC_TIMESTAMP(3), 1)": "uploads_until = '2001-01-01'",
    "attempts > 0": "attempts = 1",
    "failures > 0": "failures = 1",
    "deadline IS NULL": "deadline = NULL",
    "image.deadline IS NULL": "deadline = NULL",
    "width IS NULL": "width = NULL",
    "width IS NOT NULL": "width = 1",
    "deadline > UTC_TIMESTAMP(3)": "deadline = '2037-01-01'",
    f"(version = 0 OR {HIDDEN_BY_DATES})": "version = 0",
    HIDDEN_BY_DATES: "embargo = '2037-01-01'",
    # A failed row that is cancelled keeps the hash.
    "failed_sha256 IS NOT NULL": "failed_sha256 = REPEAT('1', 32)",
}
"""Conditions that do not hold for a row of `make_row`, and a change of the row after which they do."""


def make_row(resources: Resources, transition: Transition, state: State) -> int:
    """A row for which every guard of `transition` holds; the content REPEAT('t', 32) was taken down."""
    resources.db.execute("INSERT INTO takedown VALUES (REPEAT('t', 32), '2020-01-01', 1, 'Because.')")
    image_id = row_in(resources, state)
    resources.db.execute(
        "UPDATE image SET deadline = %s, attempts = 0, version = 1, uploads_until = '2037-01-01', "
        "link_key = 'key', moved = '2020-01-01'",
        (LEASED_UNTIL,),
    )
    for condition in conditions(transition):
        if condition in FULFIL:
            resources.db.execute(f"UPDATE image SET {FULFIL[condition]}")
    return image_id


def conditions(transition: Transition) -> list[str]:
    """The conditions of a guard, as SQL."""
    return transition.guard.sql.split(" AND ") if transition.guard and transition.guard.sql else []


def read(db: Database, image_id: int) -> Row | None:
    """All columns of a row."""
    rows = db.query("SELECT * FROM image WHERE id = %s", (image_id,))
    return rows[0] if rows else None


def state_of(db: Database, image_id: int) -> str:
    rows = db.query("SELECT state FROM image WHERE id = %s", (image_id,))
    return str(rows[0][0]) if rows else "absent"


def find_target(transition: Transition, source: str) -> str:
    """The state after a transition from `source`."""
    return source if transition.target == "unchanged" else transition.target


def event(transition: Transition) -> str:
    return transition.event


@pytest.mark.parametrize("source", STATES)
@pytest.mark.parametrize("transition", TRANSITIONS, ids=event)
def test_a_transition_happens_from_its_source_states_alone(
    resources: Resources, transition: Transition, source: State
) -> None:
    bystander_id = row_in(resources, source, b"another")
    image_id = make_row(resources, transition, source)
    before, bystander = read(resources.db, image_id), read(resources.db, bystander_id)
    if "absent" in transition.sources:
        with pytest.raises(pymysql.IntegrityError):
            PERFORM[transition.function](resources.db, image_id)
    else:
        PERFORM[transition.function](resources.db, image_id)
    if source in transition.sources:
        assert state_of(resources.db, image_id) == find_target(transition, source)
        assert read(resources.db, image_id) != before
    else:
        assert read(resources.db, image_id) == before
    if transition is not LEASE:
        assert read(resources.db, bystander_id) == bystander, "a statement changes the row that it is about"


@pytest.mark.parametrize("transition", TRANSITIONS, ids=event)
def test_without_a_row_there_is_only_creation(database: Database, transition: Transition) -> None:
    PERFORM[transition.function](database, ABSENT_ID)
    expected = find_target(transition, "absent") if "absent" in transition.sources else "absent"
    assert state_of(database, ABSENT_ID) == expected


@pytest.mark.parametrize(
    ("transition", "source", "condition"),
    [
        pytest.param(transition, source, condition, id=f"{transition.event} {source} {condition}")
        for transition in TRANSITIONS
        for condition in conditions(transition)
        for source in transition.sources
    ],
)
def test_a_transition_does_not_happen_when_its_guard_does_not_hold(
    resources: Resources, transition: Transition, source: State, condition: str
) -> None:
    image_id = make_row(resources, transition, source)
    resources.db.execute(f"UPDATE image SET {VIOLATE[condition]}")
    before = read(resources.db, image_id)
    PERFORM[transition.function](resources.db, image_id)
    assert read(resources.db, image_id) == before


def test_one_owner_has_one_row_of_a_content(database: Database) -> None:
    insert_pending(database, 1)
    with pytest.raises(pymysql.IntegrityError):
        insert_pending(database, 2)
    lifecycle.fail(database, 1, "truncated", "Cut.", days=30)
    insert_pending(database, 2)
    assert database.query("SELECT id, state FROM image ORDER BY id") == ((1, "failed"), (2, "pending"))


@pytest.mark.parametrize(
    ("transition", "source"),
    [
        pytest.param(transition, source, id=f"{transition.event} {source}")
        for transition in TRANSITIONS
        for source in transition.sources
        if source != "absent" and transition.target not in ("absent", "unchanged", source)
    ],
)
def test_a_row_in_another_state_has_not_failed_yet(
    resources: Resources, transition: Transition, source: State
) -> None:
    image_id = make_row(resources, transition, source)
    resources.db.execute("UPDATE image SET failures = 9")
    PERFORM[transition.function](resources.db, image_id)
    assert resources.db.query("SELECT failures FROM image WHERE state <> %s", (source,)) == ((0,),)


def test_a_state_that_is_no_source_has_no_condition() -> None:
    assert LEASE.condition_in("failed") == "state = 'failed' AND deadline < UTC_TIMESTAMP(3)"
    with pytest.raises(ValueError, match="ready"):
        CANCEL.condition_in("ready")


def test_the_states_are_those_of_the_column(database: Database) -> None:
    ((column_type,),) = database.query(
        "SELECT COLUMN_TYPE FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'image' AND COLUMN_NAME = 'state'"
    )
    assert tuple(re.findall(r"'(\w+)'", column_type)) == STATES


@cache
def sources() -> dict[str, str]:
    """The modules of stockroom and the functions, and what they are written like."""
    files = [path for folder in ("stockroom", "functions") for path in (ROOT / folder).rglob("*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text()
        for path in files
    }


OTHER_TABLES = "|owner|change_log|takedown|phash_band|ended_link|job_run"
WRITES = re.compile(rf"\b(?:UPDATE|INTO|DELETE FROM|TRUNCATE TABLE) (image{OTHER_TABLES})\b")


def test_each_table_has_one_owner() -> None:
    writers = {(module, table) for module, text in sources().items() for table in WRITES.findall(text)}
    assert writers == {
        ("stockroom.images.repository.pending", "image"),
        ("stockroom.images.repository.deletion", "image"),
        ("stockroom.images.repository.lifecycle", "image"),
        ("stockroom.images.repository.leases", "image"),
        ("stockroom.images.repository.edits", "image"),
        ("stockroom.images.repository.facts", "image"),
        ("stockroom.images.repository.indexing", "image"),
        ("stockroom.images.repository.renditions", "image"),
        ("stockroom.images.owners", "owner"),
        ("stockroom.images.change_log", "change_log"),
        ("stockroom.images.takedowns", "takedown"),
        ("stockroom.images.repository.near_duplicates", "phash_band"),
        ("stockroom.images.repository.ended_links", "ended_link"),
        ("stockroom.runtime.job_runs", "job_run"),
    }


WRITES_IMAGE = re.compile(
    WRITES.pattern.replace("|owner|change_log|takedown|phash_band|ended_link|job_run", "")
)


def test_every_function_that_writes_is_one_transition_and_spells_no_state_itself() -> None:
    writing: list[str] = []
    for module, text in sources().items():
        if not module.startswith("stockroom.images.repository"):
            continue
        for node in ast.parse(text).body:
            body = ast.get_source_segment(text, node) or ""
            if isinstance(node, ast.FunctionDef) and WRITES_IMAGE.search(body):
                writing.append(f"{module.rpartition('.')[2]}.{node.name}")
                assert not re.search(r"state\s*(=|IN|<>)", body), node.name
    assert sorted(writing) == sorted(transition.function for transition in TRANSITIONS)


@pytest.mark.parametrize("transition", TRANSITIONS, ids=event)
def test_the_callers_are_those_in_the_code(transition: Transition) -> None:
    call = re.compile(rf"\b{re.escape(transition.function)}\(")
    assert {module for module, text in sources().items() if call.search(text)} == set(transition.callers)


def diagram() -> list[str]:
    """The transitions as the lines of a Mermaid state diagram; `[*]` is where there is no row."""
    return ["stateDiagram-v2", *(f"    {arrow}" for each in TRANSITIONS for arrow in _arrows(each))]


def _arrows(transition: Transition) -> Iterator[str]:
    guard = f" [{transition.guard.text}]" if transition.guard else ""
    callers = ", ".join(caller.removeprefix("stockroom.") for caller in transition.callers)
    for source in transition.sources:
        start, end = (
            "[*]" if state == "absent" else state for state in (source, find_target(transition, source))
        )
        yield f"{start} --> {end}: {transition.event}{guard} ({callers})"


def test_the_architecture_page_shows_the_transitions() -> None:
    _, _, section = PAGE.read_text().partition("<!-- transitions -->\n```mermaid\n")
    shown, _, _ = section.partition("\n```\n<!-- /transitions -->")
    assert shown.splitlines() == diagram(), "\n".join(diagram())
