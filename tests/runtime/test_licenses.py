import pytest

from stockroom.runtime.licenses import LICENSES, find_license, license_address


def test_every_licence_but_one_has_a_text_to_read() -> None:
    urls = {license_: license_address(license_) for license_ in LICENSES}
    assert urls.pop("all-rights-reserved") is None
    assert all(url and url.startswith("https://") and url.endswith("/") for url in urls.values())
    assert len(set(urls.values())) == len(urls)
    assert urls["CC-BY-NC-ND-4.0"] == "https://creativecommons.org/licenses/by-nc-nd/4.0/"
    assert urls["CC0-1.0"] == "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    ("address", "license_"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/4.0", "CC-BY-NC-SA-4.0"),
        ("HTTPS://WWW.CreativeCommons.org/licenses/BY-SA/3.0/deed.de", "CC-BY-SA-3.0"),
        ("https://creativecommons.org/licenses/by-nd/4.0/legalcode", "CC-BY-ND-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://opendatacommons.org/licenses/pddl/1-0/", "PDDL-1.0"),
        # Others that are not offered, ported ones, and what only looks like one.
        ("https://creativecommons.org/licenses/by/2.0/", ""),
        ("https://creativecommons.org/licenses/by/3.0/de/", ""),
        ("https://creativecommons.org/publicdomain/mark/1.0/", ""),
        ("https://creativecommons.org.example/licenses/by/4.0/", ""),
        ("https://example.org/?creativecommons.org/licenses/by/4.0/", ""),
        ("https://creativecommons.org/licenses/by/4.0/?x", ""),
        ("", ""),
    ],
)
def test_licences_by_their_addresses(address: str, license_: str) -> None:
    assert find_license(address) == license_
