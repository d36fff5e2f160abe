"""Every way to store a picture has the outcome that the page documents, in its own colours."""

import pytest

from stockroom.renditions import SOURCE_FORMATS, Options, Rendered, render
from tests.renditions.matrix import (
    MATRIX,
    PAGE,
    RENDERED,
    TABLES,
    Variant,
    find_limit,
    find_outcome,
    make_file,
)
from tests.renditions.rejecting import reject
from tooling.sections import split_page


@pytest.mark.parametrize(
    "variant", [pytest.param(variant, id=f"{variant.format} {variant.description}") for variant in MATRIX]
)
def test_it_looks_right_or_is_rejected(variant: Variant) -> None:
    outcome, delta_e = find_outcome(variant)
    assert outcome == (variant.code or RENDERED)
    assert delta_e <= variant.max_delta_e


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(variant, id=f"{variant.format} {variant.description}")
        for variant in MATRIX
        if not variant.code
    ],
)
def test_its_limit_on_pixels_is_exact(variant: Variant) -> None:
    data, option = make_file(variant), find_limit(variant)
    whole = render(data)
    pixels = whole.width * whole.height
    assert isinstance(render(data, Options(**{option: pixels})), Rendered)
    assert reject(data, Options(**{option: pixels - 1})).code == "too-many-pixels"


def test_it_has_variants_of_every_source_format() -> None:
    rendered = {variant.format for variant in MATRIX if not variant.code}
    assert rendered == {format_.title for format_ in SOURCE_FORMATS}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_shows_the_table(name: str) -> None:
    assert split_page(PAGE.read_text(), name).section == TABLES[name](), (
        "run `python -m tests.renditions.matrix`"
    )
