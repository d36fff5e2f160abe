"""From queries to plans."""

import pytest

from stockroom.analysis.stemming import stem
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
    list_modes_after,
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


def test_of_several_words_the_rarest_drives() -> None:
    conjunction = planned("sea boat").conjunction
    assert conjunction.driver == Clause(("boat",), (3,), 50)
    assert conjunction.required == (Clause(("sea",), (2,), 500),)
    assert conjunction.probes_per_posting == 1


WORDS = {f"seal{n}": Term(100 + n, 90) for n in range(16)}


def test_several_rare_terms_drive_where_probing_all_of_them_costs_more() -> None:
    """A thousand postings are probed for the word; its 400 would each be probed for seventeen terms."""
    terms = TERMS | {"*": Term(1, 100_000), "boat": Term(3, 400)}
    statistics = TermStatistics(terms, {"seal": Term(8, 3), **WORDS})
    conjunction = planned("boat seal", Mode.PREFIX, statistics).conjunction
    assert conjunction.driver.df == 16 * 90 + 3
    assert conjunction.required == (Clause(("boat",), (3,), 400),)
    # With a third word that nearly no picture has, hardly a posting of that gets as far as the seventeen.
    terms |= {"sun": Term(9, 40)}
    third = planned("boat sun seal", Mode.PREFIX, TermStatistics(terms, WORDS)).conjunction
    assert third.driver.names == ("sun",)


def test_a_common_word_drives_where_its_first_postings_fill_a_page() -> None:
    terms = {"*": Term(1, 1000), "sea": Term(2, 300)} | {f"#t{n}": Term(10 + n, 200) for n in range(3)}
    conjunction = planned("sea tags:t0,t1,t2", statistics=TermStatistics(terms)).conjunction
    assert conjunction.driver.names == ("sea",)


def test_words_are_probed_before_clauses_of_several_terms() -> None:
    terms = TERMS | {"rare": Term(20, 5)}
    conjunction = planned("rare sea #sea #sun", statistics=TermStatistics(terms)).conjunction
    assert [clause.names for clause in conjunction.required] == [("sea",), ("#sun", "#sea")]
    assert conjunction.single_term_ids == (2,)
    assert [conjunction.count_probes(satisfied) for satisfied in (0, 1)] == [1, 3]


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
        ("sunfl", False, Mode.STRICT, True),
        ("sunflower", False, Mode.STRICT, False),
        ("sonnenblume", False, Mode.STRICT, False),
        ("sunflower", False, Mode.PREFIX, True),
        ("boate", False, Mode.STRICT, True),
        ("boating", False, Mode.STRICT, False),
    ],
)
def test_unfinished_words(word: str, is_stop_word: bool, mode: Mode, expected: bool) -> None:
    last_word = LastWord(word, stem(word), is_stop_word)
    assert is_unfinished(Query(words=(last_word.term,), last_word=last_word), STATISTICS, mode) is expected


def test_a_last_word_that_is_to_be_completed_is_unfinished() -> None:
    query = parse("sea", expand="completions")
    assert [is_unfinished(each, STATISTICS, Mode.STRICT) for each in (query, parse("sea"))] == [True, False]
    assert not is_unfinished(parse("#sea", expand="completions"), STATISTICS, Mode.STRICT)


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


@pytest.mark.parametrize(
    ("q", "mode", "modes"),
    [
        ("boat sunfl", Mode.STRICT, [Mode.PREFIX, Mode.CORRECTED, Mode.RELAXED]),
        ("boat sunflower", Mode.STRICT, [Mode.CORRECTED, Mode.PREFIX, Mode.RELAXED]),
        ("boat sunflower", Mode.CORRECTED, [Mode.PREFIX, Mode.RELAXED]),
        ("boat sunflower", Mode.PREFIX, [Mode.RELAXED]),
        ("#sea", Mode.STRICT, []),
    ],
)
def test_a_word_of_a_dictionary_means_something_before_it_is_the_beginning_of_another(
    q: str, mode: Mode, modes: list[Mode]
) -> None:
    assert list_modes_after(parse(q), mode) == modes


def test_statistics_of_an_empty_index() -> None:
    assert TermStatistics({}).picture_count == 0
    assert make_plan(Query(), TermStatistics({}), Mode.STRICT) is None
    assert [STATISTICS.is_known(name) for name in ("sea", "gone", "unknown")] == [True, False, False]
