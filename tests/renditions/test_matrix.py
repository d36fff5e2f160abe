"""Every way to store a picture comes to the end that the page documents, in its own colours."""

import pytest

from tests.renditions.matrix import BEGIN, END, MATRIX, PAGE, RENDERED, Stored, outcome, table


@pytest.mark.parametrize("stored", [pytest.param(s, id=f"{s.format} {s.how}") for s in MATRIX])
def test_it_looks_right_or_is_refused(stored: Stored) -> None:
    end, off = outcome(stored)
    assert end == (stored.refused or RENDERED)
    assert off <= stored.delta_e


def test_the_page_shows_what_becomes_of_each() -> None:
    shown = PAGE.read_text().split(BEGIN)[1].split(END)[0]
    assert shown == table(), "run `python -m tests.renditions.matrix`"
