"""Random queries on random small libraries find what the model finds."""

import os
import random

import pytest
from msgspec.structs import replace

from stockroom.runtime.database import Database
from stockroom.search.execution.limits import Limits
from stockroom.search.index import posting_reader, skip_pointers
from stockroom.search.service import Query, SearchIndex, SearchPage, parse
from tests.search.model import TODAY, ModelAnswer, answer, draw_library, draw_query
from tests.search.pictures import Picture, at, image_ids, stock


def walk(index: SearchIndex, query: Query, limit: int) -> ModelAnswer:
    """All pages of a query, one after the other, and back again."""
    pages: list[list[int]] = []
    found = ModelAnswer([])
    page = index.find_images(query, None, limit)
    while True:
        pages.append(list_ids(page, limit))
        if page.pictures:
            assert not found.ids or found.is_relaxed == page.is_relaxed
            found.is_relaxed, found.is_corrected = page.is_relaxed, bool(page.corrected_query)
            found.is_related = bool(page.related_words)
        found.ids += pages[-1]
        if page.next is None:
            break
        page = index.find_images(query, page.next, limit)
    back = pages.pop()
    while page.previous is not None:
        page = index.find_images(query, page.previous, limit)
        back = list_ids(page, limit) + back
    assert back == found.ids
    return found


def list_ids(page: SearchPage, limit: int) -> list[int]:
    assert len(page.pictures) <= limit
    return image_ids(page.pictures)


def draw_limits(rng: random.Random, *, small: bool, estimates: bool) -> Limits:
    limits = Limits(min_sampled=rng.choice([2, 256]))
    if small:
        limits = replace(limits, probe_budget=rng.choice([1, 6, 20, 40]), scans=rng.choice([1, 2, 6]))
    if estimates:
        limits = replace(limits, id_range_margin=1, min_post_filtered=3)
    return limits


TURNS = 40
SEEDS = max(int(os.environ.get("STOCKROOM_RANDOM_QUERIES", "800")) // (2 * TURNS), 1)
FEW_SEEDS = 4
"""Enough for each kind of limits, and for both strides."""


@pytest.mark.parametrize("small", [False, True], ids=["ordinary", "a budget of nearly nothing"])
@pytest.mark.parametrize(
    "seed",
    [pytest.param(seed, marks=[pytest.mark.thorough] if seed >= FEW_SEEDS else []) for seed in range(SEEDS)],
)
def test_same_pictures_in_the_same_order(
    database: Database, seed: int, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    if seed % 3 == 0:
        monkeypatch.setattr(skip_pointers, "STRIDE", 2)
        monkeypatch.setattr(posting_reader, "STRIDE", 2)
    pictures = draw_library(rng)
    stock(database, pictures)
    index = SearchIndex(database, limits=draw_limits(rng, small=small, estimates=bool(seed % 2)))
    for turn in range(TURNS):
        model_query = draw_query(rng)
        q = model_query.text(rng)
        query = parse(q, filters={"orientation": model_query.shape}, today=TODAY)
        found = walk(index, query, rng.choice([1, 2, 24]))
        assert found == answer(model_query, pictures), f"seed {seed}, turn {turn}: {q!r} {model_query.shape}"


@pytest.mark.parametrize("seed", range(5))
def test_what_is_there_all_along_is_seen_once(database: Database, seed: int) -> None:
    """Pages are walked while other pictures come and go; both ways."""
    rng = random.Random(seed)
    index = SearchIndex(database, limits=Limits(probe_budget=rng.choice([6, 5000]), scans=seed + 1))
    numbers = rng.sample(range(1000), 60)
    all_along = [Picture(id=at(2016, number=n), description="red boat") for n in numbers[:40]]
    expected_ids = sorted(stock(database, all_along), reverse=True)
    passing = [at(2016, number=n) for n in numbers[40:]]
    entries = index.resolve(Picture(id=1, description="red boat in the sun").document())
    present: set[int] = set()

    def disturb() -> None:
        for image_id in rng.sample(passing, 5):
            if image_id in present:
                database.run_transaction(lambda cursor, n=image_id: index.remove(cursor, n))  # type: ignore[misc]
                database.execute("DELETE FROM image WHERE id = %s", (image_id,))
                present.remove(image_id)
            else:
                database.execute(
                    "INSERT INTO image (id, owner_id, state, size, type, name, description, tags, license, "
                    "credit, version, width, height, color, thumbhash) "
                    "SELECT %s, owner_id, state, size, type, "
                    "'new', description, tags, license, credit, version, width, height, color, thumbhash "
                    "FROM image WHERE id = %s",
                    (image_id, expected_ids[0]),
                )
                database.run_transaction(lambda cursor, n=image_id: index.add(cursor, n, entries))  # type: ignore[misc]
                present.add(image_id)

    query = parse("red boat", today=TODAY)
    page = index.find_images(query, None, 4)
    seen = list_ids(page, 4)
    while page.next is not None:
        disturb()
        page = index.find_images(query, page.next, 4)
        seen += list_ids(page, 4)
    assert [image_id for image_id in seen if image_id in expected_ids] == expected_ids
    assert len(set(seen)) == len(seen)
    back = list_ids(page, 4)
    while page.previous is not None:
        disturb()
        page = index.find_images(query, page.previous, 4)
        back = list_ids(page, 4) + back
    assert len(set(back)) == len(back)
    assert [image_id for image_id in back if image_id in expected_ids] == expected_ids
