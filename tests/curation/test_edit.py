"""Edits of published pictures: what they change, and what happens to two of them at once."""

import itertools
import json
import threading
from contextlib import closing
from typing import Any

import msgspec
import pytest

from stockroom.curation.changes import Edit, make_edit
from stockroom.curation.edit import SECONDS, Edited, Gone, Outcome, Refused, Stale, edit_images
from stockroom.curation.requests import Changes
from stockroom.images.repository import edits
from stockroom.images.states import State
from stockroom.images.tags import MAX_TAGS
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.settings import Settings
from stockroom.search.index import skip_pointers
from tests.curation.pictures import actor, find, in_state, published
from tests.factories import ALICE, BOB, Statements, link_key
from tests.proxy import DatabaseProxy
from tests.search.index.library import assert_consistent

ADMIN = msgspec.structs.replace(BOB, scopes=frozenset({"admin"}))


def edit(resources: Resources, image_id: int, caller: Any = ALICE, **options: Any) -> Outcome:
    """The outcome of an edit of one picture."""
    revisions = options.pop("revisions", None)
    change = make_edit(msgspec.convert(options, Changes))
    outcomes = edit_images(
        resources.db,
        resources.storage,
        resources.index_writer,
        [image_id],
        change,
        actor=actor(resources, caller),
        revisions=revisions and {image_id: revisions},
    )
    return outcomes[image_id]


