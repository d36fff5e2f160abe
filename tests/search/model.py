"""A model of the search, which reads every picture; and random libraries and queries for it.

The model knows words by a table of its own, not by the stemmer. It shares no code with what it checks but the
spelling of ids.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from stockroom.images import ids
from stockroom.search.related.thesaurus import is_word
from tests.search.pictures import Picture, at

STEMS = {
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
WORDS = list(STEMS)
RELATED = {"sun": {"sunset", "sunflower"}}
"""By its stem, what each of the words above is taken for that no picture has: things of its topic, which are
not excluded with it."""
STOP_WORDS = {"some", "the"}
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
class ModelQuery:
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
        # Only the last plain word may be unfinished, so the plain words stay in their order.
        order = iter(self.words)
        items = [next(order) if item in STEMS or item in self.words else item for item in items]
        if self.phrase:
            items.insert(rng.randint(0, len(items)), '"' + " ".join(self.phrase) + '"')
        if self.desc:
            items.insert(rng.randint(0, len(items)), 'desc:"' + " ".join(self.desc) + '"')
        return " ".join(items)


@dataclass
class ModelAnswer:
    """Image ids in their order, and how the query was read."""

    ids: list[int]
    is_relaxed: bool = False
    is_corrected: bool = False
    is_related: bool = False


def draw_library(rng: random.Random) -> list[Picture]:
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


def draw_query(rng: random.Random) -> ModelQuery:
    typed = [*WORDS, "sunfl", "harb", "su", "zebra"]
    return ModelQuery(
        words=rng.choices(typed, k=rng.choice([0, 1, 1, 2, 3])),
        phrase=rng.choices(WORDS, k=2) if rng.random() < 0.15 else [],
        desc=rng.choices(WORDS, k=rng.randint(1, 2)) if rng.random() < 0.15 else [],
        without=rng.choices(WORDS, k=1) if rng.random() < 0.2 else [],
        tags=rng.sample(TAGS, rng.randint(1, 3)) if rng.random() < 0.3 else [],
        dates=rng.sample(list(DATES), rng.choice([1, 1, 2])) if rng.random() < 0.3 else [],
        shape=rng.choice(["landscape", "portrait", "square"]) if rng.random() < 0.15 else "",
    )


def stem_of(word: str) -> str:
    return STEMS.get(word, word)


def stems_of(text: str) -> list[str]:
    return [stem_of(word) for word in text.split()]


def list_texts(picture: Picture) -> list[list[str]]:
    return [stems_of(picture.description), stems_of(picture.name), *([tag] for tag in picture.tags)]


def contains(text: Sequence[str], words: Sequence[str]) -> bool:
    """Whether words stand next to each other in a text."""
    return any(list(text[n : n + len(words)]) == list(words) for n in range(len(text)))


def meets_conditions(picture: Picture, query: ModelQuery) -> bool:
    """Whether a picture has all that no mode ever relaxes: everything but the plain words."""
    everything = {stem for text in list_texts(picture) for stem in text}
    shape = {800: "landscape", 1200: "square", 1600: "portrait"}[picture.height]
    phrase, desc = ([STEMS[word] for word in words] for words in (query.phrase, query.desc))
    return (
        (not phrase or any(contains(text, phrase) for text in list_texts(picture)))
        and (not desc or contains(stems_of(picture.description), desc))
        and not everything & set(stems_of(" ".join(query.without)))
        and (not query.tags or bool(set(query.tags) & set(picture.tags)))
        and all(DATES[text](ids.created_at(picture.id)) for text in query.dates)
        and query.shape in ("", shape)
    )


@cache
def count_slips(one: str, other: str) -> int:
    """Letters too many, too few or wrong, or changed over, from one word to another."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        count_slips(one[1:], other) + 1,
        count_slips(one, other[1:]) + 1,
        count_slips(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1]:
        costs.append(count_slips(one[2:], other[2:]) + 1)
    return min(costs)


def find_nearest(word: str, frequencies: dict[str, int]) -> str:
    """The known form that was meant, or the word itself."""
    near = [
        form
        for form in frequencies
        if len(word) >= 4 and form not in STOP_WORDS and count_slips(word, form) == 1
    ]
    if not near and len(word) >= 6:
        near = [
            form
            for form in frequencies
            if form[0] == word[0]
            and form not in STOP_WORDS
            and -2 < len(form) - len(word) < 3
            and count_slips(word, form) == 2
        ]
    return max(near, key=lambda form: (frequencies[form], form), default=word)


def answer(query: ModelQuery, pictures: list[Picture]) -> ModelAnswer:
    """What a search that reads every picture would find."""
    has_only_words = not (query.phrase or query.desc or query.tags or query.dates or query.shape)
    words = [word for word in query.words if word not in STOP_WORDS]
    if not words and has_only_words:
        words = query.words
    last = query.words[-1] if query.words and query.words[-1] in words else ""
    forms = {word for p in pictures for word in [*p.description.split(), *p.tags]}
    names = {p.name for p in pictures}
    stems = {p.id: {stem for text in list_texts(p) for stem in text} for p in pictures}
    known = set().union(*stems.values())
    expansions = {stem_of(form) for form in forms | names if len(last) >= 3 and form.startswith(last)}
    candidates = sorted((p for p in pictures if meets_conditions(p, query)), key=lambda p: -p.id)

    def find(clauses: Iterable[set[str]]) -> list[Picture]:
        all_of = list(clauses)
        return [p for p in candidates if all(stems[p.id] & any_of for any_of in all_of)]

    clauses = {stem_of(word): {stem_of(word)} for word in words}
    with_expansions = clauses | {stem_of(last): {stem_of(last)} | expansions}
    may_be_unfinished = len(last) >= 3
    is_in_dictionary = may_be_unfinished and is_word(last)
    if may_be_unfinished and (last in STOP_WORDS or (stem_of(last) not in known and not is_in_dictionary)):
        found = find(with_expansions.values())
    else:
        found = find(clauses.values())
    if not found and may_be_unfinished and not is_in_dictionary:
        found = find(with_expansions.values())
    if found:
        return ModelAnswer([p.id for p in found])
    frequencies = {form: sum(stem_of(form) in stems[p.id] for p in pictures) for form in forms}
    typed = {stem_of(word): word for word in words}
    related = {
        stem: {stem_of(form) for form in forms & RELATED.get(stem, set())}
        for stem in typed
        if stem not in known and forms & RELATED.get(stem, set())
    }
    corrected = {
        stem: stem if stem in known or stem in related else stem_of(find_nearest(word, frequencies))
        for stem, word in typed.items()
    }
    is_corrected = any(stem != other for stem, other in corrected.items())
    read_so = {other: {other} | related.get(stem, set()) for stem, other in corrected.items()}
    if is_corrected or related:
        found = find(read_so.values())
    if not found and is_in_dictionary and (begins_so := find(with_expansions.values())):
        return ModelAnswer([p.id for p in begins_so], is_related=stem_of(last) not in known)
    is_relaxed = not found and len(typed) > 1
    if is_relaxed:
        any_of = set().union(*read_so.values())
        found = [p for p in candidates if any_of & stems[p.id]]
    return ModelAnswer(
        [p.id for p in found],
        is_relaxed=bool(found) and is_relaxed,
        is_corrected=bool(found) and is_corrected,
        is_related=bool(found) and bool(related),
    )
