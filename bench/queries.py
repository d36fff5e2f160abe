"""The kinds of query that the search benchmark asks, and what FULLTEXT would be asked instead."""

import statistics
from dataclasses import dataclass, field
from typing import Any

from stockroom.search.execution.page import DEFAULT_LIMIT as LIMIT


@dataclass(frozen=True)
class Kind:
    """A kind of query: the parameters of `parse` for each question; the FULLTEXT statement for the same."""

    name: str
    asked: tuple[dict[str, Any], ...]
    fulltext: str = ""

    def arguments(self, asked: dict[str, Any]) -> list[str]:
        """What the FULLTEXT statement takes for a question."""
        text = asked["q"].replace("tags:", "").replace(",", " ").replace("#", "")
        if self.name == "two common words":
            text = " ".join(f"+{word}" for word in text.split())
        return [text] * self.fulltext.count("%s")


def _of(*texts: str, **more: Any) -> tuple[dict[str, Any], ...]:
    return tuple({"q": text, **more} for text in texts)


def _newest(column: str) -> str:
    return (
        f"SELECT id FROM fulltext_copy WHERE MATCH ({column}) AGAINST (%s IN BOOLEAN MODE) "
        f"ORDER BY id DESC LIMIT {LIMIT}"
    )


_BEST = (
    "SELECT id FROM fulltext_copy WHERE MATCH (words) AGAINST (%s) "
    f"ORDER BY MATCH (words) AGAINST (%s) DESC LIMIT {LIMIT}"
)

KINDS = (
    Kind("front page", _of("")),
    Kind("common word", _of("sea", "beach", "city", "mountain"), _newest("words")),
    Kind("middling word", _of("harbour", "lake", "church", "train"), _newest("words")),
    Kind("two common words", _of("sea beach", "city light", "mountain forest"), _newest("words")),
    Kind("two words of different subjects", _of("sea harbour", "sea sky", "city train", "sky lake")),
    Kind("three words", _of("sea sky boat", "city street people", "forest tree river")),
    Kind("stop word alone", _of("the", "about")),
    Kind("word and not another", _of("sea -sky", "city -people")),
    Kind("one tag", _of("#sea", "#beach", "#sky"), _newest("tags")),
    Kind("three tags", _of("tags:sea,beach,sky", "tags:lake,city,train"), _newest("tags")),
    Kind("word and tags", _of("light tags:sea,beach,sky", "people tags:city,street")),
    Kind("word in a month", _of("sea date:5-2025", "city date:11-2024")),
    Kind("day of every month", _of("date:20-*-2025", "sea date:20-*-2025")),
    Kind("filters", _of("sea", "city", orientation="portrait", color="blue")),
    Kind("unfinished word", _of("sunfl", "harb", "mount")),
    Kind("phrase", _of('"sea beach"', '"city light"', '"forest tree"'), _newest("words")),
    Kind("relevance, one word", _of("sea", "city", sort="relevance"), _BEST),
    Kind("relevance, two words", _of("sea beach", "city light", sort="relevance"), _BEST),
)

HARD = (
    Kind("misspelt word", _of("harbuor", "montain", "sunflowr")),
    Kind("three words, far apart", _of("sea train winter", "sky dog station")),
    Kind("worst: two that never meet", _of("neverone nevertwo")),
)


@dataclass
class Measured:
    """Milliseconds of every run, in a process that remembers common terms and in one that has just started;
    and rows touched by each of the questions."""

    times: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        return sorted(self.times)[min(int(len(self.times) * share), len(self.times) - 1)]

    @property
    def first_median(self) -> float:
        return statistics.median(self.first)
