"""Duplicates of one picture, and groups of duplicates among the pictures of one owner."""

import random

import pytest

from stockroom.images.duplicates import (
    MAX_MEMBERS,
    MAX_STEPS,
    NEWEST,
    PICTURES_PER_STEP,
    Group,
    find_duplicates,
    find_groups,
)
from stockroom.images.looks import list_bands
from stockroom.images.repository.near_duplicates import ALL_OWNERS, MAX_JOINED, ONE_OWNER
from stockroom.runtime.database import Database
from tests.factories import Statements
from tests.images.looks import OWNER, Shown, flip, make_thumbhash, show

PHASH = 0x0F0F_1234_5678_9ABC
FAR = 0xAAAA_5555_AAAA_5555
BOB = 2
BLACK = b"\x00\x00\x03\x00\x00"
"""A ThumbHash without contrast."""


def all_groups(db: Database, limit: int = 20, owner_id: int = OWNER) -> list[Group]:
    """The groups of all pages."""
    groups: list[Group] = []
    before: int | None = NEWEST
    for _ in range(1000):
        if before is None:
            return groups
        page = find_groups(db, owner_id, before, limit)
        assert len(page.groups) <= limit
        groups += page.groups
        before = page.next
    raise AssertionError("the pages do not end")


def test_kinds_of_duplicates_in_their_order(database: Database) -> None:
    sha = b"s" * 32
    show(
        database,
        [
            Shown(10, PHASH, pixels="a", sha256=sha),
            Shown(11, PHASH, owner_id=BOB, pixels="a", sha256=sha),
            Shown(12, FAR, pixels="a"),
            Shown(13, flip(PHASH, 0, 1, 2, 3)),
            Shown(14, flip(PHASH, 0, 1), owner_id=BOB),
            Shown(15, PHASH, pixels="a"),
            Shown(16, FAR),
            Shown(17, flip(PHASH, 0, 1), thumbhash=make_thumbhash(2)),
            Shown(18, PHASH, pixels="a", state="deleted"),
            Shown(19, PHASH, owner_id=3, sha256=sha, state="hidden"),
            Shown(20, PHASH, owner_id=4, sha256=sha),
        ],
    )
    assert list(find_duplicates(database, 10).items()) == [
        (20, "same-bytes"),
        (11, "same-bytes"),
        (15, "same-pixels"),
        (12, "same-pixels"),
        (14, "near"),
        (13, "near"),
    ]
    assert find_duplicates(database, 18) == {}
    assert find_duplicates(database, 99) == {}
    assert list(find_duplicates(database, 16)) == [12]


def test_flat_pictures_are_duplicates_only_by_their_bytes_or_pixels(database: Database) -> None:
    black = [Shown(10 + n, 0, thumbhash=BLACK, pixels=f"{n // 2}") for n in range(4)]
    noisy = [Shown(20 + n, PHASH, thumbhash=BLACK, pixels=f"noise {n}") for n in range(2)]
    show(database, [*black, *noisy, Shown(30, None), Shown(31, None)])
    assert find_duplicates(database, 10) == {11: "same-pixels"}
    assert find_duplicates(database, 20) == find_duplicates(database, 30) == {}
    assert all_groups(database) == [Group("same-pixels", (13, 12)), Group("same-pixels", (11, 10))]


def test_groups_are_those_of_one_owner(database: Database) -> None:
    show(
        database,
        [
            Shown(10, PHASH),
            Shown(11, flip(PHASH, 1, 2)),
            Shown(12, PHASH, owner_id=BOB),
            Shown(13, FAR, owner_id=BOB),
            Shown(14, flip(PHASH, 3, 4), state="hidden"),
            Shown(15, FAR, pixels="b"),
            Shown(16, FAR, pixels="b"),
        ],
    )
    assert all_groups(database) == [Group("same-pixels", (16, 15)), Group("near", (11, 10))]
    assert all_groups(database, limit=1) == all_groups(database)
    assert all_groups(database, owner_id=BOB) == []
    assert all_groups(database, owner_id=77) == []


