"""Random queries on random small libraries, against a model that reads every picture.

The model knows words by a table of its own, not by the stemmer, and shares no code with what it checks but
the spelling of ids.
"""

import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

import pytest

from stockroom.images import ids
from stockroom.runtime.database import Database
from stockroom.search.execution.limits import Limits
from stockroom.search.index import posting_reader, skip_pointers
from stockroom.search.service import Query, SearchIndex, SearchPage, parse
from tests.search.pictures import Picture, at, image_ids, stock

ROOT = {
    "boat": "boat",
    "boats": "boat",
    "run": "run",
    "running": "run",
    "ran": "run",
    "sun": "sun",
    "sunflower": "sunflower",
    "sunset": "sunset",
    "child": "child",
    "children": "child",
    "red": "red",
    "harbour": "harbour",
    "harbours": "harbour",
    "some": "some",
    "something": "something",
    "the": "the",
}
WORDS = list(ROOT)
STOPS = {"some", "the"}
TAGS = ["sea", "dog", "été", "東京"]
TODAY = date(2026, 5, 1)
DAYS = [(2016, 5, 20), (2016, 6, 20), (2016, 6, 21), (2017, 5, 20), (2017, 12, 31)]
DATES: dict[str, Callable[[datetime], bool]] = {
    "date:20-5-2016": lambda day: (day.year, day.month, day.day) == (2016, 5, 20),
    "date:20-*-2016": lambda day: day.year == 2016 and day.day == 20,
    "date:*-5-*": lambda day: day.month == 5,
    "date:6-2016": lambda day: (day.year, day.month) == (2016, 6),
    "date:2017": lambda day: day.year == 2017,
    "from:2016-06-21": lambda day: (day.year, day.month, day.day) >= (2016, 6, 21),
    "to:20-6-2016": lambda day: (day.year, day.month, day.day) <= (2016, 6, 20),
}


@dataclass
class Asked:
    """A query as the model understands it."""

    words: list[str] = field(default_factory=list)
    phrase: list[str] = field(default_factory=list)
    desc: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    shape: str = ""

    def text(self, rng: random.Random) -> str:
        items = [*self.words, *(f"-{word}" for word in self.without), *self.dates]
        if self.tags:
            items.append(rng.choice(["tags:", "tag:"]) + ",".join(self.tags))
        rng.shuffle(items)
        # The last plain word is the one that may be unfinished, so the order of words is kept.
        order = iter(self.words)
        items = [next(order) if item in ROOT or item in self.words else item for item in items]
        if self.phrase:
            items.insert(rng.randint(0, len(items)), '"' + " ".join(self.phrase) + '"')
        if self.desc:
            items.insert(rng.randint(0, len(items)), 'desc:"' + " ".join(self.desc) + '"')
        return " ".join(items)


@dataclass
class Answered:
    """Ids in their order, and how the query was taken."""

    ids: list[int]
    relaxed: bool = False
    corrected: bool = False


def library(rng: random.Random) -> list[Picture]:
    pictures = []
    for number in range(rng.choice([0, 2, 12, 40, 40])):
        year, month, day = rng.choice(DAYS)
        pictures.append(
            Picture(
                id=at(year, month, day, number=rng.choice([0, (86_400_000 << 20) - 200]) + number),
                name=rng.choice(WORDS),
                description=" ".join(rng.choices(WORDS, k=rng.randint(0, 5))),
                tags=tuple(rng.sample(TAGS, rng.randint(0, 2))),
                height=rng.choice([800, 1200, 1600]),
            )
        )
    return pictures


def question(rng: random.Random) -> Asked:
    typed = [*WORDS, "sunfl", "harb", "su", "zebra"]
    return Asked(
        words=rng.choices(typed, k=rng.choice([0, 1, 1, 2, 3])),
        phrase=rng.choices(WORDS, k=2) if rng.random() < 0.15 else [],
        desc=rng.choices(WORDS, k=rng.randint(1, 2)) if rng.random() < 0.15 else [],
        without=rng.choices(WORDS, k=1) if rng.random() < 0.2 else [],
        tags=rng.sample(TAGS, rng.randint(1, 3)) if rng.random() < 0.3 else [],
        dates=rng.sample(list(DATES), rng.choice([1, 1, 2])) if rng.random() < 0.3 else [],
        shape=rng.choice(["landscape", "portrait", "square"]) if rng.random() < 0.15 else "",
    )


def root_of(word: str) -> str:
    return ROOT.get(word, word)


def roots(text: str) -> list[str]:
    return [root_of(word) for word in text.split()]


def fields(picture: Picture) -> list[list[str]]:
    return [roots(picture.description), roots(picture.name), *([tag] for tag in picture.tags)]


def follows(text: Sequence[str], words: Sequence[str]) -> bool:
    return any(list(text[n : n + len(words)]) == list(words) for n in range(len(text)))


def limited(picture: Picture, asked: Asked) -> bool:
    """All that no mode ever relaxes."""
    everything = {root for one in fields(picture) for root in one}
    shape = {800: "landscape", 1200: "square", 1600: "portrait"}[picture.height]
    phrase, desc = ([ROOT[word] for word in words] for words in (asked.phrase, asked.desc))
    return (
        (not phrase or any(follows(one, phrase) for one in fields(picture)))
        and (not desc or follows(roots(picture.description), desc))
        and not everything & set(roots(" ".join(asked.without)))
        and (not asked.tags or bool(set(asked.tags) & set(picture.tags)))
        and all(DATES[limit](ids.created_at(picture.id)) for limit in asked.dates)
        and asked.shape in ("", shape)
    )


