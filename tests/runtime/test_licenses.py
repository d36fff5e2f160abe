from stockroom.runtime.licenses import LICENSES, license_address


def test_every_licence_but_one_has_a_text_to_read() -> None:
    urls = {license_: license_address(license_) for license_ in LICENSES}
    assert urls.pop("all-rights-reserved") is None
    assert all(url and url.startswith("https://") and url.endswith("/") for url in urls.values())
    assert len(set(urls.values())) == len(urls)
    assert urls["CC-BY-NC-ND-4.0"] == "https://creativecommons.org/licenses/by-nc-nd/4.0/"
    assert urls["CC0-1.0"] == "https://creativecommons.org/publicdomain/zero/1.0/"
