"""Sections that programs write into pages of the docs."""

import pytest

from tooling.sections import replace_section, split_page

PAGE = (
    "# Page\n<!-- a: begin -->\nold\n\nlines\n<!-- a: end -->\n<!-- b: begin -->\nb\n<!-- b: end -->\nend\n"
)


def test_one_section_is_replaced_and_the_rest_stays() -> None:
    assert split_page(PAGE, "a").section == "old\n\nlines"
    replaced = replace_section(PAGE, "a", "new")
    assert replaced == PAGE.replace("old\n\nlines", "new")
    assert replace_section(replaced, "a", "old\n\nlines") == PAGE


@pytest.mark.parametrize(
    "page", ["", PAGE.replace("<!-- b: end -->", ""), PAGE.replace("<!-- b: begin -->", "")]
)
def test_a_page_without_both_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="no section b"):
        replace_section(page, "b", "new")