def test_what_the_time_of_a_request_is_too_short_for_is_done_by_the_next_one(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stockroom.curation.edit.PICTURES_A_TRANSACTION", 2)
    image_ids = [published(resources, b"%d" % number) for number in range(5)]
    change = make_edit(msgspec.convert({"description": "green"}, Changes))

    def request(seconds: float) -> dict[int, Outcome]:
        """An edit during which the clock goes on by so many seconds with each look at it."""
        ticks = itertools.count()
        return edit_images(
            resources.db,
            resources.storage,
            resources.index_writer,
            image_ids,
            change,
            actor=actor(resources),
            clock=lambda: next(ticks) * seconds,
        )

    rest = r"2 of 5 pictures are done.* for the others, or fewer pictures at once\.$"
    with pytest.raises(Unavailable, match=rest) as caught:
        request(SECONDS + 1)
    assert caught.value.headers == {"Retry-After": "1"}
    assert len(find(resources, "green")) == 2
    outcomes = request(0)
    assert [isinstance(outcome, Edited) and outcome.is_changed for outcome in outcomes.values()] == [
        *(False, False),
        *(True, True, True),
    ]
    assert len(find(resources, "green")) == 5


def edit_elsewhere(
    resources: Resources,
    settings: Settings,
    image_ids: list[int],
    change: Edit,
    *,
    revisions: dict[int, set[int]] | None = None,
) -> dict[int, Outcome]:
    """The outcomes of an edit on a connection of its own."""
    who = actor(resources)
    with closing(Database(settings)) as db:
        own = Resources(settings, db, resources.storage)
        return edit_images(
            own.db, own.storage, own.index_writer, image_ids, change, actor=who, revisions=revisions
        )


def log_of(resources: Resources, image_id: int) -> list[tuple[int, str, Any]]:
    rows = resources.db.query(
        "SELECT actor, action, detail FROM change_log WHERE image_id = %s ORDER BY entry_id", (image_id,)
    )
    return [(who, action, json.loads(detail)) for who, action, detail in rows]


def test_an_edited_picture_is_found_by_its_new_words_and_by_the_old_ones_no_more(
    resources: Resources,
) -> None:
    image_id = published(resources, description="A red #boat", tags=["sea"])
    outcome = edit(resources, image_id, description="A green #car", tags=["road"], name="car.jpg")
    assert isinstance(outcome, Edited)
    assert outcome.is_changed
    assert outcome.picture.metadata.all_tags == ("road", "car")
    assert (outcome.picture.revision, outcome.picture.edited is None) == (1, False)
    for text in ("green", "#car", "#road"):
        assert find(resources, text) == [image_id], text
    for text in ("red", "#boat", "#sea"):
        assert find(resources, text) == [], text
    assert_consistent(resources.db)


def test_the_terms_of_a_picture_from_before_they_were_recorded_are_known_by_its_metadata(
    resources: Resources,
) -> None:
    image_ids = [published(resources, bytes([n]), description="A red boat") for n in range(2)]
    resources.db.execute("UPDATE image SET indexed_terms = NULL")
    edit(resources, image_ids[0], description="A green boat")
    assert find(resources, "green") == image_ids[:1]
    assert find(resources, "red") == image_ids[1:]
    assert_consistent(resources.db)


def test_the_log_says_who_has_changed_what(resources: Resources) -> None:
    image_id = published(resources, description="A boat", tags=["sea"])
    edit(resources, image_id, tags=["sea", "sun"], description="A boat", creator="A. Artist")
    assert log_of(resources, image_id) == [
        (
            actor(resources).owner_id,
            "edit",
            {
                "revision": 1,
                "before": {"tags": ["sea"], "creator": ""},
                "after": {"tags": ["sea", "sun"], "creator": "A. Artist"},
            },
        )
    ]


def test_an_edit_that_changes_nothing_keeps_the_revision(resources: Resources) -> None:
    image_id = published(resources, description="A boat", tags=["sea"])
    outcome = edit(resources, image_id, description="A boat", tags=["SEA"])
    assert isinstance(outcome, Edited)
    assert (outcome.is_changed, outcome.picture.revision, outcome.picture.edited) == (False, 0, None)
    assert log_of(resources, image_id) == []


def test_what_a_person_has_edited_no_longer_counts_as_filled(resources: Resources) -> None:
    image_id = published(resources, creator="From the file", place="Rügen", credit="Agency")
    resources.db.execute("UPDATE image SET filled = 'creator,place,credit'")
    outcome = edit(resources, image_id, creator="A. Artist", place="Rügen")
    assert isinstance(outcome, Edited)
    assert outcome.picture.filled == ("place", "credit")


def test_fields_are_cleared(resources: Resources) -> None:
    image_id = published(resources, description="A #boat", tags=["sea"], creator="A", license_url="https://a")
    outcome = edit(resources, image_id, description=None, tags=[], creator="", license_url=None)
    assert isinstance(outcome, Edited)
    metadata = outcome.picture.metadata
    assert (metadata.description, metadata.all_tags, metadata.creator, metadata.license_url) == (
        "",
        (),
        "",
        "",
    )


@pytest.mark.parametrize("state", ["pending", "failed", "deleting", "deleted"])
def test_a_picture_that_is_not_published_cannot_be_edited(resources: Resources, state: State) -> None:
    image_id = in_state(resources, state)
    assert edit(resources, image_id, name="new.jpg") == Gone()


def test_a_hidden_picture_is_edited_and_stays_hidden(resources: Resources) -> None:
    image_id = in_state(resources, "hidden")
    before = link_key(resources.db, image_id)
    assert isinstance(edit(resources, image_id, description="A lighthouse"), Edited)
    assert link_key(resources.db, image_id) == before, "its dates are the same"
    assert find(resources, "lighthouse") == []
    assert resources.db.query("SELECT COUNT(*) FROM posting") == ((0,),)


def test_a_picture_is_edited_by_its_owner_and_by_administrators(resources: Resources) -> None:
    image_id = published(resources)
    assert edit(resources, image_id, BOB, name="bob.jpg") == Gone()
    assert isinstance(edit(resources, image_id, ADMIN, name="admin.jpg"), Edited)
    assert [entry[0] for entry in log_of(resources, image_id)] == [actor(resources, ADMIN).owner_id]


def test_an_edit_of_another_revision_changes_nothing(resources: Resources) -> None:
    image_id = published(resources)
    assert isinstance(edit(resources, image_id, name="1.jpg", revisions={0}), Edited)
    stale = edit(resources, image_id, name="2.jpg", revisions={0})
    assert isinstance(stale, Stale)
    assert (stale.picture.revision, stale.is_as_asked) == (1, False)
    assert isinstance(edit(resources, image_id, name="2.jpg", revisions={1, 7}), Edited)


def test_an_edit_that_is_sent_again_finds_the_picture_as_it_asks(resources: Resources) -> None:
    image_id = published(resources)
    for is_as_asked, name in ((None, "1.jpg"), (True, "1.jpg"), (False, "2.jpg")):
        outcome = edit(resources, image_id, name=name, revisions={0})
        assert (outcome.is_as_asked if isinstance(outcome, Stale) else None) is is_as_asked
    assert resources.db.query("SELECT revision FROM image") == ((1,),)


def test_pictures_cost_as_many_statements_as_fit_into_transactions(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All pictures have skip pointers, or else as many as chance will have it.
    monkeypatch.setattr(skip_pointers, "STRIDE", 1)
    image_ids = [published(resources, bytes([n]), description=f"A red w{n}") for n in range(12)]
    who = actor(resources)

    def count(some: list[int], tag: str) -> int:
        own = Resources(resources.settings, resources.db, resources.storage)
        with Statements(resources.db) as sent:
            edit_images(
                own.db, own.storage, own.index_writer, some, Edit(fields={}, added_tags=(tag,)), actor=who
            )
        return sent.count

    few, many = count(image_ids[:2], "a"), count(image_ids, "b")
    assert many == few
    monkeypatch.setattr("stockroom.curation.edit.PICTURES_A_TRANSACTION", 4)
    assert count(image_ids, "c") <= 3 * many
    assert_consistent(resources.db, 1)


def test_an_edit_of_many_goes_round_those_that_are_edited_meanwhile(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_ids = [published(resources, bytes([n]), description=f"A w{n}") for n in range(3)]
    lock_revisions = edits.lock_revisions
    others = [image_ids[0], image_ids[0]]

    def be_slow(*arguments: Any) -> dict[int, int]:
        if others:
            # On a connection of its own: the edit's is in a transaction.
            resources.db.execute("UPDATE image SET revision = revision + 1 WHERE id = %s", (others.pop(),))
        return lock_revisions(*arguments)

    monkeypatch.setattr(edits, "lock_revisions", be_slow)
    change = Edit(fields={}, added_tags=("sea",))
    outcomes = edit_elsewhere(resources, resources.settings, image_ids, change)
    assert [type(outcomes[image_id]) for image_id in image_ids] == [Edited] * 3
    assert resources.db.query("SELECT revision FROM image ORDER BY id") == ((3,), (1,), (1,))
    assert find(resources, "#sea") == image_ids[::-1]
    assert [len(log_of(resources, image_id)) for image_id in image_ids] == [1, 1, 1]


def test_an_edit_of_the_dates_of_many_settles_those_too_that_it_goes_round(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One picture is hidden in the first transaction, the other one in the second."""
    image_ids = [published(resources, bytes([n])) for n in range(2)]
    before = [link_key(resources.db, image_id) for image_id in image_ids]
    lock_revisions = edits.lock_revisions
    others = [image_ids[0]]

    def be_slow(*arguments: Any) -> dict[int, int]:
        if others:
            resources.db.execute("UPDATE image SET revision = revision + 1 WHERE id = %s", (others.pop(),))
        return lock_revisions(*arguments)

    monkeypatch.setattr(edits, "lock_revisions", be_slow)
    change = make_edit(msgspec.convert({"embargo": "2037-01-01T00:00:00Z"}, Changes))
    edit_elsewhere(resources, resources.settings, image_ids, change)
    assert resources.db.query("SELECT state FROM image") == (("hidden",), ("hidden",))
    for image_id, key in zip(image_ids, before, strict=True):
        assert link_key(resources.db, image_id) != key, "the links of before stay dead"


def test_an_edit_that_others_never_let_through_is_refused(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = published(resources)
    monkeypatch.setattr(edits, "lock_revisions", lambda *_: {image_id: 99})
    outcome = edit(resources, image_id, name="new.jpg")
    detail = "Others are editing this picture at this very moment; try again."
    assert outcome == Refused("edited-meanwhile", detail)
    assert log_of(resources, image_id) == []


def test_an_edit_of_many_leaves_out_those_that_it_cannot_change(resources: Resources) -> None:
    """Two of each kind: none keeps the others from their edit."""
    full = [f"tag{number}" for number in range(MAX_TAGS)]
    gone = [in_state(resources, "deleting", f"gone {n}".encode()) for n in range(2)]
    stale = [published(resources, f"stale {n}".encode()) for n in range(2)]
    refused = [published(resources, f"full {n}".encode(), tags=full) for n in range(2)]
    unchanged = [published(resources, f"unchanged {n}".encode(), tags=["sea"]) for n in range(2)]
    edited = [published(resources, f"edited {n}".encode()) for n in range(2)]
    for image_id in stale:
        resources.db.execute("UPDATE image SET revision = 7 WHERE id = %s", (image_id,))
    change = Edit(fields={}, added_tags=("sea",))
    image_ids = [*gone, *stale, *refused, *unchanged, *edited]
    revisions = {image_id: {0} for image_id in image_ids}
    outcomes = edit_elsewhere(resources, resources.settings, image_ids, change, revisions=revisions)
    assert [outcomes[image_id] for image_id in gone] == [Gone()] * 2
    assert all(isinstance(outcomes[image_id], Stale) for image_id in stale)
    for image_id in refused:
        assert outcomes[image_id] == Refused("too-many-tags", f"Give at most {MAX_TAGS} tags.")
    for image_id, is_changed in (*((each, False) for each in unchanged), *((each, True) for each in edited)):
        outcome = outcomes[image_id]
        assert isinstance(outcome, Edited)
        assert (outcome.is_changed, outcome.picture.revision) == (is_changed, int(is_changed))
    assert len(outcomes) == len(image_ids)
    assert_consistent(resources.db)


def test_an_edit_that_somebody_else_makes_meanwhile_is_none_of_ones_own(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = published(resources)
    lock_revisions = edits.lock_revisions
    change = Edit(fields={"description": "A lighthouse"})

    def be_slow(*arguments: Any) -> dict[int, int]:
        monkeypatch.undo()
        assert isinstance(edit(resources, image_id, ADMIN, description="A lighthouse"), Edited)
        return lock_revisions(*arguments)

    monkeypatch.setattr(edits, "lock_revisions", be_slow)
    outcome = edit_elsewhere(resources, resources.settings, [image_id], change)[image_id]
    assert isinstance(outcome, Edited)
    assert (outcome.is_changed, outcome.picture.revision) == (False, 1)
    assert [who for who, _, _ in log_of(resources, image_id)] == [actor(resources, ADMIN).owner_id]


def test_an_edit_that_was_rolled_back_and_happens_again_is_a_change(resources: Resources) -> None:
    image_id = published(resources)
    with DatabaseProxy(resources.settings, "INTO change_log", error=1213) as proxy:
        change = Edit(fields={"description": "A lighthouse"})
        outcome = edit_elsewhere(resources, proxy.settings, [image_id], change)[image_id]
    assert isinstance(outcome, Edited)
    assert (outcome.is_changed, outcome.picture.revision) == (True, 1)
    assert len(log_of(resources, image_id)) == 1


def test_an_edit_of_many_has_an_outcome_for_each_transaction(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stockroom.curation.edit.PICTURES_A_TRANSACTION", 1)
    image_ids = [published(resources, bytes([n])) for n in range(2)]
    run_transaction, transactions = Database.run_transaction, []

    def count(db: Database, work: Any) -> Any:
        transactions.append(work)
        return run_transaction(db, work)

    monkeypatch.setattr(Database, "run_transaction", count)
    outcomes = edit_elsewhere(resources, resources.settings, image_ids, Edit(fields={}, added_tags=("sea",)))
    assert [type(outcomes[image_id]) for image_id in image_ids] == [Edited] * 2
    assert len(transactions) == 2


def test_the_log_writes_a_moment_as_the_api_does(resources: Resources) -> None:
    image_id = published(resources)
    edit(resources, image_id, embargo="2001-01-01T02:00:00+02:00")
    ((_, _, detail),) = log_of(resources, image_id)
    assert (detail["before"], detail["after"]) == ({"embargo": None}, {"embargo": "2001-01-01T00:00:00.000Z"})


@pytest.mark.parametrize("state", ["deleting", "deleted", None])
def test_an_edit_that_meets_a_deletion_writes_nothing(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, state: State | None
) -> None:
    image_id = published(resources, description="A boat")
    lock_revisions = edits.lock_revisions

    def be_slow(*arguments: Any) -> dict[int, int]:
        resources.db.run_transaction(lambda cursor: resources.index_writer.remove(cursor, image_id))
        if state is None:
            resources.db.execute("DELETE FROM image WHERE id = %s", (image_id,))
        else:
            resources.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, image_id))
        return lock_revisions(*arguments)

    monkeypatch.setattr(edits, "lock_revisions", be_slow)
    change = Edit(fields={"description": "A lighthouse"})
    outcomes = edit_elsewhere(resources, resources.settings, [image_id], change)
    assert outcomes == {image_id: Gone()}
    assert resources.db.query("SELECT COUNT(*) FROM posting") == ((0,),)
    assert log_of(resources, image_id) == []
    assert_consistent(resources.db)


def test_a_picture_that_is_deleted_right_after_its_edit_is_gone(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = published(resources)
    run_transaction = Database.run_transaction

    def delete_afterwards(db: Database, work: Any) -> Any:
        result = run_transaction(db, work)
        if log_of(resources, image_id):
            resources.db.execute("UPDATE image SET state = 'deleting', sha256 = NULL")
        return result

    monkeypatch.setattr(Database, "run_transaction", delete_afterwards)
    assert edit(resources, image_id, name="new.jpg") == Gone()
    assert len(log_of(resources, image_id)) == 1, "the edit has happened"


def test_terms_that_are_swept_meanwhile_are_made_anew(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = published(resources, description="A boat")
    lock_revisions = edits.lock_revisions
    sweeps = iter([None])

    def sweep(*arguments: Any) -> dict[int, int]:
        for _ in sweeps:
            resources.db.execute("DELETE FROM term WHERE term = 'lighthous'")
        return lock_revisions(*arguments)

    monkeypatch.setattr(edits, "lock_revisions", sweep)
    assert isinstance(edit(resources, image_id, description="A lighthouse"), Edited)
    assert find(resources, "lighthouse") == [image_id]
    assert_consistent(resources.db)


def test_of_two_edits_of_one_revision_one_happens(resources: Resources) -> None:
    image_id = published(resources)
    outcomes: dict[str, Outcome] = {}
    barrier = threading.Barrier(2)

    def run(word: str) -> None:
        own = Resources(resources.settings, Database(resources.settings), resources.storage)
        own.db.connect()
        barrier.wait()
        change = Edit(fields={"description": f"A {word}"})
        outcomes[word] = edit_images(
            own.db, own.storage, own.index_writer, [image_id], change, actor=who, revisions={image_id: {0}}
        )[image_id]
        own.db.close()

    who = actor(resources)
    threads = [threading.Thread(target=run, args=(word,)) for word in ("boat", "lighthouse")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes.values()) == ["Edited", "Stale"]
    (winner,) = (word for word, outcome in outcomes.items() if isinstance(outcome, Edited))
    (loser,) = outcomes.keys() - {winner}
    assert (find(resources, winner), find(resources, loser)) == ([image_id], [])
    assert len(log_of(resources, image_id)) == 1
    assert_consistent(resources.db)


def test_an_edit_whose_commit_was_lost_counts_once_and_is_no_conflict(resources: Resources) -> None:
    image_id = published(resources, description="A boat")
    change = Edit(fields={"description": "A lighthouse"})
    with DatabaseProxy(resources.settings, "\x03COMMIT", lose_answer=True) as proxy:
        outcomes = edit_elsewhere(resources, proxy.settings, [image_id], change, revisions={image_id: {0}})
    outcome = outcomes[image_id]
    assert isinstance(outcome, Edited)
    assert outcome.picture.revision == 1
    assert len(log_of(resources, image_id)) == 1
    assert find(resources, "lighthouse") == [image_id]
    assert_consistent(resources.db)