def test_a_chain_of_small_steps_does_not_join_unlike_pictures(database: Database) -> None:
    """Each picture differs from the one before in 8 bits, and from the one before that in 16, 24, …."""
    order = list(range(64))
    random.Random(1).shuffle(order)
    chain = [flip(PHASH, *order[: 8 * step]) for step in range(6)]
    show(database, [Shown(10 + step, phash) for step, phash in enumerate(chain)])
    groups = all_groups(database)
    hashes = dict(zip(range(10, 16), chain, strict=True))
    for group in groups:
        head, *others = (hashes[image_id] for image_id in group.image_ids)
        assert all((head ^ other).bit_count() <= 16 for other in others)
    near = {pair for group in groups for pair in zip(group.image_ids, group.image_ids[1:], strict=False)}
    # No neighbours are lost, though each is a duplicate of the one in the middle alone.
    assert {(image_id + 1, image_id) for image_id in range(10, 15)} <= {
        (group.image_ids[0], image_id) for group in groups for image_id in group.image_ids[1:]
    } | near


def test_a_burst_is_one_group(database: Database) -> None:
    show(database, [Shown(10 + n, flip(PHASH, n)) for n in range(9)])
    assert all_groups(database) == [Group("near", tuple(range(18, 9, -1)))]
    for limit in (1, 2):
        assert all_groups(database, limit) == all_groups(database)


def test_pages_of_groups_lose_and_repeat_nothing(database: Database) -> None:
    rng = random.Random(3)
    pictures = []
    for number in range(60):
        base = rng.getrandbits(64)
        pictures += [
            Shown(1000 + 3 * number, base),
            Shown(1001 + 3 * number, flip(base, *rng.sample(range(64), 4))),
        ]
        pictures.append(Shown(1002 + 3 * number, rng.getrandbits(64)))
    show(database, pictures)
    expected = [Group("near", (1001 + 3 * number, 1000 + 3 * number)) for number in reversed(range(60))]
    for limit in (1, 7, 20, 100):
        assert all_groups(database, limit) == expected


@pytest.mark.parametrize(("most", "shown"), [(5, [(302, 301, 300)]), (6, [(302, 301, 300), (202, 201, 200)])])
def test_a_page_shows_no_more_pictures_than_an_answer_can_hold(
    database: Database, monkeypatch: pytest.MonkeyPatch, most: int, shown: list[tuple[int, ...]]
) -> None:
    monkeypatch.setattr("stockroom.images.duplicates.MAX_SHOWN", most)
    bases = (PHASH, PHASH ^ 0xFFFF_FFFF, PHASH ^ 0xFFFF_FFFF_0000_0000)
    show(database, [Shown(100 * (n + 1) + m, base) for n, base in enumerate(bases) for m in range(3)])
    page = find_groups(database, OWNER, NEWEST, 20)
    assert [group.image_ids for group in page.groups] == shown
    assert page.next == shown[-1][0]
    assert len(all_groups(database)) == 3


def test_a_page_that_is_full_looks_no_further(database: Database) -> None:
    """The two newest of many pictures are a group."""
    rng = random.Random(6)
    others = [Shown(1000 + n, rng.getrandbits(64)) for n in range(3 * PICTURES_PER_STEP)]
    show(database, [*others, Shown(2000, PHASH), Shown(2001, PHASH)])
    page = find_groups(database, OWNER, NEWEST, 1)
    assert page.groups == [Group("near", (2001, 2000))]
    assert page.next == others[2 - PICTURES_PER_STEP].image_id, "below the first step"


def test_pages_go_on_behind_many_pictures_that_are_not_ready(database: Database) -> None:
    hidden = [Shown(2000 + n, PHASH, state="hidden") for n in range(PICTURES_PER_STEP)]
    show(database, [*hidden, Shown(10, PHASH), Shown(11, PHASH)])
    assert find_groups(database, OWNER, NEWEST, 20).groups == [Group("near", (11, 10))]


