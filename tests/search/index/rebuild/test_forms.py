import pytest

from stockroom.runtime.database import Database
from stockroom.search.index.rebuild import forms
from stockroom.search.index.rebuild.forms import delete_forms, is_current, update_lexicon
from tests.factories import Statements


@pytest.mark.parametrize(
    ("surface", "name", "expected"),
    [
        ("boats", "boat", True),
        ("boats", "ship", False),
        ("rouge", "red", False),
        ("\0boats", "boat", True),
        ("\0boats", "ship", False),
        ("\0rouge", "red", False),
        ("#sea", "#sea", True),
        ("#sea", "#see", False),
        ("#ete\0été", "#ete", True),
        ("#ete\0ete", "#ete", False),
        ("#xete\0été", "#ete", False),
    ],
)
def test_which_forms_the_analysis_of_today_finds(surface: str, name: str, expected: bool) -> None:
    assert is_current(surface.encode(), name) is expected


def test_a_form_that_is_no_text_is_not_current() -> None:
    assert not is_current(b"boat\xff", "boat")
    assert not is_current(b"\xff", "#sea")


def read_forms(database: Database) -> list[tuple[str, int]]:
    rows = database.query("SELECT surface, term_id FROM lexicon ORDER BY surface, term_id")
    return [(bytes(surface).decode(), term_id) for surface, term_id in rows]


@pytest.mark.parametrize("statement", [1, 2, 100])
def test_a_lexicon_is_brought_up_to_date(
    database: Database, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    """Forms without a term are the audit's business, and those that nobody has any more stay for a while."""
    monkeypatch.setattr(forms, "FORMS_PER_STATEMENT", statement)
    monkeypatch.setattr(forms, "DELETED_PER_STATEMENT", statement)
    for term_id, name in ((1, "boat"), (2, "red"), (3, "sea"), (4, "#sea"), (5, b"\xff")):
        database.execute("INSERT INTO term (term_id, term) VALUES (%s, %s)", (term_id, name))
    there = [
        ("#see", 4), ("boat", 1), ("boats", 1), ("crimson", 2), ("crimson", 9), ("rouge", 2), ("sea", 3),
        ("zero", 5),
    ]  # fmt: skip
    for form in there:
        database.execute("INSERT INTO lexicon (surface, term_id) VALUES (%s, %s)", form)
    built = [(b"air", 3), (b"boat", 1), (b"boat", 2), (b"crimson", 2), (b"red", 2), (b"seas", 3)]
    built += [(b"zoo", 3), (b"zoos", 3)]
    added, wrong = update_lexicon(database, iter(built))
    assert added == 6
    assert wrong == {(b"#see", 4), (b"rouge", 2), (b"zero", 5)}
    everything = sorted({*there, *((surface.decode(), term_id) for surface, term_id in built)})
    assert read_forms(database) == everything
    assert update_lexicon(database, iter(built)) == (0, wrong)
    gone = {*wrong, (b"boat", 2), (b"crimson", 1)}
    with Statements(database) as statements:
        delete_forms(database, gone)
    assert statements.count == {1: 5, 2: 3, 100: 1}[statement]
    assert read_forms(database) == [each for each in everything if (each[0].encode(), each[1]) not in gone]


def test_an_empty_lexicon_and_an_empty_index(database: Database) -> None:
    assert update_lexicon(database, iter([])) == (0, set())
    assert update_lexicon(database, iter([(b"sea", 3)])) == (1, set())
    assert update_lexicon(database, iter([(b"air", 3)])) == (1, set())
    delete_forms(database, {(b"air", 3)})
    assert database.query("SELECT surface, term_id, magnitude FROM lexicon") == ((b"sea", 3, 0),)
    delete_forms(database, set())
    assert read_forms(database) == [("sea", 3)]
