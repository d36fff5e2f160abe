"""Requests and time until the first picture or the end: what somebody waits for who sees an empty page.

The questions are drawn from the corpus itself, always the same ones for a corpus. Their words come from
pictures that were drawn independently, so that most pairs seldom meet and many never do; or all of them come
from one picture, so that there is something to find. A question is asked through the Lambda handler, and its
`next` is followed while the answer has no picture. The shortest of three times counts, as other programs may
share the machine; there are more questions than answers that the function stores.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bench import report
from bench.handler import ask, load_search_function
from bench.measuring import count_rows_touched
from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_oldest_and_newest, find_ready
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings

SEED = 9
QUESTIONS = 400
"""Questions of each kind."""
ROUNDS = 3
"""How often each question is asked."""


@dataclass(frozen=True)
class Outcome:
    """What one question took until the first picture or the end."""

    requests: int
    milliseconds: float
    rows: int
    """Rows that the server touched."""
    has_pictures: bool


def measure_first_pictures(settings: Settings, questions: int = QUESTIONS) -> str:
    """A table with a line for each kind of question."""
    db = Database(settings)
    lines = []
    for name, texts in draw_questions(db, questions).items():
        outcomes = measure(settings, texts)
        times = sorted(outcome.milliseconds for outcome in outcomes)
        requests = sorted(outcome.requests for outcome in outcomes)
        lines.append(
            [
                name,
                f"{sum(outcome.has_pictures for outcome in outcomes) / len(outcomes):.0%}",
                f"{sum(count > 1 for count in requests) / len(requests):.2%}",
                f"{requests[-1]}",
                *(f"{times[int(len(times) * share)]:.1f}" for share in (0.5, 0.9, 0.99)),
                f"{times[-1]:.1f}",
                f"{max(outcome.rows for outcome in outcomes):,}",
            ]
        )
    db.close()
    heads = ["Until the first picture or the end", "found", "second request", "requests at most"]
    return report.table([*heads, "p50 ms", "p90 ms", "p99 ms", "at most ms", "rows at most"], lines)


def measure(settings: Settings, texts: list[str]) -> list[Outcome]:
    """The best outcome of each question, in a process that remembers common terms."""
    db = load_search_function(settings)
    rounds = [[_follow(db, text) for text in texts] for _ in range(ROUNDS)]
    return [min(outcomes, key=lambda each: each.milliseconds) for outcomes in zip(*rounds, strict=True)]


def _follow(db: Database, text: str) -> Outcome:
    query = f"q={quote(text)}"
    milliseconds, requests, cursor = 0.0, 0, ""
    rows_before = count_rows_touched(db)
    while True:
        started = time.perf_counter()
        answer = ask(query + cursor)
        milliseconds += (time.perf_counter() - started) * 1e3
        requests += 1
        page = json.loads(answer)
        if page["images"] or not page["next"]:
            rows = count_rows_touched(db) - rows_before
            return Outcome(requests, milliseconds, rows, bool(page["images"]))
        cursor = f"&cursor={page['next']}"


def draw_questions(db: Database, count: int) -> dict[str, list[str]]:
    """`count` questions of each kind, by the name of the kind."""
    rng = random.Random(SEED)
    pictures = _draw_pictures(db, rng)

    def draw(write: Callable[[], str | None]) -> list[str]:
        texts: list[str] = []
        while len(texts) < count:
            text = write()
            if text is not None:
                texts.append(text)
        return texts

    def two_words(*, of_one: bool) -> str | None:
        first = next(pictures)
        second = first if of_one else next(pictures)
        words = [_draw_word(rng, each) for each in (first, second)]
        return " ".join(words) if words[0] != words[1] else None

    def with_tag_and_date(words: int, form: str, *, of_one: bool) -> str | None:
        first = next(pictures)
        several = [first] * (words + 2) if of_one else [first, *(next(pictures) for _ in range(words + 1))]
        tags, day = several[-1].metadata.tags, ids.created_at(several[-2].image_id)
        texts = [_draw_word(rng, each) for each in several[:words]]
        return f"{' '.join(texts)} #{rng.choice(tags)} date:{day.strftime(form)}" if tags else None

    return {
        "two words": draw(lambda: two_words(of_one=False)),
        "two words of one picture": draw(lambda: two_words(of_one=True)),
        "word, tag and month": draw(lambda: with_tag_and_date(1, "%Y-%m", of_one=False)),
        "word, tag and month of one picture": draw(lambda: with_tag_and_date(1, "%Y-%m", of_one=True)),
        "two words, tag and year": draw(lambda: with_tag_and_date(2, "%Y", of_one=False)),
    }


def _draw_pictures(db: Database, rng: random.Random) -> Iterator[Picture]:
    """Pictures of the library that have a word, drawn evenly."""
    found = find_oldest_and_newest(db)
    assert found is not None, "the library is empty"
    while True:
        # PRIMARY of image: one read.
        rows = db.query("SELECT id FROM image WHERE id >= %s ORDER BY id LIMIT 1", (rng.randint(*found),))
        (picture,) = find_ready(db, [rows[0][0]])
        if any(word not in STOP_WORDS for word in picture.metadata.description.split()):
            yield picture


def _draw_word(rng: random.Random, picture: Picture) -> str:
    return rng.choice([word for word in picture.metadata.description.split() if word not in STOP_WORDS])
