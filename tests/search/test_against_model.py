"""Random queries on random small libraries, against a model that reads every picture.

The model knows words by a table of its own, not by the stemmer, and shares no code with what it checks but
the spelling of ids.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from stockroom import ids
from stockroom.database import Database
from stockroom.search import cursor as cursors
from stockroom.search import page
from stockroom.search.query import parse
from tests.search.pictures import Picture, at, stock

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


def roots(text: str) -> list[str]:
    return [ROOT.get(word, word) for word in text.split()]


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
        and all(DATES[limit](ids.created(picture.id)) for limit in asked.dates)
        and asked.shape in ("", shape)
    )


def expected(pictures: list[Picture], asked: Asked) -> tuple[list[int], bool]:
    """Ids, newest first, and whether any one word had to do."""
    alone = not (asked.phrase or asked.desc or asked.tags or asked.dates or asked.shape)
    telling = [word for word in asked.words if word not in STOPS]
    words = telling if telling or not alone else asked.words
    last = asked.words[-1] if asked.words and asked.words[-1] in words else ""
    lexicon = {word for p in pictures for word in [*p.description.split(), p.name, *p.tags]}
    known = {root for p in pictures for one in fields(p) for root in one}
    begun = {ROOT.get(word, word) for word in lexicon if len(last) >= 3 and word.startswith(last)}
    candidates = sorted((p for p in pictures if limited(p, asked)), key=lambda p: -p.id)

    def having(test: Callable[[set[str]], bool]) -> list[int]:
        return [p.id for p in candidates if test({root for one in fields(p) for root in one})]

    wanted = {ROOT.get(word, word): {ROOT.get(word, word)} for word in words}
    strict = dict(wanted)
    root = ROOT.get(last, last)
    if len(last) >= 3 and (last in STOPS or root not in known):
        strict[root] = {root} | begun
    found = having(lambda terms: all(terms & any_of for any_of in strict.values()))
    if not found and len(last) >= 3:
        unfinished = wanted | {root: {root} | begun}
        found = having(lambda terms: all(terms & any_of for any_of in unfinished.values()))
    if not found and len(wanted) > 1:
        found = having(lambda terms: bool(terms & set(wanted)))
        return found, bool(found)
    return found, False


def walk(database: Database, q: str, shape: str, limit: int) -> tuple[list[int], bool]:
    """All pages of a query, one after the other."""
    query = parse(q, orientation=shape, today=TODAY)
    found: list[int] = []
    relaxed: set[bool] = set()
    at_page = page.search(database, query, None, limit)
    while True:
        assert len(at_page.images) <= limit
        numbers = [ids.decode(image.id) for image in at_page.images]
        found += [number for number in numbers if number is not None]
        if at_page.images:
            relaxed.add(at_page.relaxed)
        if at_page.next is None:
            assert len(relaxed) <= 1
            return found, relaxed == {True}
        at_page = page.search(database, query, cursors.decoded(at_page.next), limit)


@pytest.mark.parametrize("small", [False, True], ids=["ordinary", "a budget of nearly nothing"])
@pytest.mark.parametrize("seed", range(10))
def test_same_pictures_in_the_same_order(
    database: Database, seed: int, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    if small:
        monkeypatch.setattr(page, "BUDGET", rng.choice([1, 6, 20]))
        monkeypatch.setattr(page, "FIRST_ROWS", 3)
        monkeypatch.setattr(page, "MAX_ARMS", 4)
        monkeypatch.setattr(page, "VERIFY", 3)
    pictures = library(rng)
    stock(database, pictures)
    for turn in range(40):
        asked = question(rng)
        q = asked.text(rng)
        got = walk(database, q, asked.shape, rng.choice([1, 2, 24]))
        assert got == expected(pictures, asked), f"seed {seed}, turn {turn}: {q!r} {asked.shape}"
