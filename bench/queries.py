"""The kinds of query that the search benchmarks ask, and what FULLTEXT would be asked instead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.corpus import LAST_DAY
from bench.hard_words import ALWAYS_TOGETHER
from stockroom.images import ids
from stockroom.search.execution.cursor import PageCursor
from stockroom.search.query.plan import Mode
from stockroom.search.service import DEFAULT_PAGE_SIZE, SearchIndex, SearchPage, parse


@dataclass(frozen=True)
class Kind:
    """A kind of query: the parameters of `parse` for each of its questions, the cursor and the page size."""

    name: str
    parameters: tuple[dict[str, Any], ...]
    fulltext: str = ""
    """The FULLTEXT statement for the same, if there is one."""
    cursor: str | None = None
    limit: int = DEFAULT_PAGE_SIZE

    def list_questions(self) -> list[Callable[[SearchIndex], SearchPage]]:
        """Each question as a function that asks an index."""

        def make_question(parameters: dict[str, Any]) -> Callable[[SearchIndex], SearchPage]:
            query = parse(**parameters)
            return lambda index: index.find_images(query, self.cursor, self.limit)

        return [make_question(parameters) for parameters in self.parameters]

    def fulltext_arguments(self, parameters: dict[str, Any]) -> list[str]:
        """The arguments of the FULLTEXT statement for a question."""
        text = parameters["q"].replace("tags:", "").replace(",", " ").replace("#", "")
        if self.name == "two common words":
            text = " ".join(f"+{word}" for word in text.split())
        return [text] * self.fulltext.count("%s")


def _ask(*texts: str, **others: Any) -> tuple[dict[str, Any], ...]:
    return tuple({"q": text, **others} for text in texts)


def _newest(column: str) -> str:
    return (
        f"SELECT id FROM fulltext_copy WHERE MATCH ({column}) AGAINST (%s IN BOOLEAN MODE) "
        f"ORDER BY id DESC LIMIT {DEFAULT_PAGE_SIZE}"
    )


_BEST = (
    "SELECT id FROM fulltext_copy WHERE MATCH (words) AGAINST (%s) "
    f"ORDER BY MATCH (words) AGAINST (%s) DESC LIMIT {DEFAULT_PAGE_SIZE}"
)

_A_YEAR_BACK = ids.first_id(LAST_DAY - timedelta(days=365))

KINDS = (
    Kind("front page", _ask("")),
    Kind("common word", _ask("sea", "beach", "city", "mountain"), _newest("words")),
    Kind("middling word", _ask("harbour", "lake", "church", "train"), _newest("words")),
    Kind("two common words", _ask("sea beach", "city light", "mountain forest"), _newest("words")),
    Kind("two words of different subjects", _ask("sea harbour", "sea sky", "city train", "sky lake")),
    Kind("three words", _ask("sea sky boat", "city street people", "forest tree river")),
    Kind("stop word alone", _ask("the", "about")),
    Kind("word and not another", _ask("sea -sky", "city -people")),
    Kind("one tag", _ask("#sea", "#beach", "#sky"), _newest("tags")),
    Kind("three tags", _ask("tags:sea,beach,sky", "tags:lake,city,train"), _newest("tags")),
    Kind("word and tags", _ask("light tags:sea,beach,sky", "people tags:city,street")),
    Kind("word in a month", _ask("sea date:5-2025", "city date:11-2024")),
    Kind("day of every month", _ask("date:20-*-2025", "sea date:20-*-2025")),
    Kind("filters", _ask("sea", "city", filters={"orientation": "portrait", "color": "blue"})),
    Kind("unfinished word", _ask("sunfl", "harb", "mount")),
    Kind("phrase", _ask('"sea beach"', '"city light"', '"forest tree"'), _newest("words")),
    Kind("relevance, one word", _ask("sea", "city", sort="relevance"), _BEST),
    Kind("relevance, two words", _ask("sea beach", "city light", sort="relevance"), _BEST),
    Kind("misspelt word", _ask("harbuor", "montain", "sunflowr")),
    Kind("word that has related words alone", _ask("Ozean", "Strand", "Gebirge", "ville")),
    Kind("misspelt word that has related words alone", _ask("Schmeterling", "Bahnhoff", "Landschft")),
    Kind("word with its related words", _ask("sea", "mountain", "train", expand="related")),
    Kind("three words, far apart", _ask("sea train winter", "sky dog station")),
    Kind("worst: two that never meet", _ask("neverone nevertwo")),
    Kind("a page a year back", _ask("sea beach"), cursor=PageCursor(Mode.STRICT, _A_YEAR_BACK).encode()),
    Kind(
        "previous page",
        _ask("sea beach"),
        cursor=PageCursor(Mode.STRICT, _A_YEAR_BACK, is_backward=True).encode(),
    ),
)

_TAGS = "#sea #city #people #light #tree #water #forest #street #mountain #beach"
_MORE_TAGS = "#sky #boat #night #green #red #lake #river #white #old #station"
_TOGETHER = " ".join(ALWAYS_TOGETHER)

LIMIT_KINDS = (
    Kind("rare word", _ask("shabar", "stend", "stean", "chustneess")),
    Kind("ten tags", _ask(_TAGS, _MORE_TAGS)),
    Kind("ten tags, 100 a page", _ask(_TAGS, _MORE_TAGS), limit=100),
    Kind("twenty tags, 100 a page", _ask(f"{_TAGS} {_MORE_TAGS}"), limit=100),
    Kind("word and twenty tags", _ask(f"city {_TAGS} {_MORE_TAGS}")),
    Kind("word and ten tags, relevance", _ask(f"sea {_TAGS}", sort="relevance")),
    Kind("unfinished word, relevance", _ask("sunfl", "mount", "har", sort="relevance")),
    Kind("unfinished word, 100 a page", _ask("mount", "har"), limit=100),
    Kind("any one of two words", _ask("sea qqqqxxx", "harbour boat qqqqxxx")),
    Kind("far back in time", _ask("sea date:5-2023", "sea beach date:6-2023", "sea to:2023-8")),
    Kind("two words, 100 a page", _ask("sea beach", "city light"), limit=100),
    Kind("relevance, two words far apart", _ask("sky dog", "sea train", sort="relevance")),
    Kind("worst, relevance", _ask("neverone nevertwo", sort="relevance")),
    Kind("worst, as a phrase", _ask('"neverone nevertwo"')),
    Kind("17 words together", _ask("pho", f"{_TOGETHER} zzyyxx")),
    Kind("17 words together, 100 a page", _ask("pho", f"{_TOGETHER} zzyyxx"), limit=100),
    Kind("17 words together, relevance", _ask("pho", f"{_TOGETHER} zzyyxx", sort="relevance")),
    Kind("17 words together, without a phrase", _ask('pho -"sea common"')),
)
"""Further kinds for the limits of the executor: rare words, many terms at once, and the worst cases."""