def test_of_many_that_are_near_the_nearest_are_compared(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stockroom.images.repository.near_duplicates.MAX_COMPARED", 2)
    show(database, [Shown(10, PHASH), *(Shown(11 + n, flip(PHASH, *range(n + 1))) for n in range(4))])
    assert find_duplicates(database, 10) == {11: "near", 12: "near"}


def test_groups_are_the_same_where_pictures_are_asked_for_one_by_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where multitudes share their looks. The pictures of a pair differ in their last band alone."""
    monkeypatch.setattr("stockroom.images.repository.near_duplicates.MAX_JOINED", 10)
    rng = random.Random(7)
    hashes = [rng.getrandbits(64) for _ in range(30)]
    pictures = [
        Shown(1000 + 2 * n + older, flip(phash, 36, 44) if older else phash)
        for n, phash in enumerate(hashes)
        for older in range(2)
    ]
    others = [Shown(3000 + n, phash, owner_id=BOB) for n, phash in enumerate(hashes)]
    show(database, [*pictures, *others, *(Shown(2000 + n, None) for n in range(PICTURES_PER_STEP))])
    assert all_groups(database) == [Group("near", (1001 + 2 * n, 1000 + 2 * n)) for n in reversed(range(30))]
    page = find_groups(database, OWNER, 2000, 30)
    assert page.next == 1060 - PICTURES_PER_STEP, "a request that is cut short ends"


def test_a_multitude_of_one_picture_is_shown_in_part(database: Database) -> None:
    show(database, [Shown(1000 + n, flip(PHASH, n % 7)) for n in range(200)])
    groups = all_groups(database)
    assert groups[0].image_ids[0] == 1199
    assert len(groups[0].image_ids) == MAX_MEMBERS
    assert all(len(group.image_ids) <= MAX_MEMBERS for group in groups)
    found = find_duplicates(database, 1000)
    assert set(found.values()) == {"near"}
    assert len(found) > 100


def test_statements_do_not_grow_with_the_pictures(database: Database) -> None:
    rng = random.Random(4)
    show(database, [Shown(1000 + n, rng.getrandbits(64), thumbhash=make_thumbhash(n)) for n in range(300)])
    with Statements(database) as statements:
        page = find_groups(database, OWNER, NEWEST, 20)
    assert (page.groups, page.next) == ([], 1300 - PICTURES_PER_STEP * MAX_STEPS)
    assert statements.count <= 4 * MAX_STEPS
    with Statements(database) as statements:
        find_duplicates(database, 1000)
    assert statements.count <= 5


@pytest.mark.parametrize("shared", [0, 1, 2])
def test_rows_touched_are_bounded_whatever_the_pictures_share(database: Database, shared: int) -> None:
    """All pictures have one value in one band, nearly the same value in two, or nothing in common."""
    rng = random.Random(5)
    mask = (0xFFFF if shared else 0) | (0xFFFF << 48 if shared > 1 else 0)
    hashes = [rng.getrandbits(64) & ~mask | PHASH & mask for _ in range(4000)]
    if shared == 2:
        hashes = [flip(phash, rng.randrange(16), 48 + rng.randrange(16)) for phash in hashes]
    pictures = [Shown(1000 + n, phash, thumbhash=make_thumbhash(n % 7)) for n, phash in enumerate(hashes)]
    show(database, pictures)

    def touched() -> int:
        return sum(
            int(value) for _, value in database.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",))
        )

    before = touched()
    find_duplicates(database, 4900)
    of_one = touched() - before
    page = find_groups(database, OWNER, NEWEST, 20)
    of_groups = touched() - before - of_one
    assert len(page.groups) <= 20
    if shared == 0:
        assert of_one <= 200
        assert of_groups <= 200 * MAX_STEPS * PICTURES_PER_STEP
    assert of_one <= 2 * len(list_bands(0)) * sum(ALL_OWNERS) + 500
    joined = (200 * PICTURES_PER_STEP + 4 * MAX_JOINED) * MAX_STEPS
    assert of_groups <= joined + (2 * len(list_bands(0)) * sum(ONE_OWNER) + 100) * PICTURES_PER_STEP
