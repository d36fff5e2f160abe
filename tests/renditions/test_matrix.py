"""Every way to store a picture has the outcome that the page documents, in its own colours."""

import pytest

from stockroom.renditions import SOURCE_FORMATS
from tests.renditions.matrix import MATRIX, PAGE, RENDERED, TABLES, Variant, find_outcome, split_page


@pytest.mark.parametrize(
    "variant", [pytest.param(variant, id=f"{variant.format} {variant.description}") for variant in MATRIX]
)
def test_it_looks_right_or_is_rejected(variant: Variant) -> None:
    outcome, delta_e = find_outcome(variant)
    assert outcome == (variant.code or RENDERED)
    assert delta_e <= variant.max_delta_e


def test_it_has_variants_of_every_source_format() -> None:
    rendered = {variant.format for variant in MATRIX if not variant.code}
    assert rendered == {format_.title for format_ in SOURCE_FORMATS}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_shows_the_table(name: str) -> None:
    _, shown, _ = split_page(PAGE.read_text(), name)
    assert shown == TABLES[name](), "run `python -m tests.renditions.matrix`"
