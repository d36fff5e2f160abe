"""Which pictures have an older version, and whose links have ended for good."""

import pytest

from stockroom.images.repository import renditions
from stockroom.images.repository.renditions import (
    SourceCount,
    count_sources,
    find_dead,
    find_old_versions,
    find_sources,
)
from stockroom.images.states import STATES
from stockroom.resources import Resources
from tests.factories import link_key, ready, row_in


def sources(resources: Resources, limit: int = 100, **range_: int) -> list[int]:
    """The ids of the sources of all pages below version 3."""
    found: list[int] = []
    after: int | None = range_.pop("after", 0)
    while after is not None:
        page = find_sources(resources.db, 3, after, limit, **range_)
        found += [source.image_id for source in page.sources]
        after = page.end
    return found


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_sources_are_the_ready_pictures_of_older_versions(resources: Resources, limit: int) -> None:
    rows = {state: row_in(resources, state, state.encode()) for state in STATES}
    newest, second = ready(resources, b"newest"), ready(resources, b"second")
    for image_id, version in ((newest, 3), (second, 2)):
        resources.db.execute("UPDATE image SET version = %s WHERE id = %s", (version, image_id))
    # A picture whose renditions are being completed is one, too: its move is refused, and counted.
    resources.db.execute("UPDATE image SET deadline = UTC_TIMESTAMP(3) WHERE id = %s", (second,))
    wanted = sorted([rows["ready"], second])
    assert sources(resources, limit) == wanted
    assert sources(resources, limit, after=wanted[0]) == wanted[1:]
    assert sources(resources, limit, until=wanted[0]) == wanted[:1]
    ((owner,),) = resources.db.query("SELECT DISTINCT owner_id FROM image")
    assert sources(resources, limit, owner=owner) == wanted
    assert sources(resources, limit, owner=owner + 1) == []
    (source,) = find_sources(resources.db, 3, wanted[1] - 1, 1).sources
    assert (source.link_key, source.version) == (link_key(resources.db, source.image_id), 2)
    assert (source.size, source.type) == (len(b"second"), "image/jpeg")


@pytest.mark.parametrize("counted_rows", [1, 2, 100])
def test_sources_are_counted_page_by_page(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, counted_rows: int
) -> None:
    monkeypatch.setattr(renditions, "_COUNTED_ROWS", counted_rows)
    assert count_sources(resources.db, 2) == SourceCount(0, 0)
    first, second = sorted((ready(resources, b"1"), ready(resources, b"22")))
    hidden = row_in(resources, "hidden", b"333")
    resources.db.execute("UPDATE image SET version = 9 WHERE id = %s", (hidden,))
    resources.db.execute("UPDATE image SET version = 2 WHERE id = %s", (first,))
    assert count_sources(resources.db, 3) == SourceCount(2, 3, newest=2)
    assert count_sources(resources.db, 1) == SourceCount(0, 0, newest=2)
    assert count_sources(resources.db, 3, after=first) == SourceCount(1, 2, newest=1)
    assert count_sources(resources.db, 3, until=second - 1) == SourceCount(1, 1, newest=2)
    assert count_sources(resources.db, 3, owner=0) == SourceCount(0, 0, newest=2)


def test_links_are_dead_that_no_picture_will_have_again(resources: Resources) -> None:
    rows = {state: row_in(resources, state, state.encode()) for state in STATES}
    links = {state: (image_id, link_key(resources.db, image_id)) for state, image_id in rows.items()}
    former, absent = (rows["ready"], "former"), (7, "any")
    assert set(find_dead(resources.db, [*links.values(), former, absent, absent])) == {
        links["deleting"], links["hidden"], former, absent,
    }  # fmt: skip
    assert find_dead(resources.db, []) == []


def test_pages_of_old_versions_end(resources: Resources) -> None:
    image_ids = sorted(ready(resources, f"{number}".encode()) for number in range(3))
    assert [find_old_versions(resources.db, after, 2, hours=0).end for after in (0, image_ids[1])] == [
        image_ids[1], None,
    ]  # fmt: skip