@cache
def slips(one: str, other: str) -> int:
    """Letters too many, too few or wrong, or changed over, from one word to another."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        slips(one[1:], other) + 1,
        slips(one, other[1:]) + 1,
        slips(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1]:
        costs.append(slips(one[2:], other[2:]) + 1)
    return min(costs)


def nearest(word: str, frequencies: dict[str, int]) -> str:
    """The known form that was meant, or the word itself."""
    near = [form for form in frequencies if len(word) >= 3 and slips(word, form) == 1]
    if not near and len(word) >= 6:
        near = [form for form in frequencies if form[0] == word[0] and slips(word, form) == 2]
    return max(near, key=lambda form: (frequencies[form], form), default=word)


def expected(pictures: list[Picture], asked: Asked) -> Answered:
    """What a search that reads every picture would find."""
    alone = not (asked.phrase or asked.desc or asked.tags or asked.dates or asked.shape)
    telling = [word for word in asked.words if word not in STOPS]
    words = telling if telling or not alone else asked.words
    last = asked.words[-1] if asked.words and asked.words[-1] in words else ""
    lexicon = {word for p in pictures for word in [*p.description.split(), p.name, *p.tags]}
    has = {p.id: {root for one in fields(p) for root in one} for p in pictures}
    known = set().union(*has.values())
    begun = {root_of(word) for word in lexicon if len(last) >= 3 and word.startswith(last)}
    candidates = sorted((p for p in pictures if limited(p, asked)), key=lambda p: -p.id)

    def having(clauses: Iterable[set[str]]) -> list[Picture]:
        wanted = list(clauses)
        return [p for p in candidates if all(has[p.id] & any_of for any_of in wanted)]

    wanted = {root_of(word): {root_of(word)} for word in words}
    strict = dict(wanted)
    root = root_of(last)
    if len(last) >= 3 and (last in STOPS or root not in known):
        strict[root] = {root} | begun
    found = having(strict.values())
    if not found and len(last) >= 3:
        found = having((wanted | {root: {root} | begun}).values())
    if found:
        return Answered([p.id for p in found])
    typed = {root_of(word): word for word in words}
    counted = {form: sum(root_of(form) in has[p.id] for p in pictures) for form in lexicon}
    meant = {root: root if root in known else root_of(nearest(word, counted)) for root, word in typed.items()}
    corrected = any(root != other for root, other in meant.items())
    if corrected:
        found = [p for p in candidates if set(meant.values()) <= has[p.id]]
    relaxed = not found and len(typed) > 1
    if relaxed:
        found = [p for p in candidates if set(meant.values()) & has[p.id]]
    return Answered([p.id for p in found], bool(found) and relaxed, bool(found) and corrected)


def walk(index: SearchIndex, query: Query, limit: int) -> Answered:
    """All pages of a query, one after the other, and back again."""
    pages: list[list[int]] = []
    found = Answered([])
    page = index.find_images(query, None, limit)
    while True:
        pages.append(list_ids(page, limit))
        if page.pictures:
            assert not found.ids or found.relaxed == page.is_relaxed
            found.relaxed, found.corrected = page.is_relaxed, bool(page.corrected_query)
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
        limits = replace(
            limits, probe_budget=rng.choice([1, 6, 20, 40]), first_scan_margin=rng.choice([0, 1])
        )
    if estimates:
        limits = replace(limits, id_range_margin=1, min_post_filtered=3)
    return limits


TURNS = 40
SEEDS = max(int(os.environ.get("STOCKROOM_RANDOM_QUERIES", "800")) // (2 * TURNS), 1)


@pytest.mark.parametrize("small", [False, True], ids=["ordinary", "a budget of nearly nothing"])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_same_pictures_in_the_same_order(
    database: Database, seed: int, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    if seed % 3 == 0:
        monkeypatch.setattr(skip_pointers, "STRIDE", 2)
        monkeypatch.setattr(posting_reader, "STRIDE", 2)
    pictures = library(rng)
    stock(database, pictures)
    index = SearchIndex(database, limits=draw_limits(rng, small=small, estimates=bool(seed % 2)))
    for turn in range(TURNS):
        asked = question(rng)
        q = asked.text(rng)
        query = parse(q, filters={"orientation": asked.shape}, today=TODAY)
        got = walk(index, query, rng.choice([1, 2, 24]))
        assert got == expected(pictures, asked), f"seed {seed}, turn {turn}: {q!r} {asked.shape}"


@pytest.mark.parametrize("seed", range(5))
def test_what_is_there_all_along_is_seen_once(database: Database, seed: int) -> None:
    """Pages are walked while other pictures come and go; both ways."""
    rng = random.Random(seed)
    index = SearchIndex(database, limits=Limits(probe_budget=rng.choice([6, 5000])))
    numbers = rng.sample(range(1000), 60)
    all_along = [Picture(id=at(2016, number=n), description="red boat") for n in numbers[:40]]
    expected_ids = sorted(stock(database, all_along), reverse=True)
    passing = [at(2016, number=n) for n in numbers[40:]]
    entries = index.resolve(Picture(id=1, description="red boat in the sun").document())
    present: set[int] = set()

    def disturb() -> None:
        for image_id in rng.sample(passing, 5):
            if image_id in present:
                database.run_transaction(lambda cursor, n=image_id: index.remove(cursor, n, entries))  # type: ignore[misc]
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
