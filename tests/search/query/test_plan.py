"""From queries to plans."""

import pytest

from stockroom.search.index.conjunction import Clause
from stockroom.search.index.id_ranges import ALL_IDS
from stockroom.search.index.term_dictionary import Term
from stockroom.search.query.parse import LastWord, Query, parse
from stockroom.search.query.plan import (
    MAX_PROBES,
    MAX_RELAXED_WORDS,
    Mode,
    Plan,
    TermStatistics,
    is_unfinished,
    list_modes,
    make_plan,
)

TERMS = {
    "*": Term(1, 1000),
    "sea": Term(2, 500),
    "boat": Term(3, 50),
    "#sea": Term(4, 30),
    "#sun": Term(5, 40),
    "gone": Term(6, 0),
    "color:blue": Term(7, 200),
}
STATISTICS = TermStatistics(TERMS)


def planned(q: str, mode: Mode = Mode.STRICT, statistics: TermStatistics = STATISTICS) -> Plan:
    plan = make_plan(parse(q), statistics, mode)
    assert plan is not None
    return plan


def test_the_clause_with_the_fewest_postings_drives() -> None:
    conjunction = planned("sea boat").conjunction
    assert conjunction.driver == Clause(("boat",), (3,), 50)
    assert conjunction.required == (Clause(("sea",), (2,), 500),)
    assert conjunction.probes_per_posting == 1


def test_any_one_of_the_tags_is_one_clause() -> None:
    conjunction = planned("sea #sea #sun #unknown").conjunction
    assert conjunction.required == (Clause(("sea",), (2,), 500),)
    assert conjunction.driver == Clause(("#sun", "#sea"), (5, 4), 70)


def test_nothing_asked_for_is_every_picture() -> None:
    plan = planned("")
    assert plan.conjunction.driver.names == ("*",)
    assert plan.id_ranges == (ALL_IDS,)
    assert not plan.post_conditions
    assert STATISTICS.picture_count == 1000


@pytest.mark.parametrize("q", ["unknown", "sea unknown", "#unknown", '"sea unknown"', "from:2017 to:2016"])
def test_no_picture_can_match(q: str) -> None:
    assert make_plan(parse(q), STATISTICS, Mode.STRICT) is None


def test_excluded_terms_are_probed_and_phrases_are_left_to_the_post_filter() -> None:
    plan = planned('"sea boat" -gone -unknown -"blue boat"')
    assert plan.conjunction.excluded == (6,)
    assert plan.conjunction.probes_per_posting == 2
    assert [phrase.stems for phrase in plan.post_conditions.phrases] == [("sea", "boat")]
    assert [phrase.stems for phrase in plan.post_conditions.excluded_phrases] == [("blue", "boat")]


def test_a_quoted_word_needs_no_post_filter() -> None:
    assert not planned('"sea"').post_conditions
    assert planned("desc:sea").post_conditions


def test_what_one_statement_cannot_probe_is_left_to_the_post_filter() -> None:
    terms = {f"w{n}": Term(100 + n, 10 + n) for n in range(40)} | TERMS
    plan = planned(" ".join(f"w{n}" for n in range(40)) + " -sea", statistics=TermStatistics(terms))
    assert len(plan.conjunction.required) == MAX_PROBES
    assert [clause.names for clause in plan.post_conditions.required] == [(f"w{n}",) for n in range(25, 40)]
    assert (plan.conjunction.excluded, plan.post_conditions.excluded_terms) == ((), ("sea",))


def test_a_relaxed_query_is_any_one_of_its_rarest_words() -> None:
    assert planned("sea boat unknown", Mode.RELAXED).conjunction.driver == Clause(
        ("sea", "boat"), (2, 3), 550
    )
    terms = {f"w{n}": Term(100 + n, 10 + n) for n in range(40)}
    driver = planned(" ".join(terms), Mode.RELAXED, TermStatistics(terms)).conjunction.driver
    assert sorted(driver.term_ids) == list(range(100, 100 + MAX_RELAXED_WORDS))


def test_an_unfinished_word_is_a_clause_with_its_expansions() -> None:
    statistics = TermStatistics(TERMS, {"seal": Term(8, 3), "seam": Term(9, 4)})
    prefix = planned("boat sea", Mode.PREFIX, statistics).conjunction
    assert prefix.required == (Clause(("sea", "seam", "seal"), (2, 9, 8), 507),)
    assert planned("boat sea", Mode.STRICT, statistics).conjunction.required == (Clause(("sea",), (2,), 500),)


@pytest.mark.parametrize(
    ("word", "is_stop_word", "mode", "expected"),
    [
        ("sea", False, Mode.STRICT, False),
        ("sea", True, Mode.STRICT, True),
        ("sea", False, Mode.PREFIX, True),
        ("unknown", False, Mode.STRICT, True),
        ("gone", False, Mode.STRICT, True),
    ],
)
def test_unfinished_words(word: str, is_stop_word: bool, mode: Mode, expected: bool) -> None:
    assert is_unfinished(LastWord(word, word, is_stop_word), STATISTICS, mode) is expected


@pytest.mark.parametrize(
    ("q", "modes"),
    [
        ("", [Mode.STRICT]),
        ("#sea", [Mode.STRICT]),
        ("a", [Mode.STRICT, Mode.CORRECTED]),
        ("sea", [Mode.STRICT, Mode.PREFIX, Mode.CORRECTED]),
        ("sea boat", [Mode.STRICT, Mode.PREFIX, Mode.CORRECTED, Mode.RELAXED]),
        ("sea sea", [Mode.STRICT, Mode.PREFIX, Mode.CORRECTED]),
    ],
)
def test_the_modes_that_make_sense(q: str, modes: list[Mode]) -> None:
    assert list_modes(parse(q)) == modes


def test_statistics_of_an_empty_index() -> None:
    assert TermStatistics({}).picture_count == 0
    assert make_plan(Query(), TermStatistics({}), Mode.STRICT) is None
    assert [STATISTICS.is_known(name) for name in ("sea", "gone", "unknown")] == [True, False, False]
