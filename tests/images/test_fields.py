"""The rule of each field, as uploads and edits apply it."""

import pytest

from stockroom.images.fields import LineField, clean_license_url, clean_line, clean_text
from stockroom.runtime.errors import InvalidField


@pytest.mark.parametrize("field", ["credit", "creator", "copyright", "place"])
def test_a_line_is_one_line_and_what_it_looks_like(field: LineField) -> None:
    assert clean_line(" A.\n\u200bPhoto\u202egrapher \r\n", field, "/x") == "A. Photographer"
    assert clean_line("\u200b", field, "/x") == ""
    for text in ("a\x00", "a\x1b[2J", "\ud800", "a" + "\u0301" * 9):
        with pytest.raises(InvalidField) as caught:
            clean_line(text, field, "/x")
        assert (caught.value.code, caught.value.pointer) == (f"invalid-{field}", "/x")


def test_usage_terms_have_several_lines() -> None:
    assert clean_text("Ask first.\n\tThen wait.", "usage_terms", "/x") == "Ask first.\n\tThen wait."
    with pytest.raises(InvalidField, match="usage terms") as caught:
        clean_text("\x00", "usage_terms", "/x")
    assert caught.value.code == "invalid-usage-terms"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://creativecommons.org/licenses/by/4.0/",
        "http://example.org",
        "HTTPS://EXAMPLE.ORG/a?b=c#d",
        "https://[2001:db8::1]:8443/terms",
        "https://bücher.example/Lizenz-für-alle",
    ],
)
def test_an_address_of_the_web_stays_as_it_is(url: str) -> None:
    assert clean_license_url(f" {url}\n", "/x") == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "//example.org",
        "example.org",
        "https://",
        "https:///path",
        "https://user@example.org",
        "https://creativecommons.org@evil.example/",
        "https://example.org/a b",
        "https://example.org/\u00a0x",
        "https://example.org/\u202ecod.exe",
        "https://exam\u200bple.org/",
        'https://example.org/"onclick=',
        "https://example.org/<script>",
        "https://example.org\\@evil.example",
        "https://[::1",
        "https://example.org/a\nb",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(InvalidField) as caught:
        clean_license_url(url, "/license_url")
    assert (caught.value.code, caught.value.pointer) == ("invalid-license-url", "/license_url")
